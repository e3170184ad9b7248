"""Samples for the tests of respondent-driven sampling: the reference ones, and small ones of our own."""

from __future__ import annotations

import csv
import importlib.util
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from migstat.estimation.rds_recruitment import Recruitment, recruitment_from_recruiters, recruitment_from_rows

VARIABLES = [("fauxmadrona", "disease"), ("faux", "X"), ("faux", "Y"), ("faux", "Z")]


@dataclass
class ReferenceSample:
    """A data set of the R package RDS 0.9-10 with its results for one variable; labels in row order."""

    recruitment: Recruitment
    labels: list[str]
    results: dict[str, Any]
    corrected: dict[str, Any]

    @property
    def categories(self) -> list[str]:
        return sorted(set(self.labels))

    def expected(self, key: str) -> np.ndarray:
        return np.array([self.results[key]["estimate"][name] for name in self.categories])

    def errors(self, key: str) -> np.ndarray:
        """Standard errors of one of the peer's bootstraps, in its order."""
        return np.array([row[4] for row in self.results[key]["interval"]])

    def salganik(self, method: str, what: str) -> np.ndarray:
        """``fixed_mean`` or ``fixed_se`` of the corrected bootstrap, in the order of ``categories``."""
        found = {name.split("_", 1)[1]: value for name, value in self.corrected[method][what].items()}
        return np.array([found[name] for name in self.categories])


def reference_sample(folder: Path, name: str, variable: str) -> ReferenceSample:
    with (folder / "rds" / f"{name}.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    results = json.loads((folder / "rds" / "rds_reference.json").read_text("utf-8"))[name]
    corrected = json.loads((folder / "rds" / "rds_salganik_corrected.json").read_text("utf-8"))
    recruitment = recruitment_from_recruiters(
        [row[".id"] for row in rows],
        [row[".rid"] for row in rows],
        [float(row[".degree"]) for row in rows],
        seed_mark="seed",
    )
    return ReferenceSample(
        recruitment,
        [row[variable] for row in rows],
        results[f"var_{variable}"],
        {method: corrected[f"{name}|{variable}|{method}"] for method in ("RDS-I", "RDS-II")},
    )


def small_sample() -> tuple[Recruitment, list[str]]:
    """Twelve respondents in two trees."""
    recruiter = [-1, -1, 0, 0, 1, 1, 2, 2, 4, 5, 6, 7]
    degree = [4, 6, 2, 8, 3, 6, 2, 4, 12, 6, 3, 4]
    return recruitment_from_rows(recruiter, degree), list("aababbabbaab")


def random_walk(rng: np.random.Generator, length: int) -> tuple[Recruitment, list[str], float]:
    """A chain of recruitments between two groups, with the share of "a" that its transition rates and degrees imply.

    Ties balance: with shares p and q, degrees m_a and m_b, p m_a S_ab = q m_b S_ba.
    """
    rates = {"a": 0.3, "b": 0.2}
    mean = {"a": 4.0, "b": 9.0}
    group, labels, degrees = "a", [], []
    for _ in range(length):
        labels.append(group)
        # A recruiter meets people in proportion to degree: the sampled degree is size-biased.
        choices = np.array([0.5, 1.0, 1.5]) * mean[group]
        degrees.append(float(rng.choice(choices, p=choices / choices.sum())))
        if rng.random() < rates[group]:
            group = "b" if group == "a" else "a"
    ratio = (rates["b"] / mean["a"]) / (rates["a"] / mean["b"])
    return recruitment_from_rows([-1, *range(length - 1)], degrees), labels, ratio / (1 + ratio)


def successive_sample(rng: np.random.Generator, population: int, sample: int) -> tuple[Recruitment, list[str], float]:
    """A successive sample of a population whose members of "a" (30 %) know twice as many people, in two-coupon trees."""
    inside = rng.random(population) < 0.3
    degree = np.maximum(rng.poisson(np.where(inside, 12.0, 6.0)), 1)
    order = np.argsort(rng.standard_exponential(population) / degree)[:sample]
    recruiter = [-1, -1, *((i - 2) // 2 for i in range(2, sample))]
    return (
        recruitment_from_rows(recruiter, degree[order]),
        ["a" if inside[member] else "b" for member in order],
        float(inside.mean()),
    )


def benchmark_module(name: str) -> ModuleType:
    """A script of the benchmarks folder as a module."""
    path = Path(__file__).resolve().parents[2] / "benchmarks" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
