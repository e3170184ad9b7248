"""Calendars as bytes (iCalendar, RFC 5545), and who sends them."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import parseaddr

from icalendar import Calendar, Timezone, TimezoneStandard, vCalAddress, vText


def written(calendar: Calendar) -> bytes:
    """A calendar as its file. RFC 5545 (3.6) asks for one component at least: one without an event tells its zone."""
    if not calendar.subcomponents:
        calendar.add_component(_utc())
    made: bytes = calendar.to_ical()
    return made


def _utc() -> Timezone:
    rule = TimezoneStandard()
    rule.add("dtstart", datetime(1970, 1, 1))  # noqa: DTZ001 -- a zone begins at its own local time
    rule.add("tzoffsetfrom", timedelta(0))
    rule.add("tzoffsetto", timedelta(0))
    zone = Timezone()
    zone.add("tzid", "UTC")
    zone.add_component(rule)
    return zone


def organiser(sender: str) -> vCalAddress:
    """The sender of messages as the organiser of an event: the address alone, its name beside it.

    >>> organiser("Marsad <marsad@example.org>"), organiser("Marsad <marsad@example.org>").params["CN"]
    (vCalAddress('mailto:marsad@example.org'), vText(b'Marsad'))
    """
    name, address = parseaddr(sender)
    found = vCalAddress(f"mailto:{address}")
    if name:
        found.params["CN"] = vText(name)
    return found
