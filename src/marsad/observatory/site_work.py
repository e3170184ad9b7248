"""One page at a time: asked and kept, then finished with its links; in this process, or in several beside it."""

from __future__ import annotations

import json
import multiprocessing
import pickle
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils.translation import override

from marsad.observatory import site_pages, site_process, site_search
from marsad.observatory.site_addresses import (
    Depth,
    becomes_file,
    canonical,
    file_of,
    is_static,
    of_a_publication,
    relative,
    route_of,
)
from marsad.observatory.site_check import Broken, broken_links
from marsad.observatory.site_fetch import Asker, reading_site
from marsad.observatory.site_folder import Staging, Written, write
from marsad.observatory.site_html import addresses_in, rewritten, whole_addresses
from marsad.observatory.site_links import Links
from marsad.observatory.site_seeds import beside
from marsad.observatory.site_text import calendar_with_addresses, json_with_addresses, with_addresses

KNOWN: Final = "known.json"
_TEXTS: Final = re.compile(r"\.(?:html|csv|json|geojson|jsonld|xml|ttl|rdf|rss|atom|ics|bib|txt)$")
_CHUNK: Final = 16


@dataclass(frozen=True)
class Options:
    """``base``: where the files will stand; ``living``: where the observatory answers, or nothing; both end in a slash.

    ``publication`` is the number that pages without a number show; empty for the latest. ``jobs``: how many processes.
    """

    base: str
    living: str = ""
    publication: str = ""
    depth: Depth = Depth.PAGES
    jobs: int = 1


@dataclass(frozen=True)
class Read:
    """An address as it was answered: its file, empty where nothing stands there, and the addresses it names."""

    address: str
    status: int
    file: str
    named: frozenset[str]
    assets: frozenset[str]


@dataclass(frozen=True)
class Finished:
    written: Written
    lost: frozenset[str]
    left_out: int
    words: frozenset[str]


class Worker:
    """Does the two halves of the work for one address after another."""

    def __init__(self, options: Options, staging: Staging) -> None:
        self._options, self._staging = options, staging
        self._asker = Asker(options.publication)

    @cached_property
    def _known(self) -> dict[str, str]:
        known: dict[str, str] = json.loads((self._staging.root / KNOWN).read_text(encoding="utf-8"))
        return known

    def read(self, address: str) -> Read:
        """Ask an address and keep what it answers; which others it names, in one spelling."""
        answer = self._asker.ask(address)
        if not answer.stands:
            return Read(address, answer.status, "", frozenset(), frozenset())
        file = file_of(address, answer.content_type)
        kept = self._staging.read / file
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(answer.body)
        if not _TEXTS.search(file):
            return Read(address, answer.status, file, frozenset(), frozenset())
        text = answer.body.decode("utf-8")
        given = addresses_in(text) if file.endswith(".html") else whole_addresses(text)
        found = {there for one in given if (there := canonical(one, address)) is not None}
        assets = frozenset(one.partition("?")[0] for one in found if is_static(one))
        if of_a_publication(address):
            found |= {other for one in found for other in beside(one)}
        named = frozenset(one for one in found if becomes_file(one, self._options.depth))
        return Read(address, answer.status, file, named, assets)

    def finish(self, item: tuple[str, str]) -> Finished:
        """Write the file of an address as it will stand."""
        address, file = item
        body = (self._staging.read / file).read_bytes()
        links = self._links()
        words: frozenset[str] = frozenset()
        if _TEXTS.search(file):
            text = body.decode("utf-8")
            if file.endswith(".html") and not of_a_publication(address) and "?" not in address:
                words = site_search.words_on(text)
            body = self._with_links(text, address, file, links).encode()
        return Finished(write(self._staging, file, body), frozenset(links.lost), links.left_out, words)

    def _links(self) -> Links:
        options = self._options
        return Links(self._known, options.base, options.living, lambda there: becomes_file(there, options.depth))

    def _with_links(self, text: str, address: str, file: str, links: Links) -> str:
        if file.endswith(".html"):
            return self._page(text, address, file, links)
        if file.endswith((".json", ".geojson", ".jsonld")):
            return json_with_addresses(text, links.from_words, lambda given: _beside(given, file, links))
        if file.endswith(".ics"):
            return calendar_with_addresses(text, links.from_words)
        return with_addresses(text, links.from_words)

    def _page(self, page: str, address: str, file: str, links: Links) -> str:
        language = site_pages.language_of(page)

        def form(given: str) -> str:
            with override(language):
                if route_of(address) == "observatory:search":
                    return search_section(language, file)
                return site_pages.list_of_links(given, address, links)

        def link(given: str) -> str | None:
            return links.from_page(given, address, file)

        page = rewritten(page, link=link, whole=links.from_words, form=form)
        if links.left_out:
            page = page.replace("</main>", f"{site_pages.note(self._options.living, language)}</main>", 1)
        return site_pages.with_policy(page)

    def check(self, names: tuple[str, ...]) -> list[Broken]:
        """The links of some finished files that lead nowhere."""
        return broken_links(self._staging.site, self._options.base, names)


def _beside(given: str, file: str, links: Links) -> str | None:
    there = canonical(given)
    found = links.file_at(there) if there else None
    return relative(file, found) if found else None


def search_section(language: str, file: str) -> str:
    """The search of a language: a form that a script brings to life, and everything that can be found, by kind."""
    known = site_search.entries(language)
    groups = [
        (kind, [{"title": entry.title, "url": entry.address} for entry in found])
        for kind, found in site_search.by_kind(known)
    ]
    shown = {"groups": groups, "index": relative(file, f"search/{language}/entries.json").removesuffix("entries.json")}
    return render_to_string("observatory/site/search.html", shown)


Map = Callable[[str, Iterable[Any]], Iterator[Any]]


@contextmanager
def workers(options: Options, staging: Staging) -> Iterator[Map]:
    """``map(verb, items)``: what ``Worker.read``, ``finish`` or ``check`` answer to each item, in order.

    Processes beside this one are begun anew and not forked: the engine that draws charts does not survive a fork.
    """
    if options.jobs <= 1:
        worker = Worker(options, staging)
        with reading_site():
            yield lambda verb, items: map(getattr(worker, verb), items)
        return
    context = multiprocessing.get_context("spawn")
    work = pickle.dumps((options, staging))
    with ProcessPoolExecutor(options.jobs, context, site_process.begin, (work,)) as pool:
        yield lambda verb, items: pool.map(site_process.do, [(verb, item) for item in items], chunksize=_CHUNK)
