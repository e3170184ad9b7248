"""The addresses in a page, found and rewritten: links relative, forms as lists of links, everything else byte for byte.

The pages are our own templates', well formed and without inline scripts (tests hold them to it), so that their tags can be
read one by one without building a tree and written back as they stood.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape, unescape
from typing import Final
from urllib.parse import urlencode

from marsad.observatory.site_addresses import HOST

_TAG: Final = re.compile(r"<[a-zA-Z](?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
_ATTRIBUTE: Final = re.compile(r"(\s)([a-zA-Z:-]+)(\s*=\s*)(\"[^\"]*\"|'[^']*')")
_ADDRESSES: Final = frozenset({"href", "src", "xlink:href", "poster", "data-map"})
_FORM: Final = re.compile(r"<form\b[^>]*>.*?</form>", re.DOTALL)
_SELECT: Final = re.compile(r"<select\b([^>]*)>(.*?)</select>", re.DOTALL)
_OPTION: Final = re.compile(r"<option\b([^>]*)>(.*?)(?=</option>|<option\b|$)", re.DOTALL)
_LABEL: Final = re.compile(r"<label\b[^>]*>(.*?)(?:<select|</label>)", re.DOTALL)
_MARKUP: Final = re.compile(r"<[^>]*>")
# An address of the site inside words: up to what cannot stand in one.
WHOLE: Final = re.compile(rf"https?://{re.escape(HOST)}(/[^\s\"'<>\\){{}}]*|(?![\w.:-]))")
# The same where the words stand in a page, and an ampersand is written out, twice in code that is shown.
_WHOLE_IN_PAGE: Final = re.compile(rf"https?://{re.escape(HOST)}(/(?:[^\s\"'<>\\){{}}&]|&amp;(?:amp;)?)*|(?![\w.:-]))")
_ENDING: Final = ".,;:"
_ID: Final = re.compile(r"\s(?:id|name)=\"([^\"]+)\"")


@dataclass(frozen=True)
class Option:
    """One entry of a list to choose from: what it is called, and the query that chooses it."""

    label: str
    query: str
    chosen: bool


@dataclass(frozen=True)
class Choices:
    """A list to choose from, as a form offers it."""

    label: str
    options: tuple[Option, ...]


def attribute(tag: str, name: str) -> str:
    """The value of an attribute of a tag, or nothing."""
    found = re.search(rf"\s{name}\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", tag)
    return unescape(found[1] or found[2] or "") if found else ""


def addresses_in(page: str) -> Iterator[str]:
    """Every address that a page links to, loads, offers in a form or writes out, as it stands there."""
    for tag in _TAG.findall(page):
        for _, name, _, value in _ATTRIBUTE.findall(tag):
            if name in _ADDRESSES:
                yield unescape(value[1:-1])
    for found in _WHOLE_IN_PAGE.finditer(page):
        yield unescape(unescape(found[0].rstrip(_ENDING)))
    for form in _FORM.findall(page):
        for choices in choices_of(form):
            yield from (f"?{option.query}" for option in choices.options)


def whole_addresses(text: str) -> Iterator[str]:
    """The whole addresses of the site in words; a sentence's full stop is no part of one."""
    for found in WHOLE.finditer(text):
        yield found[0].rstrip(_ENDING)


def choices_of(form: str) -> list[Choices]:
    """The lists of a form, each alone: a reader of files chooses one thing at a time."""
    labels = _LABEL.findall(form)
    found = []
    for place, (attributes, inside) in enumerate(_SELECT.findall(form)):
        name = attribute(f"<select {attributes}>", "name")
        options = [
            Option(_words(label), urlencode({name: value}) if value else "", _is_chosen(given))
            for given, label in _OPTION.findall(inside)
            for value in [attribute(f"<option {given}>", "value")]
        ]
        found.append(Choices(_words(labels[place]) if place < len(labels) else "", tuple(options)))
    return found


def _is_chosen(attributes: str) -> bool:
    return "selected" in re.sub(r"\"[^\"]*\"", "", attributes).split()


def _words(markup: str) -> str:
    return unescape(_MARKUP.sub("", markup)).strip()


def identifiers(page: str) -> frozenset[str]:
    """What a link may point at within a page."""
    return frozenset(unescape(found) for found in _ID.findall(page))


def rewritten(
    page: str, *, link: Callable[[str], str | None], whole: Callable[[str], str], form: Callable[[str], str]
) -> str:
    """The page with each address as ``link`` gives it, those in words as ``whole`` does, each form as ``form`` does.

    An address that ``link`` gives nothing for is one that only the living observatory answers: the words stay, and
    programs that read the page aloud say that they lead nowhere.
    """

    def in_words(found: re.Match[str]) -> str:
        address = found[0].rstrip(_ENDING)
        written = whole(unescape(unescape(address)))
        times = 2 if "&amp;amp;" in address else 1 if "&amp;" in address else 0
        for _ in range(times):
            written = escape(written)
        return written + found[0][len(address) :]

    page = _FORM.sub(lambda found: form(found[0]), page)
    page = _TAG.sub(lambda found: _tag(found[0], link), page)
    return _WHOLE_IN_PAGE.sub(in_words, page)


def _tag(tag: str, link: Callable[[str], str | None]) -> str:
    dead = False

    def one(found: re.Match[str]) -> str:
        nonlocal dead
        space, name, equals, value = found.groups()
        given = unescape(value[1:-1])
        if name not in _ADDRESSES:
            return found[0]
        target = link(given)
        if target is None:
            dead = True
            return ""
        return found[0] if target == given else f'{space}{name}{equals}"{escape(target)}"'

    written = _ATTRIBUTE.sub(one, tag)
    if not dead:
        return written
    return written.replace(" download", "").removesuffix(">") + ' role="link" aria-disabled="true" data-left-out>'
