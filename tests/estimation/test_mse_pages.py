"""The methods page runs, and the coverage study does what the page says, on a small scale."""

import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


def test_every_example_of_the_methods_page_runs(capsys):
    page = (REPOSITORY / "docs" / "methods" / "multiple_systems.md").read_text("utf-8")
    blocks = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    assert len(blocks) >= 3
    names: dict[str, object] = {}
    for block in blocks:
        exec(block, names)
    assert "range" in capsys.readouterr().out


@pytest.fixture(scope="module")
def study():
    spec = importlib.util.spec_from_file_location("coverage_mse", REPOSITORY / "benchmarks" / "coverage_mse.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules["coverage_mse"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_coverage_holds_under_assumptions_and_fails_under_referral(study):
    independent, referral = study.SCENARIOS[:2]
    chapman = study.TWO_LIST_METHODS["mse_chapman"]
    share, error, refused = study.coverage(independent, chapman, 150, np.random.default_rng(1))
    assert share > 0.95 - 3 * np.sqrt(0.95 * 0.05 / 150)
    assert abs(error) < 0.03
    assert refused == 0
    share, error, _ = study.coverage(referral, chapman, 60, np.random.default_rng(2))
    assert share < 0.2
    assert error < -0.2


def test_a_model_with_the_referral_covers(study):
    referral = study.SCENARIOS[4]
    method = study.MANY_LIST_METHODS["mse_multimodel (BIC average)"]
    share, _, _ = study.coverage(referral, method, 100, np.random.default_rng(3))
    assert share > 0.95 - 3 * np.sqrt(0.95 * 0.05 / 100)
