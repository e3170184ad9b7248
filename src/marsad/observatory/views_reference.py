"""Public pages on where the data come from and what they answer to: sources, datasets, goals, recommendations, texts."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from marsad.catalogue import queries as catalogue
from marsad.coordination.dialogue.rules import SubjectKind
from marsad.dissemination import queries as dissemination
from marsad.observatory.city import page_text
from marsad.observatory.page_cache import public_page
from marsad.observatory.publications import publication_of
from marsad.observatory.views_dialogue import talk_about
from marsad.planning import queries as planning
from migstat.quality.plain_words import plain

PER_PAGE: Final = 40
PAGES = ("about", "data-protection", "accessibility")


@public_page
def sources(request: HttpRequest) -> HttpResponse:
    return render(request, "observatory/sources.html", {"sources": catalogue.sources()})


@public_page
def source(request: HttpRequest, code: str) -> HttpResponse:
    found = catalogue.source(code)
    if found is None:
        raise Http404(_("No such source."))
    flows = dissemination.dataflows().filter(source=code)
    return render(request, "observatory/source.html", {"source": found, "dataflows": flows})


@public_page
def datasets(request: HttpRequest) -> HttpResponse:
    """The datasets with the edition that is shown of each, by pages, with words of their titles."""
    every, text = dissemination.dataflows(), request.GET.get("q", "").strip()[:80]
    wanted = plain(text).split()
    if wanted:
        named = every.order_by().values_list("code", "code", "title_fr", "title_ar", "title_en")
        every = every.filter(code__in=[code for code, *words in named if _holds(words, wanted)])
    page = Paginator(every, PER_PAGE).get_page(request.GET.get("page"))
    shown = dissemination.editions(publication_of(request)).filter(dataflow__in=[one.pk for one in page])
    editions = {edition.dataflow_id: edition for edition in shown}
    context = {
        "page": page,
        "rows": [(dataflow, editions.get(dataflow.pk)) for dataflow in page],
        "q": text,
        "keep": f"{urlencode({'q': text})}&" if text else "",
    }
    return render(request, "observatory/datasets.html", context)


def _holds(names: list[str], words: list[str]) -> bool:
    told = plain(" ".join(names))
    return all(word in told for word in words)


@public_page
def dataset(request: HttpRequest, code: str) -> HttpResponse:
    publication = publication_of(request)
    with_dataflow = dissemination.editions(publication).prefetch_related("dataflow__editions__tombstone")
    edition = with_dataflow.filter(dataflow=code).first()
    found = edition.dataflow if edition else dissemination.dataflows().filter(pk=code).first()
    if found is None:
        raise Http404(_("No such dataset."))
    context: dict[str, Any] = {
        "dataflow": found,
        "edition": edition,
        "publication": publication,
        "indicators": catalogue.indicators().filter(observations__edition=edition).distinct() if edition else [],
        "talk": talk_about(SubjectKind.DATAFLOW, code),
    }
    return render(request, "observatory/dataset.html", context)


@public_page
def goals(request: HttpRequest) -> HttpResponse:
    """Goals and targets of the 2030 Agenda, with the indicators that speak to each."""
    return _tags(request, kind="sdg", template="observatory/goals.html")


@public_page
def recommendations(request: HttpRequest) -> HttpResponse:
    """The recommendations of the city's action, with the indicators that speak to each."""
    return _tags(request, kind="mc2cm", template="observatory/recommendations.html")


def _tags(request: HttpRequest, *, kind: str, template: str) -> HttpResponse:
    codes = planning.indicators_by_tag()
    records = {indicator.code: indicator for indicator in catalogue.indicators()}
    measured = dissemination.measured_indicators(publication_of(request))
    entries = [
        {
            "tag": tag,
            "indicators": [
                {"indicator": records[code], "measured": code in measured} for code in codes.get(tag.code, [])
            ],
        }
        for tag in planning.tags(kind)
    ]
    return render(request, template, {"entries": entries})


@public_page
def methods(request: HttpRequest) -> HttpResponse:
    """How the observatory works, then the method note of every indicator, by theme."""
    by_theme: dict[Any, list[Any]] = {}
    for indicator in catalogue.indicators():
        by_theme.setdefault(indicator.theme, []).append(indicator)
    return render(request, "observatory/methods.html", {"text": page_text("methods"), "themes": by_theme.items()})


@public_page
def page(request: HttpRequest, name: str) -> HttpResponse:
    """A text of the city pack: about, data protection, accessibility."""
    if name not in PAGES:
        raise Http404(_("No such page."))
    return render(request, "observatory/page.html", {"text": page_text(name), "name": name})
