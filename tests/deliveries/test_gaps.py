"""Months, quarters and years of the promised period that a delivery does not hold."""

from __future__ import annotations

from datetime import date

import pytest

from deliveries.delivery_cases import GOOD_ROWS, VISITS, csv_bytes
from deliveries.read_file import checked
from migstat.model.periods import Period
from migstat.quality.gaps import missing_parts

LATER = date(2027, 1, 1)


@pytest.mark.parametrize(
    ("promised", "seen", "missing"),
    [
        (
            "2026",
            "2026-01-03 2026-04-30 2026-12-31",
            "2026-02 2026-03 2026-05 2026-06 2026-07 2026-08 2026-09 2026-10 2026-11",
        ),
        ("2026-01/2026-04", "2026-01 2026-02 2026-04", "2026-03"),
        ("2025/2026", "2025-Q1 2025-Q2 2025-Q3 2026-Q1 2026-Q2 2026-Q3 2026-Q4", "2025-Q4"),
        ("2020/2024", "2020 2021 2024", "2022 2023"),
        ("2025-Q4/2026-Q1", "2025-Q4 2026-01 2026-03", "2026-02"),
        ("2026-02", "2026-02-03", ""),
        ("2026", "", ""),
        ("2026", "2024 2025-03", ""),
        ("2026-01-20/2026-03-02", "2026-01-31 2026-03-01", "2026-02"),
    ],
)
def test_what_no_row_touches_is_missing(promised: str, seen: str, missing: str) -> None:
    found = missing_parts(Period.parse(promised), map(Period.parse, seen.split()), today=LATER)
    assert " ".join(map(str, found)) == missing


def test_what_has_not_begun_is_not_awaited() -> None:
    found = missing_parts(Period.parse("2026"), [Period.parse("2026-01-05")], today=date(2026, 3, 1))
    assert [str(one) for one in found] == ["2026-02", "2026-03"]


def test_a_delivery_with_a_gap_in_its_midst_says_which_months() -> None:
    days = ("2026-01-05", "2026-02-06", "2026-04-07")
    rows = [GOOD_ROWS[0], *([*row[:6], day] for row, day in zip(GOOD_ROWS[1:], days, strict=False))]
    result = checked(csv_bytes(rows), VISITS, period=Period.parse("2026-01/2026-04"))
    found = [(one.column, one.found) for one in result.tally.kept if one.rule == "quality.period_missing"]
    assert found == [("visit_date", "2026-03")]
    assert result.tally.counts["quality.outside_period"] == 0
    assert checked(csv_bytes(rows), VISITS).tally.counts["quality.period_missing"] == 0
