"""A partner, an agreement, Rabat's own code lists, and files as they really come."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.utils import timezone
from openpyxl import Workbook

from agreements.made import TERMS, Cast, cast, in_force
from marsad.catalogue.models import Area, Code, Codelist
from marsad.collection.deliveries.models import Delivery
from marsad.collection.deliveries.operations_intake import Order, Spooled, receive
from marsad.collection.deliveries.queries import folder
from marsad.collection.deliveries.rules import MOST_BYTES, Channel
from marsad.collection.deliveries.spool import Spool
from marsad.collection.models import CollectedDataflow
from marsad.coordination.agreements.terms import Terms
from migstat.model.structure import DataStructure

AT = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
RABAT = Path(__file__).resolve().parents[2] / "cities" / "rabat"
VISITS = DataStructure.from_mapping(
    {
        "code": "visits",
        "version": "1",
        "unit": "visit",
        "columns": [
            {"name": "family_name", "role": "direct_identifier", "kind": "text", "required": True,
             "label": {"fr": "Nom de famille", "ar": "الاسم العائلي", "en": "Family name"}},
            {"name": "given_name", "role": "direct_identifier", "kind": "text"},
            {"name": "birth_date", "role": "direct_identifier", "kind": "date"},
            {"name": "citizenship", "role": "quasi_identifier", "kind": "code", "codelist": "citizenship",
             "label": {"fr": "Nationalité", "ar": "الجنسية", "en": "Citizenship"}},
            {"name": "area", "role": "area", "kind": "code", "codelist": "area",
             "label": {"fr": "Arrondissement", "ar": "المقاطعة", "en": "Arrondissement"}},
            {"name": "age", "role": "quasi_identifier", "kind": "integer", "minimum": 0, "maximum": 120},
            {"name": "visit_date", "role": "period", "kind": "date", "required": True},
        ],
    }
)  # fmt: skip
PUPILS = DataStructure.from_mapping(
    {
        "code": "pupils",
        "version": "1",
        "unit": "cell",
        "columns": [
            {"name": "area", "role": "area", "kind": "code", "codelist": "area", "required": True},
            {"name": "year", "role": "period", "kind": "text", "required": True},
            {"name": "pupils", "role": "measure", "kind": "integer", "minimum": 0,
             "label": {"fr": "Élèves", "ar": "التلاميذ", "en": "Pupils"}},
        ],
    }
)  # fmt: skip
UNHCR = DataStructure.from_mapping(
    {
        "code": "unhcr-population",
        "version": "1",
        "unit": "cell",
        "columns": [
            {"name": "year", "role": "period", "kind": "text", "required": True},
            {"name": "citizenship", "role": "attribute", "kind": "code", "codelist": "citizenship", "required": True},
            {"name": "refugees", "role": "measure", "kind": "integer", "minimum": 0},
            {"name": "asylum_seekers", "role": "measure", "kind": "integer", "minimum": 0},
        ],
    }
)
INCIDENTS = DataStructure.from_mapping(
    {
        "code": "incidents",
        "version": "1",
        "unit": "incident",
        "columns": [
            {"name": "incident_id", "role": "attribute", "kind": "text", "required": True},
            {"name": "incident_date", "role": "attribute", "kind": "date"},
            {"name": "incident_year", "role": "period", "kind": "text", "required": True},
            {"name": "no_dead", "role": "measure", "kind": "integer", "minimum": 0},
            {"name": "no_missing", "role": "measure", "kind": "integer", "minimum": 0},
            {"name": "latitude", "role": "attribute", "kind": "number", "minimum": -90, "maximum": 90},
            {"name": "longitude", "role": "attribute", "kind": "number", "minimum": -180, "maximum": 180},
        ],
    }
)


def load_code_lists() -> None:
    """Rabat's areas, and its citizenships with those that are easily confused."""
    with (RABAT / "areas.csv").open(encoding="utf-8", newline="") as file:
        for place, row in enumerate(csv.DictReader(file)):
            named = {
                name: row[name] for name in ("code", "level", "name_fr", "name_ar", "name_en", "hcp_2014", "hcp_2024")
            }
            Area.objects.create(sort=place, **named)
    Codelist.objects.create(code="citizenship")
    with (RABAT / "codelists" / "citizenship.csv").open(encoding="utf-8", newline="") as file:
        Code.objects.bulk_create(
            Code(codelist_id="citizenship", sort=place, **{name: row[name] for name in (
                "code", "parent", "name_fr", "name_ar", "name_en", "iso2", "unhcr", "confused_with")})
            for place, row in enumerate(csv.DictReader(file))
        )  # fmt: skip


def dataflow(structure: DataStructure) -> CollectedDataflow:
    words = {
        f"{name}_{language}": name for name in ("title", "purpose", "legal_basis") for language in ("fr", "ar", "en")
    }
    return CollectedDataflow.objects.create(
        code=structure.code, purpose="services", authorisation_number="D-W-123/2025", authorised_on=date(2025, 11, 3),
        retention_days=400, sensitivity="personal", structure=structure.to_mapping(), loaded_at=AT, **words,
    )  # fmt: skip


def terms_for(structure: DataStructure, **changes: Any) -> Terms:
    given = {
        "code": f"camp-{structure.code}", "dataflow": structure.code, "structure": structure,
        "starts_on": date(2020, 1, 1), "ends_on": date(2099, 12, 31), "breakdowns": (), "areas": (),
    }  # fmt: skip
    return replace(TERMS, **(given | changes))


def stage(structure: DataStructure = VISITS, **changes: Any) -> Cast:
    """Code lists, a dataflow, people, and an agreement in force on it."""
    load_code_lists()
    dataflow(structure)
    people = cast()
    in_force(people, terms_for(structure, **changes))
    return people


def spooled(content: bytes) -> Spooled:
    import hashlib

    number, key = uuid4(), Spool.new_key()
    size = Spool(folder(), str(number), key).append([content], most=MOST_BYTES)
    return Spooled(number, key, size, hashlib.sha256(content).hexdigest())


def sent(
    people: Cast,
    content: bytes,
    name: str = "file.csv",
    structure: DataStructure = VISITS,
    period: str = "2026-01",
    **more: Any,
) -> Delivery:
    """A file received, as the page does it."""
    order = Order(f"camp-{structure.code}", "camp", period, name, Channel.PAGE, **more)
    return receive(actor=people.partner, at=timezone.now(), order=order, spooled=spooled(content))


def csv_bytes(rows: Iterable[Sequence[Any]], *, separator: str = ",", encoding: str = "utf-8") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode(encoding)


def workbook_bytes(sheets: dict[str, list[list[Any]]], merged: dict[str, list[str]] | None = None) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for block in (merged or {}).get(name, []):
            sheet.merge_cells(block)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


GOOD_ROWS = [
    ["Nom de famille", "Prénom", "Date de naissance", "Nationalité", "Arrondissement", "Âge", "Date de visite"],
    ["Diallo", "Aminata", "1990-05-04", "GIN", "04.421.01.05", "35", "2026-01-12"],
    ["Traoré", "Moussa", "1988-11-23", "MLI", "04.421.01.03", "37", "2026-01-13"],
    ["El Amrani", "Salma", "2001-02-28", "SYR", "04.421.01.09", "24", "2026-01-30"],
]
