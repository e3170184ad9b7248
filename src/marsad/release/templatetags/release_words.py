"""The words of the desk in templates: ``{% load release_words %}``."""

from __future__ import annotations

from typing import Any

from django import template

from marsad.release.labels import RULES, STATES, STEPS, VERDICTS, words_of
from marsad.web.words import current_language

register = template.Library()


@register.filter
def release_state_words(state: str) -> str:
    return words_of(STATES, state)


@register.filter
def release_step_words(step: str) -> str:
    return words_of(STEPS, step)


@register.filter
def verdict_words(verdict: str) -> str:
    return words_of(VERDICTS, verdict)


@register.filter
def release_rule_words(rule: str) -> str:
    return words_of(RULES, rule)


@register.filter
def in_my_language(text: dict[str, str]) -> Any:
    """A text stored in three languages, in the reader's."""
    return text.get(current_language(), "")
