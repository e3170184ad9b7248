"""Time and quality of disclosure control: suppression, audit and ledger, beside the Tau-Argus engine in the same run.

``python benchmarks/bench_disclosure.py [FOLDER]``: FOLDER holds sdc_1e3.csv, sdc_1e4.csv and sdc_1e5.csv (columns
commune, district, country, group, sex, age, freq) made by the reference generator; without it, tables of the same
shapes are drawn here, and the peers' quoted figures do not apply to them. Prints a table and writes
docs/benchmarks/disclosure.svg.
"""

from __future__ import annotations

import contextlib
import csv
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from planted_differences import ledger_of

from migstat.disclosure.audit import audit
from migstat.disclosure.examples import small_policy
from migstat.disclosure.feasibility import attack, feasibility_intervals
from migstat.disclosure.primary import primary_suppression
from migstat.disclosure.secondary import Effort, cell_costs, requirement_of, secondary_suppression
from migstat.disclosure.system import system_of
from migstat.model.tables import Dimension, Table, counted

SHAPES = {"1e3": (8, 2, 8, 3, 2, 6.0, 1), "1e4": (20, 4, 22, 5, 4, 8.0, 2), "1e5": (50, 8, 70, 9, 7, 10.0, 3)}
POLICY = small_policy()


def dimension(name: str, parents: dict[str, str]) -> Dimension:
    return Dimension.from_parents(name, {"Total": None, **dict.fromkeys(parents.values(), "Total"), **parents})


def read(folder: Path, name: str) -> tuple[list[Dimension], np.ndarray]:
    with (folder / f"sdc_{name}.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    dimensions = [
        dimension("commune", {row["commune"]: row["district"] for row in rows}),
        dimension("country", {row["country"]: row["group"] for row in rows}),
        Dimension.flat("sex", sorted({row["sex"] for row in rows}), total="Total"),
        Dimension.flat("age", sorted({row["age"] for row in rows}), total="Total"),
    ]
    inner = np.zeros([len(each.leaves) for each in dimensions])
    columns = [{leaf: at for at, leaf in enumerate(each.leaves)} for each in dimensions]
    for row in rows:
        inner[tuple(column[row[each.id]] for column, each in zip(columns, dimensions, strict=True))] = float(
            row["freq"]
        )
    return dimensions, inner


def draw(name: str) -> tuple[list[Dimension], np.ndarray]:
    communes, districts, countries, groups, ages, mean, seed = SHAPES[name]
    rng = np.random.default_rng(seed)
    dimensions = [
        dimension("commune", {f"c{at:03d}": f"d{at * districts // communes:02d}" for at in range(communes)}),
        dimension("country", {f"n{at:03d}": f"g{at * groups // countries:02d}" for at in range(countries)}),
        Dimension.flat("sex", ["f", "m"], total="Total"),
        Dimension.flat("age", [f"a{at}" for at in range(ages)], total="Total"),
    ]
    size = rng.lognormal(0, 1.0, communes)[:, None] * rng.lognormal(0, 1.5, countries)[None, :]
    spread = (size / size.mean())[:, :, None, None] * rng.uniform(0.5, 1.5, (communes, countries, 2, ages))
    return dimensions, rng.poisson(mean * spread).astype(float)


def table_of(name: str, folder: Path | None) -> Table:
    dimensions, inner = read(folder, name) if folder else draw(name)
    return Table.from_inner_array(name, counted("residents"), dimensions, inner)


def suppress(table: Table, effort: Effort) -> dict[str, float]:
    start = time.perf_counter()
    system = system_of(table)
    requirement = requirement_of(system, primary_suppression(table, POLICY))
    costs = cell_costs(system, POLICY.costs)
    pattern = secondary_suppression(system, requirement, costs, withhold_zeros=False, effort=effort)
    report = audit(system, pattern.withheld, requirement, POLICY.attackers, proofs=pattern.proofs)
    return {
        "cells": len(table),
        "primaries": int(requirement.primary.sum()),
        "withheld": int(pattern.withheld.sum()),
        "sum": float(system.values[pattern.withheld].sum()),
        "passed": report.passed,
        "programs": report.programs,
        "seconds": time.perf_counter() - start,
        "GiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    }


def modular(table: Table) -> dict[str, float] | None:
    """Tau-Argus MOD on the same people, through pytauargus; None where it is not installed."""
    try:
        from pytauargus import protect as tauargus
    except ImportError:
        return None
    people: dict[str, list[object]] = {each.id: [] for each in table.dimensions} | {"one": []}
    for codes, cell in table.cells():
        if all(code in each.leaves for code, each in zip(codes, table.dimensions, strict=True)):
            for each, code in zip(table.dimensions, codes, strict=True):
                people[each.id] += [code] * int(cell.number)
            people["one"] += [1.0] * int(cell.number)
    # the engine writes its logs into the working directory, whatever its workdir
    with tempfile.TemporaryDirectory() as scratch, contextlib.chdir(scratch):
        hierarchies = {}
        for each in table.dimensions[:2]:
            ordered = [line for top in each.codes[1:] if top not in each.leaves for line in _family(each, top)]
            hierarchies[each.id] = str(Path(scratch) / f"{each.id}.hrc")
            Path(hierarchies[each.id]).write_text("\n".join(ordered) + "\n")
        start = time.perf_counter()
        result = tauargus(
            people,
            [each.id for each in table.dimensions],
            "one",
            "FREQ(4,30)",
            "MOD(1)",
            hrc=hierarchies,
            hierleadstring="@",
            workdir=scratch,
        )
        seconds = time.perf_counter() - start
        columns = result.tables[0].dataframe()
        status, values = list(columns["status"]), list(columns["one"])
    withheld = [value for state, value in zip(status, values, strict=True) if state in ("U", "M", "B", "D")]
    return {"withheld": len(withheld), "sum": float(sum(withheld)), "seconds": seconds}


def _family(each: Dimension, top: str) -> list[str]:
    return [top, *(f"@{leaf}" for leaf in each.leaves if leaf in each.leaf_set(top))]


def exact_audit(table: Table) -> dict[str, float]:
    """Every interval of every withheld cell, with the programs that took, beside two for each."""
    system = system_of(table)
    requirement = requirement_of(system, primary_suppression(table, POLICY))
    costs = cell_costs(system, POLICY.costs)
    pattern = secondary_suppression(system, requirement, costs, withhold_zeros=False, effort=Effort(0))
    start = time.perf_counter()
    problem = attack(system, pattern.withheld)
    problem.certify(pattern.proofs)
    wanted = requirement.primary[problem.cells]
    low, _ = feasibility_intervals(problem, wanted=wanted)
    seconds = time.perf_counter() - start
    verdict = audit(system, pattern.withheld, requirement, POLICY.attackers, proofs=pattern.proofs)
    return {
        "cells": len(table),
        "primaries": int(wanted.sum()),
        "withheld": len(low),
        "programs for the verdict": verdict.programs,
        "programs for every interval": problem.programs.solved,
        "seconds": seconds,
    }


def plot(points: list[dict[str, float]], path: Path) -> None:
    """Seconds and memory against cells, both axes logarithmic, as SVG."""
    xs = [np.log10(point["cells"]) for point in points]

    def curve(values: list[float], colour: str, label: str, top: int) -> str:
        ys = np.log10(np.maximum(values, 1e-3))
        at = [(80 + (x - 3) / 2.2 * 480, 300 - (y + 2) / 5 * 260) for x, y in zip(xs, ys, strict=True)]
        dots = "".join(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="4" fill="{colour}"/>' for x, y in at)
        notes = "".join(
            f'<text x="{x + 6:.0f}" y="{y - 6:.0f}">{v:.2g}</text>' for (x, y), v in zip(at, values, strict=True)
        )
        line = " ".join(f"{x:.0f},{y:.0f}" for x, y in at)
        key = f'<text x="90" y="{top}" fill="{colour}">{label}</text>'
        return f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>{dots}{notes}{key}'

    axis = "".join(f'<text x="{80 + (d - 3) / 2.2 * 480:.0f}" y="325">10^{d}</text>' for d in (3, 4, 5))
    path.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 620 350" font-family="sans-serif" font-size="12">'
        "<title>Suppression and audit: seconds and GiB by number of cells, logarithmic axes</title>"
        '<rect width="620" height="350" fill="white"/><line x1="80" y1="300" x2="580" y2="300" stroke="black"/>'
        f'{axis}<text x="300" y="345">cells</text>'
        + curve([point["seconds"] for point in points], "#00663d", "seconds, suppression and audit", 24)
        + curve([point["GiB"] for point in points], "#005a9c", "GiB, largest memory of the run", 42)
        + "</svg>\n"
    )


def show(title: str, row: dict[str, float] | None) -> None:
    figures = (
        "not installed"
        if row is None
        else ", ".join(
            f"{key} {value:.4g}" if isinstance(value, float) else f"{key} {value}" for key, value in row.items()
        )
    )
    print(f"{title}: {figures}", flush=True)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    small = table_of("1e3", folder)
    suppress(small, Effort(2))  # compiles
    show("1,188 cells, no annealing", suppress(small, Effort(0)))
    for rounds, starts in ((100, 1), (200, 1), (400, 1), (400, 4)):
        show(f"1,188 cells, {starts} x {rounds} rounds", suppress(small, Effort(rounds, starts)))
    show("1,188 cells, Tau-Argus MOD", modular(small))
    points = [suppress(small, Effort(0))]
    show("ledger", ledger_of(1000, 20))
    middle = table_of("1e4", folder)
    points.append(suppress(middle, Effort(0)))
    show("10,500 cells", points[-1])
    large = table_of("1e5", folder)
    total = large.dimensions[3].position["Total"]
    keep = large.keys[:, 3] == total
    flat = Table(
        "flat", large.measure, large.dimensions[:3], large.keys[keep][:, :3], large.values[keep], large.states[keep]
    )
    show("audit", exact_audit(flat))
    points.append(suppress(large, Effort(0)))
    show("113,280 cells", points[-1])
    plot(points, Path(__file__).resolve().parent.parent / "docs" / "benchmarks" / "disclosure.svg")


if __name__ == "__main__":
    main()
