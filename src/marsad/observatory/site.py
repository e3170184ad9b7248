"""What stands around every page: the city's words, navigation with the pages that exist, the languages, the edition."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.conf import settings
from django.http import Http404, HttpRequest
from django.urls import NoReverseMatch, reverse, translate_url
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from marsad.observatory.city import city
from marsad.observatory.publications import publication_of
from marsad.web.read_once import read_once
from marsad.web.words import current_language

# Route, arguments, English words. An entry whose route the process does not have is left out.
NAVIGATION: Final = (
    ("observatory:home", (), gettext_noop("Observatory")),
    ("observatory:indicators", (), gettext_noop("Indicators")),
    ("observatory:areas", (), gettext_noop("Places")),
    ("observatory:figures", (), gettext_noop("Published figures")),
    ("observatory:sources", (), gettext_noop("Sources")),
    ("observatory:methods", (), gettext_noop("Methods")),
    ("observatory:search", (), gettext_noop("Search")),
)
WORK: Final = (
    ("notices:desk", (), gettext_noop("Desk")),
    ("accounts:account", (), gettext_noop("Account")),
)
FOOTER: Final = (
    ("observatory:page", ("about",), gettext_noop("About")),
    ("observatory:page", ("data-protection",), gettext_noop("Data protection")),
    ("observatory:page", ("accessibility",), gettext_noop("Accessibility")),
    ("observatory:datasets", (), gettext_noop("Datasets")),
    ("observatory:open_door", (), gettext_noop("Open data and API")),
    ("observatory:organisations", (), gettext_noop("Organisations")),
    ("observatory:services", (), gettext_noop("Where can I go for…")),
    ("observatory:flows", (), gettext_noop("The flow of information")),
    ("observatory:gaps", (), gettext_noop("Gap map")),
    ("observatory:asked", (), gettext_noop("Requests for data")),
    ("observatory:fitness", (), gettext_noop("Fitness for decision")),
    ("observatory:dialogue", (), gettext_noop("Dialogue")),
    ("observatory:discussions", (), gettext_noop("Questions and answers")),
    ("observatory:cases", (), gettext_noop("Cases")),
    ("observatory:data_use", (), gettext_noop("Register of data use")),
    ("observatory:sdg", (), gettext_noop("Sustainable Development Goals")),
    ("observatory:mc2cm", (), gettext_noop("MC2CM recommendations")),
    ("account_login", (), gettext_noop("Team sign-in")),
)


@dataclass(frozen=True)
class Entry:
    """A link; ``current`` is what ``aria-current`` says of it: ``page``, ``true`` for a page below it, or nothing."""

    label: str
    url: str
    current: str = ""


@dataclass(frozen=True)
class Language:
    code: str
    name: str
    url: str
    current: bool


def site(request: HttpRequest) -> dict[str, Any]:
    """The context processor: ``{{ site }}`` in every template. Each part is worked out only when a template asks."""
    return {"site": Site(request)}


class Site:
    """Lazy: error pages and forms use a part of it, and pages out of the cache none."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @property
    def city(self) -> Mapping[str, Any]:
        return city()

    @property
    def home(self) -> str:
        return f"/{current_language()}/"

    @cached_property
    def nav(self) -> list[Entry]:
        return _entries(NAVIGATION, self._request.path, self.home)

    @cached_property
    def footer(self) -> list[Entry]:
        return _entries(FOOTER, self._request.path, self.home)

    @cached_property
    def work(self) -> list[Entry]:
        """What a signed-in person has in the navigation; the public pages are the same for everybody and have none."""
        user = getattr(self._request, "user", None)
        return _entries(WORK, self._request.path, self.home) if user and user.is_authenticated else []

    @property
    def language_name(self) -> str:
        return str(dict(settings.LANGUAGES)[current_language()])

    @cached_property
    def languages(self) -> list[Language]:
        here = self._request.get_full_path()
        return [
            Language(code, str(name), _in_language(here, code), code == current_language())
            for code, name in settings.LANGUAGES
        ]

    @property
    def edition(self) -> str:
        try:
            return publication_of(self._request).number
        except Http404:
            return ""


def _entries(table: tuple[tuple[str, tuple[str, ...], str], ...], here: str, home: str) -> list[Entry]:
    return [Entry(_(words), url, _current(url, here, home)) for words, url in _addresses(table, current_language())]


@read_once()
def _addresses(table: tuple[tuple[str, tuple[str, ...], str], ...], language: str) -> list[tuple[str, str]]:
    """The words and the address of each entry of a table, in the language that is spoken, which is ``language``."""
    found = []
    for route, arguments, words in table:
        with suppress(NoReverseMatch):
            found.append((words, reverse(route, args=arguments)))
    return found


def _in_language(here: str, code: str) -> str:
    """The same page in another language; where the address leads nowhere, its first part is exchanged all the same."""
    found = translate_url(here, code)
    return found if found != here else re.sub(r"^/[a-z]{2}/", f"/{code}/", here)


def _current(url: str, here: str, home: str) -> str:
    if here == url:
        return "page"
    return "true" if url != home and here.startswith(url) else ""
