"""The life of needs and requests, every pair of state and move; working days."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from city_fixtures import RABAT
from marsad.coordination.needs.rules import (
    NEED_TRANSITIONS,
    OPEN_STATES,
    TRANSITIONS,
    WHO,
    Given,
    Hat,
    NeedMove,
    NeedState,
    Refusal,
    RequestKind,
    RequestMove,
    RequestState,
    refusals,
)
from marsad.coordination.needs.working_days import (
    Holidays,
    after_working_days,
    is_working_day,
    working_days_between,
)
from migstat.model.refusals import Refused

S, M = RequestState, RequestMove
FULL = Given("because", date(2026, 9, 1), date(2026, 3, 1))
LIFE = {
    S.RECEIVED: {M.EDIT: S.RECEIVED, M.TAKE: S.RECEIVED, M.ASSESS: S.ASSESSED, M.REFUSE: S.REFUSED,
                 M.WITHDRAW: S.WITHDRAWN},
    S.ASSESSED: {M.TAKE: S.ASSESSED, M.PLAN: S.PLANNED, M.FINISH: S.DONE, M.REFUSE: S.REFUSED, M.WITHDRAW: S.WITHDRAWN},
    S.PLANNED: {M.TAKE: S.PLANNED, M.PLAN: S.PLANNED, M.FINISH: S.DONE, M.REFUSE: S.REFUSED, M.WITHDRAW: S.WITHDRAWN},
    S.DONE: {M.REOPEN: S.ASSESSED},
    S.REFUSED: {M.REOPEN: S.ASSESSED},
    S.WITHDRAWN: {M.RENEW: S.RECEIVED},
}  # fmt: skip


@pytest.mark.parametrize(("state", "move"), list(product(S, M)))
def test_every_pair_of_state_and_move(state: RequestState, move: RequestMove) -> None:
    assert TRANSITIONS[state, move] == LIFE[state].get(move)
    for hat in Hat:
        found = refusals(move, state, hats=[hat], given=FULL, received_on=date(2026, 1, 5), today=date(2026, 2, 1))
        assert (Refusal.NOT_OPEN in found) == (move not in LIFE[state])
        assert (Refusal.NOT_YOURS in found) == (WHO[move] is not hat)


@pytest.mark.parametrize(("state", "move"), list(product(NeedState, NeedMove)))
def test_every_pair_of_a_need(state: NeedState, move: NeedMove) -> None:
    expected = {
        NeedState.OPEN: {NeedMove.EDIT: NeedState.OPEN, NeedMove.ANSWER: NeedState.ANSWERED,
                         NeedMove.WITHDRAW: NeedState.WITHDRAWN},
        NeedState.ANSWERED: {NeedMove.REOPEN: NeedState.OPEN},
        NeedState.WITHDRAWN: {NeedMove.REOPEN: NeedState.OPEN},
    }  # fmt: skip
    assert NEED_TRANSITIONS[state, move] == expected[state].get(move)


def reasons(move: RequestMove, given: Given, kind: RequestKind = RequestKind.DETAIL) -> frozenset[Refusal]:
    return refusals(
        move, S.ASSESSED, hats=Hat, given=given, received_on=date(2026, 1, 5), today=date(2026, 2, 1), kind=kind
    )


def test_done_only_with_an_edition_published_since_refused_only_with_a_reason() -> None:
    assert reasons(M.FINISH, Given()) == {Refusal.NO_EDITION}
    assert reasons(M.FINISH, Given(edition_on=date(2026, 1, 4))) == {Refusal.EDITION_BEFORE}
    assert reasons(M.FINISH, Given(edition_on=date(2026, 1, 4)), RequestKind.ACCESS) == frozenset()
    assert reasons(M.FINISH, Given(edition_on=date(2026, 1, 5))) == frozenset()
    assert reasons(M.REFUSE, Given("  ")) == {Refusal.NO_REASON}
    assert reasons(M.REFUSE, Given("the law forbids it")) == frozenset()
    assert reasons(M.PLAN, Given()) == {Refusal.NO_DATE}
    assert reasons(M.PLAN, Given(planned_for=date(2026, 2, 1))) == {Refusal.DATE_PASSED}
    assert reasons(M.PLAN, Given(planned_for=date(2026, 2, 2))) == frozenset()


def test_no_closed_request_is_open() -> None:
    assert {state for state in S if M.WITHDRAW in LIFE[state]} == OPEN_STATES


def rabat_holidays() -> Holidays:
    return Holidays.from_csv((RABAT / "calendar" / "holidays.csv").read_text("utf-8"))


def test_the_holidays_of_rabat_stop_the_clock() -> None:
    listed = rabat_holidays()
    assert not is_working_day(date(2031, 7, 30), listed), "the Throne, every year"
    assert is_working_day(date(2025, 10, 31), listed), "Unity Day returns from 2026 on"
    assert not is_working_day(date(2026, 10, 30) + timedelta(days=1), listed)
    # Twenty working days from Monday 5 January 2026: the 11th is a Sunday, the 14th (Wednesday) a holiday.
    assert after_working_days(date(2026, 1, 5), 20, listed) == date(2026, 2, 3)
    assert after_working_days(date(2026, 1, 5), 20, Holidays()) == date(2026, 2, 2)
    # August: the 14th, 20th and 21st are working weekdays of 2026 otherwise; the Prophet's birthday is expected twice.
    assert working_days_between(date(2026, 8, 9), date(2026, 8, 31), listed) == 16 - 5
    assert {2025, 2026, 2027} <= listed.years


@given(
    st.dates(date(2025, 1, 1), date(2027, 12, 31)),
    st.integers(1, 60),
)
@settings(max_examples=80, deadline=None)
def test_a_term_ends_on_a_working_day_and_counts_back(start: date, days: int) -> None:
    listed = rabat_holidays()
    end = after_working_days(start, days, listed)
    assert is_working_day(end, listed)
    assert working_days_between(start, end, listed) == days
    assert working_days_between(start, end - timedelta(days=1), listed) == days - 1


@pytest.mark.parametrize("row", ["13-40,,fixed", "2026-02-30,,expected", "soon,,expected"])
def test_a_day_that_is_none_is_refused(row: str) -> None:
    with pytest.raises(Refused, match=r"needs\.holidays"):
        Holidays.from_csv(f"day,since,kind\n{row}\n")
