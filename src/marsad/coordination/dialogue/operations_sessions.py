"""Writes of sessions: what they are, who is invited and came, the agenda, and their life."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from marsad.audit.events import record, writes
from marsad.coordination.dialogue import notice_words as kinds
from marsad.coordination.dialogue import queries_sessions as queries
from marsad.coordination.dialogue import tell
from marsad.coordination.dialogue.models import AgendaItem, CalendarKey, Participant, Session
from marsad.coordination.dialogue.queries import HOLD
from marsad.coordination.dialogue.rules import Refusal, demand
from marsad.coordination.dialogue.rules_sessions import (
    SESSION_TRANSITIONS,
    ItemKind,
    PartContent,
    Proposed,
    Reply,
    SessionContent,
    SessionMove,
    SessionState,
    session_refusals,
)


def held_session(number: int) -> Session:
    """A session, locked. Raises ``MoveRefused`` where there is none."""
    found = Session.objects.select_for_update().filter(pk=number).first()
    if found is None:
        demand({Refusal.NOT_YOURS})
    assert found is not None
    return found


def demand_move(session: Session, move: SessionMove, *, actor: Any, at: datetime, reason: str = "") -> SessionState:
    """The state that a move leads to. Raises ``MoveRefused`` with every reason against it."""
    facts = queries.facts_of(session)
    demand(session_refusals(move, facts, holds=actor.has_perm(HOLD), at=at, reason=reason))
    after = SESSION_TRANSITIONS[facts.state, move]
    assert after is not None
    return after


def day_of(session: Session) -> date:
    return timezone.localdate(session.starts_at)


@writes("dialogue.open_session")
def open_session(*, actor: Any, at: datetime, content: SessionContent) -> Session:
    """Draft a session. Only who holds sessions may."""
    demand(set() if actor.has_perm(HOLD) else {Refusal.NOT_YOURS})
    session = Session.objects.create(
        **content.title.columns("title"),
        place=content.place.strip(),
        starts_at=content.starts_at,
        ends_at=content.ends_at,
        is_public=content.is_public,
        chair=actor,
        changed_at=at,
    )
    record(actor=actor, action="dialogue.open_session", target=f"session:{session.pk}", at=at)
    return session


@writes("dialogue.edit_session")
def edit_session(*, actor: Any, at: datetime, number: int, content: SessionContent) -> bool:
    """Change what a session is; returns whether those invited have to be told that time, place or title moved."""
    session = held_session(number)
    demand_move(session, SessionMove.EDIT, actor=actor, at=at)
    columns = {
        **content.title.columns("title"),
        "place": content.place.strip(),
        "starts_at": content.starts_at,
        "ends_at": content.ends_at,
    }
    moved = any(getattr(session, name) != value for name, value in columns.items())
    for name, value in {**columns, "is_public": content.is_public, "changed_at": at}.items():
        setattr(session, name, value)
    announces = moved and session.state == SessionState.CONVENED
    session.sequence += announces
    session.save()
    if announces:
        tell.session(kinds.MOVED, session, queries.participants_of(session), at=at, day=day_of(session))
    record(
        actor=actor, action="dialogue.edit_session", target=f"session:{number}", at=at, details={"announced": announces}
    )
    return announces


@writes("dialogue.move_session")
def move_session(*, actor: Any, at: datetime, number: int, move: SessionMove, reason: str = "") -> Session:
    """Convene, hold, publish, reopen, cancel or restore a session; those invited learn of it."""
    session = held_session(number)
    before = session.state
    session.state = demand_move(session, move, actor=actor, at=at, reason=reason)
    session.reason, session.changed_at = reason.strip(), at
    invited = list(queries.participants_of(session))
    if move is SessionMove.CONVENE:
        session.sequence += session.sequence > 0
        tell.session(kinds.INVITED, session, invited, at=at, day=day_of(session))
    elif move is SessionMove.CANCEL and before == SessionState.CONVENED:
        session.sequence += 1
        tell.session(kinds.CANCELLED, session, invited, at=at, day=day_of(session))
    elif move is SessionMove.HOLD:
        tell.session_over(session, at=at)
    elif move is SessionMove.RESTORE:
        session.sequence += 1
    elif move is SessionMove.PUBLISH:
        session.published_at = at
        tell.session(kinds.PUBLISHED, session, invited, at=at, day=day_of(session))
    session.save()
    record(
        actor=actor,
        action="dialogue.move_session",
        target=f"session:{number}",
        at=at,
        details={"move": move.value, "state": session.state},
    )
    return session


@writes("dialogue.invite")
def invite(
    *, actor: Any, at: datetime, number: int, organisations: Sequence[str] = (), persons: Sequence[str] = ()
) -> list[Participant]:
    """Invite organisations (by code) and persons (by account number) that are not invited yet; returns the new ones."""
    session = held_session(number)
    demand_move(session, SessionMove.EDIT, actor=actor, at=at)
    places = [{"organisation_id": code} for code in organisations] + [{"user_id": person} for person in persons]
    found = [Participant.objects.get_or_create(session=session, **one, defaults={"invited_at": at}) for one in places]
    new = [one for one, is_new in found if is_new]
    if session.state == SessionState.CONVENED:
        tell.session(kinds.INVITED, session, new, at=at, day=day_of(session))
    record(actor=actor, action="dialogue.invite", target=f"session:{number}", at=at, details={"invited": len(new)})
    return new


@writes("dialogue.uninvite")
def uninvite(*, actor: Any, at: datetime, number: int, place: int) -> None:
    """Take back an invitation before the session is convened."""
    session = held_session(number)
    demand_move(session, SessionMove.EDIT, actor=actor, at=at)
    demand(set() if session.state == SessionState.DRAFT else {Refusal.NOT_OPEN})
    Participant.objects.filter(session=session, pk=place).delete()
    record(actor=actor, action="dialogue.uninvite", target=f"session:{number}", at=at)


@writes("dialogue.reply")
def reply(*, actor: Any, at: datetime, place: int, coming: bool, may_be_named: bool = False) -> Participant:
    """Answer an invitation of one's own or of one's organisation. Consent to be named is a person's own to give."""
    found = Participant.objects.select_for_update().filter(pk=place).select_related("session").first()
    mine = {one.pk for one in queries.own_places(actor, found.session)} if found else set()
    if found is None or found.pk not in mine:
        demand({Refusal.NOT_YOURS})
    assert found is not None
    closed = found.session.state not in {SessionState.CONVENED, SessionState.HELD, SessionState.PUBLISHED}
    demand({Refusal.NOT_OPEN} if closed else set())
    if found.session.state == SessionState.CONVENED:
        found.reply = Reply.COMES if coming else Reply.EXCUSED
    found.may_be_named = bool(found.user_id) and may_be_named
    found.save()
    record(
        actor=actor,
        action="dialogue.reply",
        target=f"session:{found.session_id}",
        at=at,
        details={"coming": coming, "named": found.may_be_named},
    )
    return found


@writes("dialogue.note_session")
def note_session(
    *, actor: Any, at: datetime, number: int, came: Iterable[int], minutes: str, summary: dict[str, str]
) -> Session:
    """Note who came (numbers of places; the others did not), the minutes and the public summary of a session."""
    session = held_session(number)
    demand_move(session, SessionMove.EDIT, actor=actor, at=at)
    demand(set() if session.state == SessionState.HELD else {Refusal.NOT_OPEN})
    present = set(came)
    for one in queries.participants_of(session):
        one.attended = one.pk in present
        one.save(update_fields=["attended"])
    session.minutes, session.changed_at = minutes.strip(), at
    for language, text in summary.items():
        setattr(session, f"summary_{language}", text.strip())
    session.save()
    record(
        actor=actor, action="dialogue.note_session", target=f"session:{number}", at=at, details={"came": len(present)}
    )
    return session


@writes("dialogue.set_agenda")
def set_agenda(*, actor: Any, at: datetime, number: int, chosen: Sequence[Proposed]) -> int:
    """Put open things on the agenda, after what stands there; returns how many."""
    session = held_session(number)
    demand_move(session, SessionMove.EDIT, actor=actor, at=at)
    last = _last_position(session)
    AgendaItem.objects.bulk_create(
        AgendaItem(
            session=session,
            position=last + place,
            kind=one.kind,
            code=one.code,
            is_public=one.is_public,
            **one.text.columns("text"),
        )
        for place, one in enumerate(chosen, 1)
    )
    record(actor=actor, action="dialogue.set_agenda", target=f"session:{number}", at=at, details={"added": len(chosen)})
    return len(chosen)


def _last_position(session: Session) -> int:
    return int(session.agenda.order_by("-position").values_list("position", flat=True).first() or 0)


@writes("dialogue.write_item")
def write_item(*, actor: Any, at: datetime, number: int, content: PartContent, item: int | None = None) -> AgendaItem:
    """Write a point of the agenda, new or standing."""
    session = held_session(number)
    demand_move(session, SessionMove.EDIT, actor=actor, at=at)
    found = session.agenda.filter(pk=item).first() if item is not None else None
    if found is None:
        demand({Refusal.NOT_OPEN} if item is not None else set())
        found = AgendaItem(session=session, position=_last_position(session) + 1, kind=ItemKind.FREE)
    for name, value in {**content.text.columns("text"), "is_public": content.is_public}.items():
        setattr(found, name, value)
    found.save()
    record(actor=actor, action="dialogue.write_item", target=f"session:{number}", at=at, details={"new": item is None})
    return found


@writes("dialogue.move_item")
def move_item(*, actor: Any, at: datetime, number: int, item: int, by: int) -> None:
    """Move a point of the agenda up (-1) or down (1), or take it off (0)."""
    session = held_session(number)
    demand_move(session, SessionMove.EDIT, actor=actor, at=at)
    order = list(session.agenda.order_by("position", "pk"))
    place = next((place for place, one in enumerate(order) if one.pk == item), None)
    demand({Refusal.NOT_OPEN} if place is None else set())
    assert place is not None
    moved = order.pop(place)
    if by:
        order.insert(max(0, place + by), moved)
    else:
        moved.delete()
    for position, one in enumerate(order, 1):
        one.position = position
        one.save(update_fields=["position"])
    record(actor=actor, action="dialogue.move_item", target=f"session:{number}", at=at, details={"by": by})


@writes("dialogue.calendar_key")
def make_calendar_key(*, actor: Any, at: datetime, ends: bool = False) -> str:
    """Make the secret of one's calendar feed, which ends the one before, or end it; it is shown once and kept nowhere."""
    CalendarKey.objects.filter(user=actor).delete()
    secret = "" if ends else secrets.token_urlsafe(32)
    if secret:
        CalendarKey.objects.create(user=actor, digest=queries.digest_of(secret), made_at=at)
    record(actor=actor, action="dialogue.calendar_key", target=actor.audit_code, at=at, details={"ends": ends})
    return secret
