"""Pictures of a network, laid out here and drawn by the template: trees of recruitment, and lines of an estimate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from marsad.collection.fieldwork.diagnostics import Line
from marsad.collection.fieldwork.queries_networks import Link

_STEP_X: Final = 26
_STEP_Y: Final = 52
_MARGIN: Final = 22
_WIDE, _HIGH = 600, 220
_SIDE = 40


@dataclass(frozen=True)
class Node:
    number: int
    x: int
    y: int
    open_coupons: int


@dataclass(frozen=True)
class Tree:
    """A chain from its seed downwards: nodes, and ties between their middles as (x1, y1, x2, y2)."""

    seed: int
    size: int
    waves: int
    width: int
    height: int
    nodes: tuple[Node, ...]
    ties: tuple[tuple[int, int, int, int], ...]


def tree_of(root: Link) -> Tree:
    """The layout of a chain: leaves side by side, everybody above the middle of those whom they recruited."""
    nodes: list[Node] = []
    ties: list[tuple[int, int, int, int]] = []
    leaves = 0
    places: dict[int, tuple[int, int]] = {}
    for link in _from_the_leaves(root):
        if link.recruits:
            across = [places[one.number][0] for one in link.recruits]
            x = (min(across) + max(across)) // 2
        else:
            x = _MARGIN + leaves * _STEP_X
            leaves += 1
        y = _MARGIN + (link.wave - root.wave) * _STEP_Y
        places[link.number] = (x, y)
        nodes.append(Node(link.number, x, y, link.open_coupons))
        ties += [(x, y, *places[one.number]) for one in link.recruits]
    deepest = max(node.y for node in nodes)
    width = 2 * _MARGIN + max(leaves - 1, 0) * _STEP_X
    waves = (deepest - _MARGIN) // _STEP_Y
    return Tree(root.number, root.size, waves, width, deepest + _MARGIN, tuple(nodes), tuple(ties))


def _from_the_leaves(root: Link) -> list[Link]:
    """The links of a chain, recruits before their recruiter, in the order of the numbers."""
    waiting, found = [root], []
    while waiting:
        link = waiting.pop()
        found.append(link)
        waiting += sorted(link.recruits, key=lambda one: one.number)
    return found[::-1]


@dataclass(frozen=True)
class Drawn:
    """A line as the points of an SVG polyline, in a picture of 600 by 220."""

    name: str
    points: str
    last: float | None


def drawn_lines(lines: Sequence[Line]) -> list[Drawn]:
    """Shares from 0 to 1 over the size of the sample; what is not known is left out of a line."""
    largest = max((size for line in lines for size in line.sizes), default=1)
    found = []
    for line in lines:
        pairs = [(size, share) for size, share in zip(line.sizes, line.shares, strict=True) if share is not None]
        points = " ".join(
            f"{_SIDE + size / largest * (_WIDE - 2 * _SIDE):.0f},{_HIGH - _SIDE / 2 - share * (_HIGH - _SIDE):.0f}"
            for size, share in pairs
        )
        found.append(Drawn(line.name, points, pairs[-1][1] if pairs else None))
    return found
