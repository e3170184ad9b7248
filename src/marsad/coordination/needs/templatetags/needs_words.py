"""The words of needs and requests: ``{% load needs_words %}``."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import template
from django.utils.translation import gettext as _

from marsad.coordination.needs import labels
from marsad.web.words import current_language

register = template.Library()
_ATTENTION = frozenset({"refused", "weak", "withheld", "empty"})
_PLAIN = frozenset({"withdrawn", "fair", "done", "answered"})


@register.filter
def need_state_words(state: str) -> str:
    return str(labels.NEED_STATES[state])


@register.filter
def need_step_words(move: str) -> str:
    return str(labels.NEED_MOVES[move])


@register.filter
def request_state_words(state: str) -> str:
    return str(labels.STATES[state])


@register.filter
def request_kind_words(kind: str) -> str:
    return str(labels.KINDS[kind]) if kind else _("All together")


@register.filter
def request_step_words(move: str) -> str:
    return str(labels.STEPS[move])


@register.filter
def strength_words(strength: str) -> str:
    return str(labels.STRENGTHS[strength])


@register.filter
def tag_of(state: str) -> str:
    """The class that a state's tag wears besides ``tag``."""
    return "tag-attention" if state in _ATTENTION else "tag-plain" if state in _PLAIN else ""


@register.filter
def group_words(group: str) -> str:
    """``citizenship;sex`` or ``citizenship=SEN;sex=F`` in words; everybody where it is empty."""
    if not group:
        return _("everybody")
    names = (part.partition("=") for part in group.split(";"))
    joint = "، " if current_language() == "ar" else ", "
    words = [f"{labels.DIMENSIONS.get(name, name)}{sign}{code}" for name, sign, code in names]
    return _("by %(dimensions)s") % {"dimensions": joint.join(words)}


@register.simple_tag
def query(**values: Any) -> str:
    """A query of the values that are given, in a fixed order."""
    return urlencode({name: value for name, value in values.items() if value not in ("", None)})
