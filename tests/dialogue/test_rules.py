"""The tables of the dialogue are complete, and each refusal is given where it applies, with all others."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from house.people import AT
from marsad.coordination.dialogue import labels
from marsad.coordination.dialogue import rules as r
from marsad.coordination.dialogue import rules_sessions as s
from marsad.coordination.dialogue.rules import MoveRefused, Refusal

TABLES: list[tuple[Any, type[StrEnum], type[StrEnum], set[tuple[str, str, str]]]] = [
    (
        r.TRANSITIONS, r.PostState, r.PostMove,
        {
            ("shown", "edit", "shown"), ("shown", "accept", "shown"), ("shown", "report", "shown"),
            ("shown", "hide", "hidden"), ("shown", "withdraw", "withdrawn"), ("hidden", "restore", "shown"),
            ("hidden", "withdraw", "withdrawn"),
        },
    ),
    (
        r.DISCUSSION_TRANSITIONS, r.DiscussionState, r.DiscussionMove,
        {("open", "answer", "open"), ("open", "close", "closed"), ("closed", "reopen", "open")},
    ),
    (
        s.SESSION_TRANSITIONS, s.SessionState, s.SessionMove,
        {
            ("draft", "edit", "draft"), ("draft", "convene", "convened"), ("draft", "cancel", "cancelled"),
            ("convened", "edit", "convened"), ("convened", "hold", "held"), ("convened", "cancel", "cancelled"),
            ("held", "edit", "held"), ("held", "publish", "published"), ("published", "reopen", "held"),
            ("cancelled", "restore", "draft"),
        },
    ),
    (
        s.CHALLENGE_TRANSITIONS, s.ChallengeState, s.ChallengeMove,
        {
            ("raised", "take_up", "in_hand"), ("raised", "set_aside", "set_aside"), ("in_hand", "resolve", "resolved"),
            ("in_hand", "set_aside", "set_aside"), ("resolved", "return", "in_hand"), ("set_aside", "return", "in_hand"),
        },
    ),
    (
        s.COMMITMENT_TRANSITIONS, s.CommitmentState, s.CommitmentMove,
        {
            ("open", "keep", "kept"), ("open", "postpone", "open"), ("open", "release", "released"),
            ("kept", "reopen", "open"), ("released", "reopen", "open"),
        },
    ),
]  # fmt: skip


@pytest.mark.parametrize(("table", "states", "moves", "open_ones"), TABLES)
def test_every_pair_of_state_and_move_is_decided(table: Any, states: Any, moves: Any, open_ones: Any) -> None:
    assert set(table) == set(product(states, moves))
    assert {(state, move, after) for (state, move), after in table.items() if after is not None} == open_ones


def test_every_code_has_its_words_and_every_move_somebody_who_makes_it() -> None:
    assert set(r.WHO) == set(r.PostMove)
    assert set(s.COMMITMENT_WHO) == set(s.CommitmentMove)
    for words, vocabulary in (
        (labels.REFUSALS, Refusal), (labels.SUBJECTS, r.SubjectKind), (labels.ITEMS, s.ItemKind),
        (labels.CHALLENGES, s.ChallengeKind), (labels.CHALLENGE_STATES, s.ChallengeState),
        (labels.CHALLENGE_MOVES, s.ChallengeMove), (labels.COMMITMENT_STATES, s.CommitmentState),
        (labels.COMMITMENT_MOVES, s.CommitmentMove), (labels.COMMITMENT_STEPS, s.CommitmentMove),
        (labels.EVIDENCE, s.EvidenceKind), (labels.SESSION_STATES, s.SessionState), (labels.REPLIES, s.Reply),
        (labels.REPORT_REASONS, r.ReportReason), (labels.CONCLUSIONS, s.ConclusionKind),
    ):  # fmt: skip
        assert set(words) == set(vocabulary)
    assert set(labels.SESSION_MOVES) == set(s.SessionMove) - {s.SessionMove.EDIT}
    assert set(labels.MOMENTS) == {*s.ChallengeMove, *s.ConclusionKind, "committed", "kept", "released"}


POST = r.PostFacts(r.PostKind.ANSWER, r.PostState.SHOWN, AT)


@given(st.sampled_from(list(r.PostMove)), st.sets(st.sampled_from(list(r.Hat))), st.integers(0, 120))
def test_a_post_is_moved_by_whoever_may_and_changed_for_half_an_hour(move: Any, hats: Any, minutes: int) -> None:
    against = r.post_refusals(move, POST, hats=hats, at=AT + timedelta(minutes=minutes), reason="because")
    assert (Refusal.NOT_YOURS in against) == (not r.WHO[move] & hats)
    assert (Refusal.TOO_LATE in against) == (move is r.PostMove.EDIT and minutes > 30)
    assert (Refusal.NOT_OPEN in against) == (move is r.PostMove.RESTORE)


def test_hiding_asks_a_reason_and_a_question_is_no_answer() -> None:
    hats = [r.Hat.MODERATOR]
    assert r.post_refusals(r.PostMove.HIDE, POST, hats=hats, at=AT, reason=" ") == {Refusal.NO_REASON}
    asked = r.PostFacts(r.PostKind.QUESTION, r.PostState.SHOWN, AT)
    assert r.post_refusals(r.PostMove.ACCEPT, asked, hats=hats, at=AT) == {Refusal.NO_ANSWER}
    with pytest.raises(MoveRefused):
        r.PostContent("  ", "fr", r.ShownAs.ROLE)


READY = s.SessionFacts(s.SessionState.DRAFT, AT + timedelta(days=1), 1, 1, attendance_noted=True, untranslated=0)


@pytest.mark.parametrize(
    ("move", "changes", "at", "refusals"),
    [
        (s.SessionMove.CONVENE, {}, AT, set()),
        (
            s.SessionMove.CONVENE,
            {"invited": 0, "agenda": 0, "starts_at": AT},
            AT,
            {Refusal.NOBODY_INVITED, Refusal.NO_AGENDA, Refusal.TOO_LATE},
        ),
        (s.SessionMove.HOLD, {"state": s.SessionState.CONVENED}, AT, {Refusal.TOO_EARLY}),
        (s.SessionMove.HOLD, {"state": s.SessionState.CONVENED}, AT + timedelta(days=2), set()),
        (
            s.SessionMove.PUBLISH,
            {"state": s.SessionState.HELD, "attendance_noted": False, "untranslated": 2},
            AT,
            {Refusal.NO_ATTENDANCE, Refusal.NOT_TRANSLATED},
        ),
        (s.SessionMove.CANCEL, {}, AT, {Refusal.NO_REASON}),
        (s.SessionMove.REOPEN, {}, AT, {Refusal.NOT_OPEN, Refusal.NO_REASON}),
    ],
)
def test_what_a_session_lacks_is_said(move: Any, changes: Any, at: datetime, refusals: set[Refusal]) -> None:
    facts = s.SessionFacts(**{**READY.__dict__, **changes})
    assert s.session_refusals(move, facts, holds=True, at=at) == refusals
    assert s.session_refusals(move, facts, holds=False, at=at) == refusals | {Refusal.NOT_YOURS}


def test_a_challenge_is_not_resolved_while_a_commitment_to_it_is_open() -> None:
    given_ = {"holds": True, "has_words": True}
    resolve, in_hand = s.ChallengeMove.RESOLVE, s.ChallengeState.IN_HAND
    assert s.challenge_refusals(resolve, in_hand, open_commitments=1, **given_) == {Refusal.COMMITMENTS_OPEN}
    assert s.challenge_refusals(resolve, in_hand, open_commitments=0, **given_) == set()
    silent = s.challenge_refusals(s.ChallengeMove.RETURN, in_hand, holds=False, has_words=False, open_commitments=0)
    assert silent == {Refusal.NOT_OPEN, Refusal.NOT_YOURS, Refusal.NO_WORDS}


MADE, TODAY = date(2026, 1, 5), date(2026, 2, 1)


@pytest.mark.parametrize(
    ("evidence", "refusals"),
    [
        (None, {Refusal.NO_EVIDENCE}),
        (s.Evidence(s.EvidenceKind.EDITION, "A/1", known=False), {Refusal.EVIDENCE_UNKNOWN}),
        (s.Evidence(s.EvidenceKind.EDITION, "A/1", known=True, on=date(2026, 1, 4)), {Refusal.EVIDENCE_BEFORE}),
        (s.Evidence(s.EvidenceKind.DELIVERY, "x", known=True, on=MADE), set()),
        (s.Evidence(s.EvidenceKind.DOCUMENT, "https://a.org/", known=True), set()),
    ],
)
def test_a_commitment_is_kept_with_what_shows_it_alone(evidence: Any, refusals: set[Refusal]) -> None:
    found = s.commitment_refusals(
        s.CommitmentMove.KEEP,
        s.CommitmentState.OPEN,
        hats=[s.SessionHat.OWNER],
        given=s.Given(evidence=evidence),
        made_on=MADE,
        today=TODAY,
    )
    assert found == refusals


def test_an_owner_neither_postpones_nor_releases_itself() -> None:
    for move in (s.CommitmentMove.POSTPONE, s.CommitmentMove.RELEASE):
        given_ = s.Given("we are late", date(2026, 3, 1))
        ask = {"given": given_, "made_on": MADE, "today": TODAY}
        assert s.commitment_refusals(move, s.CommitmentState.OPEN, hats=[s.SessionHat.OWNER], **ask) == {  # type: ignore[arg-type]
            Refusal.NOT_YOURS
        }
        assert not s.commitment_refusals(move, s.CommitmentState.OPEN, hats=[s.SessionHat.HOLDER], **ask)  # type: ignore[arg-type]
    past = s.Given("", TODAY)
    found = s.commitment_refusals(
        s.CommitmentMove.POSTPONE,
        s.CommitmentState.OPEN,
        hats=[s.SessionHat.HOLDER],
        given=past,
        made_on=MADE,
        today=TODAY,
    )
    assert found == {Refusal.DATE_PASSED, Refusal.NO_REASON}


def test_words_lack_at_most_two_languages_and_a_session_has_a_length() -> None:
    assert s.Words(ar="نعم").columns("text") == {"text_fr": "", "text_ar": "نعم", "text_en": ""}
    with pytest.raises(MoveRefused):
        s.Words(fr=" ")
    with pytest.raises(MoveRefused):
        s.SessionContent(s.Words(fr="Séance"), "", AT, AT)
