"""The coverage study in small: what it says in the methods pages still holds, kept assumptions and broken ones."""

import importlib.util
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "coverage_flows_sae.py"


@pytest.fixture(scope="module")
def study():
    spec = importlib.util.spec_from_file_location("coverage_flows_sae", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def case(study, method, situation):
    cases = [*study.small_area_cases(), *study.flow_cases()]
    return next(one for one in cases if one.method == method and one.situation.startswith(situation))


@pytest.mark.parametrize(
    ("method", "situation", "low", "high"),
    [
        ("fay_herriot", "assumptions hold, 60", 0.93, 0.97),
        ("fay_herriot", "sampling variances stated at half", 0.80, 0.92),
        ("unit_level", "people with high values", 0.55, 0.85),
        ("benchmarked", "true total", 0.925, 0.97),
        ("net_survival_ratio", "assumptions hold", 0.93, 0.97),
        ("net_survival_ratio", "second census misses", 0.05, 0.85),
        ("residual", "40 % missed", 0.0, 0.6),
    ],
)
def test_coverage(study, method, situation, low, high):
    share, _ = study.coverage(case(study, method, situation), 40)
    assert low < share < high


def test_every_row_of_the_study_runs(study):
    for one in [*study.small_area_cases(), *study.flow_cases()]:
        share, noise = study.coverage(one, 0)
        assert 0 <= share <= 1, one.situation
        assert noise >= 0
