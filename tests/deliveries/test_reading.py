"""Reading: encodings, separators, headings, marks, crossed tables, totals, and the files of UNHCR and IOM."""

from __future__ import annotations

from pathlib import Path

import pytest

from deliveries.delivery_cases import GOOD_ROWS, INCIDENTS, PUPILS, UNHCR, VISITS, csv_bytes, workbook_bytes
from deliveries.read_file import checked, laid_out, opened
from deliveries.ugly_workbook import ugly_workbook
from marsad.collection.deliveries.checking import Promised
from marsad.collection.deliveries.mapping import checked_mapping
from migstat.model.refusals import Refused
from migstat.model.structure import DataStructure
from migstat.quality.earlier import Profile

ARABIC = [
    ["الاسم العائلي", "الجنسية", "تاريخ الزيارة"],
    ["الأمراني", "سوريا", "14 يناير 2026"],
    ["التازي", "مالي", "15 غشت 2026"],
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1256"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_arabic_in_every_encoding_and_with_every_separator(encoding: str, separator: str) -> None:
    source = opened(csv_bytes(ARABIC * 3, separator=separator, encoding=encoding))
    assert next(row for _, row in source.rows()) == ARABIC[0]
    assert [one.value for one in source.recognitions][1] == separator


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_french_in_every_encoding(encoding: str) -> None:
    rows = [["Prénom", "Âge", "Née à"], ["Élodie", "12", "Orléans"], ["Aïcha", "13", "Salé"]]
    assert [row for _, row in opened(csv_bytes(rows, separator=";", encoding=encoding)).rows()] == rows


def test_arabic_dates_titles_and_names_are_understood() -> None:
    result = checked(csv_bytes(ARABIC), VISITS)
    assert result.tally.counts == {} and result.rows == 2


def test_twenty_uglinesses_are_recognised_and_reported() -> None:
    _, layout, proposal = laid_out(ugly_workbook(), VISITS)
    assert (layout.sheet, layout.heading_first, layout.heading_last, layout.units_row) == ("Visites 2026", 4, 5, 6)
    assert proposal.mapping.sources == {
        "family_name": 0, "given_name": 1, "birth_date": 2, "citizenship": 4, "area": 5, "age": 6, "visit_date": 7,
    }  # fmt: skip
    result = checked(ugly_workbook(), VISITS)
    assert result.rows == 6
    counts = result.tally.counts
    for rule in ("ambiguous_code", "bounds", "duplicate_row", "formula", "hijri", "short_code", "set_aside"):
        assert counts[f"quality.{rule}"] >= 1, (rule, counts)
    assert set(result.set_aside) == {"empty", "note", "repeated_heading", "subtotal", "total"}
    assert not any("HYPERLINK" in one.found or "Traoré" in one.found for one in result.tally.kept)
    mended = checked(ugly_workbook(mended=True), VISITS)
    assert mended.errors == 0 and mended.rows == 5, mended.tally.kept


def test_a_crossed_table_of_a_ministry_keeps_its_own_marks() -> None:
    rows = [
        ["Élèves étrangers par arrondissement", None, None, None],
        ["Arrondissement", "2022", "2023", "2024"],
        ["Hassan", 101, "*", 0],
        ["Souissi", "1 204", "<5", "-"],
        ["El Youssoufia", None, 17, ".."],
        ["TOTAL", 1305, 17, 3],
    ]
    content = workbook_bytes({"T1": rows})
    source, layout, proposal = laid_out(content, PUPILS)
    assert [(one.dimension, one.value) for one in proposal.mapping.spread] == [
        ("year", "2022"),
        ("year", "2023"),
        ("year", "2024"),
    ]
    from deliveries.read_file import TODAY, indices
    from marsad.collection.deliveries.typed_rows import Reading, TypedRows

    reading = Reading(source, layout, proposal.mapping, PUPILS, indices(), TODAY)
    batch = next(TypedRows(reading).batches())
    cells = {
        (batch.values["area"][n], batch.values["year"][n]): (batch.values["pupils"][n], batch.marks["pupils"][n].value)
        for n in range(len(batch.numbers))
    }
    assert cells["04.421.01.05", "2022"] == (101, "value")
    assert cells["04.421.01.05", "2023"] == (None, "suppressed")
    assert cells["04.421.01.05", "2024"] == (0, "value")
    assert cells["04.421.01.06", "2023"] == (None, "suppressed")
    assert cells["04.421.01.06", "2024"] == (None, "not_applicable")
    assert cells["04.421.01.03", "2022"] == (None, "missing")
    totals = [one for one in checked(content, PUPILS).tally.kept if one.rule == "quality.total"]
    assert totals == []


def test_a_total_that_does_not_add_up_is_found() -> None:
    rows = [["Arrondissement", "Année", "Élèves"], ["Hassan", "2024", 10], ["Souissi", "2024", 5], ["Total", None, 16]]
    found = [one for one in checked(workbook_bytes({"T": rows}), PUPILS).tally.kept if one.rule == "quality.total"]
    assert [(one.row, one.found, dict(one.values)["expected"]) for one in found] == [(4, "16", "15")]


def test_drops_jumps_and_what_the_agreement_promises() -> None:
    promised = Promised(("citizenship", "age"), ("04.421.01.05", "04.421.01.06"), Profile(900, {"04.421.01.05": 500}))
    counts = checked(csv_bytes(GOOD_ROWS), VISITS, promised).tally.counts
    assert counts["quality.drop"] == 2 and counts["quality.area_missing"] == 1 and counts["quality.breakdown"] == 0
    # Without a column of areas nobody knows how many rows each has: only the rows are fewer.
    nowhere = checked(csv_bytes([[*row[:4], *row[5:]] for row in GOOD_ROWS]), VISITS, promised)
    assert nowhere.tally.counts["quality.drop"] == 1


def test_day_and_month_are_asked_where_nothing_decides() -> None:
    rows = [GOOD_ROWS[0], [*GOOD_ROWS[1][:6], "03/04/2026"]]
    _, layout, _ = laid_out(csv_bytes(rows), VISITS)
    assert [one.what for one in layout.doubtful] == ["date_order"]
    assert checked(csv_bytes(rows), VISITS).tally.counts["quality.date_order"] == 1


def test_rows_that_do_not_fit_their_titles_are_named() -> None:
    found = checked(csv_bytes([*GOOD_ROWS, ["a", "b"]]), VISITS).tally.kept
    assert [(one.rule, one.row) for one in found] == [("quality.ragged", 5)]


def test_the_files_of_unhcr_and_iom_pass(shared_folder: Path) -> None:
    population = checked((shared_folder / "data/unhcr/unhcr_population_coa_MAR.csv").read_bytes(), UNHCR)
    assert population.rows == 1019
    assert [one["found"] for one in population.questions] == ["UNK"]
    assert set(population.tally.counts) == {"quality.unknown_code"}
    missing = checked(
        (shared_folder / "data/missing_migrants/mmp_morocco_related_2014_2026-05.csv").read_bytes(), INCIDENTS
    )
    assert (missing.rows, missing.errors) == (1309, 0)


def test_lines_of_unhcr_and_iom_as_they_come() -> None:
    unhcr = b'"year","coo_name","coo","coo_iso","coa_name","coa","coa_iso","refugees","asylum_seekers"\n2024,"Guinea","GUI","GIN","Morocco","MOR","MAR",5,2276\n2024,"Austria","AUS","AUT","Morocco","MOR","MAR",5,\n'
    result = checked(unhcr, UNHCR)
    assert (result.rows, result.errors, result.profile.measures) == (2, 0, {"refugees": 10.0, "asylum_seekers": 2276.0})
    iom = b"Main ID,Incident ID,Incident date,Incident year,No. dead,No. missing,Latitude,Longitude\n2014.M1,2014.M1,2014-02-06,2014,15,0,35.8793,-5\n"
    assert checked(iom, INCIDENTS).errors == 0


@pytest.mark.parametrize(("content", "rule"), [
    (b"", "deliveries.empty"), (b"a" * 50, "deliveries.one_column"), (b"%PDF-1.4", "deliveries.format"),
    (bytes(range(256)) * 9, "deliveries.binary"), (workbook_bytes({"x": []}), "deliveries.empty"),
])  # fmt: skip
def test_what_is_no_table_is_refused(content: bytes, rule: str) -> None:
    with pytest.raises(Refused) as problem:
        laid_out(content, VISITS)
    assert problem.value.rule == rule


def _titles(content: bytes, structure: DataStructure = VISITS) -> list[str]:
    return [column.title for column in laid_out(content, structure)[1].columns]


@pytest.mark.parametrize("line", ['"Sow;Awa;2026-01-14', 'Sow;Awa;"2026-01-14', '"Sow" ;Awa;2026-01-14'])
def test_a_quotation_mark_out_of_its_place_is_refused_and_swallows_no_row(line: str) -> None:
    """The second of two opened marks would close the first one, and the rows between would be one cell that fits."""
    heading, good = "Nom de famille;Prénom;Date de visite", "Diallo;Aminata;2026-01-12"
    text = "\n".join([heading, good, line, good, *([line, good] if ";" in line else [])])
    with pytest.raises(Refused, match=r"deliveries\.quotes") as caught:
        checked(text.encode(), VISITS)
    assert caught.value.found.endswith("row 3")


@pytest.mark.parametrize(
    ("encoding", "recognised"), [("cp850", "cp850"), ("mac_roman", "mac_roman"), ("cp1252", "cp1252")]
)
def test_accents_of_other_systems_are_recognised(encoding: str, recognised: str) -> None:
    rows = [["Prénom", "Nationalité", "Âge"], ["Élodie", "Française", "12"], ["Hélène", "Guinéenne", "13"]]
    source = opened(csv_bytes(rows * 3, separator=";", encoding=encoding))
    assert source.recognitions[0].value == recognised and next(source.rows())[1] == rows[0]


def test_no_record_is_taken_for_the_titles() -> None:
    """Ages in words, counts in brackets: the row of titles stays the one above, and a file without one is asked."""
    ages = [
        ["Nom de famille", "Arrondissement", "Âge", "Date de visite"],
        ["Sow", "Hassan", "35 ans", "12/01/2026"],
        ["Ba", "Souissi", "37", "13/01/2026"],
    ]
    assert _titles(csv_bytes(ages, separator=";")) == ages[0]
    counts = [
        ["Arrondissement", "Année", "Élèves"],
        ["Hassan", "2024", "(80)"],
        ["Souissi", "2024", "0x10"],
        ["Agdal-Riyad", "2024", "12"],
    ]
    assert _titles(csv_bytes(counts, separator=";"), PUPILS) == counts[0]
    with pytest.raises(Refused, match=r"deliveries\.no_heading"):
        _titles(csv_bytes(ages[1:], separator=";"))


def test_of_two_columns_under_one_title_none_is_proposed() -> None:
    rows = [["Nom de famille", "Date", "Nationalité", "Date"], ["Sow", "2001-01-01", "GIN", "2026-01-14"]]
    _, layout, proposal = laid_out(csv_bytes(rows), VISITS)
    assert "visit_date" not in proposal.mapping.sources and "family_name" in proposal.mapping.sources
    assert [one.value for one in layout.doubtful if one.what == "repeated_title"] == ["Date", "Date (2)"]


def test_a_share_is_no_count_and_no_part_of_a_total() -> None:
    rows = [
        ["Arrondissement", "Année", "Élèves", "Évolution %"],
        ["Hassan", "2024", "45 %", "5,3"],
        ["Souissi", "2024", "80", "1,2"],
        ["Total", "2024", "80", "2,1"],
    ]
    result = checked(csv_bytes(rows, separator=";"), PUPILS)
    assert {rule: count for rule, count in result.tally.counts.items() if rule != "quality.set_aside"} == {
        "quality.integer": 1
    }


def test_titles_without_records_are_an_error_and_a_table_without_a_measure_is_asked() -> None:
    assert checked(csv_bytes(GOOD_ROWS[:1]), VISITS).tally.counts["quality.no_rows"] == 1
    _, layout, proposal = laid_out(csv_bytes([["Arrondissement", "Année", "Garçons"], ["Hassan", "2024", "9"]]), PUPILS)
    with pytest.raises(Refused, match=r"deliveries\.unmapped"):
        checked_mapping(proposal.mapping, PUPILS, layout)
