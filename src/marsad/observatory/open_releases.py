"""News of releases: RSS and Atom feeds by language and by theme, and a calendar of what was and will be published."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed
from django.utils.translation import gettext as _
from django.utils.translation import override

from marsad.catalogue import queries as catalogue
from marsad.dissemination import queries_open as editions
from marsad.observatory.city import city
from marsad.observatory.open_answers import NotFound, answered, etag, open_data
from marsad.observatory.open_files import spoken
from marsad.observatory.open_structure import catalogue_version
from marsad.web.calendars import written
from marsad.web.words import said

_NEWEST: Final = 50
_FEEDS: Final[dict[str, type[SyndicationFeed]]] = {"rss": Rss201rev2Feed, "atom": Atom1Feed}
_TYPES: Final = {"rss": "application/rss+xml; charset=utf-8", "atom": "application/atom+xml; charset=utf-8"}
_DAY: Final = re.compile(r"^(\d{4})-(\d{2})(?:-(\d{2}))?$")


def releases(theme: str = "") -> list[Any]:
    """The newest editions first; of a theme, those that hold one of its indicators."""
    standing = editions.every_standing()
    if theme:
        standing = standing.filter(pk__in=editions.editions_with_theme(theme))
    return list(standing.reverse()[:_NEWEST])


@open_data
def feed(request: HttpRequest, language: str, form: str, theme: str = "") -> HttpResponseBase:
    """The newest editions, each with its reason, leading to the page of the edition."""
    spoken(language)
    found = catalogue.theme(theme) if theme else None
    if theme and found is None:
        raise NotFound("theme.unknown", found=repr(theme[:40]), remedy="see the themes on the first page")
    tag = etag(catalogue_version(), language, form, theme, request.get_host())
    with override(language):
        return answered(request, tag, lambda: _feed(request.build_absolute_uri, language, form, found), _TYPES[form])


def _feed(absolute: Callable[[str], str], language: str, form: str, theme: Any) -> bytes:
    observatory = said(city(), "observatory", language)
    part = f"/themes/{theme.code}" if theme else ""
    made = _FEEDS[form](
        title=f"{observatory} – {said(theme, 'name', language)}" if theme else f"{observatory} – {_('Releases')}",
        link=absolute(f"/{language}/themes/{theme.code}/" if theme else f"/{language}/datasets/"),
        description=said(theme, "summary", language) if theme else said(city(), "tagline", language),
        language=language,
        feed_url=absolute(f"/feeds/{language}{part}/releases.{form}"),
    )
    for edition in releases(theme.code if theme else ""):
        page = absolute(f"/{language}/datasets/{edition.dataflow_id}/{edition.number}/")
        made.add_item(
            title=f"{said(edition.dataflow, 'title', language)} – {edition.number}",
            link=page,
            description=said(edition, "reason", language),
            pubdate=datetime.combine(edition.published_on, time.min, UTC),
            unique_id=f"tag:{city()['code']},{edition.published_on}:{edition.dataflow_id}/{edition.number}",
            unique_id_is_permalink=False,
        )
    return str(made.writeString("utf-8")).encode()


@open_data
def calendar(request: HttpRequest, language: str) -> HttpResponseBase:
    """Editions on the day they were published, and each source's next update where a month or a day is known."""
    spoken(language)
    tag = etag(catalogue_version(), language, "calendar", request.get_host())
    with override(language):
        content_type = "text/calendar; charset=utf-8"
        return answered(request, tag, lambda: _calendar(request.build_absolute_uri, language), content_type)


def _calendar(absolute: Callable[[str], str], language: str) -> bytes:
    from icalendar import Calendar, Event

    made = Calendar()
    made.add("prodid", f"-//Marsad//{city()['code']}//{language.upper()}")
    made.add("version", "2.0")
    made.add("x-wr-calname", f"{said(city(), 'observatory', language)} – {_('Releases')}")

    def add(uid: str, day: date, last: date, words: tuple[str, str], page: str) -> None:
        event = Event()
        event.add("uid", f"{uid}@{city()['code']}.marsad")
        event.add("dtstamp", datetime.combine(day, time.min, UTC))
        event.add("dtstart", day)
        event.add("dtend", last + timedelta(days=1))
        event.add("summary", words[0])
        event.add("description", words[1])
        event.add("url", absolute(page))
        event.add("transp", "TRANSPARENT")
        made.add_component(event)

    for edition in releases():
        page = f"/{language}/datasets/{edition.dataflow_id}/{edition.number}/"
        title = f"{said(edition.dataflow, 'title', language)} – {edition.number}"
        day = edition.published_on
        add(f"{edition.dataflow_id}-{edition.number}", day, day, (title, said(edition, "reason", language)), page)
    for source in catalogue.sources():
        if expected := expected_between(source.next_update):
            words = (_("Expected: %(title)s") % {"title": said(source, "title", language)}, source.next_update)
            add(f"next-{source.code}", *expected, words, f"/{language}/sources/{source.code}/")
    return written(made)


def expected_between(text: str) -> tuple[date, date] | None:
    """The first and last day that ``2026-12`` or ``2026-12-15`` names; None for words, which no calendar can hold.

    >>> expected_between("2026-12")
    (datetime.date(2026, 12, 1), datetime.date(2026, 12, 31))
    >>> expected_between("when the census is processed") is None
    True
    """
    match = _DAY.match(text.strip())
    if not match:
        return None
    year, month, day = int(match[1]), int(match[2]), int(match[3] or 1)
    try:
        first = date(year, month, day)
    except ValueError:
        return None
    following = date(year + month // 12, month % 12 + 1, 1)
    return first, first if match[3] else following - timedelta(days=1)
