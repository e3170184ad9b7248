"""The words of production in templates: ``{% load production_words %}``."""

from __future__ import annotations

from django import template

from marsad.production.labels import METHODS, STATES, STEP_KINDS, STEP_STATES, STUDIES, STUDY_WORDS, words_of

register = template.Library()


@register.filter
def run_state_words(state: str) -> str:
    return words_of(STATES, state)


@register.filter
def step_kind_words(kind: str) -> str:
    return words_of(STEP_KINDS, kind)


@register.filter
def step_state_words(state: str) -> str:
    return words_of(STEP_STATES, state)


@register.filter
def study_title(code: str) -> str:
    return words_of(STUDIES, code)


@register.filter
def study_purpose(code: str) -> str:
    return words_of(STUDY_WORDS, code)


@register.filter
def method_title(code: str) -> str:
    return words_of(METHODS, code)
