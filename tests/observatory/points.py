"""Observations, indicators and places made by hand, for tests that need no database."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from marsad.dissemination.queries import Point
from marsad.dissemination.rules import breakdown_key
from migstat.model import Period

PERCENT = {language: {"one": "%", "many": "%", "other": "%"} for language in ("fr", "ar", "en")}
PEOPLE = {
    "fr": {"one": "personne", "many": "personnes"},
    "en": {"one": "person", "many": "people"},
    "ar": {"one": "شخص", "two": "شخصان", "few": "أشخاص", "many": "شخصا", "other": "شخص"},
}


def point(value: float | None, period: str = "2024", area: str = "souissi", **changes: Any) -> Point:
    """A cell of a share of households, unless something else is said."""
    when = Period.parse(period)
    breakdown = changes.pop("breakdown", {})
    fields: dict[str, Any] = {
        "indicator": "HOU-02", "area": area, "period": period, "period_start": when.start, "period_end": when.end,
        "breakdown": breakdown, "breakdown_key": breakdown_key(breakdown), "state": "missing" if value is None else "value",
        "value": value, "withheld_for": "", "low": None, "high": None, "status": "A", "base": "households", "heading": "",
        "note_fr": "", "note_ar": "", "note_en": "", "dataflow": "census", "edition": "2026-1", "vintage": "2024",
        "source": "census", "origin": "real",
    }  # fmt: skip
    return Point(**(fields | changes))


def words(name: str, french: str, arabic: str, english: str) -> dict[str, str]:
    return {f"{name}_fr": french, f"{name}_ar": arabic, f"{name}_en": english}


def share(**changes: Any) -> SimpleNamespace:
    unit = SimpleNamespace(forms=PERCENT, **words("name", "pour cent", "في المائة", "per cent"))
    fields = {"code": "HOU-02", "unit": unit, "unit_id": "percent", "decimals": 1, "kind": "stock", "additive": False,
              "breakdowns": [], "direction": "higher_is_worse", **words("name", "Habitat sommaire", "السكن البدائي", "Basic housing"),
              **words("definition", "Définition.", "تعريف.", "Definition.")}  # fmt: skip
    return SimpleNamespace(**(fields | changes))


def count(**changes: Any) -> SimpleNamespace:
    unit = SimpleNamespace(forms=PEOPLE, **words("name", "personnes", "أشخاص", "people"))
    fields = {"code": "POP", "unit": unit, "unit_id": "persons", "decimals": 0,
              **words("name", "Population légale", "السكان القانونيون", "Legal population")}  # fmt: skip
    return share(**(fields | changes))


def area(code: str, french: str, arabic: str, english: str, level: str = "arrondissement") -> SimpleNamespace:
    return SimpleNamespace(code=code, level=level, **words("name", french, arabic, english))


AREAS = {
    "souissi": area("souissi", "Souissi", "السويسي", "Souissi"),
    "hassan": area("hassan", "Hassan", "حسان", "Hassan"),
    "touarga": area("touarga", "Touarga", "التواركة", "Touarga", "commune"),
    "rabat": area("rabat", "Préfecture de Rabat", "عمالة الرباط", "Prefecture of Rabat", "province"),
}


def series_break(period: str = "2024", area: str | None = None) -> SimpleNamespace:
    return SimpleNamespace(
        indicator_id="HOU-02", area_id=area, period=period, kind="definition",
        **words("text", "La définition a changé.", "تغير التعريف.", "The definition changed."),
    )  # fmt: skip
