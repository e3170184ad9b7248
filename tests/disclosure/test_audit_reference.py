"""The audit against feasibility intervals computed elsewhere, twice, by other people's solvers."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

from migstat.disclosure.audit import audit
from migstat.disclosure.feasibility import attack, feasibility_intervals
from migstat.disclosure.policy import Attackers
from migstat.disclosure.secondary import Requirement
from migstat.disclosure.system import CellSystem

ANYBODY = Attackers(own_contribution=False, coalition=1, prior_percent=float("inf"))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as lines:
        return list(csv.DictReader(lines))


def system_from(folder: Path, name: str, pattern: str) -> tuple[CellSystem, np.ndarray, np.ndarray]:
    """Published cells as sums of inner cells: the system, the suppressed cells, the primary ones."""
    inner = rows(folder / f"inner_{name}.csv")
    counts = np.array([float(list(line.values())[-1]) for line in inner])
    cells = rows(folder / f"gauss_{name}_{pattern}.csv")
    incidence = rows(folder / f"X_{name}.csv")
    at = np.array([[int(line["cell"]), int(line["inner"])] for line in incidence])
    width = len(cells)
    sums = sp.coo_matrix((np.ones(len(at)), (at[:, 0], width + at[:, 1])), shape=(width, width + len(counts)))
    own = sp.coo_matrix((-np.ones(width), (np.arange(width), np.arange(width))), shape=sums.shape)
    values = np.concatenate([np.asarray(sums.tocsr()[:, width:] @ counts), counts])
    system = CellSystem((sums + own).tocsr(), values, np.zeros(len(values)), np.full(len(values), np.inf), True)
    suppressed = np.array([line["suppressed"] == "TRUE" for line in cells] + [True] * len(counts))
    primary = np.array([line["primary"] == "TRUE" for line in cells] + [False] * len(counts))
    return system, suppressed, primary


PATTERNS = [f"pz{zeros}_{single}" for zeros in (0, 1) for single in ("default", "none")]


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("name", ["z1", "d2", "example1", "mun_accidents"])
def test_every_interval_equals_the_reference(reference_folder: Path, name: str, pattern: str) -> None:
    folder = reference_folder / "sdc"
    system, suppressed, _ = system_from(folder, name, pattern)
    problem = attack(system, suppressed)
    low, high = feasibility_intervals(problem)
    place = {int(cell): at for at, cell in enumerate(problem.cells)}
    for line in rows(folder / f"audit_{name}_{pattern}.csv"):
        at = place[int(line["j"]) - 1]  # numbered from 1 there
        assert low[at] == pytest.approx(float(line["low"]), abs=1e-9)
        assert high[at] == pytest.approx(float(line["up"]), abs=1e-9)


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("name", ["z1", "d2", "example1", "mun_accidents"])
def test_exactness_by_algebra_agrees_with_the_intervals(reference_folder: Path, name: str, pattern: str) -> None:
    system, suppressed, _ = system_from(reference_folder / "sdc", name, pattern)
    problem = attack(system, suppressed)
    low, high = feasibility_intervals(problem)
    assert ((high - low)[problem.exact] < 1e-9).all()


def test_the_default_pattern_of_mun_accidents_leaves_thirteen_primaries_too_narrow(reference_folder: Path) -> None:
    system, suppressed, primary = system_from(reference_folder / "sdc", "mun_accidents", "pz1_default")
    two = np.where(primary, 2.0, 0.0)
    nothing = np.zeros(len(system), dtype=bool)
    requirement = Requirement(primary, 0 * two, 0 * two, two, nothing, nothing)
    report = audit(system, suppressed, requirement, ANYBODY, intervals=True)
    assert not report.passed
    assert len(report.exposed_cells) == 13


def test_two_suppressed_cells_in_one_row_give_each_other_away_only_together() -> None:
    """Two of three parts withheld: each may be anything from 0 to their sum; one alone is known."""
    equations = sp.csr_matrix([[-1.0, 1.0, 1.0, 1.0]])
    system = CellSystem(equations, np.array([10.0, 2.0, 3.0, 5.0]), np.zeros(4), np.full(4, np.inf), True)
    low, high = feasibility_intervals(attack(system, np.array([False, True, True, False])))
    assert low.tolist() == [0.0, 0.0]
    assert high.tolist() == [5.0, 5.0]
    alone = attack(system, np.array([False, True, False, False]))
    assert alone.exact.tolist() == [True]
    assert alone.programs.solved == 0


def test_null_vectors_of_the_system_spare_programs() -> None:
    """Four withheld cells of a square move along one null vector: its ends are the intervals, and nothing is solved."""
    equations = sp.csr_matrix([[1.0, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1]])
    margins = sp.csr_matrix(([-1.0] * 4, (range(4), range(4))), shape=(4, 4))
    values = np.array([2.0, 7, 4, 3])
    whole = np.concatenate([values, equations @ values])
    system = CellSystem(sp.hstack([equations, margins]).tocsr(), whole, np.zeros(8), np.full(8, np.inf), True)
    problem = attack(system, np.arange(8) < 4)
    low, high = feasibility_intervals(problem)
    assert low.tolist() == [0.0, 3.0, 0.0, 1.0]
    assert high.tolist() == [6.0, 9.0, 6.0, 7.0]
    assert problem.programs.solved == 0
