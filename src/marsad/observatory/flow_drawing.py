"""The picture of the flows: producers, dataflows and users in columns, with a line for each thing that rests on another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from marsad.coordination.flows.graph import Edge, FlowGraph, code_of, kind_of

USER = "user"
_USES = frozenset({"target", USER})
_WIDTH, _ROW, _TOP = 1040, 30, 20
# Where the spots of each column stand; the words of a dataflow stand between its spot and the lines to its users.
_LEFT = {"producer": 240, "dataflow": 380, "use": 780}
_DATAFLOW_WORDS = 270
# A picture of more dataflows, or of more producers or users beside them, is one that nobody reads.
MOST_DATAFLOWS, MOST_BESIDE = 40, 60


@dataclass(frozen=True)
class Spot:
    """A node on the picture: where it stands, its words, and on which side of it they stand (``start`` or ``end``)."""

    node: str
    code: str
    words: str
    x: int
    y: float
    anchor: str

    @property
    def out(self) -> int:
        """Where the lines to what uses it begin."""
        return self.x + _DATAFLOW_WORDS if kind_of(self.node) == "dataflow" else self.x


@dataclass(frozen=True)
class Fed:
    """A line of the table: a producer, a dataflow of it, how many indicators it feeds and whom it serves."""

    producer: str
    dataflow: str
    indicators: int
    users: tuple[str, ...]


@dataclass(frozen=True)
class FlowDrawing:
    """``lines`` join two spots, ``rows`` say the same as a table, and say it of everything.

    ``dataflows`` of ``of`` are drawn: where there are too many for a picture, those on which most indicators rest.
    """

    width: int
    height: int
    spots: tuple[Spot, ...]
    lines: tuple[tuple[Spot, Spot], ...]
    rows: tuple[Fed, ...]
    dataflows: int
    of: int


def drawing(graph: FlowGraph, names: Mapping[str, str], asked: Mapping[str, frozenset[str]]) -> FlowDrawing:
    """Place producers that feed something, their dataflows and whom these serve, in an order that keeps lines short.

    ``asked``: for each indicator, the organisations that need it. Users are these and the targets of the plan.
    """
    dataflows = [node for node in graph.of_kind("dataflow") if graph.after[node] or graph.before[node]]
    reached = {node: graph.reached_from(node) for node in dataflows}
    counts = {node: sum(kind_of(one) == "indicator" for one in found) for node, found in reached.items()}
    served = {node: _users(found, asked) for node, found in reached.items()}
    fed = sorted(edge for edge in graph.edges if kind_of(edge[0]) == "producer")
    drawn = set(sorted(dataflows, key=lambda node: (-counts[node], node))[:MOST_DATAFLOWS])
    feeding = _busiest([edge for edge in fed if edge[1] in drawn], 0)
    uses = _busiest([(node, user) for node in dataflows if node in drawn for user in sorted(served[node])], 1)
    released = sorted(edge for edge in graph.edges if drawn.issuperset(edge))
    shown = [node for node in dataflows if node in drawn]
    spots = {spot.node: spot for spot in _columns(feeding, shown, uses, names)}
    lines = tuple((spots[one], spots[other]) for one, other in (*feeding, *released, *uses))

    def said(node: str) -> str:
        return names.get(node, code_of(node))

    rows = tuple(
        Fed(said(one), said(other), counts[other], tuple(said(user) for user in sorted(served[other])))
        for one, other in fed
    )
    height = _TOP * 2 + _ROW * max(len(shown), len({one for one, _ in feeding}), len({user for _, user in uses}), 1)
    return FlowDrawing(_WIDTH, height, tuple(spots.values()), lines, rows, len(shown), len(dataflows))


def _busiest(edges: Sequence[Edge], end: int) -> list[Edge]:
    """The edges of the nodes that have most of them at one end; all where there are few."""
    counts = Counter(edge[end] for edge in edges)
    kept = set(sorted(counts, key=lambda node: (-counts[node], node))[:MOST_BESIDE])
    return [edge for edge in edges if edge[end] in kept]


def _users(reached: Iterable[str], asked: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The targets and organisations that what rests on a dataflow serves."""
    nodes = frozenset(reached)
    wanting = {
        f"{USER}:{one}" for node in nodes for one in asked.get(code_of(node), ()) if kind_of(node) == "indicator"
    }
    return frozenset({node for node in nodes if kind_of(node) in _USES} | wanting)


def _columns(
    fed: Sequence[Edge], dataflows: Sequence[str], uses: Sequence[Edge], names: Mapping[str, str]
) -> list[Spot]:
    producers = sorted({one for one, _ in fed})
    users = sorted({user for _, user in uses})
    by_dataflow = [(other, one) for one, other in fed]
    second = _ordered(dataflows, by_dataflow, producers)
    first = _ordered(producers, fed, second)
    third = _ordered(users, [(user, one) for one, user in uses], second)
    rows = max(len(first), len(second), len(third), 1)
    return [
        spot
        for column, order in (("producer", first), ("dataflow", second), ("use", third))
        for spot in _placed(column, order, rows, names)
    ]


def _ordered(nodes: Iterable[str], edges: Iterable[Edge], order: Sequence[str]) -> list[str]:
    """Nodes by the middle of what they are joined to; ``edges`` begin at them."""
    place = {node: number for number, node in enumerate(order)}
    found: dict[str, list[int]] = {}
    for one, other in edges:
        if other in place:
            found.setdefault(one, []).append(place[other])
    middles = {node: sum(places) / len(places) for node, places in found.items()}
    return sorted(nodes, key=lambda node: (middles.get(node, 1e9), node))


def _placed(column: str, order: Sequence[str], rows: int, names: Mapping[str, str]) -> list[Spot]:
    """The spots of a column, spread over the height of the longest one."""
    anchor, step = "end" if column == "producer" else "start", _ROW * rows / max(len(order), 1)
    return [
        Spot(node, code_of(node), names.get(node, code_of(node)), _LEFT[column], _TOP + step * (number + 0.5), anchor)
        for number, node in enumerate(order)
    ]
