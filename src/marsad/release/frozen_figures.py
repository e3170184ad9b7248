"""The figures found in print that stand beside an edition, as they are on the day it is published."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q

from marsad.figures.models import Figure


def frozen_figures(indicators: Collection[str], codes: Collection[str]) -> list[dict[str, Any]]:
    """Every column of the figures about these indicators, and of those named, as plain values."""
    found = Figure.objects.filter(Q(indicator__in=indicators) | Q(pk__in=codes)).order_by("sort", "code")
    return [{field.attname: _plain(getattr(each, field.attname)) for field in Figure._meta.fields} for each in found]


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value
