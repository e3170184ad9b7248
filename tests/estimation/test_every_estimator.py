"""Every registered estimator brings its evidence: a published number, a property, a synthetic truth it recovers.

A test says what it is evidence of with ``@pytest.mark.evidence("rds_ii", "published")``; the kinds are those of KINDS.
"""

import ast
from functools import cache
from pathlib import Path

import pytest

from migstat.estimation.registry import methods

KINDS = {"published", "property", "truth"}


@cache
def _marks() -> set[tuple[str, str]]:
    found = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "evidence":
                words = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
                found.add((words[0], words[1]))
    return found


@pytest.mark.parametrize("name", list(methods()))
def test_brings_its_evidence(name):
    missing = KINDS - {kind for estimator, kind in _marks() if estimator == name}
    assert not missing, f"{name} lacks a test marked as {sorted(missing)}"


@pytest.mark.parametrize("name", list(methods()))
def test_names_reference_and_assumptions(name):
    method = methods()[name]
    assert len(method.reference) > 10
    for assumption in method.assumptions:
        assert assumption.when_broken.ar != assumption.statement.ar


def test_marks_name_estimators_that_exist():
    assert {name for name, _ in _marks()} <= set(methods())
