"""A ledger of many released tables, and one more table that would undo twenty of its counts by three kinds of difference.

* ``breakdown``: two breakdowns overlap. An area stands alone in an earlier table; the new one has the pair that it makes
  with a neighbour of one resident.
* ``edition``: an earlier edition showed every other cell of a line, also the one that the new one would withhold as
  a complement; the new line total less those is the one resident.
* ``population``: an earlier table counts nationals; the new one counts all residents, one of them a foreigner.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from migstat.disclosure.examples import small_policy
from migstat.disclosure.ledger import Ledger
from migstat.disclosure.protect import adopt, protect
from migstat.disclosure.secondary import Effort
from migstat.model.tables import Dimension, Table, counted

KINDS = ("breakdown", "edition", "population")
POPULATION = Dimension.flat("POPULATION", ["NATIONAL", "FOREIGN"], total="ALL")
MEASURE = counted("residents")


@dataclass(frozen=True)
class Attack:
    """One planted difference: ``tell`` is the cell of the new table without which it gives nothing away."""

    kind: str
    area: str
    neighbour: str
    group: str
    tell: tuple[str, str]


def areas(planted: int) -> Dimension:
    """Sixty areas in two halves, and the first of them again in pairs: one area attacked, one neighbour."""
    names = [f"a{at:02d}" for at in range(60)]
    pairs = {name: f"p{at // 2:02d}" for at, name in enumerate(names[: 2 * planted])}
    by_half = {"CITY": None, "EAST": "CITY", "WEST": "CITY"}
    by_half |= {name: "EAST" if at < 30 else "WEST" for at, name in enumerate(names)}
    by_pair = {
        "CITY": None,
        **dict.fromkeys(pairs.values(), "CITY"),
        **{name: pairs.get(name, "CITY") for name in names},
    }
    return Dimension.from_parents("AREA", by_half, by_pair)


def attacks(planted: int) -> list[Attack]:
    found = []
    for at in range(planted):
        kind, area, group = KINDS[at % 3], f"a{2 * at:02d}", f"g{at:02d}"
        tell = {"breakdown": (f"p{at:02d}", group), "edition": (area, "_T"), "population": (area, group)}[kind]
        found.append(Attack(kind, area, f"a{2 * at + 1:02d}", group, tell))
    return found


def part(name: str, whole: Table, keep: np.ndarray, values: np.ndarray | None = None, population: str = "ALL") -> Table:
    return Table(
        name,
        whole.measure,
        whole.dimensions,
        whole.keys[keep],
        (whole.values if values is None else values)[keep],
        whole.states[keep],
        coordinates={"POPULATION": population},
    )


def ledger_of(count: int, planted: int, groups: int = 82) -> dict[str, float]:
    """Release ``count`` tables, then protect one more with the ledger and, to show that the attacks work, without."""
    area, plan = areas(planted), attacks(planted)
    group = Dimension.flat("GROUP", [f"g{at:02d}" for at in range(groups)], total="_T")
    people = np.random.default_rng(3).integers(8, 60, (60, groups)).astype(float)
    for each in plan:
        alone = each.neighbour if each.kind == "breakdown" else each.area
        if each.kind != "population":
            people[area.leaves.index(alone), group.leaves.index(each.group)] = 1.0
    whole = Table.from_inner_array("all", MEASURE, [area, group], people)
    codes = np.array([area.codes[key] for key in whole.keys[:, 0]])
    columns = np.array([group.codes[key] for key in whole.keys[:, 1]])
    ledger = Ledger(declared={"POPULATION": POPULATION})
    for number in range(count - planted):
        keep = np.isin(codes, ["CITY", "EAST" if number % 2 else "WEST"])
        adopt(ledger, part(f"t{number}", whole, keep & (whole.keys[:, 1] == number % (groups + 1))))
    for each in plan:
        line = codes == each.area
        if each.kind == "edition":
            adopt(ledger, part(f"before-{each.area}", whole, line & ~np.isin(columns, [each.group, "_T"])))
        elif each.kind == "breakdown":
            adopt(ledger, part(f"alone-{each.area}", whole, line & (columns == each.group)))
        else:
            keep = line & (columns == each.group)
            adopt(ledger, part(f"nationals-{each.area}", whole, keep, whole.values - 1, "NATIONAL"))
    hidden = [each.neighbour for each in plan if each.kind == "breakdown"]
    new = part("new", whole, ~np.isin(codes, [*hidden, "EAST", "WEST"]))
    start = time.perf_counter()
    done = protect(new, small_policy(), ledger, effort=Effort(0))
    seconds = time.perf_counter() - start
    careless = protect(new, small_policy(), Ledger(declared=ledger.declared), effort=Effort(0))
    tells = [new.row(*each.tell) for each in plan]
    figures: dict[str, float] = {
        "tables": len(ledger.tables),
        "new cells": len(new),
        "planted": planted,
        "found": int(done.withheld[tells].sum()),
        "open without the ledger": int((~careless.withheld[tells]).sum()),
        "withheld": int(done.withheld.sum()),
        "seconds": seconds,
    }
    for kind in KINDS:
        figures[f"found, {kind}"] = sum(bool(done.withheld[new.row(*each.tell)]) for each in plan if each.kind == kind)
    return figures
