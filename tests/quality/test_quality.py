"""Pure rules of quality: numbers, dates of three calendars, codes that are asked, totals, repeats, changes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migstat.model.refusals import Refused
from migstat.model.structure import Column, DataStructure, Kind, Role
from migstat.quality.cells import CellRules, read_cell
from migstat.quality.codes import CodeIndex, CodeSystem, KnownCode
from migstat.quality.dates import DateOrder, parse_date
from migstat.quality.findings import RULES, Finding, Severity, Tally, harmless, is_formula
from migstat.quality.hijri import from_hijri, month_length
from migstat.quality.marks import Mark, proposed_mark
from migstat.quality.matching import SourceColumn, propose
from migstat.quality.numbers import NumberFormat, parse_number, recognise_numbers
from migstat.quality.repeats import Repeats, digest_of
from migstat.quality.shape import RowKind, RowSorter, recognise_heading
from migstat.quality.totals import RowTotals

AFRICA = CodeIndex(
    (
        KnownCode("NER", ("Niger", "النيجر"), "NE", "NGR", confused_with=("NGA",)),
        KnownCode("NGA", ("Nigéria", "Nigeria", "نيجيريا"), "NG", "NIG", confused_with=("NER",)),
        KnownCode("COD", ("République démocratique du Congo",), "CD", "COD", confused_with=("COG",)),
        KnownCode("COG", ("Congo",), "CG", "COB", confused_with=("COD",)),
        KnownCode("SEN", ("Sénégal", "السنغال"), "SN", "SEN"),
        KnownCode("AUS", ("Australie",), "AU", "AUL", confused_with=("AUT",)),
        KnownCode("AUT", ("Autriche",), "AT", "AUS", confused_with=("AUS",)),
    )
)


@given(st.integers(-(10**9), 10**9), st.sampled_from([" ", "\u00a0", "\u202f", ""]))
@settings(max_examples=60, deadline=None)
def test_a_number_is_read_as_it_was_written(number: int, space: str) -> None:
    written = f"{number:,}".replace(",", space)
    for decimal in (".", ","):
        assert parse_number(written, NumberFormat(decimal)) == number
        assert (
            parse_number(f"{written}{decimal}25", NumberFormat(decimal)) == pytest.approx(abs(number) + 0.25)
            or number < 0
        )


@pytest.mark.parametrize(("texts", "decimal", "certain"), [
    (["1,5", "2"], ",", True), (["1.5", "2"], ".", True), (["1.234", "5.678"], ".", False), (["1.234,5"], ",", True),
    (["١٬٢٣٤٫٥"], ",", True), (["12"], ".", True), (["35.8793", "-5"], ".", True),
])  # fmt: skip
def test_the_decimal_mark_is_recognised_or_asked(texts: list[str], decimal: str, certain: bool) -> None:
    assert recognise_numbers(texts) == NumberFormat(decimal, certain)


@pytest.mark.parametrize(("text", "day"), [
    ("2024-03-05", date(2024, 3, 5)), ("5 mars 2024", date(2024, 3, 5)), ("1er août 2023", date(2023, 8, 1)),
    ("15 غشت 2023", date(2023, 8, 15)), ("3 شتنبر 2025", date(2025, 9, 3)), ("٢٥/٠٤/٢٠٢٤", date(2024, 4, 25)),
    ("45356", date(2024, 3, 5)), ("5 March 2024", date(2024, 3, 5)), ("2024-03-05T10:11:12", date(2024, 3, 5)),
])  # fmt: skip
def test_dates_of_every_spelling(text: str, day: date) -> None:
    found = parse_date(text, DateOrder.ASK)
    assert found is not None and (found.day, found.approximate) == (day, False)


@pytest.mark.parametrize(("hijri", "gregorian"), [
    ((1, 1, 1), date(622, 7, 19)), ((1400, 1, 1), date(1979, 11, 21)), ((1445, 9, 1), date(2024, 3, 11)), ((1446, 1, 1), date(2024, 7, 8)),
])  # fmt: skip
def test_hijri_days_known_from_the_tabular_calendar(hijri: tuple[int, int, int], gregorian: date) -> None:
    assert abs(from_hijri(*hijri) - gregorian) <= timedelta(days=1)


@given(st.integers(1300, 1490), st.integers(1, 12))
@settings(max_examples=60, deadline=None)
def test_hijri_days_follow_one_another(year: int, month: int) -> None:
    last = from_hijri(year, month, month_length(year, month))
    following = from_hijri(year + month // 12, month % 12 + 1, 1)
    assert following - last == timedelta(days=1)
    with pytest.raises(Refused):
        from_hijri(year, month, month_length(year, month) + 1)


def test_what_could_be_two_countries_is_asked_never_guessed() -> None:
    for name in ("Niger", "Nigeria", "النيجر", "Congo", "Nigerien"):
        match = AFRICA.match(name, CodeSystem.NAME)
        assert match.code is None and len(match.proposals) >= 2, name
    assert AFRICA.match("NER", CodeSystem.CODE).code == "NER"
    assert AFRICA.match("senegal", CodeSystem.NAME).code == "SEN"
    assert AFRICA.match("AUS", CodeSystem.UNHCR).code == "AUT"
    answered = CodeIndex(AFRICA.codes, {"Nigérien": "NER"})
    assert answered.match("NIGERIEN", CodeSystem.NAME).code == "NER"
    assert AFRICA.recognise(["COB", "NIG", "SEN"]) is CodeSystem.UNHCR


@pytest.mark.parametrize("digits", ["044210105", "44210105", "04.421.01.05"])
def test_lost_zeros_are_found_again(digits: str) -> None:
    index = CodeIndex((KnownCode("04.421.01.05", ("Hassan",), numbers=("044210105",)),))
    match = index.match(digits, index.recognise([digits]))
    assert match.code == "04.421.01.05"
    assert match.shortened is (digits == "44210105")


@pytest.mark.parametrize(("text", "mark"), [
    ("", Mark.MISSING), (" ", Mark.MISSING), ("*", Mark.SUPPRESSED), ("<5", Mark.SUPPRESSED), ("-", Mark.NOT_APPLICABLE),
    ("..", Mark.SUPPRESSED), ("nd", Mark.MISSING), ("0", None), ("5", None),
])  # fmt: skip
def test_marks_are_kept_apart_and_none_is_zero(text: str, mark: Mark | None) -> None:
    assert proposed_mark(text) is mark
    reading = read_cell(text, CellRules(Column("n", Role.MEASURE, Kind.INTEGER)))
    assert (reading.value is None) is (mark is not None)


@given(st.text(max_size=30))
@settings(max_examples=120, deadline=None)
def test_no_text_breaks_a_reader_or_runs_in_a_spreadsheet(text: str) -> None:
    for column in (
        Column("a", Role.MEASURE, Kind.NUMBER, minimum=0), Column("b", Role.ATTRIBUTE, Kind.DATE), Column("c", Role.PERIOD, Kind.TEXT),
        Column("d", Role.ATTRIBUTE, Kind.CODE, "x"), Column("e", Role.ATTRIBUTE, Kind.BOOLEAN),
    ):  # fmt: skip
        reading = read_cell(text, CellRules(column, codes=AFRICA, today=date(2026, 1, 1)))
        assert reading.rule == "" or reading.rule in RULES
    assert not harmless(text).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert not is_formula(harmless(text))


def test_totals_are_held_against_their_parts() -> None:
    totals = RowTotals({1: "n"})
    for value in (3.0, 4.0):
        totals.data({1: value})
    assert totals.total(RowKind.SUBTOTAL, 4, {1: 7.0}) == []
    totals.data({1: None})
    assert totals.total(RowKind.TOTAL, 6, {1: 9.0}) == []
    assert [one.row for one in totals.total(RowKind.TOTAL, 7, {1: 2.0})] == [7]


@given(st.lists(st.integers(0, 6), max_size=40))
@settings(max_examples=60, deadline=None)
def test_repeats_are_those_of_a_plain_walk(values: list[int]) -> None:
    repeats, first, expected = Repeats(), {}, []
    for row, value in enumerate(values):
        if value in first:
            expected.append((row, first[value]))
        first.setdefault(value, row)
    repeats.note((digest_of([value]) for value in values), range(len(values)))
    assert repeats.found() == expected


def test_a_report_counts_all_and_keeps_some() -> None:
    tally = Tally(most=3)
    tally.extend(Finding("quality.bounds", row) for row in range(10))
    tally.add(Finding("quality.hijri", 1))
    assert (tally.counts["quality.bounds"], len(tally.kept), tally.count_of(Severity.ERROR)) == (10, 4, 10)
    assert tally.in_order()[-1].rule == "quality.hijri"


def test_a_sheet_without_titles_has_none() -> None:
    assert recognise_heading([["only one column"], ["x"]]) is None
    sorter = RowSorter(["Nom", "Âge"], raw_titles=[])
    assert sorter.kind(["Total général", 3]) is RowKind.TOTAL
    assert sorter.kind(["Totale", 3]) is RowKind.DATA


def test_a_heading_above_several_columns_does_not_tell_them_apart() -> None:
    columns = [{"name": name, "role": "attribute", "kind": "text"} for name in ("service", "day", "age")]
    structure = DataStructure.from_mapping({"code": "v", "version": "1", "unit": "visit", "columns": columns})
    titles = ["Service | Date", "Service | Service rendu", "Âge | (ans)"]
    found = propose(structure, [SourceColumn(place, title) for place, title in enumerate(titles)], {})
    assert {one.column: one.position for one in found} == {"service": 1, "day": 0, "age": 2}
