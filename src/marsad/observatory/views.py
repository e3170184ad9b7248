"""The pages of observations: first page, indicators, places, themes, comparisons, embedded figures and pictures."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt

from marsad.catalogue import queries as catalogue
from marsad.coordination.dialogue.rules import SubjectKind
from marsad.dissemination import queries as dissemination
from marsad.figures import queries as ledger
from marsad.observatory import rendering
from marsad.observatory.cards import CHARTS, Choice, card, cards, framed
from marsad.observatory.city import city
from marsad.observatory.flow_kept import book_of
from marsad.observatory.flow_map import computed_of
from marsad.observatory.home import home as first_page
from marsad.observatory.page_cache import public_page
from marsad.observatory.profile import groups, map_content
from marsad.observatory.publications import publication_of
from marsad.observatory.shown import Shown
from marsad.observatory.shown import shown as read
from marsad.observatory.views_dialogue import talk_about
from marsad.planning import queries as planning
from marsad.web.words import current_language
from migstat.model import Origin


@public_page
def home(request: HttpRequest) -> HttpResponse:
    publication = publication_of(request)
    page = first_page(publication, request.build_absolute_uri)
    return render(request, "observatory/home.html", {"page": page, "publication": publication})


@public_page
def indicators(request: HttpRequest) -> HttpResponse:
    """Every indicator, theme by theme; measured ones first."""
    publication = publication_of(request)
    context = {
        "publication": publication,
        "groups": groups(publication, city()["home_area"]),
        "area": catalogue.area(city()["home_area"]),
    }
    return render(request, "observatory/indicators.html", context)


@public_page
def indicator(request: HttpRequest, code: str) -> HttpResponse:
    """One indicator: its figures, definition, method, example, sources, breaks, editions, and what was printed about it."""
    shown, choice = _shown(request, code), _choice(request)
    key = shown.key_or_default(choice.part)
    focus = choice.area if choice.area in shown.areas else shown.home
    drawn = cards(shown, choice, request.build_absolute_uri)
    context = {
        "publication": shown.publication,
        "shown": shown,
        "indicator": shown.indicator,
        "cards": drawn,
        "choice": choice,
        "part": key,
        "focus": shown.areas.get(focus),
        "divided": any(each.code in ("parts", "sex", "pyramid") for each in drawn),
        "focus_areas": [shown.areas[area] for area in shown.areas if any(point.area == area for point in shown.points)],
        "figures": _figures(request, shown.publication, code),
        "cases": list(ledger.cases_of_indicator(code)),
        "stones": _stones(shown),
        "marks": _marks(shown),
        "synthetic": any(point.origin == Origin.SYNTHETIC for point in shown.points),
        "tags": list(planning.tags_of_indicator(code)),
        "computed": _computed(request, shown.publication, code),
        "breaks": [(found, shown.areas.get(found.area_id or "")) for found in shown.breaks],
        "talk": None if _is_archived(request) else talk_about(SubjectKind.INDICATOR, code),
    }
    return render(request, "observatory/indicator.html", context)


def _is_archived(request: HttpRequest) -> bool:
    """Whether a page stands at a publication's own address, where nothing moves any more."""
    return bool(request.resolver_match and request.resolver_match.kwargs.get("publication"))


def _computed(request: HttpRequest, publication: Any, code: str) -> Any:
    """What the system counts of itself today; a page of a publication's own address shows nothing that moves."""
    return None if _is_archived(request) else computed_of(code, book_of(publication))


def _figures(request: HttpRequest, publication: Any, code: str) -> list[Any]:
    """The figures found in print; under the number of a publication, those frozen with it where there are any."""
    frozen = dissemination.frozen_figures(publication, code) if _is_archived(request) else []
    return [ledger.frozen_figure(figure) for figure in frozen] or list(ledger.figures_of_indicator(code))


def _marks(shown: Shown) -> list[Any]:
    is_marked = any(edition.is_marked for edition in shown.editions)
    return dissemination.stale_marks(shown.publication, shown.indicator.code) if is_marked else []


def _stones(shown: Shown) -> list[Any]:
    """The editions withdrawn from this page: of its publication; without any number left, the last one ever."""
    if not any(edition.is_withdrawn for edition in shown.every_edition):
        return []
    found = dissemination.tombstones(shown.publication, shown.indicator.code)
    last = dissemination.withdrawn_last(shown.indicator.code) if not found and not shown.points else None
    return [last] if last else found


@public_page
def areas(request: HttpRequest) -> HttpResponse:
    """Every place, and the exploring map."""
    publication = publication_of(request)
    found = list(catalogue.areas())
    home_area = city()["home_area"]
    named = {
        point.indicator
        for point in dissemination.points(publication, areas=city()["map_areas"])
        if point.value is not None
    }
    choices = [each for each in catalogue.indicators() if each.code in named]
    inside = {home_area, *city()["map_areas"], *(area.code for area in found if area.parent_id == home_area)}
    context = {
        "publication": publication,
        "city_areas": [area for area in found if area.code in inside],
        "wider_areas": [area for area in found if area.code not in inside],
        "home_area": home_area,
        "choices": choices,
        "tiles": settings.ENVIRONMENT.tiles_url,
    }
    return render(request, "observatory/areas.html", context)


@public_page
def areas_map(request: HttpRequest) -> HttpResponse:
    """The shapes and layers of the exploring map."""
    return JsonResponse(map_content(publication_of(request), current_language()))


@public_page
def area(request: HttpRequest, code: str) -> HttpResponse:
    """The profile of a place: its indicators by theme, beside the place the city speaks for."""
    publication = publication_of(request)
    found = catalogue.area(code)
    if found is None:
        raise Http404(_("No such place."))
    beside = city()["home_area"] if code != city()["home_area"] else city()["country"]
    context = {
        "publication": publication,
        "area": found,
        "beside": catalogue.area(beside),
        "groups": groups(publication, code, beside),
        "figures": list(ledger.figures_of_area(code)[:12]),
    }
    return render(request, "observatory/area.html", context)


@public_page
def theme(request: HttpRequest, code: str) -> HttpResponse:
    publication = publication_of(request)
    found = catalogue.theme(code)
    if found is None:
        raise Http404(_("No such theme."))
    home_area = city()["home_area"]
    context = {
        "publication": publication,
        "theme": found,
        "groups": groups(publication, home_area, city()["country"], code),
        "area": catalogue.area(home_area),
        "beside": catalogue.area(city()["country"]),
    }
    return render(request, "observatory/theme.html", context)


@public_page
def compare(request: HttpRequest, code: str) -> HttpResponse:
    """An indicator in the places and years that the reader chooses."""
    shown, choice = _shown(request, code), _choice(request)
    key = shown.key_or_default(choice.part)
    periods = shown.periods(key)
    open_areas = list(shown.series(key))
    chosen = (
        [area for area in open_areas if area in choice.areas]
        or [area for area in open_areas if area in shown.mapped]
        or open_areas[:6]
    )
    first, last = _period_choice(choice, periods)
    choice = Choice(part=key, areas=tuple(chosen), first=first, last=last)
    context = {
        "publication": shown.publication,
        "shown": shown,
        "indicator": shown.indicator,
        "periods": periods,
        "open_areas": [(shown.areas[area], area in chosen) for area in open_areas],
        "choice": choice,
        "card": card(shown, "change", choice, request.build_absolute_uri),
    }
    return render(request, "observatory/compare.html", context)


@public_page
@xframe_options_exempt
def embed(request: HttpRequest, code: str, chart: str) -> HttpResponse:
    """One figure alone, for another site's frame."""
    shown = _shown(request, code)
    figure = card(shown, _known(chart), _choice(request), request.build_absolute_uri)
    if figure is None:
        raise Http404(_("This indicator has no such figure."))
    context = {
        "figure": figure,
        "shown": shown,
        "indicator": shown.indicator,
        "synthetic": any(point.origin == Origin.SYNTHETIC for point in shown.points),
        "marks": _marks(shown),
    }
    return render(request, "observatory/embed.html", context)


@public_page
def chart_svg(request: HttpRequest, code: str, chart: str) -> HttpResponse:
    drawn, words = _framed(request, code, chart)
    return _file(rendering.framed_svg(drawn.drawing, **words).encode(), "image/svg+xml", f"{code}-{chart}.svg")


@public_page
def chart_png(request: HttpRequest, code: str, chart: str) -> HttpResponse:
    drawn, words = _framed(request, code, chart)
    return _file(rendering.framed_png(drawn.drawing, **words), "image/png", f"{code}-{chart}.png")


def _framed(request: HttpRequest, code: str, chart: str) -> Any:
    made = framed(_shown(request, code), _known(chart), _choice(request))
    if made is None:
        raise Http404(_("This indicator has no such figure."))
    return made


def _file(content: bytes, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _shown(request: HttpRequest, code: str) -> Shown:
    publication = publication_of(request)
    found = catalogue.indicator(code)
    if found is None:
        raise Http404(_("No such indicator."))
    return read(publication, found, current_language())


def _known(chart: str) -> str:
    if chart not in CHARTS:
        raise Http404(_("No such chart."))
    return chart


def _choice(request: HttpRequest) -> Choice:
    given = request.GET
    return Choice(
        area=given.get("area", "")[:24],
        part=given.get("part", "")[:80],
        areas=tuple(code[:24] for code in given.getlist("areas")[:12]),
        first=given.get("first", "")[:24],
        last=given.get("last", "")[:24],
    )


def _period_choice(choice: Choice, periods: list[str]) -> tuple[str, str]:
    """The two years to compare: those asked for where they exist, else the first and the last."""
    if len(periods) < 2:
        return "", ""
    first = choice.first if choice.first in periods else periods[0]
    last = choice.last if choice.last in periods else periods[-1]
    first, last = sorted((first, last), key=periods.index)
    return (first, last) if first != last else (periods[0], periods[-1])
