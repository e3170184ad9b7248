"""Where the walk over the public side begins: every address that needs no code, and those of each publication."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.urls import NoReverseMatch, URLPattern, reverse
from django.utils.translation import override

from marsad.catalogue import queries as catalogue
from marsad.dissemination import queries as dissemination
from marsad.dissemination.models import Publication
from marsad.figures import queries as ledger
from marsad.observatory import urls, urls_open
from marsad.observatory.open_citations import FORMS
from marsad.web.words import LANGUAGES

_OF_ALL = ("indicator", "why_indicator", "compare")
_OF_MEASURED = ("indicator_csv", "indicator_json")


def seeds(publications: list[Publication]) -> Iterator[str]:
    """The addresses to begin with, in each language; everything else is found by following links."""
    yield from _without_arguments("open", urls_open.urlpatterns)
    yield from _cited_and_told(publications)
    for language in LANGUAGES:
        with override(language):
            yield from _without_arguments("observatory", urls.urlpatterns)
            for publication in publications:
                yield from _of_publication(publication)


def _without_arguments(namespace: str, patterns: Sequence[object]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern) and pattern.name and not pattern.pattern.converters:
            try:
                yield reverse(f"{namespace}:{pattern.name}")
            except NoReverseMatch:
                continue


def _of_publication(publication: Publication) -> Iterator[str]:
    number = {"publication": publication.number}
    for pattern in urls.OF_A_PUBLICATION:
        if isinstance(pattern, URLPattern) and pattern.name and not pattern.pattern.converters:
            yield reverse(f"observatory:{pattern.name}", kwargs=number)
    measured = dissemination.measured_indicators(publication)
    for indicator in catalogue.indicators():
        for name in (*_OF_ALL, *(_OF_MEASURED if indicator.code in measured else ())):
            yield reverse(f"observatory:{name}", kwargs={"code": indicator.code, **number})
    for area in catalogue.areas():
        yield reverse("observatory:area", kwargs={"code": area.code, **number})
    for theme in catalogue.themes():
        yield reverse("observatory:theme", kwargs={"code": theme.code, **number})


def _cited_and_told(publications: list[Publication]) -> Iterator[str]:
    """Citations and feeds that no page links to in each of their forms."""
    figures = [figure.pk for figure in ledger.figures()]
    for language in LANGUAGES:
        for theme in catalogue.themes():
            yield reverse("open:theme_feed_atom", args=(language, theme.code))
        for code in figures:
            yield from (reverse(f"open:cite_figure_{form}", args=(language, code)) for form in FORMS)
        for publication in publications:
            for code in sorted(dissemination.measured_indicators(publication)):
                yield reverse("open:cite_indicator_of_txt", args=(language, publication.number, code))


def beside(address: str) -> Iterator[str]:
    """What belongs to an embedded figure of a publication and that no page of it links to: the same picture as a file."""
    head, found, rest = address.partition("/embed/")
    path, _, query = rest.partition("?")
    code, _, chart = path.strip("/").partition("/")
    if not found or not chart:
        return
    for kind in ("svg", "png"):
        yield f"{head}/indicators/{code}/{chart}.{kind}" + (f"?{query}" if query else "")
