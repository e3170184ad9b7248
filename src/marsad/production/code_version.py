"""Which code computed: the version of the packages, and a digest of the sources that decide what comes out."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

import migstat
from marsad.production.rules import StepKind

_HERE = Path(__file__).resolve().parent
_LIBRARY = Path(migstat.__file__).resolve().parent
_MODEL = (_LIBRARY / "model",)
_EVALUATES = (
    *_MODEL,
    _LIBRARY / "indicators",
    *(_HERE / f"{name}.py" for name in ("evaluating", "results", "engines")),
    *sorted(_HERE.glob("ibis_*.py")),
)
_ESTIMATES = (*_EVALUATES, _LIBRARY / "estimation", _HERE / "studies")


def _digest(places: tuple[Path, ...]) -> str:
    found = hashlib.sha256()
    for place in places:
        for path in sorted(place.rglob("*.py")) if place.is_dir() else (place,):
            found.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


@cache
def code_digests() -> dict[StepKind, str]:
    """For each kind of step a digest of the code that computes it. Rows are read as they were frozen, by any code."""
    return {
        StepKind.READ: "",
        StepKind.EVALUATE: _digest(_EVALUATES),
        StepKind.ESTIMATE: _digest(_ESTIMATES),
    }


@cache
def code_version() -> str:
    """Version and digest in one line, as a run keeps them."""
    return f"marsad {version('marsad')} {code_digests()[StepKind.ESTIMATE][:16]}"
