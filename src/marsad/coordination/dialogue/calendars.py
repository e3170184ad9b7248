"""Sessions as calendars (iCalendar, RFC 5545 and 5546): invitations, their changes and cancellations, and feeds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from icalendar import Calendar, Event, vCalAddress, vText

from marsad.coordination.dialogue.models import Session
from marsad.coordination.dialogue.queries_sessions import Addressee
from marsad.coordination.dialogue.rules_sessions import SessionState
from marsad.coordination.dialogue.texts import told
from marsad.web.calendars import organiser, written

REQUEST, CANCEL, PUBLISH = "REQUEST", "CANCEL", "PUBLISH"


def invitation(session: Session, to: Addressee, *, method: str, url: str, at: datetime) -> bytes:
    """One session for one addressee, whom alone it names; the same session keeps its identity, ``SEQUENCE`` grows."""
    event = _event(session, to.language, url=url, at=at)
    guest = vCalAddress(f"mailto:{to.email}")
    guest.params["RSVP"] = vText("TRUE")
    guest.params["PARTSTAT"] = vText("NEEDS-ACTION")
    event.add("attendee", guest)
    return _calendar(method, [event])


def feed(sessions: Iterable[Session], *, language: str, url_of: Any, at: datetime) -> bytes:
    """Sessions for a calendar that follows them; a cancelled one stays, marked as such."""
    return _calendar(PUBLISH, [_event(one, language, url=url_of(one), at=at) for one in sessions])


def _calendar(method: str, events: list[Event]) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//Marsad//Dialogue//FR")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    for event in events:
        calendar.add_component(event)
    return written(calendar)


def _event(session: Session, language: str, *, url: str, at: datetime) -> Event:
    event = Event()
    event.add("uid", f"session-{session.pk}@marsad")
    event.add("dtstamp", at)
    event.add("organizer", organiser(settings.DEFAULT_FROM_EMAIL))
    event.add("last-modified", session.changed_at)
    event.add("dtstart", session.starts_at)
    event.add("dtend", session.ends_at)
    event.add("summary", told(session, "title", language).text)
    if session.place:
        event.add("location", session.place)
    event.add("url", url)
    event.add("sequence", session.sequence)
    event.add("status", "CANCELLED" if session.state == SessionState.CANCELLED else "CONFIRMED")
    return event
