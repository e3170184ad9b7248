"""Numbers as pages and charts write them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marsad.web import numbers


@pytest.mark.parametrize(
    ("value", "decimals", "french", "arabic", "english"),
    [
        (148152, 0, "148\u202f152", "148\u202f152", "148,152"),
        (1234567.891, 2, "1\u202f234\u202f567,89", "1\u202f234\u202f567,89", "1,234,567.89"),
        (0, 1, "0,0", "0,0", "0.0"),
        (-0.04, 1, "0,0", "0,0", "0.0"),
        (-10.8, 1, "−10,8", "−10,8", "−10.8"),
        (Decimal("83.53"), None, "83,53", "83,53", "83.53"),
        (2.5, 0, "3", "3", "3"),
    ],
)
def test_a_number_in_three_languages(value, decimals, french, arabic, english):
    written = [numbers.number(value, language, decimals) for language in ("fr", "ar", "en")]
    assert written == [french, arabic, english]


def test_only_arabic_isolates_signs_ranges_and_per_cents():
    for write in (numbers.signed(-3, "ar"), numbers.percent(4.6, "ar"), numbers.span("2014", "2024", "ar")):
        assert write.startswith("\u2066")
        assert write.endswith("\u2069")
    assert "\u2066" not in numbers.percent(4.6, "fr") + numbers.signed(-3, "en")


def test_a_range_of_isolated_numbers_is_one_piece():
    written = numbers.span(numbers.percent(1, "ar"), numbers.percent(2, "ar"), "ar")
    assert written.count("\u2066") == written.count("\u2069") == 1


def test_a_change_that_rounds_to_zero_has_no_sign():
    assert numbers.signed(0.04, "fr", 1) == "0,0"
    assert numbers.signed(-0.04, "fr", 1) == "0,0"
    assert numbers.signed(0.05, "fr", 1) == "+0,1"


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_not_a_number_is_not_written(value):
    with pytest.raises(ValueError, match="finite"):
        numbers.number(value, "fr")


@given(st.integers(-(10**12), 10**12), st.sampled_from(["fr", "ar", "en"]))
def test_a_written_whole_number_reads_back(value, language):
    bare = numbers.number(value, language).replace(numbers.GROUP[language], "").replace("−", "-")
    assert int(bare) == value
