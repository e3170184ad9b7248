"""The open API, version 1: everything that is published, described by OpenAPI 3.1, without account and from any origin."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from ninja import NinjaAPI, Query
from ninja.errors import ValidationError
from pydantic import BeforeValidator, StringConstraints

from marsad.catalogue import queries as catalogue
from marsad.dissemination import queries as dissemination
from marsad.dissemination import queries_open as editions
from marsad.dissemination.rules import breakdown_key, parse_breakdown
from marsad.figures.queries import figures as ledger_figures
from marsad.observatory import api_schemas as shapes
from marsad.observatory.open_answers import NotFound, opened, problem, problem_of, unchanged
from marsad.observatory.open_changes import revision
from marsad.observatory.open_files import asked_edition, observation
from marsad.observatory.open_structure import catalogue_now
from marsad.observatory.open_words import names_of
from marsad.observatory.page_cache import CHECKED
from marsad.observatory.search import search as find
from migstat.exchange.sdmx_artefacts import code_id
from migstat.model import Period, Refused

MOST: Final = 1000
_FILES: Final = (
    "data.csv",
    "data.csv-metadata.json",
    "datapackage.json",
    "jsonstat.json",
    "sdmx.csv",
    "sdmx.json",
    "sdmx.xml",
)
# No text holds the first character of all, and no code is longer than these.
Word = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]
Limit = Annotated[int, Query(100, ge=1, le=MOST, description="Items on a page.")]
After = Annotated[Word, Query("", description="Where the page before ended: taken from its ``next``.")]
AfterKey = Annotated[
    str, Query("", pattern=r"^[0-9]{0,18}$", description="Where the page before ended: taken from its `next`.")
]

AfterPinned = Annotated[
    str,
    Query(
        "",
        pattern=r"^[0-9]{0,18}(\.[0-9]{1,18}\.[0-9a-f]{8})?$",
        description="Where the page before ended, and of which editions it was: taken from its `next`.",
    ),
]


def _iso(text: Any) -> Any:
    """A date is written out: a bare number would be read as seconds since 1970."""
    if isinstance(text, str) and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError("write a date such as 2026-10-01")
    return text


AsOf = Annotated[
    date | None, BeforeValidator(_iso), Query(None, alias="asOf", description="What was in force on that day.")
]
_PART: Final = "[A-Za-z0-9_-]{1,40}"
Breakdown = Annotated[
    str,
    Query(
        "all",
        pattern=rf"^(all|total|{_PART}={_PART}(;{_PART}={_PART}){{0,5}})$",
        description="`all`, `total`, or `codelist=code;codelist=code`.",
    ),
]
When = Annotated[
    str,
    Query("", pattern=r"^([1-9][0-9]{3}(-(Q[1-4]|0[1-9]|1[0-2]))?)?$", description="`2024`, `2024-Q1` or `2024-09`."),
]


ROOT: Final = "/api/v1/"


class OpenAPI(NinjaAPI):
    """Every answer carries an ETag of its content and may be read from any origin."""

    def get_root_path(self, path_params: dict[str, Any]) -> str:
        return ROOT

    def get_openapi_schema(self, **options: Any) -> Any:
        """The description, in which every refusal is a problem body of its own media type."""
        described = super().get_openapi_schema(**options)
        for operations in described["paths"].values():
            for operation in operations.values():
                for status, answer in operation["responses"].items():
                    if str(status) != "200" and "content" in answer:
                        answer["content"] = {"application/problem+json": answer["content"]["application/json"]}
        return described

    def create_response(
        self, request: HttpRequest, data: Any, *, status: int | None = None, temporal_response: Any = None
    ) -> HttpResponse:
        response = super().create_response(request, data, status=status, temporal_response=temporal_response)
        if response.status_code == 200:
            tag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
            if unchanged(request, tag):
                response = HttpResponseNotModified()
            response["ETag"] = tag
            response["Cache-Control"] = CHECKED
        return opened(response)


api = OpenAPI(
    title="Marsad open data",
    version="1",
    urls_namespace="api",
    docs_url=None,
    openapi_url="openapi.json",
    description=(
        "What the observatory publishes. A cell is a value, or withheld, missing or not applicable: the last three have "
        "no number and are never 0. Pages follow one another by the address in `next`. Large volumes: the files of an "
        "edition, or SDMX REST under /sdmx/."
    ),
)
_PROBLEMS: Final = {400: shapes.Problem, 404: shapes.Problem, 410: shapes.Problem, 422: shapes.Problem}


@api.exception_handler(Refused)
def _refused(request: HttpRequest, refused: Refused) -> HttpResponse:
    return problem_of(refused)


@api.exception_handler(Http404)
def _not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem(404, "address.unknown", found="no such address", remedy="see /api/v1/openapi.json")


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    told = error.errors[0]
    where = ".".join(str(part) for part in told["loc"][1:])
    return problem(422, "parameter.malformed", found=where, remedy=str(told["msg"]))


def _answers(shape: Any) -> Mapping[int, Any]:
    return {200: shape, **_PROBLEMS}


def _next(request: HttpRequest, key: object) -> str | None:
    """The address of the next page; None at the end."""
    if not key:
        return None
    query = {**{name: request.GET[name] for name in request.GET}, "after": str(key)}
    return request.build_absolute_uri(f"{request.path}?{urlencode(query)}")


def _page(request: HttpRequest, items: Sequence[Any], limit: int, key: str) -> dict[str, Any]:
    """The first ``limit`` of the items, which were read with one more than that."""
    return {"items": items[:limit], "next": _next(request, items[limit - 1][key] if len(items) > limit else None)}


@api.get("/indicators", response=_answers(shapes.Page[shapes.IndicatorBrief]), summary="Indicators")
def indicators(request: HttpRequest, limit: Limit, after: After, theme: Word = "") -> Any:
    found = catalogue.indicators(theme or None).filter(code__gt=after).order_by("code")[: limit + 1]
    return _page(request, [_indicator(each) for each in found], limit, "code")


def _indicator(found: Any) -> dict[str, Any]:
    return {
        "code": found.code,
        "theme": found.theme_id,
        "name": names_of(found),
        "unit": found.unit_id,
        "stock_or_flow": str(found.kind),
        "population_base": str(found.base),
        "breakdowns": found.breakdowns,
        "page": f"/en/indicators/{found.code}/",
    }


@api.get("/indicators/{code}", response=_answers(shapes.IndicatorWhole), summary="One indicator")
def indicator(request: HttpRequest, code: Word) -> Any:
    found = catalogue.indicator(code)
    if found is None:
        raise NotFound("indicator.unknown", found=repr(code[:24]), remedy="see /api/v1/indicators")
    return _indicator(found) | {
        "definition": names_of(found, "definition"),
        "method": names_of(found, "method"),
        "decimals": found.decimals,
        "additive": found.additive,
        "standard": found.standard,
    }


@api.get("/areas", response=_answers(shapes.Page[shapes.AreaBrief]), summary="Places")
def areas(request: HttpRequest, limit: Limit, after: After, level: Word = "") -> Any:
    chosen = catalogue.areas().filter(code__gt=after)
    if level:
        chosen = chosen.filter(level=level)
    return _page(request, [_area(each) for each in chosen.order_by("code")[: limit + 1]], limit, "code")


def _area(found: Any) -> dict[str, Any]:
    return {
        "code": found.code,
        "sdmx_code": code_id(found.code),
        "level": found.level,
        "parent": found.parent_id,
        "name": names_of(found),
        "valid_from": found.valid_from,
        "valid_to": found.valid_to,
    }


@api.get("/areas/{code}", response=_answers(shapes.AreaWhole), summary="One place, with its boundary")
def area(request: HttpRequest, code: Word) -> Any:
    found = catalogue.area(code)
    if found is None:
        raise NotFound("area.unknown", found=repr(code[:24]), remedy="see /api/v1/areas")
    return _area(found) | {"geometry": found.geometry}


@api.get("/codelists", response=_answers(list[str]), summary="Code lists")
def codelists(request: HttpRequest) -> Any:
    return sorted(catalogue_now().codes)


@api.get("/codelists/{code}", response=_answers(shapes.CodelistWhole), summary="One code list")
def codelist(request: HttpRequest, code: Word) -> Any:
    found = catalogue_now().codes.get(code)
    if found is None:
        raise NotFound("codelist.unknown", found=repr(code[:40]), remedy="see /api/v1/codelists")
    codes = [{"code": each.code, "parent": each.parent, "name": names_of(each)} for each in found.values()]
    return {"code": code, "codes": codes}


@api.get("/dataflows", response=_answers(list[shapes.DataflowBrief]), summary="Dataflows")
def dataflows(request: HttpRequest) -> Any:
    latest = editions.in_force()
    return [_dataflow(each, latest.get(each.code)) for each in dissemination.dataflows()]


def _dataflow(found: Any, latest: Any) -> dict[str, Any]:
    return {
        "code": found.code,
        "sdmx_id": code_id(found.code),
        "title": names_of(found, "title"),
        "description": names_of(found, "description"),
        "source": found.source_id,
        "latest": latest.number if latest else None,
    }


@api.get("/dataflows/{code}", response=_answers(shapes.DataflowWhole), summary="One dataflow with its editions")
def dataflow(request: HttpRequest, code: Word) -> Any:
    found = editions.dataflow(code)
    if found is None:
        raise NotFound("dataflow.unknown", found=repr(code[:60]), remedy="see /api/v1/dataflows")
    published = editions.editions_of(code)
    stale = _stale()
    told = [_edition(each, stale) for each in reversed(published)]
    return _dataflow(found, editions.latest_of(published)) | {"editions": told}


def _stale() -> set[int]:
    return {mark.edition_id for mark in dissemination.stale_editions()}


def _edition(found: Any, stale: set[int]) -> dict[str, Any]:
    root = f"/data/{found.dataflow_id}/{found.number}/"
    return {
        "dataflow": found.dataflow_id,
        "number": found.number,
        "published_on": found.published_on,
        "reason": names_of(found, "reason"),
        "vintage": found.vintage,
        "checksum": found.checksum,
        "observations": found.observation_count,
        "origin": found.origin,
        "stale": found.pk in stale,
        "page": f"/en/datasets/{found.dataflow_id}/{found.number}/",
        "files": {name: f"{root}{name}" for name in _FILES},
    }


@api.get(
    "/dataflows/{code}/editions", response=_answers(list[shapes.EditionBrief]), summary="Editions, the latest first"
)
def editions_of_dataflow(request: HttpRequest, code: Word) -> Any:
    return dataflow(request, code)["editions"]


@api.get("/dataflows/{code}/editions/{number}", response=_answers(shapes.EditionBrief), summary="One edition")
def edition(request: HttpRequest, code: Word, number: Word, as_of: AsOf) -> Any:
    """``latest`` is the edition in force, at the date ``asOf`` where one is given."""
    if number == "latest":
        found = editions.latest_of(editions.editions_of(code), as_of)
        if found is None:
            raise NotFound("edition.none", found=f"no edition of {code[:60]}", remedy="see /api/v1/dataflows")
        return _edition(found, _stale())
    return _edition(asked_edition(code, number)[1], _stale())


@api.get("/observations", response=_answers(shapes.Page[shapes.ObservationBrief]), summary="Observations")
def observations(
    request: HttpRequest,
    limit: Limit,
    after: AfterPinned,
    as_of: AsOf,
    breakdown: Breakdown,
    period_from: When,
    period_to: When,
    dataflow: Word = "",
    edition: Word = "",
    indicator: Word = "",
    area: Word = "",
    state: Literal["", "value", "withheld", "missing", "not_applicable"] = "",
) -> Any:
    """Observations of the editions in force (now, or at ``asOf``), or of one edition of one dataflow.

    Pages stay with the editions of the first one, whatever is published meanwhile; when one of these is withdrawn, there is
    no next page any more: 404.
    """
    key, _, pinned = after.partition(".")
    wanted = editions.Wanted(
        indicator=indicator or None,
        area=area or None,
        start=Period.parse(period_from).start if period_from else None,
        end=Period.parse(period_to).end if period_to else None,
        breakdown_key=_breakdown(breakdown),
        state=state or None,
    )
    chosen = _editions(dataflow, edition, as_of, pinned)
    points, last = editions.after(editions.of_editions(chosen, wanted), int(key or 0), limit=limit)
    items = [observation(p) | {"breakdown": dict(p.breakdown)} for p in points]
    return {"items": items, "next": _next(request, f"{last}.{_pin(chosen)}" if last else None)}


def _pin(chosen: Sequence[Any]) -> str:
    """Which editions the pages are of: the last one to be published, and a digest of all."""
    keys = sorted(each.pk for each in chosen)
    return f"{keys[-1]}.{hashlib.sha256(repr(keys).encode()).hexdigest()[:8]}"


def _breakdown(text: str) -> str | None:
    if text == "all":
        return None
    return "" if text == "total" else breakdown_key(parse_breakdown(text))


def _editions(dataflow: str, number: str, as_of: date | None, pinned: str) -> list[Any]:
    if number and not dataflow:
        raise NotFound("edition.of_what", found="an edition without a dataflow", remedy="name the dataflow too")
    if number and number != "latest":
        return [asked_edition(dataflow, number)[1]]
    found = editions.in_force(as_of, up_to=int(pinned.partition(".")[0]) if pinned else None)
    chosen = [found[dataflow]] if dataflow in found else [] if dataflow else list(found.values())
    if pinned and (not chosen or _pin(chosen) != pinned):
        raise NotFound(
            "pages.ended", found="pages of an edition that stands no more", remedy="begin again without after"
        )
    if dataflow and not chosen:
        raise NotFound("dataflow.unknown", found=repr(dataflow[:60]), remedy="see /api/v1/dataflows")
    return chosen


@api.get("/changes", response=_answers(shapes.Page[shapes.Change]), summary="What changed between two editions")
def changes(
    request: HttpRequest,
    dataflow: Word,
    before: Annotated[Word, Query(..., alias="from")],
    now: Annotated[Word, Query(..., alias="to")],
    limit: Limit,
    after: AfterKey,
) -> Any:
    """Cells added, removed and revised. ``after`` counts the changes already had."""
    had = int(after or 0)
    _, old = asked_edition(dataflow, before)
    _, new = asked_edition(dataflow, now)
    found = [revision(each) for each in islice(editions.revisions(old, new), had, had + limit + 1)]
    return {"items": found[:limit], "next": _next(request, had + limit if len(found) > limit else None)}


@api.get("/figures", response=_answers(shapes.Page[shapes.FigureBrief]), summary="Figures found in print")
def figures(request: HttpRequest, limit: Limit, after: After, indicator: Word = "") -> Any:
    chosen = ledger_figures().filter(code__gt=after)
    if indicator:
        chosen = chosen.filter(indicator=indicator)
    return _page(request, [_figure(each) for each in chosen.order_by("code")[: limit + 1]], limit, "code")


def _figure(found: Any) -> dict[str, Any]:
    same = ("code", "area_text", "period", "quantifier", "publisher", "url", "excerpt", "reliability", "role")
    return {
        **{name: str(getattr(found, name)) for name in same},
        "indicator": found.indicator_id,
        "concept": names_of(found, "concept"),
        "area": found.area_id,
        "value": format(found.value.normalize(), "f"),
        "unit": found.unit_id,
        "stock_or_flow": str(found.kind),
        "population_base": str(found.base),
        "case": found.case_id,
        "page": f"/en/figures/{found.code}/",
    }


@api.get("/search", response=_answers(list[shapes.FoundPage]), summary="Search the pages")
def search(
    request: HttpRequest,
    q: Word,
    lang: Literal["fr", "ar", "en"] = "fr",
    limit: Annotated[int, Query(20, ge=1, le=100)] = 20,
) -> Any:
    return [
        {"kind": each.kind, "code": each.code, "title": each.title, "summary": each.summary}
        for each in find(q, lang, limit=limit)
    ]
