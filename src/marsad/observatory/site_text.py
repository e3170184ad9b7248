"""The addresses in files that are no pages: whole ones under the address of the site, those of a map beside it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from icalendar.parser import Contentline

from marsad.observatory.site_html import WHOLE

_ROOTED: Final = re.compile(r'"(/(?!/)[^"\\\s]*)"')
_ENDING: Final = ".,;:"


def with_addresses(text: str, whole: Callable[[str], str]) -> str:
    """The text with every whole address of the site as ``whole`` gives it."""

    def one(found: re.Match[str]) -> str:
        address = found[0].rstrip(_ENDING)
        return whole(address) + found[0][len(address) :]

    return WHOLE.sub(one, text)


def json_with_addresses(text: str, whole: Callable[[str], str], link: Callable[[str], str | None]) -> str:
    """The same for JSON, whose texts may also be addresses from the root of the site."""
    text = _ROOTED.sub(lambda found: f'"{link(found[1]) or found[1]}"', text)
    return with_addresses(text, whole)


def calendar_with_addresses(text: str, whole: Callable[[str], str]) -> str:
    """The same for iCalendar, whose lines are folded at 75 octets (RFC 5545, 3.1)."""
    lines = re.sub(r"\r\n[ \t]", "", text).split("\r\n")
    return "\r\n".join(_folded(with_addresses(line, whole)) for line in lines)


def _folded(line: str) -> str:
    folded: bytes = Contentline(line).to_ical()  # type: ignore[no-untyped-call]
    return folded.decode()
