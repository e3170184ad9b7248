"""Discussions and sessions for the tests, and the road of a session from a draft to its report."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from house.people import AT
from marsad.coordination.dialogue import operations
from marsad.coordination.dialogue import operations_results as results
from marsad.coordination.dialogue import operations_sessions as sessions
from marsad.coordination.dialogue.models import Discussion, Post, Session
from marsad.coordination.dialogue.rules import PostContent, ShownAs
from marsad.coordination.dialogue.rules_sessions import (
    PartContent,
    SessionContent,
    SessionMove,
    Words,
)

STARTS = AT + timedelta(days=20)
EVERY = Words(fr="Échanger les listes", ar="تبادل اللوائح", en="Exchange the lists")
TITLE = Words(fr="Données du logement", ar="معطيات السكن", en="Housing data")


def post(text: str = "How was it counted?", *, shown_as: ShownAs = ShownAs.ROLE, **more: str) -> PostContent:
    given = {"language": "en", "title": "How it was counted"} | more
    return PostContent(text, shown_as=shown_as, **given)  # type: ignore[arg-type]


def question(who: Any, kind: str = "indicator", code: str = "HOU-02", **more: Any) -> Discussion:
    return operations.ask(actor=who, at=AT, kind=kind, code=code, content=post(**more))


def answer(who: Any, discussion: Discussion, text: str = "By census", **more: Any) -> Post:
    return operations.answer(
        actor=who, at=AT + timedelta(hours=1), number=discussion.pk, content=post(text, title="", **more)
    )


def draft(who: Any, *, is_public: bool = True, starts_at: Any = STARTS, title: Words = TITLE) -> Session:
    content = SessionContent(title, "Hôtel de ville", starts_at, starts_at + timedelta(hours=2), is_public)
    return sessions.open_session(actor=who, at=AT, content=content)


def part(text: Words = EVERY, *, is_public: bool = True, **more: Any) -> PartContent:
    return PartContent(text, is_public, **more)


def move(who: Any, session: Session, name: SessionMove, at: Any = AT, reason: str = "") -> Session:
    return sessions.move_session(actor=who, at=at, number=session.pk, move=name, reason=reason)


def convened(who: Any, *, organisations: Any = (), persons: Any = (), **more: Any) -> Session:
    """A session with one point on its agenda, convened."""
    session = draft(who, **more)
    sessions.write_item(actor=who, at=AT, number=session.pk, content=part())
    sessions.invite(actor=who, at=AT, number=session.pk, organisations=organisations, persons=persons)
    return move(who, session, SessionMove.CONVENE)


def held(who: Any, **more: Any) -> Session:
    return move(who, convened(who, **more), SessionMove.HOLD, at=STARTS + timedelta(hours=3))


def noted(who: Any, session: Session, *, came: Any = ()) -> Session:
    summary = {"fr": "On a parlé.", "ar": "تحدثنا.", "en": "We spoke."}
    return sessions.note_session(
        actor=who, at=STARTS, number=session.pk, came=came, minutes="Said in the room", summary=summary
    )


def committed(who: Any, session: Session, *, at: Any = STARTS, **more: Any) -> Any:
    due_on: date = timezone.localdate(at) + timedelta(days=30)
    content = part(**({"due_on": due_on} | more))
    return results.write_commitment(actor=who, at=at, session=session.pk, content=content)
