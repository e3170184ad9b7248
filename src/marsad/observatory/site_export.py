"""The whole public side as files, for any web server: read page by page, linked among themselves, checked, put in place.

The walk begins at every address that needs no code and follows each link that becomes a file (``site_addresses``). Nothing
here opens a port or looks above the line: the pages are those that the public process answers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from django.contrib.staticfiles import finders

from marsad.dissemination import queries as dissemination
from marsad.dissemination.models import Publication
from marsad.observatory import site_pages, site_search
from marsad.observatory.site_addresses import becomes_file, in_reading_order, of_a_publication, route_of
from marsad.observatory.site_check import Broken, loads_of
from marsad.observatory.site_folder import (
    Staging,
    Written,
    files_before,
    put_in_place,
    staging,
    write,
    write_manifest,
)
from marsad.observatory.site_links import Links
from marsad.observatory.site_seeds import seeds
from marsad.observatory.site_work import KNOWN, Map, Options, Read, workers
from marsad.web.words import LANGUAGES
from migstat.model import Refused

_FORMAT: Final = 1
_CHECKED_AT_ONCE: Final = 64
# Pages that a search engine need not list: a figure for another site's frame, and the archive beside the current pages.
_UNLISTED: Final = frozenset({"observatory:embed"})

# What an address may answer: a page, that there is none, that it was withdrawn. Anything else is a fault of the page.
_ANSWERED: Final = frozenset({200, 404, 410})

Report = Callable[[str, int, int], None]


class LinksBroken(Refused):
    """The site would hold links that lead nowhere; ``links`` are all of them."""

    def __init__(self, links: list[Broken]) -> None:
        self.links = links
        super().__init__(
            "export.links",
            found=f"{len(links)} links that lead nowhere, as {'; '.join(map(str, links[:3]))}",
            remedy="mend the pages that hold them; the folder was left as it was",
        )


@dataclass(frozen=True)
class Exported:
    """What was written: ``new`` files had other bytes before or none, ``gone`` are no longer part of the site."""

    publication: str
    files: int
    pages: int
    new: int
    gone: int
    size: int
    left_out: int


def export(folder: Path, options: Options, report: Report = lambda step, done, total: None) -> Exported:
    """Write the site into ``folder`` and put it in place whole.

    Raises Refused: ``export.publication`` for a number never published or an installation without any, ``export.base``,
    ``export.folder``, ``export.running``, ``export.moved`` where an edition was published, marked or withdrawn while the
    pages were read, and LinksBroken; the folder is then as it was.
    """
    options, publications = _settled(options)
    stood = _newest_release()
    folder = folder.resolve()
    with staging(folder) as made, workers(options, made) as each:
        before = files_before(folder)
        pages = _read_all(each, filter(partial(becomes_file, depth=options.depth), seeds(publications)), report)
        known = {page.address: page.file for page in pages if page.file}
        _demand_one_each(known)
        (made.root / KNOWN).write_text(json.dumps(known), encoding="utf-8")
        written, lost, left_out, words = _finish_all(each, known, report)
        written += _beside_pages(made, options, pages, words)
        lost += [Broken("", page.address) for page in pages if page.status not in _ANSWERED]
        _check_all(each, written, lost, report)
        about = {"format": _FORMAT, "publication": publications[-1].number, "base": options.base,
                 "depth": options.depth.name.lower()}  # fmt: skip
        written.append(write_manifest(made, about, written))
        _demand_unmoved(stood)
        put_in_place(made)
    names = {one.path for one in written}
    return Exported(
        publication=publications[-1].number,
        files=len(written),
        pages=sum(name.endswith(".html") for name in names),
        new=sum(one.is_new for one in written),
        gone=len(before - names - {"manifest.json"}),
        size=sum(one.size for one in written),
        left_out=left_out,
    )


def _settled(options: Options) -> tuple[Options, list[Publication]]:
    """The options with their addresses in one spelling, and the publications whose numbers the site keeps, oldest first."""
    for address in (options.base, options.living or options.base):
        if not address.startswith(("http://", "https://")):
            raise Refused("export.base", found=repr(address), remedy="give a whole address: https://data.example.org/")
    known = sorted(dissemination.publications(), key=lambda one: (one.published_at, one.pk))
    numbers = [one.number for one in known]
    if not known or (options.publication and options.publication not in numbers):
        raise Refused(
            "export.publication",
            found=options.publication or "nothing published",
            remedy=f"name one of {', '.join(numbers[-6:])}" if numbers else "load a city first (marsad load-city)",
        )
    last = numbers.index(options.publication) if options.publication else len(known) - 1
    base = options.base.rstrip("/") + "/"
    living = options.living.rstrip("/") + "/" if options.living else ""
    return replace(options, base=base, living=living), known[: last + 1]


def _newest_release() -> int:
    """The newest write about what is published: what was withdrawn, for instance."""
    found = dissemination.current_publication_after(("dissemination",))
    return found[1] if found else 0


def _demand_unmoved(stood: int) -> None:
    """Pages read before a withdrawal would show what those read after it do not: no such site is put in place."""
    if _newest_release() != stood:
        raise Refused(
            "export.moved",
            found="an edition was published, marked or withdrawn while its pages were read",
            remedy="write the site again",
        )


def _read_all(each: Map, begin: Iterable[str], report: Report) -> list[Read]:
    """Every page there is, round after round: those that the pages of the last round name and nobody has read yet."""
    seen = set(begin)
    round_, pages, done = in_reading_order(seen), [], 0
    while round_:
        found: set[str] = set()
        for page in each("read", round_):
            done += 1
            report("read", done, len(seen))
            found |= page.named
            pages.append(page)
        round_ = in_reading_order(found - seen)
        seen |= found
    return pages


def _demand_one_each(known: dict[str, str]) -> None:
    """Two addresses in one file, or in two that some file systems take for one, would be a fault of their naming."""
    by_name: dict[str, str] = {}
    for address, file in known.items():
        other = by_name.setdefault(file.casefold(), address)
        if other != address:
            raise Refused("export.names", found=f"{other} and {address} in one file", remedy="tell the two apart")


def _finish_all(
    each: Map, known: dict[str, str], report: Report
) -> tuple[list[Written], list[Broken], int, dict[str, set[str]]]:
    written, lost, left_out = [], [], 0
    words: dict[str, set[str]] = {language: set() for language in LANGUAGES}
    items = sorted(known.items())
    for (_, file), page in zip(items, each("finish", items), strict=True):
        written.append(page.written)
        report("write", len(written), len(items))
        lost += [Broken(file, address) for address in page.lost]
        left_out += page.left_out
        if file[:2] in words:
            words[file[:2]] |= page.words
    return written, lost, left_out, words


def _check_all(each: Map, written: list[Written], lost: list[Broken], report: Report) -> None:
    names = sorted(one.path for one in written)
    some = [tuple(names[start : start + _CHECKED_AT_ONCE]) for start in range(0, len(names), _CHECKED_AT_ONCE)]
    broken = set(lost)
    for done, found in enumerate(each("check", some), 1):
        report("check", min(done * _CHECKED_AT_ONCE, len(names)), len(names))
        broken |= set(found)
    if broken:
        raise LinksBroken(sorted(broken))


def _beside_pages(made: Staging, options: Options, pages: list[Read], words: dict[str, set[str]]) -> list[Written]:
    """What is no page: styles, scripts and fonts, the index of search, the door, and what search engines ask for."""
    known = {page.address: page.file for page in pages if page.file}
    files: dict[str, bytes] = dict(_assets(sorted(frozenset().union(*(page.assets for page in pages)))))
    for language in LANGUAGES:
        for name, text in _search(language, known, words[language]).items():
            files[f"search/{language}/{name}"] = text.encode()
    links = Links(known, options.base, options.living, lambda there: False)
    root = site_pages.root_of(options.base)

    def from_root(given: str) -> str:
        return links.from_page(given, "/", "index.html") or given

    files["index.html"] = _own_page(site_pages.door(from_root, missing=False), from_root)
    # The page of a missing address is answered at any depth, so its links begin at the root of the site.
    files["404.html"] = _own_page(
        site_pages.door(lambda given: root + from_root(given), missing=True), lambda given: root + from_root(given)
    )
    files["robots.txt"] = site_pages.robots(options.base).encode()
    for name, text in site_pages.sitemaps(_listed(known), options.base).items():
        files[name] = text.encode()
    return [write(made, path, content) for path, content in sorted(files.items())]


def _own_page(page: str, link: Callable[[str], str]) -> bytes:
    from marsad.observatory.site_html import rewritten

    def once(given: str) -> str:
        return link(given) if given.startswith("/static/") else given

    return site_pages.with_policy(rewritten(page, link=once, whole=str, form=str)).encode()


def _search(language: str, known: dict[str, str], words: Iterable[str]) -> dict[str, str]:
    page = f"{language}/search/index.html"
    links = Links(known, "", "", lambda there: True)
    found = site_search.entries(language)
    addresses = {entry.key: links.from_page(entry.address, "/", page) or entry.address for entry in found}
    return site_search.index_parts(language, found, addresses, words)


def _listed(known: dict[str, str]) -> list[str]:
    """The pages that search engines are told of: each once, without choices and without the archive."""
    return [
        file
        for address, file in known.items()
        if file.endswith(".html") and "?" not in address and not of_a_publication(address)
        and route_of(address) not in _UNLISTED
    ]  # fmt: skip


def _assets(addresses: list[str]) -> dict[str, bytes]:
    """The styles, scripts, fonts and images that pages load, with all that these load in turn."""
    waiting, files = [address.removeprefix("/static/") for address in addresses], {}
    while waiting:
        name = waiting.pop()
        path = finders.find(name)
        if f"static/{name}" in files or path is None:
            continue
        content = Path(path).read_bytes()
        files[f"static/{name}"] = content
        if name.endswith((".css", ".js")):
            for load in loads_of(name, content.decode("utf-8")):
                waiting.append(str(Path(name).parent / load.partition("#")[0].partition("?")[0].removeprefix("./")))
    return files
