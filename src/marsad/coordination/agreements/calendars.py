"""The due days of agreements as a calendar (iCalendar) that any agenda can follow."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from marsad.coordination.agreements.due import DueDelivery
from marsad.web.calendars import written
from marsad.web.dates import period
from marsad.web.words import current_language


def calendar_of(due: Iterable[DueDelivery], *, at: datetime) -> bytes:
    """One whole-day event for each due delivery, in the language in force; the same delivery keeps its identity."""
    calendar = Calendar()
    calendar.add("prodid", "-//Marsad//Agreements//FR")
    calendar.add("version", "2.0")
    for one in due:
        event = Event()
        event.add("uid", f"due-{one.agreement}-{one.due_on}@marsad")
        event.add("dtstamp", at)
        event.add("dtstart", one.due_on)
        event.add("dtend", one.due_on + timedelta(days=1))
        words = {"agreement": one.agreement, "period": period(one.period, current_language())}
        event.add("summary", _("Delivery due under %(agreement)s: %(period)s") % words)
        calendar.add_component(event)
    return written(calendar)
