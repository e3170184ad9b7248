"""Patterns: safe against an attacker written apart, the same for the same input, and no dearer than needed."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attacker.obvious import bounds_of
from migstat.disclosure.audit import audit
from migstat.disclosure.examples import small_policy, small_requirement, small_system
from migstat.disclosure.feasibility import attack, feasibility_intervals
from migstat.disclosure.ledger import Ledger
from migstat.disclosure.policy import Attackers
from migstat.disclosure.primary import primary_suppression
from migstat.disclosure.protect import ProtectedTable, protect
from migstat.disclosure.secondary import Effort, cell_costs, requirement_of, secondary_suppression
from migstat.disclosure.system import link, system_of
from migstat.model import Refused
from migstat.model.tables import Dimension, Table, counted

POLICY = small_policy()
AREA = Dimension.from_parents("AREA", {"C": None, "N": "C", "S": "C", "a": "N", "b": "N", "c": "S", "d": "S", "e": "S"})
SEX = Dimension.flat("SEX", ["F", "M"], total="_T")
AGE = Dimension.flat("AGE", ["y", "m", "o"], total="_A")


def table_of(people: np.ndarray) -> Table:
    return Table.from_inner_array("t", counted("residents"), [AREA, SEX, AGE], people)


def protected(people: np.ndarray, effort: Effort | None = None) -> ProtectedTable:
    return protect(table_of(people), POLICY, Ledger(), effort=effort or Effort(10))


people = st.lists(st.integers(0, 15), min_size=30, max_size=30).map(lambda n: np.array(n, dtype=float).reshape(5, 2, 3))


@given(inner=people)
@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_the_obvious_attacker_never_beats_the_protection_interval(inner: np.ndarray) -> None:
    try:
        done = protected(inner)
    except Refused:
        return  # nothing is released
    cells = [
        (dict(zip(("AREA", "SEX", "AGE"), codes, strict=True)), cell.number)
        for codes, cell in done.cells()
        if cell.is_value
    ]
    for row in np.flatnonzero(done.primary).tolist()[:6]:
        target = dict(zip(("AREA", "SEX", "AGE"), done.table.codes_at(row), strict=True))
        low, high = bounds_of({"AREA": AREA, "SEX": SEX, "AGE": AGE}, cells, target)
        assert low <= done.table.values[row] - 1 + 1e-6
        assert high >= done.table.values[row] + 1 - 1e-6


@given(inner=people)
@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_intervals_equal_those_of_the_obvious_attacker(inner: np.ndarray) -> None:
    table = table_of(inner)
    system = system_of(table)
    withheld = (np.arange(len(table)) * 7919) % 3 == 0
    problem = attack(system, withheld)
    low, high = feasibility_intervals(problem)
    cells = [
        (dict(zip(("AREA", "SEX", "AGE"), table.codes_at(row), strict=True)), float(table.values[row]))
        for row in np.flatnonzero(~withheld)
    ]
    for at in range(0, len(problem.cells), 9):
        target = dict(zip(("AREA", "SEX", "AGE"), table.codes_at(int(problem.cells[at])), strict=True))
        expected = bounds_of({"AREA": AREA, "SEX": SEX, "AGE": AGE}, cells, target)
        assert (low[at], high[at]) == pytest.approx(expected, abs=1e-6)


@given(inner=people, gone=st.integers(0, 10_000))
@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_a_planted_leak_is_always_found(inner: np.ndarray, gone: int) -> None:
    """A primary cell whose line is otherwise published is exactly known, and the audit says so without a program."""
    table = table_of(inner)
    system, protection = system_of(table), primary_suppression(table, POLICY)
    places = np.flatnonzero(protection.primary)
    if not len(places):
        return
    leak = int(places[gone % len(places)])
    withheld = np.zeros(len(table), dtype=bool)
    withheld[leak] = True
    requirement = replace(requirement_of(system, protection), primary=withheld)
    report = audit(system, withheld, requirement, POLICY.attackers)
    assert not report.passed
    assert report.linearly_exact[leak]
    assert report.exposures[0].low == report.exposures[0].high == table.values[leak]
    assert report.exposures[0].equations


@given(inner=people)
@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_the_same_input_gives_the_same_pattern(inner: np.ndarray) -> None:
    try:
        one, two = protected(inner), protected(inner)
    except Refused:
        return
    assert (one.withheld == two.withheld).all()


@given(inner=people)
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_the_verdict_does_not_depend_on_the_order_of_codes(inner: np.ndarray) -> None:
    """Turning the codes round changes no interval of the audit."""
    turned = Dimension.from_parents(
        "AREA", {"C": None, "S": "C", "N": "C", "e": "S", "d": "S", "c": "S", "b": "N", "a": "N"}
    )
    first = table_of(inner)
    order = [AREA.leaves.index(leaf) for leaf in turned.leaves]
    second = Table.from_inner_array("t", first.measure, [turned, SEX, AGE], inner[order])
    found = []
    for table in (first, second):
        withheld = np.array([table.values[row] in (1, 2, 3, 5, 8) for row in range(len(table))])
        problem = attack(system_of(table), withheld)
        low, high = feasibility_intervals(problem)
        found.append({table.codes_at(int(c)): (a, b) for c, a, b in zip(problem.cells, low, high, strict=True)})
    assert found[0].keys() == found[1].keys()
    for codes, ends in found[0].items():
        assert ends == pytest.approx(found[1][codes], abs=1e-7)


def test_when_nothing_can_be_withheld_the_table_is_refused() -> None:
    """Everybody knows every count to within a tenth: no pattern leaves room for one more or one less."""
    table = Table.from_leaves("sex", counted("residents"), [SEX], {("F",): 1, ("M",): 30})
    knowing = replace(POLICY, attackers=Attackers(own_contribution=False, coalition=1, prior_percent=10))
    with pytest.raises(Refused, match=r"secondary|protect"):
        protect(table, knowing, Ledger())


def test_a_sole_contributor_learns_nothing_more() -> None:
    """With two ones in a row withheld alone, each knows the other; the policy with informed attackers withholds more."""
    counts = {("a", "F"): 1, ("a", "M"): 20, ("b", "F"): 1, ("b", "M"): 30, ("c", "F"): 9, ("c", "M"): 12}
    area = Dimension.flat("AREA", ["a", "b", "c"], total="C")
    table = Table.from_leaves("t", counted("residents"), [area, SEX], counts)
    informed = replace(POLICY, attackers=Attackers(own_contribution=True, coalition=1, prior_percent=np.inf))
    plain, careful = protect(table, POLICY, Ledger()), protect(table, informed, Ledger())
    assert careful.withheld.sum() > plain.withheld.sum()
    assert careful.report.attackers > 1


def test_a_coalition_is_stronger_than_one() -> None:
    system, requirement = small_system(), small_requirement()
    withheld = requirement.primary | (np.arange(len(system)) % 2 == 1)
    people = np.where(system.values <= 3, 1, 5).astype(np.int64)
    one = audit(system, withheld, requirement, Attackers(True, 1, np.inf), contributors=people)
    many = audit(system, withheld, requirement, Attackers(True, 6, np.inf), contributors=people)
    assert many.attackers > one.attackers


def test_what_is_known_beforehand_narrows_the_intervals() -> None:
    system = small_system()
    withheld = np.ones(len(system), dtype=bool)
    loose = feasibility_intervals(attack(system, withheld))
    tight = feasibility_intervals(attack(system, withheld, prior_percent=10))
    assert (tight[0] >= loose[0]).all()
    assert (tight[1] <= loose[1]).all()
    assert tight[1][0] <= system.values[0] * 1.1 + 1e-9


def test_costs_decide_what_is_withheld() -> None:
    dear = replace(POLICY, costs=replace(POLICY.costs, keep_margins=1000.0))
    table = table_of(np.arange(30, dtype=float).reshape(5, 2, 3) % 11 + 1)
    kept = protect(table, dear, Ledger(), effort=Effort(0))
    margin = np.array(
        [any(code in ("C", "N", "S", "_T", "_A") for code in table.codes_at(r)) for r in range(len(table))]
    )
    free = protect(table, POLICY, Ledger(), effort=Effort(0))
    assert kept.secondary[margin].sum() <= free.secondary[margin].sum()
    with pytest.raises(Refused, match=r"costs\.own"):
        cell_costs(system_of(table), replace(POLICY.costs, by="own"))


@pytest.mark.slow
def test_the_bench_table_costs_no_more_than_the_reference(reference_folder: Path, tmp_path: Path) -> None:
    """1,188 cells, 185 primaries, one step down and up for each, proved by whole tables."""
    from subprocess import run

    run([sys.executable, str(reference_folder / "bench" / "make_bench_data.py"), str(tmp_path)], check=True)
    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))
    from bench_disclosure import table_of as bench_table

    table = bench_table("1e3", tmp_path)
    system = system_of(table)
    requirement = requirement_of(system, primary_suppression(table, POLICY))
    pattern = secondary_suppression(
        system, requirement, cell_costs(system, POLICY.costs), withhold_zeros=False, effort=Effort(400, 2)
    )
    report = audit(system, pattern.withheld, requirement, POLICY.attackers, proofs=pattern.proofs)
    assert report.passed
    assert requirement.primary.sum() == 185
    assert system.values[pattern.withheld].sum() <= 2781


def test_false_proofs_are_not_believed() -> None:
    import scipy.sparse as sp

    system, requirement = small_system(), small_requirement()
    forged = sp.csr_matrix(np.where(requirement.primary, 5.0, 0.0)[None, :])
    assert not audit(system, requirement.primary, requirement, POLICY.attackers, proofs=forged).passed


def test_gates_are_built_in_one_place_only() -> None:
    done = protected(np.full((5, 2, 3), 9.0))
    with pytest.raises(Refused, match=r"release\.gate"):
        ProtectedTable(done.table, POLICY, done.primary, done.secondary, done.protection, done.report, ())


def test_a_primary_cell_that_is_published_fails_the_audit() -> None:
    system, requirement = small_system(), small_requirement()
    report = audit(system, np.zeros(len(system), dtype=bool), requirement, POLICY.attackers)
    assert not report.passed
    assert report.exposures[0].equations == ("HASSAN/F is published",)


def test_linked_tables_are_attacked_as_one_system() -> None:
    """A margin published in one table undoes a withheld cell of another; each table by itself looks safe."""
    area = Dimension.flat("AREA", ["a", "b"], total="C")
    ages = Dimension.flat("AGE", ["y", "o"], total="_A")
    people = np.array([[[1.0, 4.0], [6.0, 3.0]], [[5.0, 2.0], [7.0, 8.0]]])
    by_sex = Table.from_inner_array("sex", counted("residents"), [area, SEX], people.sum(axis=2))
    by_age = Table.from_inner_array("age", counted("residents"), [area, ages], people.sum(axis=1))
    joint = link((by_sex, by_age))
    assert (joint.rows[0][by_sex.row("a", "_T")]) == joint.rows[1][by_age.row("a", "_A")]
    hidden = np.zeros(len(joint.system), dtype=bool)
    for table, rows, codes in ((by_sex, joint.rows[0], "F"), (by_sex, joint.rows[0], "_T")):
        hidden[rows[table.row("a", codes)]] = hidden[rows[table.row("b", codes)]] = True
    alone = attack(system_of(by_sex), hidden[joint.rows[0]])
    together = attack(joint.system, hidden)
    assert not alone.exact.any()
    assert together.exact.all()
    with pytest.raises(Refused, match="contradiction"):
        link((by_sex, Table.from_inner_array("age", by_age.measure, [area, ages], people.sum(axis=1) + 1)))


def test_the_pattern_is_the_same_in_another_process() -> None:
    from subprocess import run

    program = "import numpy as np\nfrom disclosure_pattern import withheld\nprint(withheld())\n"
    folder = str(Path(__file__).parent)
    source = str(Path(__file__).resolve().parents[2] / "src")
    prints = {
        run(
            [sys.executable, "-c", program],
            env={"PYTHONPATH": f"{folder}:{source}", "PYTHONHASHSEED": seed, "PATH": "/usr/bin"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(prints) == 1
