"""What the pages of the flow are made of: each part is read once, and only where a page asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import QuerySet

from marsad.actors.models import Organisation
from marsad.catalogue import queries as catalogue
from marsad.coordination.flows import queries as flows
from marsad.coordination.flows.graph import FlowGraph
from marsad.dissemination import queries as dissemination
from marsad.dissemination.models import Edition, Observation, Provenance, Publication
from marsad.planning import queries as planning
from migstat.model import Origin

PRODUCER, DATAFLOW, INDICATOR, TARGET = "producer", "dataflow", "indicator", "target"


def observations(publication: Publication) -> QuerySet[Observation]:
    """What a publication shows of the real city: what the demonstration made up is no part of its flows."""
    shown = Observation.objects.filter(edition__publications=publication)
    return shown.exclude(edition__origin=Origin.SYNTHETIC).order_by()


class Chain(NamedTuple):
    """A published dataflow, and a collected one that its current edition rests on."""

    made: str
    collected: str
    is_synthetic: bool


def chains(publication: Publication) -> list[Chain]:
    """What the current editions of a publication rest on."""
    found = Provenance.objects.filter(edition__publications=publication)
    rows = found.values_list("edition__dataflow_id", "edition__origin", "snapshots")
    return [
        Chain(made, one["dataflow"], origin == Origin.SYNTHETIC)
        for made, origin, snapshots in rows
        for one in snapshots
        if one.get("dataflow")
    ]


class Shown(NamedTuple):
    """What a publication shows of an indicator in an edition, broken down in one way, for one period."""

    dataflow: str
    indicator: str
    key: str
    end: date
    edition: int
    published_on: date
    state: str


@dataclass(frozen=True)
class FlowBook:
    """The flows of a publication as they stand on a day."""

    publication: Publication
    today: date

    @cached_property
    def promises(self) -> list[flows.Promise]:
        """Every promised flow, of the real city and of the demonstration."""
        return flows.promises(today=self.today)

    def promised(self, *, synthetic: bool) -> list[flows.Promise]:
        return [one for one in self.promises if one.agreement.is_synthetic == synthetic]

    @cached_property
    def chains(self) -> list[Chain]:
        return chains(self.publication)

    def released(self, *, synthetic: bool) -> frozenset[tuple[str, str]]:
        """Every pair of a collected dataflow and the published one whose current edition rests on it."""
        return frozenset((one.collected, one.made) for one in self.chains if one.is_synthetic == synthetic)

    @cached_property
    def editions(self) -> list[Edition]:
        """Every edition of every dataflow, with its source."""
        return list(dissemination.every_edition().select_related("dataflow__source__publisher__merged_into"))

    @cached_property
    def dataflows(self) -> dict[str, Any]:
        """The dataflows that have an edition, by code."""
        return {one.dataflow_id: one.dataflow for one in self.editions}

    @cached_property
    def publishers(self) -> dict[str, Organisation]:
        """The organisation that stands for the publisher of each real dataflow: two entries made one are one producer."""
        made_up = {one.dataflow_id for one in self.editions if one.origin == Origin.SYNTHETIC}
        found = {code: one.source.publisher for code, one in self.dataflows.items() if code not in made_up}
        return {code: one.merged_into or one for code, one in found.items()}

    @cached_property
    def producers(self) -> dict[str, Organisation]:
        """Every organisation that promised or publishes something, by code."""
        promised = {one.producer.code: one.producer for one in self.promises}
        return promised | {one.code: one for one in self.publishers.values()}

    @cached_property
    def shown(self) -> list[Shown]:
        columns = ("edition__dataflow_id", "indicator_id", "breakdown_key", "period_end", "edition_id")
        found = observations(self.publication).values_list(*columns, "edition__published_on", "state")
        return [Shown(*row) for row in found.distinct()]

    @cached_property
    def indicators(self) -> Mapping[str, Any]:
        return {one.code: one for one in catalogue.indicators()}

    @cached_property
    def tagged(self) -> list[tuple[Any, str]]:
        return planning.tagged()

    @cached_property
    def targets(self) -> Mapping[str, Any]:
        """The recommendations and goals that some indicator speaks to, by code."""
        return {tag.code: tag for tag, _ in self.tagged}

    @cached_property
    def graph(self) -> FlowGraph:
        """The graph of what rests on what, from the producers to the targets of the plan; the real city's only."""
        edges = {(f"{PRODUCER}:{one.code}", f"{DATAFLOW}:{code}") for code, one in self.publishers.items()}
        edges |= {
            (f"{PRODUCER}:{one.producer.code}", f"{DATAFLOW}:{one.agreement.dataflow}")
            for one in self.promised(synthetic=False)
        }
        rests = self.released(synthetic=False)
        edges |= {(f"{DATAFLOW}:{one}", f"{DATAFLOW}:{other}") for one, other in rests if one != other}
        edges |= {(f"{DATAFLOW}:{one.dataflow}", f"{INDICATOR}:{one.indicator}") for one in self.shown}
        spoken = {one.indicator for one in self.shown}
        edges |= {(f"{INDICATOR}:{code}", f"{TARGET}:{tag.code}") for tag, code in self.tagged if code in spoken}
        return FlowGraph.of(edges)
