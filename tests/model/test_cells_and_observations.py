"""The types of the library: a cell has a number or a reason, a stock is never added to a flow, a code stays a string."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migstat.model import (
    Cell,
    CellState,
    Code,
    Codelist,
    ConfStatus,
    Estimate,
    Interval,
    Measure,
    MeasureKind,
    Observation,
    Origin,
    Period,
    PopulationBase,
    Refused,
    Text,
    WithheldFor,
    add,
)

WORDS = Text(fr="mots", ar="كلمات", en="words")
RESIDENTS = Measure("STK-01", "persons", MeasureKind.STOCK, additive=True)
ARRIVALS = Measure("FLW-02", "persons", MeasureKind.FLOW, additive=True)


def observation(cell, measure=RESIDENTS, **changes):
    plain = Observation(measure, "04.421", Period.parse("2024"), cell, PopulationBase.MUNICIPAL, "census")
    return replace(plain, **changes)


class TestCells:
    @pytest.mark.parametrize(
        "cell",
        [
            Cell.withheld(WithheldFor.PRIMARY),
            Cell.withheld(WithheldFor.SECONDARY),
            Cell.missing(),
            Cell.not_applicable(),
        ],
    )
    def test_no_state_but_value_gives_a_number(self, cell):
        with pytest.raises(Refused, match="no_number"):
            _ = cell.number
        assert not cell.is_value

    def test_zero_is_a_value(self):
        assert Cell.of(0).is_value
        assert Cell.of(0) != Cell.missing()

    @pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
    def test_what_is_no_number_is_refused(self, number):
        with pytest.raises(Refused, match=r"cell\.finite"):
            Cell.of(number)

    @pytest.mark.parametrize("state", [CellState.WITHHELD, CellState.MISSING, CellState.NOT_APPLICABLE])
    def test_a_number_cannot_be_smuggled_into_a_state(self, state):
        with pytest.raises(Refused, match=r"cell\.shape"):
            Cell(state, 0.0)

    def test_withheld_says_what_for(self):
        with pytest.raises(Refused, match=r"cell\.shape"):
            Cell(CellState.WITHHELD)
        assert observation(Cell.withheld(WithheldFor.SECONDARY)).conf_status is ConfStatus.SECONDARY
        assert observation(Cell.of(3)).conf_status is ConfStatus.FREE


class TestAdding:
    def test_parts_of_one_measure_add_up(self):
        assert add([observation(Cell.of(2)), observation(Cell.of(3))]) == Cell.of(5)

    @pytest.mark.parametrize("unknown", [Cell.missing(), Cell.withheld(WithheldFor.PRIMARY)])
    def test_an_unknown_part_makes_the_sum_unknown(self, unknown):
        assert add([observation(Cell.of(2)), observation(unknown)]) == Cell.missing()

    def test_what_does_not_apply_is_left_out(self):
        assert add([observation(Cell.of(2)), observation(Cell.not_applicable())]) == Cell.of(2)

    def test_a_stock_is_never_added_to_a_flow(self):
        with pytest.raises(Refused, match="never add a stock to a flow"):
            add([observation(Cell.of(2)), observation(Cell.of(3), measure=ARRIVALS)])

    @pytest.mark.parametrize(
        ("changes", "rule"),
        [
            ({"base": PopulationBase.LEGAL}, "add.bases"),
            ({"origin": Origin.SYNTHETIC}, "add.origins"),
            ({"measure": replace(RESIDENTS, indicator="STK-09")}, "add.measures"),
        ],
    )
    def test_what_is_not_alike_is_not_added(self, changes, rule):
        with pytest.raises(Refused) as refused:
            add([observation(Cell.of(2)), observation(Cell.of(3), **changes)])
        assert refused.value.rule == rule

    def test_rates_are_not_added(self):
        rate = Measure("HOU-02", "percent", MeasureKind.STOCK)
        with pytest.raises(Refused, match=r"add\.not_additive"):
            add([observation(Cell.of(4.6), measure=rate), observation(Cell.of(0.1), measure=rate)])

    def test_nothing_cannot_be_added(self):
        with pytest.raises(Refused, match=r"add\.empty"):
            add([])

    @given(st.lists(st.integers(0, 10**6), min_size=1, max_size=20))
    def test_order_does_not_matter(self, numbers):
        parts = [observation(Cell.of(number)) for number in numbers]
        assert add(parts) == add(parts[::-1]) == Cell.of(sum(numbers))


class TestPeriods:
    @pytest.mark.parametrize(
        ("text", "start", "end"),
        [
            ("2014", date(2014, 1, 1), date(2014, 12, 31)),
            ("2024-Q1", date(2024, 1, 1), date(2024, 3, 31)),
            ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
            ("2023-03-31", date(2023, 3, 31), date(2023, 3, 31)),
            ("2014/2024", date(2014, 1, 1), date(2024, 12, 31)),
        ],
    )
    def test_bounds(self, text, start, end):
        period = Period.parse(text)
        assert (period.start, period.end, str(period)) == (start, end, text)
        assert period.contains(end) and period.year == end.year

    @pytest.mark.parametrize("text", ["", "14", "2024-13", "2024-02-30", "2024/2014", "2024/", "last year", "2024-Q5"])
    def test_what_is_no_period_is_refused(self, text):
        with pytest.raises(Refused):
            Period.parse(text)

    @given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
    def test_a_day_reads_back(self, day):
        assert Period.parse(day.isoformat()).start == day


class TestCodes:
    def codelist(self, *codes):
        return Codelist("AREA", tuple(Code(code, WORDS, parent) for code, parent in codes))

    def test_a_code_stays_a_string(self):
        areas = self.codelist(("04", None), ("4", None))
        assert "04" in areas and len(areas) == 2

    def test_leaves_and_children(self):
        areas = self.codelist(("MAR", None), ("04", "MAR"), ("06", "MAR"), ("04.421", "04"))
        assert areas.children("MAR") == ("04", "06")
        assert areas.leaves("MAR") == ("04.421", "06")

    @pytest.mark.parametrize(
        ("codes", "rule"),
        [
            ([("A", None), ("A", None)], "codes.twice"),
            ([("A", "B")], "codes.parent"),
            ([("A", "B"), ("B", "A")], "codes.cycle"),
        ],
    )
    def test_a_bad_list_is_refused(self, codes, rule):
        with pytest.raises(Refused) as refused:
            self.codelist(*codes)
        assert refused.value.rule == rule

    def test_an_unknown_code_is_refused(self):
        with pytest.raises(Refused, match=r"codes\.unknown"):
            _ = self.codelist(("A", None))["B"]


def test_a_text_needs_every_language():
    with pytest.raises(Refused, match="'ar'"):
        Text(fr="un", ar=" ", en="one")
    with pytest.raises(Refused, match=r"text\.language"):
        WORDS.in_language("es")


@pytest.mark.parametrize(("low", "high", "level"), [(2, 1, 0.95), (float("nan"), 1, 0.95), (0, 1, 95), (0, 1, 0)])
def test_an_interval_has_order_and_level(low, high, level):
    with pytest.raises(Refused, match=r"interval\."):
        Interval(low, high, level)


def test_an_estimate_has_no_negative_error():
    with pytest.raises(Refused, match=r"estimate\.standard_error"):
        Estimate("a", "b", 1.0, -0.1, None, WORDS)
