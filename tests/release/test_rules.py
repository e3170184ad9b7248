"""The states of a request: every pair is decided, every reason is given at once."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from marsad.release.rules import (
    TRANSITIONS,
    Condition,
    Move,
    Refusal,
    RequestState,
    Standing,
    StepRefused,
    Verdict,
    decided,
    may_be_read,
    publish_refusals,
    reached,
    sign_refusals,
)

NOW = datetime(2026, 10, 6, tzinfo=UTC)
READY = Standing("r", has_role=True, has_factor=True, competent_until=date(2027, 1, 1))


@pytest.mark.parametrize("state", RequestState)
@pytest.mark.parametrize("move", Move)
def test_every_pair_of_state_and_move_is_decided(state, move):
    after = TRANSITIONS[state, move]
    if after is None:
        with pytest.raises(StepRefused) as refused:
            reached(state, move)
        assert refused.value.refusals == {Refusal.NOT_OPEN}
    else:
        assert reached(state, move) is after


def test_nothing_is_published_without_two_signatures_and_an_intent():
    into = {(s, m) for (s, m), after in TRANSITIONS.items() if after is RequestState.PUBLISHED}
    assert into == {(RequestState.PUBLISHING, Move.COMPLETE)}
    assert {s for (s, m), after in TRANSITIONS.items() if after is RequestState.PUBLISHING} == {RequestState.APPROVED}
    assert {s for (s, m), after in TRANSITIONS.items() if after is RequestState.APPROVED} == {
        RequestState.UNDER_REVIEW,
        RequestState.PUBLISHING,
    }


def test_what_is_over_stays_over():
    for state in (RequestState.WITHDRAWN, RequestState.CANCELLED):
        assert all(TRANSITIONS[state, move] is None for move in Move)


@pytest.mark.parametrize(
    ("verdicts", "outcome"),
    [
        ([], None),
        ([Verdict.APPROVE], None),
        ([Verdict.REFUSE], None),
        ([Verdict.APPROVE, Verdict.APPROVE], Move.APPROVE),
        ([Verdict.APPROVE, Verdict.REFUSE], Move.REFUSE),
        ([Verdict.REFUSE, Verdict.APPROVE], Move.REFUSE),
        ([Verdict.REFUSE, Verdict.REFUSE], Move.REFUSE),
    ],
)
def test_two_signatures_decide(verdicts, outcome):
    assert decided(verdicts) is outcome


def test_blindness():
    assert may_be_read(True, 1)
    assert not may_be_read(False, 1)
    assert may_be_read(False, 2)


@pytest.mark.parametrize("state", RequestState)
def test_only_requests_in_review_are_signed(state):
    refusals = sign_refusals(Condition(state, author="a"), READY, reason="why", today=NOW.date())
    assert (refusals == frozenset()) == (state in {RequestState.SUBMITTED, RequestState.UNDER_REVIEW})


@pytest.mark.parametrize("state", RequestState)
def test_only_approved_requests_are_published(state):
    refusals = publish_refusals(Condition(state, author="a"), now=NOW)
    assert (refusals == frozenset()) == (state in {RequestState.APPROVED, RequestState.PUBLISHING})


def test_every_reason_against_publishing_comes_at_once():
    worst = Condition(
        RequestState.DRAFT, author="a", audit_passed=False, missing=("run",), inputs_changed=True, stale=True,
        embargo_until=datetime(2027, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    assert publish_refusals(worst, now=NOW) == {
        Refusal.NOT_OPEN, Refusal.AUDIT_FAILED, Refusal.METADATA_MISSING, Refusal.INPUTS_CHANGED, Refusal.STALE,
        Refusal.EMBARGO,
    }  # fmt: skip
