"""The picture of the flows: producers, dataflows and themes in columns, with a line for each thing that rests on another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from marsad.coordination.flows.graph import FlowGraph, code_of, kind_of

_COLUMNS = ("producer", "dataflow")
_WIDTH, _ROW, _TOP = 900, 30, 20
_LEFT = {"producer": 250, "dataflow": 620}


@dataclass(frozen=True)
class Spot:
    """A node on the picture: where it stands, its words, and on which side of it they stand (``start`` or ``end``)."""

    node: str
    code: str
    words: str
    x: int
    y: float
    anchor: str


@dataclass(frozen=True)
class FlowDrawing:
    """``lines`` join two spots; ``count`` is the number of indicators that a dataflow feeds."""

    width: int
    height: int
    spots: tuple[Spot, ...]
    lines: tuple[tuple[Spot, Spot], ...]
    counts: Mapping[str, int]


def drawing(graph: FlowGraph, names: Mapping[str, str]) -> FlowDrawing:
    """Place producers that feed something and their dataflows, in an order that keeps lines short."""
    columns = {
        kind: [node for node in graph.of_kind(kind) if graph.after[node] or graph.before[node]] for kind in _COLUMNS
    }
    first = _ordered(columns["producer"], {})
    second = _ordered(columns["dataflow"], _middles(columns["dataflow"], graph.before, first))
    first = _ordered(columns["producer"], _middles(columns["producer"], graph.after, second))
    spots = {
        spot.node: spot
        for kind, order in (("producer", first), ("dataflow", second))
        for spot in _placed(kind, order, names)
    }
    lines = tuple((spots[one], spots[other]) for one, other in sorted(graph.edges) if one in spots and other in spots)
    counts = {
        code_of(node): sum(kind_of(one) == "indicator" for one in graph.reached_from(node))
        for node in columns["dataflow"]
    }
    height = _TOP * 2 + _ROW * max(len(first), len(second), 1)
    return FlowDrawing(_WIDTH, height, tuple(spots.values()), lines, counts)


def _ordered(nodes: Sequence[str], middles: Mapping[str, float]) -> list[str]:
    return sorted(nodes, key=lambda node: (middles.get(node, 1e9), node))


def _middles(nodes: Sequence[str], near: Mapping[str, Sequence[str]], order: Sequence[str]) -> dict[str, float]:
    place = {node: number for number, node in enumerate(order)}
    found = {node: [place[one] for one in near[node] if one in place] for node in nodes}
    return {node: sum(places) / len(places) for node, places in found.items() if places}


def _placed(kind: str, order: Sequence[str], names: Mapping[str, str]) -> list[Spot]:
    anchor = "end" if kind == "producer" else "start"
    return [
        Spot(node, code_of(node), names.get(node, code_of(node)), _LEFT[kind], _TOP + _ROW * (number + 0.5), anchor)
        for number, node in enumerate(order)
    ]
