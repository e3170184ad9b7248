"""The measures of the graph of flows equal those of another implementation, on graphs drawn at random."""

from __future__ import annotations

from itertools import pairwise

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marsad.coordination.flows.graph import FlowGraph, code_of, kind_of
from migstat.model.refusals import Refused

SMALL = FlowGraph.of(
    [
        ("producer:a", "dataflow:1"),
        ("producer:b", "dataflow:2"),
        ("dataflow:1", "use:x"),
        ("dataflow:1", "use:y"),
        ("dataflow:2", "use:y"),
    ]
)


@st.composite
def graphs(draw: st.DrawFn) -> FlowGraph:
    count = draw(st.integers(2, 16))
    numbers = st.integers(0, count - 1)
    pairs = draw(st.sets(st.tuples(numbers, numbers), min_size=1, max_size=40))
    name = lambda n: f"{'producer' if n < count // 3 else 'use'}:{n}"  # noqa: E731
    edges = [(name(min(pair)), name(max(pair))) for pair in pairs if pair[0] != pair[1]]
    return FlowGraph.of(edges or [("producer:0", "use:9")])


def split(graph: FlowGraph, target: str) -> nx.DiGraph:
    """Every node as an arc of capacity one, the target's without bound, a source before every producer."""
    whole = nx.DiGraph(list(graph.edges))
    needed = {*nx.ancestors(whole, target), target}
    parts = nx.DiGraph()
    for node in needed:
        parts.add_edge((node, 0), (node, 1), capacity=1 if node != target else 10**6)
        if kind_of(node) == "producer" and node != target:
            parts.add_edge("source", (node, 0), capacity=10**6)
    parts.add_edges_from(
        ((one, 1), (other, 0), {"capacity": 10**6}) for one, other in whole.edges if {one, other} <= needed
    )
    return parts


@settings(max_examples=150, deadline=None)
@given(graphs())
def test_the_measures_equal_those_of_networkx(graph: FlowGraph) -> None:
    whole = nx.DiGraph(list(graph.edges))
    assert graph.articulation_points() == set(nx.articulation_points(whole.to_undirected()))
    assert set(graph.nodes) == set(whole)
    cuts = graph.minimum_cuts(graph.of_kind("use"))
    for node in graph.nodes:
        assert graph.reached_from(node) == nx.descendants(whole, node)
    for target, cut in cuts.items():
        parts = split(graph, target)
        assert cut == (nx.maximum_flow_value(parts, "source", (target, 0)) if "source" in parts else 0)
        assert cut == graph.minimum_cut(target)


@settings(max_examples=100, deadline=None)
@given(graphs())
def test_what_falls_is_what_no_standing_source_reaches(graph: FlowGraph) -> None:
    whole = nx.DiGraph(list(graph.edges))
    roots = [node for node in whole if not whole.in_degree(node)]
    for stopped in graph.of_kind("producer"):
        rest = whole.copy()
        rest.remove_node(stopped)
        standing = {reached for root in roots if root != stopped for reached in {root, *nx.descendants(rest, root)}}
        fallen = set(whole) - standing - {stopped}
        assert graph.fallen_without([stopped]) == fallen
        assert graph.sole_supports("producer").get(stopped, frozenset()) == fallen
        assert graph.weakened_without([stopped]) == graph.reached_from(stopped) - fallen


@settings(max_examples=50, deadline=None)
@given(graphs(), st.randoms())
def test_a_further_source_never_makes_more_fall(graph: FlowGraph, dice) -> None:
    target = dice.choice(graph.nodes)
    more = FlowGraph(graph.edges | {("producer:new", target)})
    for stopped in graph.of_kind("producer"):
        assert more.fallen_without([stopped]) <= graph.fallen_without([stopped])


def test_a_small_graph_by_hand() -> None:
    assert SMALL.fallen_without(["producer:a"]) == {"dataflow:1", "use:x"}
    assert SMALL.weakened_without(["producer:a"]) == {"use:y"}
    assert SMALL.fallen_without(["producer:a", "producer:b"]) == {"dataflow:1", "dataflow:2", "use:x", "use:y"}
    assert SMALL.minimum_cuts(["use:x", "use:y", "producer:a"]) == {"use:x": 1, "use:y": 2, "producer:a": 0}
    assert SMALL.articulation_points() == {"dataflow:1", "dataflow:2", "use:y"}
    assert SMALL.of_kind("use") == ("use:x", "use:y")
    assert code_of("use:SDG:10.7") == "SDG:10.7"


def test_a_circle_is_refused_and_a_long_chain_is_not_too_deep() -> None:
    with pytest.raises(Refused, match="rests on itself"):
        FlowGraph.of([("a:1", "a:2"), ("a:2", "a:1")])
    chain = FlowGraph.of(pairwise(f"producer:{n:05}" for n in range(5000)))
    assert len(chain.articulation_points()) == 4998
    assert len(chain.fallen_without(["producer:00000"])) == 4999


def test_an_empty_graph_has_nothing() -> None:
    empty = FlowGraph.of([])
    assert empty.nodes == ()
    assert empty.minimum_cuts([]) == {}
    assert empty.sole_supports("producer") == {}
