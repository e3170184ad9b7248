"""What a request lacks before anybody can review it: codes that no catalogue knows, chains that lead nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from marsad.catalogue.models import Area, Code, Indicator, Source
from marsad.coordination.agreements.queries import terms_of
from marsad.coordination.agreements.rules import RecipientClass
from marsad.dissemination.models import Dataflow, Edition
from marsad.dissemination.rules import place_of
from marsad.release.bundles import policy_from_json
from marsad.release.models import ReleaseRequest, RequestTable
from marsad.release.past import table_of
from marsad.release.rules import Missing
from migstat.model import Origin, PopulationBase, Refused
from migstat.model.tables import VALUE, Table

_ESTIMATED: Final = "E"


def missing_metadata(request: ReleaseRequest) -> list[dict[str, str]]:
    """Everything missing at once: what (``Missing``) and where (a code), in a stable order."""
    found = [*_of_the_request(request)]
    for stored in request.tables.select_related("request"):
        found += _of_a_table(stored)
    unique = {(what.value, where): None for what, where in found}
    return [{"what": what, "where": where} for what, where in sorted(unique)]


def _of_the_request(request: ReleaseRequest) -> Iterator[tuple[Missing, str]]:
    if not request.tables.exists():
        yield Missing.TABLES, ""
    if not Source.objects.filter(pk=request.source).exists():
        yield Missing.SOURCE, request.source
    if Dataflow.objects.filter(pk=request.dataflow, from_pack=True).exists():
        yield Missing.DATAFLOW, request.dataflow
    origin = Origin.SYNTHETIC if request.is_synthetic else Origin.REAL
    others = Edition.objects.filter(dataflow=request.dataflow, tombstone=None).exclude(origin=origin)
    if others.exists():
        yield Missing.ORIGIN, request.dataflow


def _of_a_table(stored: RequestTable) -> Iterator[tuple[Missing, str]]:
    table, name = table_of(stored), stored.content["id"]
    yield from _of_the_measure(table)
    yield from _of_the_cells(table)
    if not stored.definition:
        yield Missing.DEFINITION, name
    if not stored.run:
        yield Missing.RUN, name
    if not stored.snapshots:
        yield Missing.LINEAGE, name
    if stored.base not in set(PopulationBase):
        yield Missing.BASE, name
    if stored.status == _ESTIMATED:
        if not stored.method:
            yield Missing.METHOD, name
        valued = {table.codes_at(row) for row in range(len(table)) if table.states[row] == VALUE}
        if valued - {tuple(codes) for codes, _, _ in stored.intervals}:
            yield Missing.INTERVALS, name
    yield from _of_the_agreements(stored)


def _of_the_measure(table: Table) -> Iterator[tuple[Missing, str]]:
    code = table.measure.indicator
    indicator = Indicator.objects.filter(pk=code).first()
    if indicator is None:
        yield Missing.INDICATOR, code
        return
    if indicator.unit_id != table.measure.unit:
        yield Missing.UNIT, code
    if indicator.kind != table.measure.kind:
        yield Missing.KIND, code


def _of_the_cells(table: Table) -> Iterator[tuple[Missing, str]]:
    """Places and codes that the catalogue does not know."""
    names = [dimension.id for dimension in table.dimensions]
    try:
        places = [place_of(names, table.codes_at(row), table.coordinates) for row in range(len(table))]
    except Refused:
        yield Missing.PLACE, table.id
        return
    areas = {place.area for place in places}
    for area in sorted(areas - set(Area.objects.filter(pk__in=areas).values_list("pk", flat=True))):
        yield Missing.AREA, area
    codes = {(name, code) for place in places for name, code in place.breakdown.items()}
    known = set(Code.objects.filter(codelist__in={name for name, _ in codes}).values_list("codelist_id", "code"))
    for name, code in sorted(codes - known):
        yield Missing.CODE, f"{name}={code}"


def _of_the_agreements(stored: RequestTable) -> Iterator[tuple[Missing, str]]:
    """A table may not show smaller cells than the agreements of its deliveries allow, nor go to whom they do not name.

    What is published, the public receives.
    """
    smallest = policy_from_json(stored.request.policy)["rules"].get("minimum_frequency", {}).get("threshold", 0) + 1
    for code in sorted(agreements_of(stored.snapshots)):
        try:
            terms = terms_of(code)
        except Refused:
            yield Missing.LINEAGE, code
            continue
        if smallest < terms.minimum_cell:
            yield Missing.MINIMUM_CELL, code
        if RecipientClass.PUBLIC not in terms.recipient_classes:
            yield Missing.RECIPIENTS, code


def agreements_of(snapshots: list[dict[str, Any]]) -> set[str]:
    """The agreements under which the deliveries of some snapshots came."""
    return {each["agreement"] for one in snapshots for each in one["deliveries"] if each["agreement"]}
