"""AAPOR's rates: a case worked by hand, and unknown where nothing can be divided."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migstat.estimation.survey_nonresponse import response_account
from migstat.estimation.survey_outcome_rates import OutcomeCounts, outcome_rates
from migstat.model import Refused


def test_every_rate_of_a_case_worked_by_hand() -> None:
    counts = OutcomeCounts(50, 10, 20, 15, 5, 40, 25)
    rates = outcome_rates(counts)
    assert counts.eligibility == 0.8
    assert (rates.response_rate_1, rates.response_rate_2) == (50 / 140, 60 / 140)
    assert (rates.response_rate_3, rates.response_rate_4) == (50 / 132, 60 / 132)
    assert (rates.response_rate_5, rates.response_rate_6) == (0.5, 0.6)
    assert (rates.cooperation_rate_1, rates.cooperation_rate_2) == (50 / 85, 60 / 85)
    assert (rates.cooperation_rate_3, rates.cooperation_rate_4) == (50 / 80, 60 / 80)
    assert (rates.refusal_rate_1, rates.refusal_rate_2, rates.refusal_rate_3) == (20 / 140, 20 / 132, 0.2)
    assert (rates.contact_rate_1, rates.contact_rate_2, rates.contact_rate_3) == (85 / 140, 85 / 132, 0.85)


def test_what_cannot_be_divided_is_not_known() -> None:
    rates = dataclasses.asdict(outcome_rates(OutcomeCounts(unknown_eligibility=5)))
    known = {name for name, rate in rates.items() if rate is not None}
    assert known == {"response_rate_1", "response_rate_2", "refusal_rate_1", "contact_rate_1"}
    assert set(dataclasses.asdict(outcome_rates(OutcomeCounts())).values()) == {None}
    assert outcome_rates(OutcomeCounts(unknown_eligibility=5), eligibility=0.5).response_rate_3 == 0


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=7, max_size=7))
def test_rates_stand_in_the_order_that_aapor_states(numbers: list[int]) -> None:
    counts = OutcomeCounts(*numbers)
    rates = outcome_rates(counts)
    if rates.response_rate_3 is not None:
        assert rates.response_rate_1 <= rates.response_rate_3 + 1e-12
        if counts.eligible:
            assert rates.response_rate_3 <= rates.response_rate_5 + 1e-12
            assert rates.contact_rate_1 <= rates.contact_rate_2 + 1e-12 <= rates.contact_rate_3 + 2e-12
    if rates.cooperation_rate_1 is not None and rates.cooperation_rate_3 is not None:
        assert rates.cooperation_rate_1 <= rates.cooperation_rate_3


def test_counts_are_refused_where_they_are_none() -> None:
    with pytest.raises(Refused, match=r"survey\.disposition"):
        OutcomeCounts.from_mapping({"vacant": 3})
    with pytest.raises(Refused, match=r"survey\.disposition"):
        OutcomeCounts.from_mapping({"complete": -1})
    with pytest.raises(Refused, match=r"survey\.eligibility"):
        outcome_rates(OutcomeCounts(1), eligibility=1.5)


def test_the_account_of_a_survey_has_the_same_rates() -> None:
    account = response_account(["complete"] * 3 + ["refusal", "unknown_eligibility", "not_eligible"])
    rates = outcome_rates(OutcomeCounts.from_mapping({str(name): count for name, count in account.counts.items()}))
    assert account.response_rate_3 == rates.response_rate_3
    with pytest.raises(Refused, match=r"survey\.no_contact"):
        response_account(["non_contact"])
