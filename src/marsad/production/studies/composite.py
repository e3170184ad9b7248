"""Study of an index: several definitions by area put into one number, with its weights, its doubt and its ranks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from marsad.production.evaluating import definition_of
from marsad.production.results import ESTIMATED, Result
from marsad.production.stored_tables import Intervals, Json
from marsad.production.studies.domains import Design, Domains, domains
from marsad.production.studies.report import chosen, demand_confirmed, method_words, report_of, span
from marsad.production.studies.single import definition_said, table_of
from migstat.estimation.arrays import Floats, normal_quantile
from migstat.estimation.composite_index import composite_index
from migstat.estimation.composite_structure import IndexStructure, Node
from migstat.estimation.composite_uncertainty import Doubts, composite_uncertainty
from migstat.model import Estimate, Refused

METHOD, TOP = "composite_uncertainty", "index"
LEAST_AREAS = 3


def compute(settings: Mapping[str, Any], rows: Mapping[str, Any], rng: np.random.Generator) -> Result:
    """The score of every area that all definitions have an estimate of, from 0 to ``settings["scale"]``.

    Raises Refused ``composite.*``, ``production.areas`` for definitions not by area, or fewer than three areas.
    """
    demand_confirmed(METHOD, settings.get("confirmed", ()))
    parts = chosen(settings, "parts")
    found = {one["code"]: _by_area(settings, one, rows) for one in parts}
    areas = [code for code in next(iter(found.values())).evaluation.table.dimensions[0].codes if _in_all(found, code)]
    leaves = [code for code in areas if code in _leaves(settings, parts[0])]
    if len(leaves) < LEAST_AREAS:
        raise Refused("production.areas", found=f"{len(leaves)} areas with every part", remedy="choose other parts")
    structure = structure_of(parts)
    values = np.array([[one.estimates[code,].value for one in found.values()] for code in leaves], dtype=np.float64)
    errors = _errors(found, leaves)
    said = settings.get("weight_spread")
    spread = 0.25 if said is None else float(said)
    scores = composite_uncertainty(structure, leaves, values, Doubts(errors, spread), rng, replicates=1000)
    plain = composite_index(structure, leaves, values)
    scale = float(settings.get("scale") or 1.0) / 100.0
    intervals: Intervals = {
        (code,): _ends(one.extra["score"], one.extra["score_interval"], scale) for code, one in scores.items()
    }
    first = next(iter(scores.values()))
    cells: dict[tuple[str, ...], tuple[float, int]] = {
        (code,): (one.extra["score"] * scale, _people(found, code)) for code, one in scores.items()
    }
    return Result(
        table=table_of(settings, cells, areas=True),
        base=settings["indicator"]["base"],
        definition=definition_said(settings, METHOD),
        status=ESTIMATED,
        method=method_words(METHOD, first),
        intervals=intervals,
        report=report_of(
            METHOD, first,
            facts={"areas": len(leaves), "parts": len(parts), "weight_spread": spread},
            pictures=[
                {"kind": "intervals", "rows": [span(c, o.extra["score"] * scale, intervals[c,]) for c, o in scores.items()]}
            ],
            ranks=[{"label": code, "rank": one.value, "low": one.interval and one.interval.low,
                    "high": one.interval and one.interval.high} for code, one in scores.items()],
            contributions=[{"label": code, **one.extra.get("contributions", {})} for code, one in plain.items()],
            sensitivity=_sensitivity(structure, leaves, values, scale),
        ),
    )  # fmt: skip


def structure_of(parts: Any) -> IndexStructure:
    """The index over its parts, each with its weight and direction."""
    return IndexStructure(
        tuple(Node(one["code"], TOP, float(one.get("weight", 1.0)), int(one.get("direction") or 1)) for one in parts),
        (Node(TOP, None),),
    )


def _by_area(settings: Mapping[str, Any], part: Mapping[str, Any], rows: Mapping[str, Any]) -> Domains:
    indicator, _ = definition_of({**settings, **part})
    if [axis.id for axis in indicator.axes] != ["area"]:
        raise Refused("production.areas", found="a definition that is not by area", remedy="choose one by area alone")
    return domains(indicator, rows[chosen(settings, "sample")], Design.from_settings(settings))


def _leaves(settings: Mapping[str, Any], part: Mapping[str, Any]) -> set[str]:
    indicator, _ = definition_of({**settings, **part})
    return set(indicator.axes[0].tree.leaves) - {"_U"}


def _in_all(found: Mapping[str, Domains], code: str) -> bool:
    return all((code,) in one.estimates for one in found.values())


def _errors(found: Mapping[str, Domains], areas: list[str]) -> Floats:
    """The error of every part that gives the width of its interval. An area of few clusters is less sure than its
    standard error says, and a share of exactly 0, which has none, is not sure at all."""
    return np.array([[_spread(one.estimates[code,]) for one in found.values()] for code in areas], dtype=np.float64)


def _spread(estimate: Estimate) -> float:
    if estimate.interval is None:
        raise Refused("production.no_estimate", found="a part without an error", remedy="choose a larger sample")
    return estimate.interval.width / (2 * normal_quantile(estimate.interval.level))


def _people(found: Mapping[str, Domains], code: str) -> int:
    """The fewest people behind a part of an area's score."""
    counts = []
    for one in found.values():
        table = one.evaluation.table
        counts.append(0 if table.contributors is None else int(table.contributors[table.row(code)]))
    return min(counts)


def _ends(score: float, interval: tuple[float, float], scale: float) -> tuple[float, float]:
    """The interval of a score; the score itself lies inside, which percentiles of few draws may miss."""
    return (min(interval[0], score) * scale, max(interval[1], score) * scale)


def _sensitivity(structure: IndexStructure, areas: list[str], values: Floats, scale: float) -> list[Json]:
    """Who comes first, and with which score in the unit of the table, when each part is left out in turn."""
    lines = []
    for place, node in enumerate(structure.indicators):
        rest = tuple(one for one in structure.indicators if one.code != node.code)
        if not rest:
            continue
        kept = [at for at in range(values.shape[1]) if at != place]
        try:
            index = composite_index(IndexStructure(rest, structure.aggregates), areas, values[:, kept])
        except Refused:
            continue
        first = max(index, key=lambda code: index[code].value)
        lines.append(span(f"index.without {node.code} {first}", index[first].value * scale, None))
    return lines
