"""What the public pages of the directory show: services by place and need, the matrix, the network."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import networkx as nx

from marsad.actors.models import Organisation, Relation, Service
from marsad.actors.rules import ServiceKind

# More than these, and nobody reads the names on the picture.
MOST_DRAWN: Final = 60


@dataclass(frozen=True)
class MatrixRow:
    """A kind of service and, for each place in their order, who offers it there."""

    kind: str
    cells: tuple[MatrixCell, ...]

    @property
    def is_empty(self) -> bool:
        return not any(cell.organisations for cell in self.cells)


@dataclass(frozen=True)
class MatrixCell:
    """The first organisations that offer a kind of service in a place, and how many more do."""

    area: str
    organisations: tuple[Organisation, ...]
    more: int


def matrix(services: Iterable[Service], areas: Sequence[str], *, most: int = 6) -> list[MatrixRow]:
    """Who does what where: a row for every kind of service, empty ones too, since a gap is a finding.

    An organisation stands once in a cell; a cell names ``most`` of them.
    """
    found: dict[tuple[str, str], dict[str, Organisation]] = defaultdict(dict)
    for service in services:
        found[service.kind, service.area].setdefault(service.organisation_id, service.organisation)
    return [MatrixRow(kind, tuple(_cell(area, found[kind, area], most) for area in areas)) for kind in ServiceKind]


def _cell(area: str, found: Mapping[str, Organisation], most: int) -> MatrixCell:
    return MatrixCell(area, tuple(found.values())[:most], max(len(found) - most, 0))


def reaching(area: str, parents: Mapping[str, str | None]) -> frozenset[str]:
    """The areas whose services a resident of ``area`` can use: it and everything that it is part of.

    >>> sorted(reaching("b", {"b": "a", "a": None, "c": "a"}))
    ['a', 'b']
    """
    found = []
    at: str | None = area
    while at:
        found.append(at)
        at = parents.get(at)
    return frozenset(found)


@dataclass(frozen=True)
class Knot:
    """An organisation on the picture of the network, from 0 to 1 each way, with how many others it touches."""

    code: str
    x: float
    y: float
    degree: int


@lru_cache(maxsize=8)
def _spread(edges: tuple[tuple[str, str], ...]) -> tuple[Knot, ...]:
    graph = nx.Graph(edges)
    placed = nx.kamada_kawai_layout(graph) if len(graph) > 1 else dict.fromkeys(graph, (0.0, 0.0))
    xs, ys = [float(p[0]) for p in placed.values()], [float(p[1]) for p in placed.values()]

    def share(value: float, values: list[float]) -> float:
        width = max(values) - min(values)
        return round((value - min(values)) / width, 4) if width else 0.5

    return tuple(
        Knot(code, share(float(at[0]), xs), share(float(at[1]), ys), int(graph.degree[code]))
        for code, at in sorted(placed.items())
    )


@dataclass(frozen=True)
class Network:
    """Knots and the relations between them, with the place of both ends, on a canvas of ``width`` by ``height``.

    ``of`` is how many organisations stand in some relation: more than are drawn where they are too many for a picture.
    """

    knots: tuple[dict[str, Any], ...]
    lines: tuple[dict[str, Any], ...]
    of: int
    width: int = 760
    height: int = 560


def network(relations: Sequence[Relation], names: Mapping[str, str]) -> Network:
    """Place the organisations that stand in some relation, of many those that stand in most of them.

    The same relations give the same picture.
    """
    margin_x, margin_y = 90, 30
    ties = Counter(code for one in relations for code in {one.organisation_id, one.other_id})
    drawn = {code for code, _ in sorted(ties.items(), key=lambda tie: (-tie[1], tie[0]))[:MOST_DRAWN]}
    kept = [one for one in relations if one.organisation_id in drawn and one.other_id in drawn]
    edges = tuple(sorted((one.organisation_id, one.other_id) for one in kept))
    at = {
        knot.code: {
            "code": knot.code,
            "name": names[knot.code],
            "x": round(margin_x + knot.x * (760 - 2 * margin_x), 1),
            "y": round(margin_y + knot.y * (560 - 2 * margin_y), 1),
            "radius": 5 + min(knot.degree, 8),
        }
        for knot in _spread(edges)
    }
    lines = tuple({"one": at[line.organisation_id], "other": at[line.other_id], "kind": line.kind} for line in kept)
    return Network(tuple(at.values()), lines, len(ties))
