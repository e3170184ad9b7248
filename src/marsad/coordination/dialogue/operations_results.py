"""Writes of what comes of a session: challenges, conclusions, commitments, and what becomes of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from marsad.audit.events import record, writes
from marsad.coordination.dialogue import queries_sessions as queries
from marsad.coordination.dialogue import subjects, tell
from marsad.coordination.dialogue.models import (
    Challenge,
    ChallengeStep,
    Commitment,
    CommitmentStep,
    Conclusion,
    Session,
)
from marsad.coordination.dialogue.operations_sessions import demand_move, held_session
from marsad.coordination.dialogue.queries import HOLD
from marsad.coordination.dialogue.rules import Refusal, SubjectKind, demand
from marsad.coordination.dialogue.rules_sessions import (
    CHALLENGE_TRANSITIONS,
    COMMITMENT_TRANSITIONS,
    ChallengeKind,
    ChallengeMove,
    ChallengeState,
    CommitmentMove,
    CommitmentState,
    ConclusionKind,
    Evidence,
    EvidenceKind,
    Given,
    PartContent,
    SessionMove,
    SessionState,
    Words,
    challenge_refusals,
    commitment_refusals,
)
from marsad.coordination.needs import queries as needs
from marsad.coordination.needs.operations import answer_need
from marsad.coordination.needs.operations_requests import move_request
from marsad.coordination.needs.rules import MoveRefused as NeedMoveRefused
from marsad.coordination.needs.rules import RequestMove
from marsad.dissemination import queries as dissemination


def _open_session(number: int, *, actor: Any, at: datetime) -> Session:
    """A session that is being held or written up: there results are noted."""
    session = held_session(number)
    demand_move(session, SessionMove.EDIT, actor=actor, at=at)
    demand(set() if session.state in {SessionState.CONVENED, SessionState.HELD} else {Refusal.NOT_OPEN})
    return session


def _subject(content: PartContent, actor: Any) -> dict[str, str]:
    """The columns of what it is about. Raises ``MoveRefused`` for something that the actor may not read."""
    if not content.subject_kind:
        return {"subject_kind": "", "subject_code": ""}
    if subjects.subject(content.subject_kind, content.subject_code, actor) is None:
        demand({Refusal.NOT_YOURS})
    return {"subject_kind": content.subject_kind, "subject_code": content.subject_code}


def _plain(content: PartContent) -> dict[str, Any]:
    return {**content.text.columns("text"), "is_public": content.is_public}


def _fill(row: Any, columns: dict[str, Any]) -> None:
    for name, value in columns.items():
        setattr(row, name, value)
    row.save()


def _standing(rows: Any, number: int | None) -> Any:
    """The row of this number, None where a new one is wanted. Raises ``MoveRefused`` where it is not of this session."""
    if number is None:
        return None
    found = rows.select_for_update().filter(pk=number).first()
    demand({Refusal.NOT_OPEN} if found is None else set())
    return found


@writes("dialogue.write_challenge")
def write_challenge(
    *, actor: Any, at: datetime, session: int, content: PartContent, number: int | None = None
) -> Challenge:
    """Note a challenge that a session raised, or write it anew."""
    meeting = _open_session(session, actor=actor, at=at)
    found = _standing(meeting.challenges, number) or Challenge(session=meeting, raised_at=at)
    columns = {
        **_plain(content),
        **_subject(content, actor),
        "kind": ChallengeKind(content.kind),
        "organisation_id": content.organisation or None,
    }
    _fill(found, columns)
    record(
        actor=actor,
        action="dialogue.write_challenge",
        target=f"challenge:{found.pk}",
        at=at,
        details={"kind": content.kind, "new": number is None},
    )
    return found


def _challenge(number: int | None, *, actor: Any, at: datetime) -> Challenge | None:
    """The challenge that a conclusion or commitment answers: it is in hand from then on."""
    if number is None:
        return None
    found = Challenge.objects.select_for_update().filter(pk=number).first()
    if found is None:
        demand({Refusal.NOT_OPEN})
    assert found is not None
    after = CHALLENGE_TRANSITIONS[ChallengeState(found.state), ChallengeMove.TAKE_UP]
    if after is not None:
        _step(found, ChallengeMove.TAKE_UP, after, None, actor=actor, at=at)
    return found


def _step(
    challenge: Challenge, move: ChallengeMove, after: ChallengeState, words: Words | None, *, actor: Any, at: datetime
) -> None:
    challenge.state = after
    challenge.save(update_fields=["state"])
    texts = words.columns("text") if words else {}
    ChallengeStep.objects.create(challenge=challenge, move=move, state=after, at=at, by=actor, **texts)


@writes("dialogue.move_challenge")
def move_challenge(*, actor: Any, at: datetime, number: int, move: ChallengeMove, words: Words | None) -> Challenge:
    """Take up, resolve, set aside or return to a challenge, in words that stay beside it."""
    found = Challenge.objects.select_for_update().filter(pk=number).first()
    if found is None:
        demand({Refusal.NOT_YOURS})
    assert found is not None
    waiting = found.commitments.filter(state=CommitmentState.OPEN).count()
    state = ChallengeState(found.state)
    demand(
        challenge_refusals(
            move, state, holds=actor.has_perm(HOLD), has_words=words is not None, open_commitments=waiting
        )
    )
    after = CHALLENGE_TRANSITIONS[state, move]
    assert after is not None
    _step(found, move, after, words, actor=actor, at=at)
    record(
        actor=actor, action="dialogue.move_challenge", target=f"challenge:{number}", at=at, details={"move": move.value}
    )
    return found


@writes("dialogue.write_conclusion")
def write_conclusion(
    *, actor: Any, at: datetime, session: int, content: PartContent, number: int | None = None
) -> Conclusion:
    """Note a strategy or a decision; the challenge it is for is in hand from then on."""
    meeting = _open_session(session, actor=actor, at=at)
    found = _standing(meeting.conclusions, number) or Conclusion(session=meeting, written_at=at)
    challenge = _challenge(content.challenge, actor=actor, at=at)
    _fill(found, {**_plain(content), "kind": ConclusionKind(content.kind), "challenge": challenge})
    record(
        actor=actor,
        action="dialogue.write_conclusion",
        target=f"conclusion:{found.pk}",
        at=at,
        details={"kind": content.kind, "new": number is None},
    )
    return found


@writes("dialogue.drop_conclusion")
def drop_conclusion(*, actor: Any, at: datetime, session: int, number: int) -> None:
    """Take a conclusion out of a session that is not published."""
    meeting = _open_session(session, actor=actor, at=at)
    _standing(meeting.conclusions, number).delete()
    record(actor=actor, action="dialogue.drop_conclusion", target=f"conclusion:{number}", at=at)


@writes("dialogue.write_commitment")
def write_commitment(
    *, actor: Any, at: datetime, session: int, content: PartContent, number: int | None = None
) -> Commitment:
    """Note what somebody undertakes to do by a day; the owner is told, and told again before the day.

    ``content.owner`` is the number of an account, ``content.organisation`` the code of an organisation: one of them.
    """
    meeting = _open_session(session, actor=actor, at=at)
    today = timezone.localdate(at)
    found = _standing(meeting.commitments, number) or Commitment(session=meeting, made_on=today)
    due_on = content.due_on
    against = {Refusal.NO_DATE} if due_on is None else {Refusal.DATE_PASSED} if due_on <= today else set()
    against |= {Refusal.NOT_OPEN} if found.state != CommitmentState.OPEN else set()
    demand(against | ({Refusal.NOT_YOURS} if bool(content.owner) == bool(content.organisation) else set()))
    assert due_on is not None
    earlier = found.due_on
    columns = {
        **_plain(content),
        **_subject(content, actor),
        "challenge": _challenge(content.challenge, actor=actor, at=at),
        "owner_user_id": content.owner or None,
        "owner_organisation_id": content.organisation or None,
        "due_on": due_on,
    }
    _fill(found, columns)
    tell.commitment(found, at=at, earlier=earlier)
    record(
        actor=actor,
        action="dialogue.write_commitment",
        target=f"commitment:{found.pk}",
        at=at,
        details={"new": number is None},
    )
    return found


@writes("dialogue.move_commitment")
def move_commitment(*, actor: Any, at: datetime, number: int, move: CommitmentMove, given: Given) -> Commitment:
    """Keep a commitment with its evidence, postpone it, release its owner, or open it again.

    Kept with an edition, a commitment on a need or a request closes these too, where whoever keeps it may assess; else
    whoever assesses is told that they can be closed. Raises ``MoveRefused`` with every reason against.
    """
    found = Commitment.objects.select_for_update().filter(pk=number).first()
    if found is None or queries.commitment_for(actor, number) is None:
        demand({Refusal.NOT_YOURS})
    assert found is not None
    today = timezone.localdate(at)
    state = CommitmentState(found.state)
    demand(
        commitment_refusals(
            move, state, hats=queries.hats_of(actor, found), given=given, made_on=found.made_on, today=today
        )
    )
    after = COMMITMENT_TRANSITIONS[state, move]
    assert after is not None
    earlier = found.due_on
    shown = given.evidence if move is CommitmentMove.KEEP else None
    columns = {
        "state": after,
        "due_on": given.due_on if move is CommitmentMove.POSTPONE else found.due_on,
        "evidence_kind": shown.kind if shown else "",
        "evidence_code": shown.code if shown else "",
        "closed_on": None if after is CommitmentState.OPEN else today,
        "reason": given.reason.strip(),
    }
    _fill(found, columns)
    CommitmentStep.objects.create(
        commitment=found, move=move, state=after, due_on=found.due_on, reason=found.reason, at=at, by=actor
    )
    tell.commitment(found, at=at, earlier=earlier)
    if shown is not None and shown.kind is EvidenceKind.EDITION:
        _close_what_it_answers(found, shown, actor=actor, at=at)
    record(
        actor=actor,
        action="dialogue.move_commitment",
        target=f"commitment:{number}",
        at=at,
        details={"move": move.value, "evidence": shown.kind.value if shown else None},
    )
    return found


def _close_what_it_answers(made: Commitment, shown: Evidence, *, actor: Any, at: datetime) -> None:
    dataflow, _, edition_number = shown.code.rpartition("/")
    edition = dissemination.edition(dataflow, edition_number)
    if edition is None or made.subject_kind not in {SubjectKind.NEED, SubjectKind.REQUEST}:
        return
    number = int(made.subject_code)
    try:
        if made.subject_kind == SubjectKind.REQUEST:
            move_request(actor=actor, at=at, number=number, move=RequestMove.FINISH, edition=edition)
        else:
            answer_need(actor=actor, at=at, number=number, edition=edition)
    except NeedMoveRefused:
        # Not this person's to close, or not assessed yet: a person decides. What is closed already waits for nobody.
        still_open = needs.open_requests() if made.subject_kind == SubjectKind.REQUEST else needs.open_needs()
        if still_open.filter(pk=number).exists():
            tell.to_close(made, number, at=at)
