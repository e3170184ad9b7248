"""The flows of the observatory, composed: who delivers, what is made of it, what rests on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from marsad.actors import queries as actors
from marsad.actors.models import Organisation
from marsad.catalogue import queries as catalogue
from marsad.coordination.flows import governance
from marsad.coordination.flows import queries as flows
from marsad.coordination.flows.graph import FlowGraph, code_of, kind_of
from marsad.coordination.flows.measures import Duplicate, Flow, FlowMeasures, delay_classes, duplicates, measure
from marsad.coordination.needs.models import Need
from marsad.coordination.needs.queries import open_needs
from marsad.dissemination import queries as dissemination
from marsad.dissemination.models import Edition, Observation, Provenance, Publication
from marsad.figures.queries import cases, unsettled_count
from marsad.planning.queries import indicators_by_tag
from migstat.model import Origin, Period

# Place, dimensions of the breakdown and last day of something delivered.
Delivered = tuple[str, frozenset[str], date]
PRODUCER, DATAFLOW, INDICATOR, TARGET = "producer", "dataflow", "indicator", "target"


def _observations(publication: Publication) -> QuerySet[Observation]:
    """What a publication shows of the real city: what the demonstration made up is no part of its flows."""
    shown = Observation.objects.filter(edition__publications=publication)
    return shown.exclude(edition__origin=Origin.SYNTHETIC).order_by()


def indicators_of_dataflows(publication: Publication) -> list[tuple[str, str]]:
    """Every pair of a dataflow and an indicator that it speaks to in a publication; real ones only."""
    return sorted(set(_observations(publication).values_list("edition__dataflow_id", "indicator_id").distinct()))


def released_from(publication: Publication, *, synthetic: bool) -> list[tuple[str, str]]:
    """Every pair of a collected dataflow and the published one whose current edition rests on it."""
    chains = Provenance.objects.filter(edition__publications=publication)
    made_up = {"edition__origin": Origin.SYNTHETIC}
    chains = chains.filter(**made_up) if synthetic else chains.exclude(**made_up)
    found = chains.values_list("edition__dataflow_id", "snapshots")
    return sorted({(one["dataflow"], made) for made, snapshots in found for one in snapshots if one.get("dataflow")})


def _standing(organisation: Organisation) -> str:
    """The entry that stands for an organisation: two entries made one are one producer."""
    return organisation.merged_into_id or organisation.code


def graph(publication: Publication) -> FlowGraph:
    """The graph of what rests on what, from the producers to the targets of the plan; the real city's only."""
    dataflows = list(dissemination.dataflows())
    made_up = {one.code for one in dataflows if any(each.origin == Origin.SYNTHETIC for each in one.editions.all())}
    edges = {
        (f"{PRODUCER}:{_standing(one.source.publisher)}", f"{DATAFLOW}:{one.code}")
        for one in dataflows
        if one.code not in made_up
    }
    edges |= {
        (f"{PRODUCER}:{flows.producer_of(one)}", f"{DATAFLOW}:{one.dataflow}") for one in flows.agreed(synthetic=False)
    }
    rests = released_from(publication, synthetic=False)
    edges |= {(f"{DATAFLOW}:{one}", f"{DATAFLOW}:{other}") for one, other in rests if one != other}
    measured = indicators_of_dataflows(publication)
    edges |= {(f"{DATAFLOW}:{one}", f"{INDICATOR}:{other}") for one, other in measured}
    spoken = {indicator for _, indicator in measured}
    edges |= {
        (f"{INDICATOR}:{indicator}", f"{TARGET}:{tag}")
        for tag, codes in indicators_by_tag().items()
        for indicator in codes
        if indicator in spoken
    }
    return FlowGraph.of(edges)


@dataclass(frozen=True)
class FlowRow:
    """A promised flow as the table shows it."""

    flow: Flow
    producer: Organisation
    measures: FlowMeasures
    delays: tuple[tuple[str, int], ...]
    is_used: bool


@dataclass(frozen=True)
class Support:
    """A producer alone under some indicators and targets."""

    producer: Organisation
    indicators: int
    targets: int


@dataclass(frozen=True)
class UnmetNeed:
    """An open public need whose data nobody delivers; ``why`` says what lacks first."""

    need: Need
    why: str


@dataclass(frozen=True)
class Unmet:
    """The public ones by name, the internal ones as a count."""

    named: tuple[UnmetNeed, ...]
    internal: int


def unmet_needs(publication: Publication) -> Unmet:
    """The open needs that no observation of a publication answers: of no indicator, place, group or period."""
    open_ones = list(open_needs())
    wanted = {one.indicator for one in open_ones if one.indicator}
    seen = _observations(publication).filter(indicator__in=wanted, state="value")
    columns = seen.values_list("indicator_id", "area_id", "breakdown_key", "period_end")
    delivered: dict[str, list[Delivered]] = {}
    for indicator, area, key, end in columns.distinct():
        delivered.setdefault(indicator, []).append((area, frozenset(_dimensions(key)), end))
    found = [(one, why_unmet(one, delivered.get(one.indicator, []))) for one in open_ones]
    lacking = [UnmetNeed(one, why) for one, why in found if why]
    return Unmet(tuple(one for one in lacking if one.need.is_public), sum(not one.need.is_public for one in lacking))


def _dimensions(text: str) -> list[str]:
    return [part.partition("=")[0].strip() for part in text.split(";") if part.strip()]


def why_unmet(need: Any, delivered: Iterable[Delivered]) -> str:
    """What lacks first: an indicator, any value of it, one of the place, of the group, of the period; empty if nothing."""
    if not need.indicator:
        return "no_indicator"
    left = list(delivered)
    if not left:
        return "nobody"
    dimensions = frozenset(_dimensions(need.group))
    start = Period.parse(need.period).start if need.period else None
    clauses: tuple[tuple[str, Callable[[Delivered], bool]], ...] = (
        ("not_here", lambda one: not need.area or one[0] == need.area),
        ("not_group", lambda one: dimensions <= one[1]),
        ("not_then", lambda one: start is None or one[2] >= start),
    )
    for why, fits in clauses:
        left = [one for one in left if fits(one)]
        if not left:
            return why
    return ""


@dataclass(frozen=True)
class Bottlenecks:
    """What the flows themselves show to be weak."""

    sole: tuple[Support, ...]
    twice: tuple[Duplicate, ...]
    silent: tuple[FlowRow, ...]
    unused: tuple[FlowRow, ...]


def rows(publication: Publication, *, today: date, synthetic: bool) -> list[FlowRow]:
    """Every promised flow with its measures; a flow is used when a current edition rests on its dataflow."""
    used = {one for one, _ in released_from(publication, synthetic=synthetic)}
    known = {one.code: one for one in actors.organisations()}
    found = []
    for flow in flows.flows(today=today, synthetic=synthetic):
        producer = known.get(flow.producer)
        if producer is not None:
            measured = measure(flow, today=today)
            found.append(FlowRow(flow, producer, measured, delay_classes(measured.delays), flow.dataflow in used))
    return found


def bottlenecks(whole: FlowGraph, promised: Sequence[FlowRow]) -> Bottlenecks:
    """Single points of failure, collections made twice, agreements without deliveries, deliveries without use."""
    known = {one.code: one for one in actors.organisations()}
    sole = [
        Support(known[code_of(node)], _count(fallen, INDICATOR), _count(fallen, TARGET))
        for node, fallen in whole.sole_supports(PRODUCER).items()
        if code_of(node) in known
    ]
    return Bottlenecks(
        tuple(sorted((one for one in sole if one.indicators), key=lambda one: (-one.indicators, one.producer.code))),
        tuple(duplicates(flows.collected_columns())),
        tuple(row for row in promised if row.measures.due and not row.measures.came),
        tuple(row for row in promised if row.measures.came and not row.is_used),
    )


def _count(nodes: Iterable[str], kind: str) -> int:
    return sum(kind_of(node) == kind for node in nodes)


@dataclass(frozen=True)
class Stop:
    """What a producer's silence takes away, and what it leaves standing on fewer sources."""

    dataflows: tuple[str, ...]
    editions: tuple[Edition, ...]
    indicators: tuple[Any, ...]
    targets: tuple[str, ...]
    weakened: tuple[Any, ...]


def stop_of(producer: str, publication: Publication) -> Stop:
    """What falls when a producer stops: dataflows, their current editions, indicators and targets of the plan."""
    whole = graph(publication)
    node = f"{PRODUCER}:{producer}"
    fallen, weakened = whole.fallen_without([node]), whole.weakened_without([node])
    records = {one.code: one for one in catalogue.indicators()}

    def codes(nodes: Iterable[str], kind: str) -> tuple[str, ...]:
        return tuple(sorted(code_of(one) for one in nodes if kind_of(one) == kind))

    gone = codes(fallen, DATAFLOW)
    editions = [one for one in dissemination.editions(publication) if one.dataflow_id in gone]
    return Stop(
        gone,
        tuple(editions),
        tuple(records[code] for code in codes(fallen, INDICATOR)),
        codes(fallen, TARGET),
        tuple(records[code] for code in codes(weakened, INDICATOR)),
    )


def computed_today(publication: Publication, *, today: date) -> Mapping[str, governance.Computed]:
    """The indicators on governance as the registers of the system give them on a day; real flows only."""
    seen = _observations(publication).filter(state="value")
    held: dict[str, governance.Held] = {}
    for code, key, end in seen.values_list("indicator_id", "breakdown_key", "period_end").distinct():
        before = held.get(code)
        dimensions = frozenset(part.partition("=")[0] for part in key.split(";") if part)
        newest = max(end, before.newest) if before else end
        held[code] = governance.Held(newest, dimensions | (before.dimensions if before else frozenset()))
    published = _publication_days(publication)
    own = [one.code for one in catalogue.indicators() if not one.code.startswith("CTX-")]
    found = (
        governance.coverage(own, held, today=today),
        governance.timeliness(published),
        governance.formalities(flows.formalities_done(today=today)),
        governance.punctuality(flows.flows(today=today, synthetic=False), today=today),
        governance.open_conflicts(unsettled_count(), cases().count()),
    )
    return {one.code: one for one in found}


def _publication_days(publication: Publication) -> list[tuple[date, date]]:
    """End of the newest period and day of publication of each current edition."""
    newest: dict[int, tuple[date, date]] = {}
    found = _observations(publication)
    for edition, end, on in found.values_list("edition_id", "period_end", "edition__published_on").distinct():
        if edition not in newest or end > newest[edition][0]:
            newest[edition] = (end, on)
    return list(newest.values())
