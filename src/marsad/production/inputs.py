"""What a run can be made of: definitions of the city pack, frozen snapshots, published values; and the plans made of them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.conf import settings

from marsad.catalogue.models import Area, Code
from marsad.catalogue.models import Indicator as CatalogueIndicator
from marsad.collection.models import Snapshot
from marsad.collection.pseudonyms import PSEUDONYM
from marsad.collection.queries_dataflows import collected_dataflow, identifying_columns, structure_of
from marsad.collection.queries_snapshots import frozen_snapshots
from marsad.collection.queries_snapshots import snapshot as snapshot_of
from marsad.collection.rules_store import SnapshotState
from marsad.dissemination.models import Observation, Publication
from marsad.observatory.city import city
from marsad.production.evaluating import definition_of
from marsad.production.linkage import queries as linkage_queries
from marsad.production.linkage.draws import capture_draws
from marsad.production.linkage.rules import LinkageState
from marsad.production.rules import Plan, Step, StepKind
from migstat.indicators import Indicator
from migstat.model import Period, Refused
from migstat.model.structure import Role

Json = dict[str, Any]
# The part of a study that is read for what was before its period.
EARLIER: Final = "start"


@dataclass(frozen=True)
class Definition:
    """A definition of the pack: its code, the indicator that it computes, and its text as it stands now."""

    code: str
    indicator: Indicator
    text: str


def _folder() -> Path:
    return Path(settings.ENVIRONMENT.city) / "definitions"


def definitions() -> list[Definition]:
    """Every definition of the pack that can be read, by code. Those that cannot are what ``check-city`` tells of."""
    found = []
    for path in sorted(_folder().glob("*.toml")):
        try:
            found.append(definition(path.stem))
        except Refused:
            continue
    return found


def definition(code: str) -> Definition:
    """Raises ``Refused("production.definition")`` for a code that the pack does not have, and what the text is refused for."""
    path = _folder() / f"{code}.toml"
    if path.name != f"{code}.toml" or "/" in code or not path.is_file():
        raise Refused("production.definition", found="no such definition", remedy="choose one of the city pack")
    text = path.read_text("utf-8")
    frozen = {"definition": text, "codelists": _codelists(text), "periods": ["2000"]}
    return Definition(code, definition_of(frozen)[0], text)


def _codelists(text: str) -> dict[str, list[list[str]]]:
    """The code lists that a definition names, as they stand in the catalogue: frozen with the run."""
    names = {axis["codelist"] for axis in tomllib.loads(text).get("by", ()) if axis.get("codelist")}
    lists: dict[str, list[list[str]]] = {}
    words = ("name_fr", "name_ar", "name_en")
    if "area" in names:
        areas = Area.objects.order_by("sort", "code").values_list("code", "parent_id", *words)
        lists["area"] = [[code, parent or "", *each] for code, parent, *each in areas]
    for name in sorted(names - {"area"}):
        rows = Code.objects.filter(codelist=name).order_by("sort", "code").values_list("code", "parent", *words)
        lists[name] = [list(each) for each in rows]
    return lists


def definition_settings(code: str, periods: Sequence[str]) -> Json:
    """What a step that computes a definition holds: the text, its code lists, the periods, the area of the whole city."""
    text = definition(code).text
    return {
        "code": code,
        "definition": text,
        "codelists": _codelists(text),
        "periods": [str(Period.parse(one.strip())) for one in periods],
        "home": home(),
    }


def home() -> str:
    """The area that a table without areas is about."""
    return str(city()["home_area"])


# --- snapshots --------------------------------------------------------------------------------------------------------------


def snapshots_of(dataflows: Iterable[str]) -> list[Snapshot]:
    """The frozen snapshots of some dataflows, the latest first."""
    return list(frozen_snapshots().filter(dataflow__in=list(dataflows)).order_by("-created_at", "pk"))


def reading(id: str, snapshot_id: str) -> Step:
    """The step that reads a snapshot, frozen with its checksum. Raises ``Refused``: ``snapshot.unknown``, ``.erased``."""
    found = snapshot_of(snapshot_id)
    if found is None:
        raise Refused("snapshot.unknown", found="no snapshot of that number", remedy="choose one of the list")
    if found.state != SnapshotState.FROZEN:
        raise Refused("snapshot.erased", found="a snapshot that was erased", remedy="use the one that replaces it")
    return Step(
        id,
        StepKind.READ,
        {
            "snapshot": str(found.pk),
            "dataflow": found.dataflow_id,
            "period": found.period,
            "checksum": found.checksum,
            "synthetic": found.is_synthetic,
        },
    )


def plan_of_definitions(codes: Sequence[str], periods: Sequence[str], snapshots: Sequence[str]) -> Plan:
    """A plan that evaluates definitions, each on the snapshots of the dataflows that it reads.

    Raises ``Refused("production.no_snapshot")`` where a dataflow of a definition has none among those chosen.
    """
    reads = [reading(f"rows-{number}", one) for number, one in enumerate(snapshots, 1)]
    steps = []
    for code in codes:
        needed = definition(code).indicator.dataflows
        after = tuple(read.id for read in reads if read.settings["dataflow"] in needed)
        given = {read.settings["dataflow"] for read in reads}
        lacking = [dataflow for dataflow in needed if dataflow not in given]
        if lacking:
            raise Refused("production.no_snapshot", found=", ".join(lacking), remedy="choose a snapshot of it")
        for dataflow in needed:
            demand_covered(periods, [read for read in reads if read.settings["dataflow"] == dataflow])
        steps.append(Step(code, StepKind.EVALUATE, definition_settings(code, periods), after))
    used = {id for step in steps for id in step.after}
    return Plan((*(read for read in reads if read.id in used), *steps))


def demand_covered(periods: Sequence[str], reads: Sequence[Step]) -> None:
    """Rows of one year say nothing of another: what is counted of it would be 0 where nobody looked.

    Every period meets that of a snapshot; one that does not say its period may hold any. Raises
    ``Refused("production.other_period")``.
    """
    held = [read.settings["period"] for read in reads]
    if not all(held):
        return
    known = [Period.parse(one) for one in held]
    for period in map(Period.parse, periods):
        if not any(one.start <= period.end and period.start <= one.end for one in known):
            raise Refused(
                "production.other_period", found=f"{period}, of snapshots of {', '.join(held)}",
                remedy="choose the snapshot of the period, or the period of the snapshot",
            )  # fmt: skip


def plan_of_study(study: str, chosen: Mapping[str, Any], sources: Mapping[str, str]) -> Plan:
    """A plan of one study; ``sources`` gives the snapshot of each part that the study's settings name.

    Raises ``Refused("production.other_period")`` where the study is of another period than what it reads.
    """
    reads = tuple(reading(name, snapshot_id) for name, snapshot_id in sources.items())
    asked = [chosen["period"]] if chosen.get("period") else list(chosen.get("periods", ()))
    for read in reads:
        if read.id != EARLIER:
            demand_covered(asked, [read])
    said = {"study": study, "home": home(), **chosen}
    return Plan((*reads, Step(study, StepKind.ESTIMATE, said, tuple(sources))))


# --- what is published ------------------------------------------------------------------------------------------------------


def indicator_settings(code: str, unit: str = "") -> Json:
    """The catalogue's indicator that a study estimates. Raises ``Refused("production.indicator")``."""
    found = CatalogueIndicator.objects.filter(pk=code).first()
    if found is None or (unit and found.unit_id != unit):
        raise Refused("production.indicator", found=code, remedy="choose an indicator of the unit of the estimate")
    return {"code": found.pk, "unit": found.unit_id, "kind": found.kind, "base": found.base}


def indicators_of(units: Sequence[str]) -> list[CatalogueIndicator]:
    return list(CatalogueIndicator.objects.filter(unit__in=list(units)).order_by("code"))


def published_by_area(indicator: str) -> dict[str, float]:
    """The latest published value of an indicator in every area, totals of breakdowns alone."""
    latest = Publication.objects.order_by("-published_at", "-id").first()
    found = Observation.objects.filter(
        indicator=indicator, breakdown_key="", state="value", edition__publications=latest, edition__origin="real"
    )
    return {
        area: value
        for area, value in found.order_by("period_end", "id").values_list("area", "value")
        if value is not None
    }


def covariates_of(codes: Sequence[str]) -> dict[str, dict[str, float]]:
    """Known values of areas, by indicator: what a model of small areas leans on."""
    return {code: published_by_area(code) for code in codes}


# --- what forms ask ---------------------------------------------------------------------------------------------------------


def every_snapshot() -> list[Snapshot]:
    return list(frozen_snapshots().order_by("-created_at", "pk"))


def one_period(text: str) -> str:
    """One period as it is written everywhere. Raises ``Refused("period.form")``."""
    return str(Period.parse(text.strip()))


def dataflows_of(snapshots: Iterable[str]) -> list[str]:
    """The dataflow of each snapshot, in order. Raises ``Refused("snapshot.unknown")``."""
    return [str(reading("asked", one).settings["dataflow"]) for one in snapshots]


def key_of(dataflows: Sequence[str]) -> list[str]:
    """The pseudonyms that together tell one person in every one of these dataflows. Raises ``Refused("production.key")``."""
    keys = {tuple(identifying_columns(collected_dataflow(one))) for one in dataflows}
    purposes = {collected_dataflow(one).purpose for one in dataflows}
    if len(keys) != 1 or len(purposes) != 1:
        raise Refused(
            "production.key", found="lists with other keys or purposes", remedy="choose lists that tell people alike"
        )
    return [f"{name}{PSEUDONYM}" for name in keys.pop()]


def attributes(dataflow: str, language: str) -> list[tuple[str, str]]:
    """The columns of a dataflow that are questions or traits of people, each with its words where it has any."""
    try:
        found = structure_of(dataflow).with_role(Role.ATTRIBUTE)
    except Refused:
        return []
    return [(one.name, f"{one.label.in_language(language)} ({one.name})" if one.label else one.name) for one in found]


def indicators_by_area() -> list[CatalogueIndicator]:
    """The indicators of which a value is published for every area of the map."""
    wanted = set(city()["map_areas"])
    latest = Publication.objects.order_by("-published_at", "-id").first()
    shown = Observation.objects.filter(
        edition__publications=latest, edition__origin="real", breakdown_key="", state="value", area__in=wanted
    )
    areas: dict[str, set[str]] = {}
    for indicator, area in shown.order_by().values_list("indicator", "area").distinct():
        areas.setdefault(indicator, set()).add(area)
    full = [code for code, found in areas.items() if found >= wanted]
    return list(CatalogueIndicator.objects.filter(pk__in=full).order_by("code"))


# --- linkages ---------------------------------------------------------------------------------------------------------------

DRAWS: Final = 20
_DRAWN_FROM: Final = 1


def linkages() -> list[tuple[str, str]]:
    """The linkages that have pairs, with their lists and the day on which they were asked for."""
    standing = linkage_queries.linkages().filter(state__in=(LinkageState.LINKED, LinkageState.CLOSED))
    return [
        (str(one.pk), f"{', '.join(each['name'] for each in one.lists)} · {one.asked_at:%Y-%m-%d}")
        for one in standing.order_by("-asked_at", "id")
    ]


def linkage_settings(linkage: str) -> tuple[Json, list[str]]:
    """Capture tables drawn from a linkage with what reviewers decided by now, frozen with the run; and its snapshots.

    Raises ``Refused``: ``linkage.not_linked``, ``mse.*``.
    """
    found = linkage_queries.linkage_of(UUID(linkage))
    if found is None:
        raise Refused("linkage.not_linked", found="no linkage of that number", remedy="choose one of the list")
    tables = capture_draws(found.pk, draws=DRAWS, seed=_DRAWN_FROM)
    drawn = {"linkage": linkage, "lists": list(tables[0].lists), "counts": [table.counts.tolist() for table in tables]}
    return {"draws": drawn}, [each["snapshot"] for each in found.lists]
