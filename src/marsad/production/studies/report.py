"""What a study tells beside its numbers, in one shape for all: facts, diagnostics, pictures, models, sensitivity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marsad.production.results import plain, told
from marsad.production.stored_tables import Json, text_to_json
from migstat.estimation.registry import methods
from migstat.model import Estimate, Interval, Refused, Text


def span(label: str, value: float, interval: Interval | tuple[float, float] | None) -> Json:
    """One line of a picture or of a table of sensitivity: a code or a name, the value, and its interval."""
    low, high = (None, None) if interval is None else _ends(interval)
    return {"label": label, "value": plain(value), "low": plain(low), "high": plain(high)}


def _ends(interval: Interval | tuple[float, float]) -> tuple[float, float]:
    return (interval.low, interval.high) if isinstance(interval, Interval) else interval


def report_of(method: str, estimate: Estimate | Any, **more: Any) -> Json:
    """The report of an estimate: who stands behind the method, what it takes for true, what it found out about itself."""
    known = methods()[method]
    said: Json = plain(
        {
            "method": method,
            "family": known.family,
            "reference": known.reference,
            "assumptions": [one.id for one in known.assumptions],
            "meaning": text_to_json(estimate.meaning),
            "diagnostics": told(estimate.diagnostics),
            "seed": estimate.seed,
            **more,
        }
    )
    return said


def method_words(method: str, estimate: Estimate | Any) -> Text:
    """What readers are told of the method: what the interval means, and where the method is written."""
    reference = methods()[method].reference
    meaning = estimate.meaning
    return Text(
        fr=f"{meaning.fr} Méthode : {method} ({reference}).",
        ar=f"{meaning.ar} الطريقة: {method} ({reference}).",
        en=f"{meaning.en} Method: {method} ({reference}).",
    )


def demand_confirmed(method: str, confirmed: Sequence[str]) -> None:
    """Raises ``Refused("production.assumptions")`` while an assumption of the method was not confirmed by a person."""
    open_ones = [one.id for one in methods()[method].assumptions if one.id not in set(confirmed)]
    if open_ones:
        raise Refused(
            "production.assumptions", found=", ".join(open_ones), remedy="confirm each, or choose another method"
        )


def in_scale(interval: Interval, per: float, ends: tuple[float, float] = (0.0, float("inf"))) -> tuple[float, float]:
    """The ends of an interval in the unit of the table, cut where the unit ends."""
    low, high = ends
    return (min(max(interval.low * per, low), high), min(max(interval.high * per, low), high))


def chosen(settings: Mapping[str, Any], name: str) -> Any:
    """A setting that has to be there. Raises ``Refused("production.setting")``."""
    value = settings.get(name)
    if value in (None, "", []):
        raise Refused("production.setting", found=f"no {name}", remedy="fill in the form again")
    return value
