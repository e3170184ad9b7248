"""SDMX REST, data: the paths of 2.x (/sdmx/data/{context}/{agency}/{resource}/{version}/{key}) and of 1.x ({flow}/{key})."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from itertools import islice
from typing import Any, Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from marsad.dissemination import queries_open as editions
from marsad.dissemination.queries import Point, dataflows
from marsad.observatory.open_answers import NotFound, NotOffered, answered, etag, open_data, peeked
from marsad.observatory.open_rows import Selection
from marsad.observatory.open_structure import ATTRIBUTES, FlowStructure, agency, catalogue_version, flow_structure
from marsad.observatory.sdmx_negotiation import CSV, DATA, JSON, Format, accepted_parameter, asked
from migstat.exchange import sdmx_query as question
from migstat.exchange.sdmx_artefacts import TIME, code_id
from migstat.exchange.sdmx_csv import sdmx_csv
from migstat.exchange.sdmx_data_json import sdmx_json
from migstat.exchange.sdmx_data_xml import sdmx_xml
from migstat.exchange.sdmx_header import Header
from migstat.exchange.sdmx_message import Columns, DataSet, Row, limited
from migstat.model import Refused

CONTEXTS: Final = ("dataflow", "datastructure", "provisionagreement", "*")
_YES: Final = {"true": True, "1": True, "false": False, "0": False, "": False}


@dataclass(frozen=True)
class Question:
    """A question for data, checked against the structure of its dataflow."""

    selection: Selection
    columns: Columns
    editions: Sequence[Any]
    since: Any = None
    first: int | None = None
    last: int | None = None
    offset: int = 0
    limit: int | None = None

    @property
    def structure(self) -> FlowStructure:
        return self.selection.structure


@open_data
def data(
    request: HttpRequest,
    context: str = "*",
    agency_id: str = "*",
    resource: str = "*",
    version: str = "*",
    key: str = "*",
) -> HttpResponseBase:
    """Observations of one dataflow, in any of the three formats."""
    if context not in CONTEXTS:
        raise Refused("sdmx.context", found=repr(context[:40]), remedy="use one of " + " ".join(CONTEXTS))
    return _answer(request, flow_asked(context, agency_id, resource, version), key)


@open_data
def data_of_flow(request: HttpRequest, flow: str, key: str = "all", provider: str = "all") -> HttpResponseBase:
    """The same in the paths of REST 1.x: a flow is ``ID``, ``AGENCY,ID`` or ``AGENCY,ID,VERSION``."""
    if provider not in {"all", "*", agency()}:
        raise NotFound("sdmx.no_results", found="another provider", remedy=f"leave it out, or ask for {agency()}")
    parts = flow.split(",")
    if len(parts) > 3:
        raise Refused("sdmx.flow", found=repr(flow[:80]), remedy="write AGENCY,ID,VERSION")
    agency_id, resource, version = ("*", parts[0], "*") if len(parts) == 1 else (*parts, "*")[:3]
    return _answer(request, flow_asked("dataflow", agency_id, resource, version), key)


def flow_asked(context: str, agency_id: str, resource: str, version: str) -> FlowStructure:
    """The one dataflow that is meant. Raises NotFound for none and NotOffered for several."""
    wanted = question.reference(agency_id, resource, version)
    if context == "provisionagreement":
        raise NotFound("sdmx.no_results", found="a provision agreement", remedy="ask for a dataflow")
    prefix = "DSD_" if context == "datastructure" else ""
    codes = [each.code for each in dataflows() if wanted.agrees(agency(), f"{prefix}{code_id(each.code)}")]
    if len(codes) > 1:
        raise NotOffered("sdmx.several_flows", found=f"{len(codes)} dataflows", remedy="ask for one dataflow at a time")
    found = flow_structure(codes[0]) if codes else None
    if found is None or not wanted.version_agrees(found.artefact.version):
        raise NotFound(
            "sdmx.flow_unknown",
            found=f"{agency_id}:{resource}({version})"[:120],
            remedy="see /sdmx/structure/dataflow for those that exist",
        )
    return found


def _answer(request: HttpRequest, structure: FlowStructure, key: str) -> HttpResponseBase:
    format = asked(request, DATA)
    wanted = read_question(request, structure, key)
    labels, keys = accepted_parameter(request, "labels") or "id", accepted_parameter(request, "keys") or "none"
    tag = etag(
        *(each.checksum for each in wanted.editions),
        catalogue_version(),
        key,
        request.GET.urlencode(),
        format,
        labels,
        keys,
    )

    def write() -> Iterable[str]:
        sets = [each for each in data_sets(wanted) if _has_rows(each)]
        if not sets:
            raise NotFound("sdmx.no_results", found="no observation", remedy="see /sdmx/availability for what there is")
        prepared = beginning(structure.editions[-1])
        return message(format, wanted.columns, sets, prepared=prepared, labels=labels, keys=keys)

    name = f"{structure.artefact.id}.{format.extension}"
    return answered(request, tag, write, format.content_type, name=name, negotiated=True)


def read_question(request: HttpRequest, structure: FlowStructure, key: str) -> Question:
    """The parameters of a question for data. Raises Refused for each that is malformed."""
    given = request.GET
    dsd = structure.artefact.structure
    assert dsd is not None
    refuse_not_offered(request)
    filters = question.parse_filters({name: given.getlist(name) for name in given}, dsd)
    detail = given.get("detail", "full")
    if detail not in {"full", "dataonly"}:
        raise NotOffered(
            "sdmx.detail", found=repr(detail[:40]), remedy="use full or dataonly, or attributes and measures"
        )
    attributes = "none" if detail == "dataonly" else given.get("attributes", "all")
    columns = Columns(
        structure.artefact,
        question.chosen(given.get("measures", "all"), ["OBS_VALUE"], "measures"),
        question.chosen(attributes, ATTRIBUTES, "attributes"),
        given.get("dimensionAtObservation", TIME),
    )
    return Question(
        selection=Selection.read(structure, key, filters),
        columns=columns,
        editions=_editions(request, structure),
        since=moment_after(request),
        first=_count(given, "firstNObservations"),
        last=_count(given, "lastNObservations"),
        offset=question.whole_number(given["offset"], "offset", least=0) if given.get("offset") else 0,
        limit=_count(given, "limit"),
    )


def refuse_not_offered(request: HttpRequest) -> None:
    """Raises NotOffered for the parameters of the standard that would change an answer and are not understood here."""
    for name in ("sort", "reportingYearStartDay"):
        if name in request.GET:
            raise NotOffered(
                f"sdmx.{name}", found=name, remedy="leave it out: rows come series by series, in order of time"
            )


def moment_after(request: HttpRequest) -> datetime | None:
    """``updatedAfter``. Raises Refused where it lies after ``asOf``: nothing that was then can have changed since."""
    since, as_of = request.GET.get("updatedAfter", ""), request.GET.get("asOf", "")
    after = question.moment(since, "updatedAfter") if since else None
    if after and as_of and after > question.moment(as_of, "asOf"):
        raise Refused("sdmx.updatedAfter", found="a moment after asOf", remedy="ask for what changed before asOf")
    return after


def _count(given: Any, name: str) -> int | None:
    return question.whole_number(given[name], name) if given.get(name) else None


def _editions(request: HttpRequest, structure: FlowStructure) -> list[Any]:
    """The edition in force at ``asOf`` (now), or with ``includeHistory`` every edition up to it, the latest first."""
    as_of = request.GET.get("asOf", "")
    moment = question.moment(as_of, "asOf") if as_of else None
    day = moment.date() if moment else None
    history = request.GET.get("includeHistory", "").lower()
    if history not in _YES:
        raise Refused("sdmx.includeHistory", found=repr(history[:20]), remedy="write true or false")
    known = [each for each in structure.editions if day is None or each.published_on <= day]
    if not known:
        raise NotFound("sdmx.no_edition", found="no edition at that date", remedy="ask for a later asOf")
    return known[::-1] if _YES[history] else [known[-1]]


def data_sets(wanted: Question) -> list[DataSet]:
    """The data sets of an answer: one per edition, or what changed since a moment and what was removed."""
    if (wanted.offset or wanted.limit) and (wanted.since is not None or len(wanted.editions) > 1):
        raise NotOffered("sdmx.limit", found="limit with several data sets", remedy="ask for one edition (asOf)")
    if wanted.since is not None:
        return _changed(wanted)
    found = []
    for edition in wanted.editions:
        rows = limited(wanted.columns, wanted.selection.rows(edition, wanted.columns), wanted.first, wanted.last)
        if wanted.offset or wanted.limit:
            rows = islice(rows, wanted.offset, wanted.offset + wanted.limit if wanted.limit else None)
        start, end = _life(wanted.structure, edition)
        many = len(wanted.editions) > 1
        found.append(DataSet(_Peeking(rows), valid_from=start if many else None, valid_to=end if many else None))
    return found


class _Peeking:
    """Rows of which the first may be looked at without losing it."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = peeked(rows)
        self.any = self._rows is not None

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows or ())


def _has_rows(data_set: DataSet) -> bool:
    return isinstance(data_set.rows, _Peeking) and data_set.rows.any


def _life(structure: FlowStructure, edition: Any) -> tuple[datetime, datetime | None]:
    """From when to when an edition was the one in force."""
    later = [each for each in structure.editions if (each.published_on, each.pk) > (edition.published_on, edition.pk)]
    return beginning(edition), beginning(later[0]) if later else None


def beginning(edition: Any) -> datetime:
    return datetime.combine(edition.published_on, time.min, UTC)


def _changed(wanted: Question) -> list[DataSet]:
    """What was added or revised since, as Replace; what was removed, as Delete. Everything where nothing was there before."""
    before = editions.latest_of(wanted.structure.editions, wanted.since.date())
    now = wanted.editions[0]
    gone = editions.withdrawn_since(wanted.structure.dataflow.code, wanted.since)
    if gone is not None and before is not None and (gone.published_on, gone.pk) < (before.published_on, before.pk):
        gone = None
    if before is None or gone is not None:
        rows = limited(wanted.columns, wanted.selection.rows(now, wanted.columns), wanted.first, wanted.last)
        every = DataSet(_Peeking(rows), action="Replace")
        return [every, DataSet(_Peeking(_forgotten(wanted, gone, now)), action="Delete")] if gone else [every]
    if before.pk == now.pk:
        return []
    return [
        DataSet(_Peeking(_revised(wanted, before, now, removed=removed)), action=action)
        for removed, action in ((False, "Replace"), (True, "Delete"))
    ]


def _forgotten(wanted: Question, gone: Any, now: Any) -> Iterator[Row]:
    """The cells of a withdrawn edition that are in force no more, by their keys: what else they held is told to nobody.

    A cell by a dimension that went with the edition has no key any more: the structure that it had is gone, too.
    """
    known = set(wanted.structure.lists)
    removed = (each.point for each in editions.revisions(gone, now) if each.kind == "removed")
    removed = (point for point in removed if known.issuperset(point.breakdown))
    bare = (
        replace(each, state="missing", value=None, withheld_for="", low=None, high=None, status="O",
                heading="", note_fr="", note_ar="", note_en="")
        for each in removed
    )  # fmt: skip
    return _in_series(wanted, filter(wanted.selection.agrees, bare))


def _revised(wanted: Question, before: Any, now: Any, *, removed: bool) -> Iterator[Row]:
    found = (
        each.point
        for each in editions.revisions(before, now)
        if (each.kind == "removed") is removed and wanted.selection.agrees(each.point)
    )
    return _in_series(wanted, found)


def _in_series(wanted: Question, points: Iterable[Point]) -> Iterator[Row]:
    """Revisions come cell by cell; a message wants them series by series."""
    places = wanted.columns.series_places if wanted.columns.in_series else range(len(wanted.columns.dimensions))
    rows = wanted.selection.as_rows(points, wanted.columns)
    in_order = sorted(rows, key=lambda row: [str(row[n]) for n in places])
    return limited(wanted.columns, in_order, wanted.first, wanted.last)


def message(
    format: Format,
    columns: Columns,
    sets: Sequence[DataSet],
    *,
    prepared: datetime,
    labels: str = "id",
    keys: str = "none",
) -> Iterator[str]:
    """The parts of a data message in a format. ``prepared`` is the moment of the latest edition, so that the same question
    has the same bytes until something is published."""
    if format is CSV:
        return sdmx_csv(columns, sets, labels=labels, keys=keys)
    header = Header(f"DATA_{columns.dataflow.id}", agency(), prepared)
    return sdmx_json(header, columns, sets) if format is JSON else sdmx_xml(header, columns, sets)
