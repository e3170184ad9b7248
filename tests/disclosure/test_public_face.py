"""What others meet first: the import, the worked examples in every docstring."""

from __future__ import annotations

import ast
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


def test_every_public_function_has_a_worked_example() -> None:
    """Kernels apart: they are compiled, called by one module each, and tested through it."""
    without = []
    for path in sorted((Path(SOURCE) / "migstat" / "disclosure").glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and "_kernels" not in path.stem:
                without += [f"{path.stem}.{node.name}"] * (">>>" not in (ast.get_docstring(node) or ""))
    assert without == []
