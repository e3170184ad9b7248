"""Time of the measures of the graph of flows beside networkx, in the same run: 1,000 organisations, 10,000 flows.

Each line gives the best of three in seconds, of ours and of networkx for the same answer, and how many times faster ours
is. Both are given their graph already built, and are asked the same question; answers are compared.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import networkx as nx
import numpy as np

from marsad.coordination.flows.graph import FlowGraph, kind_of

ORGANISATIONS, DATAFLOWS, INDICATORS, TARGETS, FLOWS = 1_000, 2_000, 600, 60, 10_000
CUTS = 20


def drawn(seed: int = 7) -> FlowGraph:
    """Producers feed dataflows, these indicators, these targets: so many flows in all."""
    dice = np.random.default_rng(seed)
    layers = (("producer", ORGANISATIONS), ("dataflow", DATAFLOWS), ("indicator", INDICATORS), ("target", TARGETS))
    shares = (0.4, 0.45, 0.15)
    edges: set[tuple[str, str]] = set()
    for (before, many), (after, few), share in zip(layers, layers[1:], shares, strict=False):
        wanted = len(edges) + int(FLOWS * share)
        while len(edges) < wanted:
            edges.add((f"{before}:{dice.integers(many)}", f"{after}:{dice.integers(few)}"))
    return FlowGraph.of(edges)


def best(work: Callable[[Any], Any], given: Callable[[], Any]) -> tuple[float, Any]:
    """The shortest of three times, each on a graph made anew before the clock starts."""
    times, answer = [], None
    for _ in range(3):
        graph = given()
        start = time.perf_counter()
        answer = work(graph)
        times.append(time.perf_counter() - start)
    return min(times), answer


def cuts_of(whole: nx.DiGraph, targets: list[str]) -> dict[str, int]:
    """Every node as an arc of capacity one, a source before every producer, one maximum flow for each target."""
    found = {}
    for target in targets:
        parts = nx.DiGraph()
        needed = {*nx.ancestors(whole, target), target}
        for node in needed:
            parts.add_edge((node, 0), (node, 1), capacity=1)
            if kind_of(node) == "producer":
                parts.add_edge("source", (node, 0), capacity=10**6)
        parts.add_edges_from(((one, 1), (other, 0), {"capacity": 10**6}) for one, other in whole.subgraph(needed).edges)
        found[target] = nx.maximum_flow_value(parts, "source", (target, 0)) if "source" in parts else 0
    return found


def alone(whole: nx.DiGraph) -> dict[str, frozenset[str]]:
    """What each producer's stop takes away, by dominators from a root before every producer."""
    rooted = whole.copy()
    rooted.add_edges_from(("root", node) for node in whole if not whole.in_degree(node))
    above = nx.immediate_dominators(rooted, "root")
    tree = nx.DiGraph((one, other) for other, one in above.items() if one != other and one is not None)
    nodes = [node for node in whole if kind_of(node) == "producer"]
    found = {node: frozenset(nx.descendants(tree, node)) for node in nodes if node in tree}
    return {node: fallen for node, fallen in found.items() if fallen}


def main() -> None:
    graph = drawn()
    whole = nx.DiGraph(list(graph.edges))
    targets = [node for node in graph.of_kind("target") if graph.before[node]][:CUTS]

    def ours() -> FlowGraph:
        """The same graph without what was worked out before."""
        return FlowGraph(graph.edges)

    work: tuple[tuple[str, Callable[[FlowGraph], Any], Callable[[nx.DiGraph], Any]], ...] = (
        (
            "articulation points",
            lambda one: one.articulation_points(),
            lambda one: set(nx.articulation_points(one.to_undirected(as_view=True))),
        ),
        ("what falls with each producer alone", lambda one: one.sole_supports("producer"), alone),
        (
            f"minimum cuts of {len(targets)} targets",
            lambda one: dict(one.minimum_cuts(targets)),
            lambda one: cuts_of(one, targets),
        ),
    )
    print(f"{len(graph.of_kind('producer'))} organisations, {len(graph.edges)} flows, {len(graph.nodes)} nodes")
    print("| work | ours, s | networkx, s | times faster |\n|---|---|---|---|")
    for name, of_ours, of_theirs in work:
        (mine, answer), (other, expected) = best(of_ours, ours), best(of_theirs, whole.copy)
        if answer != expected:
            raise SystemExit(f"{name}: the answers differ")
        print(f"| {name} | {mine:.3f} | {other:.3f} | {other / mine:.1f} |")


if __name__ == "__main__":
    main()
