"""The drawing of ARCHITECTURE.md as contracts: imports point down, the core is pure, names are words."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
CORE = sorted((REPOSITORY / "src" / "migstat").rglob("*.py"))
SYSTEM = sorted(path for path in (REPOSITORY / "src" / "marsad").rglob("*.py") if "migrations" not in path.parts)
FORBIDDEN_NAMES = {"utils", "helpers", "manager", "process", "handle", "data", "info", "misc", "common"}

# What reads a clock, a file, the environment or unseeded dice, as it is called.
IMPURE = re.compile(
    r"^(open|input|datetime\.(now|today|utcnow)|date\.today|time\.\w+|os\.\w+|environ\.\w+|random\.\w+"
    r"|(np|numpy)\.random\.(?!Generator|SeedSequence|PCG64|default_rng|BitGenerator)\w+|Path\(\S*\)\.\w+)$"
)


def test_imports_point_down():
    ran = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-3000:]


def impure_calls(source: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            unseeded = called.endswith("default_rng") and not (node.args or node.keywords)
            if IMPURE.match(called) or unseeded:
                found.append(f"line {node.lineno}: {called}")
    return found


@pytest.mark.parametrize("path", [path for path in CORE if path.name != "__main__.py"], ids=lambda path: path.stem)
def test_the_core_has_no_clock_file_environment_or_unseeded_dice(path):
    assert impure_calls(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "source",
    ["open('x')", "datetime.now()", "np.random.normal()", "default_rng()", "os.getenv('x')", "random.random()"],
)
def test_the_check_of_purity_would_notice(source):
    assert impure_calls(source)


def test_seeded_dice_are_welcome():
    assert impure_calls("np.random.default_rng(7).normal()") == []


@pytest.mark.parametrize("path", [*CORE, *SYSTEM], ids=lambda path: "/".join(path.parts[-2:]))
def test_modules_are_named_after_what_they_hold(path):
    assert path.stem not in FORBIDDEN_NAMES
    assert path.parent.name not in FORBIDDEN_NAMES


def test_views_never_import_models():
    """Also the views that stand in several files, which the import contracts do not name."""
    for path in SYSTEM:
        if path.stem == "api" or path.stem.startswith("views"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("marsad."):
                    assert not node.module.endswith(".models"), f"{path.name}: {node.module}"


def test_rules_never_import_django():
    for path in SYSTEM:
        if path.name == "rules.py":
            text = path.read_text("utf-8")
            assert not re.search(r"^\s*(from|import) (django|allauth)", text, re.MULTILINE), path


def test_the_world_below_the_line_does_not_name_the_one_above():
    above = re.compile(r"marsad\.(collection|production|release)\b")
    for path in SYSTEM:
        if path.relative_to(REPOSITORY / "src" / "marsad").parts[0] not in {
            "collection",
            "production",
            "release",
            "demonstration",
            "config",
        }:
            assert not above.search(path.read_text("utf-8")), path
