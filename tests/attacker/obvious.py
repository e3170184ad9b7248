"""The attacker of the tests: slow, obvious, and sharing nothing with the library's own audit.

One variable per innermost cell, one equation per published cell, one linear program per question. Written from the
definition of the attack, without null spaces, certificates, blocks or warm starts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product

import numpy as np
from scipy.optimize import linprog

from migstat.model.tables import Dimension


def innermost(dimensions: Mapping[str, Dimension]) -> list[dict[str, str]]:
    """Every combination of leaves of the whole population."""
    names = sorted(dimensions)
    return [dict(zip(names, codes, strict=True)) for codes in product(*(dimensions[name].leaves for name in names))]


def covers(dimensions: Mapping[str, Dimension], cell: Mapping[str, str], inner: Mapping[str, str]) -> bool:
    return all(inner[name] in dimensions[name].leaf_set(code) for name, code in cell.items())


def bounds_of(
    dimensions: Mapping[str, Dimension],
    published: Iterable[tuple[Mapping[str, str], float]],
    target: Mapping[str, str],
    *,
    known: Iterable[tuple[Mapping[str, str], float]] = (),
) -> tuple[float, float]:
    """The least and the most that ``target`` can be, given every published cell and what the attacker knows."""
    people = innermost(dimensions)
    facts = [*published, *known]
    A = np.array([[float(covers(dimensions, cell, inner)) for inner in people] for cell, _ in facts])
    b = np.array([value for _, value in facts])
    objective = np.array([float(covers(dimensions, target, inner)) for inner in people])
    ends = []
    for sign in (1.0, -1.0):
        found = linprog(sign * objective, A_eq=A if len(A) else None, b_eq=b if len(b) else None, bounds=(0, None))
        ends.append(sign * found.fun if found.success else -sign * np.inf)
    return ends[0], ends[1]
