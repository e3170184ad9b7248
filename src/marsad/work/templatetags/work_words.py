"""The words of background work in templates: ``{% load work_words %}``."""

from __future__ import annotations

import re

from django import template

from marsad.work.labels import JOB_LABELS, OUTCOME_LABELS, STATE_LABELS, STEP_LABELS

register = template.Library()


@register.filter
def job_words(name: str) -> str:
    return str(JOB_LABELS.get(name, name))


@register.filter
def state_words(state: str) -> str:
    return str(STATE_LABELS[state])


@register.filter
def step_words(step: str) -> str:
    return str(STEP_LABELS.get(step) or STEP_LABELS.get(step.partition(".")[0], step))


@register.filter
def outcome_words(outcome: str) -> str:
    """An outcome in words: that of a rule that refused, or counts put into a sentence in the order they were given."""
    rule = outcome.partition(":")[0]
    if rule in OUTCOME_LABELS:
        return str(OUTCOME_LABELS[rule])
    sentence = OUTCOME_LABELS.get(re.sub(r"\d+", "{}", outcome))
    return outcome if sentence is None else str(sentence).format(*re.findall(r"\d+", outcome))
