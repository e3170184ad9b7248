"""``import migstat`` and its model stay light: no compiler, no solver, no distributions until they are asked for."""

import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parent.parent / "src"
HEAVY = ("numba", "scipy.stats", "highspy", "svy", "SALib", "pandas", "polars", "opendp")


@pytest.mark.parametrize("module", ["migstat", "migstat.model", "migstat.estimation", "migstat.estimation.survey_mean"])
def test_imports_nothing_heavy(module):
    program = f"import sys; sys.path.insert(0, {str(SOURCE)!r}); import {module}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert module in loaded
    assert [name for name in HEAVY if name in loaded] == []
