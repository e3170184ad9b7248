"""The words of background work in templates: ``{% load work_words %}``."""

from __future__ import annotations

from django import template

from marsad.work.labels import JOB_LABELS, OUTCOME_LABELS, STATE_LABELS

register = template.Library()


@register.filter
def job_words(name: str) -> str:
    return str(JOB_LABELS.get(name, name))


@register.filter
def state_words(state: str) -> str:
    return str(STATE_LABELS[state])


@register.filter
def outcome_words(outcome: str) -> str:
    return str(OUTCOME_LABELS.get(outcome, outcome))
