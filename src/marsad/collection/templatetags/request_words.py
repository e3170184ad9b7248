"""The words of requests in templates: ``{% load request_words %}``."""

from __future__ import annotations

from django import template

from marsad.collection.labels import RIGHT_LABELS, STATE_LABELS

register = template.Library()


@register.filter
def right_words(right: str) -> str:
    return str(RIGHT_LABELS[right])


@register.filter
def request_state_words(state: str) -> str:
    return str(STATE_LABELS[state])
