"""What others meet first: the import, the worked examples in every docstring."""

from __future__ import annotations

import sys
from pathlib import Path
from subprocess import run

SOURCE = str(Path(__file__).resolve().parents[2] / "src")


def test_the_import_loads_no_solver_and_no_compiler() -> None:
    program = (
        "import sys, migstat.disclosure\n"
        "print([name for name in ('scipy.sparse', 'scipy.optimize', 'highspy', 'numba') if name in sys.modules])"
    )
    said = run(
        [sys.executable, "-c", program], env={"PYTHONPATH": SOURCE}, capture_output=True, text=True, check=True
    ).stdout
    assert said.strip() == "[]"
