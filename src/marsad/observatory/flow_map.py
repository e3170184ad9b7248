"""The flows of the observatory, composed: what was promised beside what came, what is weak, what falls with whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.db.models import Max

from marsad.actors.models import Organisation
from marsad.coordination.flows import governance
from marsad.coordination.flows import queries as flows
from marsad.coordination.flows.graph import code_of, kind_of
from marsad.coordination.flows.measures import (
    Duplicate,
    Flow,
    FlowMeasures,
    Quality,
    delay_classes,
    duplicates,
    measure,
    over_time,
)
from marsad.coordination.needs.models import Need
from marsad.coordination.needs.queries import open_needs
from marsad.dissemination import queries as dissemination
from marsad.dissemination.models import Edition
from marsad.figures.queries import case_counts
from marsad.observatory.flow_book import DATAFLOW, INDICATOR, PRODUCER, TARGET, FlowBook, observations
from migstat.model import Period
from migstat.quality.plain_words import plain

_MEASURED = ("value", "withheld")
# Place, dimensions of the breakdown and last day of something delivered.
Delivered = tuple[str, frozenset[str], date]


@dataclass(frozen=True)
class FlowRow:
    """A promised flow as the table shows it."""

    flow: Flow
    producer: Organisation
    measures: FlowMeasures
    delays: tuple[tuple[str, int], ...]
    is_used: bool

    @property
    def over_time(self) -> tuple[Quality, ...]:
        return over_time(self.flow)


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


def unmet_needs(publication: Any, open_ones: Iterable[Need] | None = None) -> Unmet:
    """The open needs that no observation of a publication answers: of no indicator, place, group or period."""
    every = list(open_needs() if open_ones is None else open_ones)
    wanted = {one.indicator for one in every if one.indicator}
    seen = observations(publication).filter(indicator__in=wanted, state="value")
    columns = seen.values_list("indicator_id", "area_id", "breakdown_key").annotate(end=Max("period_end"))
    # The newest of each place and way of breaking down: a group of hundreds of codes is one delivery.
    newest: dict[str, dict[tuple[str, frozenset[str]], date]] = {}
    for indicator, area, key, end in columns:
        kept = newest.setdefault(indicator, {})
        place = (area, _dimensions(key))
        kept[place] = max(end, kept.get(place, end))
    delivered = {code: [(*place, end) for place, end in found.items()] for code, found in newest.items()}
    found = [(one, why_unmet(one, delivered.get(one.indicator, []))) for one in every]
    lacking = [UnmetNeed(one, why) for one, why in found if why]
    return Unmet(tuple(one for one in lacking if one.need.is_public), sum(not one.need.is_public for one in lacking))


@lru_cache(maxsize=16384)
def _dimensions(text: str) -> frozenset[str]:
    return frozenset(part.partition("=")[0].strip() for part in text.split(";") if part.strip())


def why_unmet(need: Any, delivered: Iterable[Delivered]) -> str:
    """What lacks first: an indicator, any value of it, one of the place, of the group, of the period; empty if nothing."""
    if not need.indicator:
        return "no_indicator"
    left = list(delivered)
    if not left:
        return "nobody"
    dimensions = _dimensions(need.group)
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
class Joint:
    """A producer or a dataset without which the graph comes apart: the one or the other is given, or the code alone."""

    code: str
    producer: Organisation | None
    dataflow: Any | None


@dataclass(frozen=True)
class Cut:
    """The targets that lose every source once so many producers, datasets or indicators stop, and no fewer."""

    stops: int
    targets: tuple[Any, ...]


@dataclass(frozen=True)
class Bottlenecks:
    """What the flows themselves show to be weak."""

    sole: tuple[Support, ...]
    joints: tuple[Joint, ...]
    cuts: tuple[Cut, ...]
    twice: tuple[Duplicate, ...]
    silent: tuple[FlowRow, ...]
    unused: tuple[FlowRow, ...]


def rows(book: FlowBook, *, synthetic: bool) -> list[FlowRow]:
    """Every promised flow with its measures; a flow is used when a current edition rests on its dataflow."""
    used = {collected for collected, _ in book.released(synthetic=synthetic)}
    found = []
    for one in book.promised(synthetic=synthetic):
        measured = measure(one.flow, today=book.today)
        delays = delay_classes(measured.delays)
        found.append(FlowRow(one.flow, one.producer, measured, delays, one.flow.dataflow in used))
    return found


def named(found: Iterable[FlowRow], text: str) -> list[FlowRow]:
    """The flows whose producer, agreement or dataflow holds every word of a text, however it is spelt."""
    wanted = plain(text).split()

    def words(row: FlowRow) -> str:
        producer = row.producer
        names = (producer.acronym, producer.name_fr, producer.name_ar, producer.name_en, producer.code)
        return plain(" ".join((*names, row.flow.agreement, row.flow.dataflow)))

    return [row for row in found if not wanted or all(word in words(row) for word in wanted)]


def bottlenecks(book: FlowBook) -> Bottlenecks:
    """Single points of failure, collections made twice, agreements without deliveries, deliveries without use."""
    promised = rows(book, synthetic=False)
    sole = [
        Support(book.producers[code_of(node)], _count(fallen, INDICATOR), _count(fallen, TARGET))
        for node, fallen in book.graph.sole_supports(PRODUCER).items()
    ]
    return Bottlenecks(
        tuple(sorted((one for one in sole if one.indicators), key=lambda one: (-one.indicators, one.producer.code))),
        joints(book),
        cuts(book),
        tuple(duplicates(flows.collected_columns(book.promised(synthetic=False)))),
        tuple(row for row in promised if row.measures.due and not row.measures.came),
        tuple(row for row in promised if row.measures.came and not row.is_used),
    )


def joints(book: FlowBook) -> tuple[Joint, ...]:
    """The producers, then the datasets, that are articulation points of the graph."""
    found = book.graph.articulation_points()
    return tuple(
        Joint(code, book.producers.get(code) if kind == PRODUCER else None, book.dataflows.get(code))
        for kind in (PRODUCER, DATAFLOW)
        for code in sorted(code_of(node) for node in found if kind_of(node) == kind)
    )


def cuts(book: FlowBook) -> tuple[Cut, ...]:
    """The targets of the plan by the size of their minimum cut from the producers, the smallest first."""
    sizes = book.graph.minimum_cuts(book.graph.of_kind(TARGET))
    return tuple(
        Cut(stops, tuple(book.targets[code_of(node)] for node, size in sizes.items() if size == stops))
        for stops in sorted(set(sizes.values()) - {0})
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


def stop_of(producer: str, book: FlowBook) -> Stop:
    """What falls when a producer stops: dataflows, their current editions, indicators and targets of the plan."""
    node = f"{PRODUCER}:{producer}"
    fallen, weakened = book.graph.fallen_without([node]), book.graph.weakened_without([node])

    def codes(nodes: Iterable[str], kind: str) -> tuple[str, ...]:
        return tuple(sorted(code_of(one) for one in nodes if kind_of(one) == kind))

    gone = codes(fallen, DATAFLOW)
    editions = [one for one in dissemination.editions(book.publication) if one.dataflow_id in gone]
    return Stop(
        gone,
        tuple(editions),
        tuple(book.indicators[code] for code in codes(fallen, INDICATOR)),
        codes(fallen, TARGET),
        tuple(book.indicators[code] for code in codes(weakened, INDICATOR)),
    )


def computed_today(book: FlowBook) -> Mapping[str, governance.Computed]:
    """The indicators on governance as the registers of the system give them on a day; real flows only."""
    return {code: compute(book) for code, compute in _COMPUTED.items()}


def computed_of(code: str, book: FlowBook) -> governance.Computed | None:
    """One of them, from what it is made of alone; None for an indicator that does not compute itself."""
    compute = _COMPUTED.get(code)
    return compute(book) if compute else None


def _coverage(book: FlowBook) -> governance.Computed:
    held: dict[str, governance.Held] = {}
    oldest = governance.fresh_after(book.today)
    for one in book.shown:
        if one.state == "value" and one.end > oldest:  # a breakdown of long ago is none of what is published now
            before = held.get(one.indicator)
            dimensions = _dimensions(one.key) | (before.dimensions if before else frozenset())
            held[one.indicator] = governance.Held(max(one.end, before.newest) if before else one.end, dimensions)
    own = [code for code in book.indicators if not code.startswith("CTX-")]
    return governance.coverage(own, held, today=book.today)


def _timeliness(book: FlowBook) -> governance.Computed:
    """From the end of the newest measured period of each current edition to the day of its publication.

    A withheld cell was measured, and says how fresh its edition is as any other does.
    """
    newest: dict[int, tuple[date, date]] = {}
    for one in book.shown:
        if one.state in _MEASURED and (one.edition not in newest or one.end > newest[one.edition][0]):
            newest[one.edition] = (one.end, one.published_on)
    return governance.timeliness(list(newest.values()))


_COMPUTED: Mapping[str, Callable[[FlowBook], governance.Computed]] = {
    "GOV-02": _coverage,
    "GOV-03": _timeliness,
    "GOV-04": lambda book: governance.formalities(flows.formalities_done(book.promises, today=book.today)),
    "GOV-05": lambda book: governance.punctuality(
        (one.flow for one in book.promised(synthetic=False)), today=book.today
    ),
    "GOV-06": lambda book: governance.open_conflicts(*case_counts()),
}
