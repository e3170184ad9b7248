"""The list of estimators, made by the decorator each of them carries."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from migstat.model import Assumption, Refused

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Method:
    """One estimator: its name, its family ("rds", "mse", "flows" ...), its reference, what it takes for true."""

    name: str
    family: str
    reference: str
    assumptions: tuple[Assumption, ...]
    function: Callable[..., Any]


_methods: dict[str, Method] = {}


def estimator(
    name: str, *, family: str, reference: str, assumptions: Sequence[Assumption]
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Register a function as the estimator ``name``; refuses one without reference or assumptions, or a name taken."""
    if not reference.strip() or not assumptions:
        raise Refused(
            "estimator.bare",
            found=f"{name} without reference or assumptions",
            remedy="name the paper and equation, and every assumption with what breaks it",
        )

    def register(function: Callable[P, R]) -> Callable[P, R]:
        known = _methods.get(name)
        if known is not None and known.function.__module__ != function.__module__:
            raise Refused("estimator.twice", found=name, remedy="give one of the two another name")
        _methods[name] = Method(name, family, reference, tuple(assumptions), function)
        return function

    return register


def methods() -> dict[str, Method]:
    """Every estimator of the library by name. Imports all of them: slower than importing the one you need."""
    package = importlib.import_module("migstat.estimation")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"migstat.estimation.{module.name}")
    return dict(sorted(_methods.items()))
