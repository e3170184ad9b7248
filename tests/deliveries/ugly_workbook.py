"""A partner's workbook with twenty uglinesses of real life, and the same after the partner has mended what was returned."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

from openpyxl import Workbook

UGLINESSES = (
    "a first sheet of explanations only", "a merged line of title above the table", "a line with the date of printing",
    "a heading over two rows with merged groups", "a row of units under the heading", "column names in French and in Arabic",
    "an empty column in the middle", "empty rows between blocks", "the heading repeated half-way", "subtotals between rows",
    "a grand total at the end", "footnotes under the table", "dates as workbook dates, as ISO, by Moroccan month names and Hijri",
    "numbers typed as text with Arabic-Indic digits", "HCP codes without their leading zeros", "places by name in two languages",
    "a citizenship that could be two countries", "an impossible age", "a row that stands twice", "a text like a formula",
)  # fmt: skip
assert len(UGLINESSES) == 20


def _data(*, mended: bool) -> list[list[Any]]:
    """Family name, given name, birth date, (empty), citizenship, area, age, visit date."""
    rows: list[list[Any]] = [
        ["Diallo", "Aminata", date(1990, 5, 4), None, "GIN", 44210105, 35, date(2026, 1, 12)],
        ["Traoré", "Moussa", "23 نونبر 1988", None, "MLI", "El Youssoufia", "٣٧", "2026-01-13"],
        ["الأمراني", "سلمى", "2001-02-28", None, "SYR", "السويسي", 24, "14 يناير 2026"],
        [None] * 8,
        [
            "Sow",
            "Ibrahima",
            "1 محرم 1410",
            None,
            "NER" if mended else "Niger",
            "04.421.01.09",
            36 if mended else 136,
            date(2026, 1, 15),
        ],
        [
            "Koné" if mended else '=HYPERLINK("http://x")',
            "Awa",
            date(1999, 9, 9),
            None,
            "CIV",
            "Hassan",
            26,
            date(2026, 1, 20),
        ],
    ]
    if not mended:
        rows.insert(2, list(rows[1]))
    return rows


def ugly_workbook(*, mended: bool = False) -> bytes:
    book = Workbook()
    notes = book.active
    notes.title = "Lisez-moi"
    notes.append(["Ce classeur contient la liste des visites."])
    sheet = book.create_sheet("Visites 2026")
    sheet.append(["LISTE DES VISITES - JANVIER 2026"])
    sheet.merge_cells("A1:H1")
    sheet.append(["Édité le 02/02/2026"])
    sheet.append([])
    sheet.append(["Personne", None, None, None, "Origine et lieu", None, "Visite", None])
    sheet.merge_cells("A4:C4")
    sheet.merge_cells("E4:F4")
    sheet.merge_cells("G4:H4")
    sheet.append(
        [
            "Nom de famille",
            "الاسم الشخصي",
            "Date de naissance",
            None,
            "الجنسية",
            "Arrondissement",
            "Âge",
            "Date de visite",
        ]
    )
    sheet.append([None, None, "(jj/mm/aaaa)", None, None, None, "(ans)", "(jj/mm/aaaa)"])
    heading = [
        "Nom de famille",
        "الاسم الشخصي",
        "Date de naissance",
        None,
        "الجنسية",
        "Arrondissement",
        "Âge",
        "Date de visite",
    ]
    data = _data(mended=mended)
    for row in data[:3]:
        sheet.append(row)
    sheet.append(["Sous-total", None, None, None, None, None, 3, None])
    sheet.append(heading)
    for row in data[3:]:
        sheet.append(row)
    sheet.append(["TOTAL", None, None, None, None, None, 5, None])
    sheet.append([])
    sheet.append(["Source : registre du centre. (1) âge au jour de la visite."])
    for cell in sheet["A"]:
        if isinstance(cell.value, str) and cell.value.startswith("="):
            cell.data_type = "s"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
