"""The words of fieldwork in templates: ``{% load fieldwork_words %}``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from marsad.collection.fieldwork import labels
from marsad.collection.fieldwork.queries_networks import SMALL
from marsad.web.numbers import percent
from marsad.web.words import current_language

register = template.Library()
_TABLES: Mapping[str, labels.Words] = {
    "kind": labels.KIND_LABELS,
    "sample": labels.SAMPLE_STATE_LABELS,
    "sample_move": labels.SAMPLE_MOVE_LABELS,
    "case": labels.CASE_STATE_LABELS,
    "case_move": labels.CASE_MOVE_LABELS,
    "network": labels.NETWORK_STATE_LABELS,
    "network_move": labels.NETWORK_MOVE_LABELS,
    "coupon": labels.COUPON_STATE_LABELS,
    "method": labels.METHOD_LABELS,
    "allocation": labels.ALLOCATION_LABELS,
    "classes": labels.CLASSES_LABELS,
    "disposition": labels.DISPOSITION_LABELS,
}


@register.filter
def label(code: str, table: str) -> str:
    """The words of a code of one of the tables of ``labels``."""
    return str(_TABLES[table][code])


@register.filter
def struck_words(reason: str) -> str:
    """Why a visit was struck out: in the reader's language where the system did it, as written where a person did."""
    return str(labels.STRUCK_LABELS.get(reason, reason))


@register.filter
def rate(share: float | None) -> str:
    """A share of 1 in per cent; a dash where it is not known, which is not 0."""
    return "–" if share is None else percent(100 * share, current_language(), 1)


@register.filter
def field(record: Any, name: str) -> Any:
    return record.get(name) if isinstance(record, Mapping) else getattr(record, name)


@register.filter
def category(name: str) -> str:
    """A category of the diagnostics; those of few people are taken together."""
    return str(labels.SMALL_CATEGORIES) if name == SMALL else name
