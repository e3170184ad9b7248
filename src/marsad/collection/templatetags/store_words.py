"""The words of the store in templates: ``{% load store_words %}``."""

from __future__ import annotations

from django import template

from marsad.collection import labels_store as labels

register = template.Library()


@register.filter
def snapshot_words(state: str) -> str:
    return str(labels.SNAPSHOT_STATES[state])


@register.filter
def sensitivity_words(sensitivity: str) -> str:
    return str(labels.SENSITIVITIES[sensitivity])


@register.filter
def reading_words(ground: str) -> str:
    """The ground of a reading: in words where the system gave it, as it stands where a person wrote it."""
    return str(labels.GROUNDS.get(ground, ground))


@register.filter
def glass_words(state: str) -> str:
    return str(labels.GLASS_STATES[state])


@register.filter
def glass_move_words(move: str) -> str:
    return str(labels.GLASS_MOVES[move])


@register.filter
def erasure_words(rule: str) -> str:
    return str(labels.ERASURE_RULES[rule])


@register.filter
def place_words(place: str) -> str:
    return str(labels.PLACES.get(place, place))


@register.filter
def look_words(kind: str) -> str:
    return str(labels.LOOK_KINDS[kind])


@register.filter
def column_role_words(role: str) -> str:
    return str(labels.ROLES[role])
