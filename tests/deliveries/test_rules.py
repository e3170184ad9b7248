"""The table of states, whole: every pair of state and move."""

from __future__ import annotations

import pytest

from marsad.collection.deliveries.labels import STATE_LABELS
from marsad.collection.deliveries.rules import (
    ACCEPTED,
    CLOSED,
    MACHINE,
    NEEDS_REASON,
    OPEN,
    TRANSITIONS,
    Move,
    State,
    acceptable,
    reached,
    with_reason,
)
from migstat.model.refusals import Refused


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("move", Move)
def test_every_pair_is_decided(state: State, move: Move) -> None:
    after = TRANSITIONS[state, move]
    if after is None:
        with pytest.raises(Refused, match=r"deliveries\.move"):
            reached(state, move)
    else:
        assert reached(state, move) is after


def test_closed_is_closed_and_everything_open_can_end() -> None:
    assert all(TRANSITIONS[state, move] is None for state in CLOSED for move in Move)
    assert set(State) == OPEN | CLOSED and not OPEN & CLOSED
    assert all(any(TRANSITIONS[state, move] is State.REFUSED for move in Move) for state in OPEN)
    ways = {(state, move) for (state, move), after in TRANSITIONS.items() if after in ACCEPTED}
    assert ways == {(State.STORING, Move.STORE), (State.STORING_WITH_RESERVATIONS, Move.STORE)}
    assert MACHINE < OPEN
    assert set(STATE_LABELS) == set(State)


@pytest.mark.parametrize("move", sorted(NEEDS_REASON))
def test_a_reason_is_given(move: Move) -> None:
    assert with_reason(move, " x ") == "x"
    with pytest.raises(Refused, match=r"deliveries\.reason"):
        with_reason(move, "  ")


def test_questions_and_errors_stand_against_an_acceptance() -> None:
    acceptable(Move.RESERVE, errors=3, questions=0)
    for move, errors, questions in ((Move.ACCEPT, 1, 0), (Move.ACCEPT, 0, 1), (Move.RESERVE, 0, 1)):
        with pytest.raises(Refused):
            acceptable(move, errors=errors, questions=questions)
