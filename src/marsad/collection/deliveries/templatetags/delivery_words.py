"""Words of deliveries for templates."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import Any

from django import template

from marsad.collection.deliveries.labels import NEXT_STEPS, RECOGNITION_LABELS, ROLE_LABELS, STATE_LABELS, WHY_LABELS

register = template.Library()
_SEPARATORS = {";": ";", ",": ",", "\t": "⇥", "|": "|"}


@register.filter
def delivery_state(state: str) -> str:
    return str(STATE_LABELS.get(state, state))


@register.filter
def next_step(state: str) -> str:
    return str(NEXT_STEPS.get(state, ""))


@register.filter
def recognition_words(what: str) -> str:
    return str(RECOGNITION_LABELS.get(what, what))


@register.filter
def why_words(why: str) -> str:
    return str(WHY_LABELS.get(why, why))


@register.filter
def role_words(role: str) -> str:
    return str(ROLE_LABELS.get(role, role))


@register.filter
def recognised_value(value: str) -> str:
    return _SEPARATORS.get(value, value)


@register.filter
def cell_words(cell: Any) -> str:
    """A cell of the preview: days as ISO, blanks as nothing."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat()[:10] if isinstance(cell, date) else str(cell)[:120]


@register.filter
def cell_direction(text: Any) -> str:
    """The direction of what stood in a cell: of its letters, or from left to right where it has none, such as -4.

    >>> cell_direction("-4"), cell_direction("فاس"), cell_direction("30/02/2026")
    ('ltr', 'auto', 'ltr')
    """
    lettered = any(unicodedata.bidirectional(sign) in ("L", "R", "AL") for sign in str(text))
    return "auto" if lettered else "ltr"


@register.filter
def of(mapping: dict[str, Any], key: str) -> Any:
    return mapping.get(key, "")
