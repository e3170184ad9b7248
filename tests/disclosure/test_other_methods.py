"""Rounding, cell keys, differential privacy, measures of microdata, and the command."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migstat.disclosure.__main__ import main
from migstat.disclosure.cell_key import (
    PerturbationTable,
    cell_key,
    maximum_entropy_table,
    perturbed_count,
    record_keys,
)
from migstat.disclosure.differential_privacy import BudgetLedger, private_counts
from migstat.disclosure.examples import small_policy, small_requirement, small_system, small_table
from migstat.disclosure.ledger import Ledger
from migstat.disclosure.microdata import k_anonymity, l_diversity, special_uniques, uniqueness
from migstat.disclosure.protect import protect
from migstat.disclosure.rounding import audit_rounding, controlled_rounding, deterministic_rounding
from migstat.disclosure.system import system_of
from migstat.model import Refused
from migstat.model.tables import Dimension, Table, counted

SECRET = b"a secret of the house"


@pytest.mark.parametrize("base", [3, 5, 10])
def test_controlled_rounding_adds_up_and_stays_beside_the_truth(base: int) -> None:
    system = small_system()
    cells = controlled_rounding(system, base)
    assert abs(system.equations @ cells.rounded).max() == 0
    assert (np.abs(cells.rounded - system.values) < base).all()
    assert (cells.rounded % base == 0).all()
    assert (cells.low <= system.values).all()
    assert (cells.high >= system.values).all()


def test_rounding_is_audited_like_suppression() -> None:
    system = small_system()
    report = audit_rounding(system, controlled_rounding(system, 5), small_requirement(), small_policy().attackers)
    assert report.passed
    assert report.intervals_exact


def test_rounding_each_cell_alone_can_give_a_count_away() -> None:
    """Parts 1, 1 rounded to 0, 0 beside a total of 2 rounded to 3: only 1 and 1 add up to 2 or more."""
    sex = Dimension.flat("SEX", ["F", "M"], total="_T")
    table = Table.from_leaves("sex", counted("residents"), [sex], {("F",): 1, ("M",): 1})
    system = system_of(table)
    from migstat.disclosure.primary import primary_suppression
    from migstat.disclosure.secondary import requirement_of

    requirement = requirement_of(system, primary_suppression(table, small_policy()))
    report = audit_rounding(system, deterministic_rounding(system, 3), requirement, small_policy().attackers)
    assert not report.passed
    assert all(exposure.low == exposure.high for exposure in report.exposures)


def test_rounding_refuses_other_bases_and_amounts() -> None:
    with pytest.raises(Refused, match="base"):
        deterministic_rounding(small_system(), 4)


@given(maximum=st.integers(2, 8), variance=st.floats(0.8, 3.0), never=st.integers(0, 2))
@settings(max_examples=30, deadline=None, derandomize=True)
def test_every_p_table_keeps_the_mean_and_zero(maximum: int, variance: float, never: int) -> None:
    if never >= maximum:
        return
    table = maximum_entropy_table(maximum, variance, never_below=never)
    changes = np.arange(-maximum, maximum + 1)
    assert np.abs(table.probabilities @ changes).max() < 1e-6
    assert table.probabilities[0, maximum] == 1
    for count, row in enumerate(table.probabilities):
        assert not row[(count + changes < 0) | ((count + changes > 0) & (count + changes <= never))].any()


def test_p_table_rows_agree_with_the_reference(reference_folder: Path) -> None:
    """Rows from 2 on of the table with D = 5, V = 2 (its row 1 follows a convention of its own: see the methods page)."""
    with (reference_folder / "sdc" / "ptable_D5_V2_tMatrix.csv").open(newline="") as lines:
        reference = [[float(value) for value in row[1:]] for row in list(csv.reader(lines))[1:]]
    table = maximum_entropy_table(5, 2.0, never_below=0)
    for count in range(2, 6):
        own = {count + change: p for change, p in zip(range(-5, 6), table.probabilities[count], strict=True)}
        for target, p in enumerate(reference[count]):
            assert own.get(target, 0.0) == pytest.approx(p, abs=2e-6)


def test_a_biased_p_table_is_refused() -> None:
    with pytest.raises(Refused, match="bias"):
        PerturbationTable(1, np.array([[0.0, 1.0, 0.0], [0.0, 0.5, 0.5]]))


@given(st.lists(st.text(min_size=1, max_size=5), min_size=1, max_size=20, unique=True))
@settings(max_examples=30, deadline=None, derandomize=True)
def test_the_same_people_get_the_same_noise_in_any_order(people: list[str]) -> None:
    table = maximum_entropy_table(5, 2.0, never_below=0)
    one = perturbed_count(len(people), cell_key(record_keys(people, SECRET)), table)
    two = perturbed_count(len(people), cell_key(record_keys(people[::-1], SECRET)), table)
    assert one == two >= 0


def test_cell_keys_are_spread_evenly() -> None:
    keys = record_keys([str(number) for number in range(4000)], SECRET)
    sums = np.array([cell_key(keys[at : at + 4]) for at in range(0, 4000, 4)])
    assert abs(sums.mean() - 0.5) < 3 * math.sqrt(1 / 12 / 1000)


def test_the_privacy_budget_is_never_overspent() -> None:
    budget = BudgetLedger(total=1.0)
    noisy = private_counts([10, 0, 25], epsilon=0.6, contributions=1, purpose="first", budget=budget)
    assert len(noisy) == 3
    with pytest.raises(Refused, match="budget"):
        private_counts([10], epsilon=0.6, contributions=1, purpose="second", budget=budget)
    assert [purpose for purpose, _ in budget.spent] == ["first"]


def test_private_noise_has_the_scale_it_should() -> None:
    budget = BudgetLedger(total=1.0)
    noise = np.array(private_counts([0] * 20_000, epsilon=1.0, contributions=1, purpose="all", budget=budget))
    expected = 2 * math.exp(-1) / (1 - math.exp(-1)) ** 2  # variance of the discrete Laplace law of scale 1
    assert abs(noise.var() - expected) < 0.2
    assert abs(noise.mean()) < 5 * math.sqrt(expected / 20_000)


def test_measures_of_microdata() -> None:
    records = [
        {"age": age, "sex": sex, "area": area, "permit": permit}
        for age, sex, area, permit in (
            ("20", "F", "a", "yes"),
            ("20", "F", "a", "yes"),
            ("20", "M", "b", "no"),
            ("30", "M", "b", "yes"),
        )
    ]
    assert k_anonymity(records, ["sex"]) == 2
    assert k_anonymity(records, ["age", "sex"]) == 1
    assert l_diversity(records, ["sex"], "permit") == (1, 1.0)
    assert uniqueness(records, ["age", "sex"]) == 0.5
    scores = special_uniques(records, ["age", "sex", "area"], largest=2)
    # the last is alone by age (3 - 1 = 2); the one before by age with sex, and by age with area (1 each)
    assert scores == [0.0, 0.0, 2.0, 2.0]
    with pytest.raises(Refused):
        k_anonymity([], ["sex"])


POLICY = """
[rules.minimum_frequency]
threshold = 3
zeros_disclosive = false
[protection_interval]
absolute = 1
percent = 0
width = 2
from_p_percent = false
[attackers]
own_contribution = false
coalition = 1
prior_percent = inf
[costs]
by = "value"
keep_margins = 1
keep_published = 1
withhold_zeros = false
[dimensions.AREA]
total = "RABAT"
parents = {AGDAL = "RABAT", HASSAN = "RABAT", SOUISSI = "RABAT"}
[dimensions.SEX]
total = "_T"
parents = {F = "_T", M = "_T"}
"""


def written(folder: Path, withheld: set[tuple[str, ...]], policy: str = POLICY) -> Iterator[str]:
    (folder / "policy.toml").write_text(policy)
    with (folder / "table.csv").open("w", newline="") as lines:
        out = csv.writer(lines)
        out.writerow(["AREA", "SEX", "value", "status"])
        for codes, cell in small_table().cells():
            out.writerow([*codes, cell.number, "withheld" if codes in withheld else "published"])
    return iter(("audit", str(folder / "table.csv"), str(folder / "policy.toml")))


def test_the_command_passes_a_protected_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = protect(small_table(), small_policy(), Ledger())
    withheld = {codes for codes, cell in done.cells() if not cell.is_value}
    assert main(list(written(tmp_path, withheld))) == 0
    assert "audit passed" in capsys.readouterr().out


def test_the_command_fails_an_open_table_and_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(list(written(tmp_path, {("HASSAN", "F")}))) == 1
    said = capsys.readouterr().out
    assert "audit FAILED" in said
    assert "HASSAN/_T = HASSAN/F + HASSAN/M" in said or "RABAT/F = AGDAL/F + HASSAN/F + SOUISSI/F" in said
    assert main(list(written(tmp_path, set()))) == 1


@pytest.mark.parametrize("wrong", [POLICY.replace("threshold", "treshold"), POLICY.replace("[costs]", "[cost]"), "x"])
def test_the_command_refuses_what_it_does_not_understand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], wrong: str
) -> None:
    assert main(list(written(tmp_path, set(), wrong))) == 2
    assert "refused" in capsys.readouterr().err
