"""Citations of an indicator, an edition and a figure found in print: as text, BibTeX and CSL-JSON, to an address that stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any, Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from marsad.catalogue import queries as catalogue
from marsad.dissemination import queries as dissemination
from marsad.dissemination.rules import with_mark
from marsad.figures import queries as ledger
from marsad.observatory.city import city
from marsad.observatory.open_answers import NotFound, answered, etag, open_data
from marsad.observatory.open_files import asked_edition, spoken
from marsad.web.words import said
from migstat.exchange.citations import Cited, bibtex, citation_text, csl_json
from migstat.model import Origin

FORMS: Final = {
    "txt": "text/plain; charset=utf-8",
    "bib": "application/x-bibtex; charset=utf-8",
    "json": "application/vnd.citationstyles.csl+json",
}


@open_data
def cite_indicator(request: HttpRequest, language: str, code: str, form: str, number: str = "") -> HttpResponseBase:
    """An indicator as a publication shows it: the named one, or the latest, whose number then stands in the citation."""
    spoken(language)
    found = catalogue.indicator(code)
    publication = dissemination.publication(number) if number else dissemination.current_publication()
    if found is None or publication is None:
        raise NotFound("citation.unknown", found=f"{code} {number}"[:60], remedy="see /api/v1/indicators")
    is_made_up = dissemination.shows_synthetic(publication, code)
    return _answer(
        request,
        form,
        Cited(
            key=f"{city()['code']}-{code}-{publication.number}",
            title=_titled(said(found, "name", language), language, is_synthetic=is_made_up),
            author=said(city(), "observatory", language),
            publisher=said(city(), "name", language),
            issued=timezone.localdate(publication.published_at),
            version=publication.number,
            url=request.build_absolute_uri(f"/{language}/e/{publication.number}/indicators/{code}/"),
            language=language,
        ),
    )


def _titled(title: str, language: str, *, is_synthetic: bool) -> str:
    """A title as it is cited: what is made up says so, wherever the citation is carried to."""
    return with_mark(title, language) if is_synthetic else title


@open_data
def cite_edition(request: HttpRequest, language: str, code: str, number: str, form: str) -> HttpResponseBase:
    """An edition of a dataset."""
    spoken(language)
    _structure, edition = asked_edition(code, number)
    return _answer(request, form, cited_edition(edition, language, request.build_absolute_uri))


def cited_edition(edition: Any, language: str, absolute: Callable[[str], str]) -> Cited:
    return Cited(
        key=f"{city()['code']}-{edition.dataflow_id}-{edition.number}",
        title=_titled(
            said(edition.dataflow, "title", language), language, is_synthetic=edition.origin == Origin.SYNTHETIC
        ),
        author=said(city(), "observatory", language),
        publisher=said(city(), "name", language),
        issued=edition.published_on,
        version=edition.number,
        url=absolute(f"/{language}/datasets/{edition.dataflow_id}/{edition.number}/"),
        language=language,
    )


@open_data
def cite_figure(request: HttpRequest, language: str, code: str, form: str) -> HttpResponseBase:
    """A figure found in print, as the ledger has it: who printed it, and the day on which it was read."""
    spoken(language)
    found = ledger.figure(code)
    if found is None:
        raise NotFound("figure.unknown", found=repr(code[:40]), remedy="see /api/v1/figures")
    latest = dissemination.current_publication()
    if latest is None:
        raise NotFound("figure.unknown", found=repr(code[:40]), remedy="see /api/v1/figures")
    # A figure without a day of reading is cited as the publication shows it.
    read_on: date = found.read_on or timezone.localdate(latest.published_at)
    return _answer(
        request,
        form,
        Cited(
            key=f"{city()['code']}-figure-{code}",
            title=f"{said(found, 'concept', language)}, {found.period} ({found.publisher})",
            author=said(city(), "observatory", language),
            publisher=said(city(), "name", language),
            issued=read_on,
            version="",
            url=request.build_absolute_uri(f"/{language}/figures/{code}/"),
            language=language,
            kind="webpage",
        ),
    )


def _answer(request: HttpRequest, form: str, cited: Cited) -> HttpResponseBase:
    with override(cited.language):
        content = written(cited, form)
    return answered(request, etag(content, form), content.encode, FORMS[form])


def written(cited: Cited, form: str) -> str:
    """The citation in a form, in the language in force."""
    if form == "bib":
        return bibtex(cited)
    if form == "json":
        return json.dumps(csl_json(cited), ensure_ascii=False, indent=1)
    return citation_text(cited, _("edition")) + "\n"
