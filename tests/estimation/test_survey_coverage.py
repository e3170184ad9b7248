"""A small version of the coverage study: intervals cover under the assumptions and fail visibly when one is broken."""

import importlib.util
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def study():
    path = Path(__file__).resolve().parents[2] / "benchmarks" / "coverage_survey.py"
    specification = importlib.util.spec_from_file_location("coverage_survey", path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_survey_intervals(study):
    shares = study.survey_coverage(120, 5)
    # Three Monte Carlo standard errors of 120 rounds are 6 points.
    for name, share in shares.items():
        assert share >= 0.88 or name.startswith("broken"), name
    assert shares["broken: clusters forgotten"] < 0.88
    assert shares["broken: 30 % of the highest 40 % refuse"] < 0.75


def test_rank_intervals(study):
    shares = study.rank_coverage(25, 6)
    assert shares["ranks, errors as given"] > 0.9
    assert shares["broken: errors twice as large as given"] < shares["ranks, errors as given"]
    assert shares["broken: one error common to a unit's indicators"] < shares["ranks, errors as given"]
