"""The graph of flows and its measures: who depends on whom, what a stop takes away, where one thread holds everything.

A directed graph without cycles: a node is named by its kind and code (``producer:unhcr``, ``dataflow:ASYLUM``,
``indicator:FLO-03``, ``use:SDG-10.7``), an edge says that what stands at its end rests on what stands at its start.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from migstat.model.refusals import Refused

Edge = tuple[str, str]
_UNBOUNDED = 2**20


def kind_of(node: str) -> str:
    """
    >>> kind_of("producer:unhcr")
    'producer'
    """
    return node.partition(":")[0]


def code_of(node: str) -> str:
    return node.partition(":")[2]


@dataclass(frozen=True)
class FlowGraph:
    """Edges from what is needed to what needs it. Raises ``Refused("flows.cycle")`` where something rests on itself."""

    edges: frozenset[Edge]
    order: tuple[str, ...] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "order", self._sorted())

    @classmethod
    def of(cls, edges: Iterable[Edge]) -> FlowGraph:
        return cls(frozenset(edges))

    @cached_property
    def after(self) -> Mapping[str, tuple[str, ...]]:
        """What rests directly on each node."""
        return self._neighbours(0, 1)

    @cached_property
    def before(self) -> Mapping[str, tuple[str, ...]]:
        """What each node rests on directly."""
        return self._neighbours(1, 0)

    @property
    def nodes(self) -> tuple[str, ...]:
        """Every node, each after all that it rests on."""
        return self.order

    def of_kind(self, kind: str) -> tuple[str, ...]:
        return tuple(sorted(node for node in self.order if kind_of(node) == kind))

    def _neighbours(self, one: int, other: int) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {node: [] for edge in self.edges for node in edge}
        for edge in sorted(self.edges):
            found[edge[one]].append(edge[other])
        return {node: tuple(near) for node, near in found.items()}

    def _sorted(self) -> tuple[str, ...]:
        """Kahn, *Topological sorting of large networks*, 1962: a node is taken once all that it rests on is."""
        waiting = {node: len(near) for node, near in self.before.items()}
        ready = deque(sorted(node for node, count in waiting.items() if not count))
        found = []
        while ready:
            node = ready.popleft()
            found.append(node)
            for after in self.after[node]:
                waiting[after] -= 1
                if not waiting[after]:
                    ready.append(after)
        if len(found) < len(waiting):
            raise Refused("flows.cycle", found="something that rests on itself", remedy="remove an edge of the circle")
        return tuple(found)

    def reached_from(self, node: str) -> frozenset[str]:
        """Everything that rests on a node, directly or not; the node itself is not among it."""
        found: set[str] = set()
        open_nodes = list(self.after.get(node, ()))
        while open_nodes:
            one = open_nodes.pop()
            if one not in found:
                found.add(one)
                open_nodes += self.after[one]
        return frozenset(found)

    def _resting(self, target: str) -> set[str]:
        """A node and everything that it rests on."""
        found, open_nodes = {target}, [target]
        while open_nodes:
            for source in self.before.get(open_nodes.pop(), ()):
                if source not in found:
                    found.add(source)
                    open_nodes.append(source)
        return found

    def fallen_without(self, stopped: Iterable[str]) -> frozenset[str]:
        """What loses every source when some nodes stop: it rested on them alone, directly or through others.

        A node that still has one of several sources stands: it is weaker, not gone (see ``weakened_without``).
        """
        fallen = set(stopped)
        for node in self.order:
            sources = self.before[node]
            if node not in fallen and sources and all(source in fallen for source in sources):
                fallen.add(node)
        return frozenset(fallen - set(stopped))

    def weakened_without(self, stopped: Iterable[str]) -> frozenset[str]:
        """What keeps standing on fewer sources than before."""
        gone = set(stopped)
        fallen = self.fallen_without(gone)
        touched = set().union(*(self.reached_from(node) for node in gone)) if gone else set()
        return frozenset(touched - fallen - gone)

    def sole_supports(self, kind: str) -> Mapping[str, frozenset[str]]:
        """For each node of a kind, what falls when it alone stops; nodes without effect are left out."""
        below: dict[str, set[str]] = {}
        for node in reversed(self.order):
            above = self._dominator[node]
            if above is not None:
                below.setdefault(above, set()).update({node}, below.get(node, set()))
        return {node: frozenset(below[node]) for node in self.of_kind(kind) if node in below}

    @cached_property
    def _dominator(self) -> Mapping[str, str | None]:
        """For each node the nearest one without which it loses every source; None where there is no such node.

        Cooper, Harvey and Kennedy, *A simple, fast dominance algorithm*, 2001; without cycles one pass is enough.
        """
        nearest: dict[str, str | None] = {}
        depth: dict[str | None, int] = {None: 0}
        for node in self.order:
            sources = self.before[node]
            meet: str | None = sources[0] if sources else None
            for source in sources[1:]:
                other: str | None = source
                while meet != other:
                    if depth[meet] >= depth[other]:
                        meet = nearest[meet] if meet is not None else None
                    else:
                        other = nearest[other] if other is not None else None
            nearest[node] = meet
            depth[node] = depth[meet] + 1
        return nearest

    def articulation_points(self) -> frozenset[str]:
        """The nodes without which the graph, read without directions, comes apart.

        Hopcroft and Tarjan, *Algorithm 447: efficient algorithms for graph manipulation*, 1973, without recursion.
        """
        found: set[str] = set()
        number: dict[str, int] = {}
        low: dict[str, int] = {}
        for root in self.order:
            if root not in number:
                found |= self._articulation_from(root, number, low)
        return frozenset(found)

    def _articulation_from(self, root: str, number: dict[str, int], low: dict[str, int]) -> set[str]:
        found: set[str] = set()
        number[root] = low[root] = len(number)
        path = [(root, iter(self._touching[root]))]
        children = 0
        while path:
            node, near = path[-1]
            after = next(near, None)
            if after is None:
                path.pop()
                if path:
                    parent = path[-1][0]
                    low[parent] = min(low[parent], low[node])
                    if parent != root and low[node] >= number[parent]:
                        found.add(parent)
            elif after not in number:
                children += node == root
                number[after] = low[after] = len(number)
                path.append((after, iter(self._touching[after])))
            elif len(path) < 2 or after != path[-2][0]:
                low[node] = min(low[node], number[after])
        return found | ({root} if children > 1 else set())

    @cached_property
    def _touching(self) -> Mapping[str, tuple[str, ...]]:
        return {node: tuple({*self.before[node], *self.after[node]}) for node in self.order}

    def minimum_cut(self, target: str, *, sources: str = "producer") -> int:
        """How many nodes must stop for ``target`` to lose every source of a kind (see ``minimum_cuts``)."""
        return self.minimum_cuts([target], sources=sources)[target]

    def minimum_cuts(self, targets: Iterable[str], *, sources: str = "producer") -> Mapping[str, int]:
        """For each target, how many nodes must stop for it to lose every source of a kind; the target does not count.

        Menger, *Zur allgemeinen Kurventheorie*, 1927, with each node split in two of capacity one; a source that the
        target rests on directly is a node like any other. 0 where it rests on no source. The targets are side by side
        in one network, each with a part of its own, so that one maximum flow answers for all.
        """
        parts = {target: self._part(target, sources) for target in targets}
        asked = {target: part for target, part in parts.items() if part[1]}
        found = dict.fromkeys(parts, 0)
        if not asked:
            return found
        size = 2 * sum(len(places) for places, _ in asked.values())
        source, sink = size, size + 1
        ties: list[tuple[int, int, int]] = []
        ends: dict[str, int] = {}
        offset = 0
        for target, (places, starts) in asked.items():
            ties += self._ties(target, places, offset)
            ties += [(source, offset + 2 * places[start], _UNBOUNDED) for start in starts]
            ends[target] = offset + 2 * places[target] + 1
            ties.append((ends[target], sink, _UNBOUNDED))
            offset += 2 * len(places)
        rows, columns, capacity = np.array(ties, np.int32).T
        network = csr_array((capacity, (rows, columns)), shape=(size + 2, size + 2))
        flow = maximum_flow(network, source, sink).flow
        return found | {target: int(flow[end, sink]) for target, end in ends.items()}

    def _part(self, target: str, sources: str) -> tuple[dict[str, int], list[str]]:
        """The places of what a target rests on, and the sources among it."""
        needed = sorted(self._resting(target))
        starts = [node for node in needed if kind_of(node) == sources and node != target]
        return {node: number for number, node in enumerate(needed)}, starts

    def _ties(self, target: str, places: Mapping[str, int], offset: int) -> list[tuple[int, int, int]]:
        found = []
        for node, number in places.items():
            enter = offset + 2 * number
            found.append((enter, enter + 1, _UNBOUNDED if node == target else 1))
            found += [
                (enter + 1, offset + 2 * places[after], _UNBOUNDED)
                for after in self.after.get(node, ())
                if after in places
            ]
        return found
