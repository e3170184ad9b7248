"""The words of questionnaires in templates: ``{% load instrument_words %}``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.translation import get_language

from marsad.collection.instruments import labels
from marsad.collection.instruments.differences import Difference

register = template.Library()


@register.filter
def version_state(state: str) -> str:
    return str(labels.VERSION_STATE_LABELS[state])


@register.filter
def submission_state(state: str) -> str:
    return str(labels.STATE_LABELS[state])


@register.filter
def move_words(move: str) -> str:
    return str(labels.MOVE_LABELS[move])


@register.filter
def channel_words(channel: str) -> str:
    return str(labels.CHANNEL_LABELS[channel])


@register.filter
def difference_sentence(difference: Difference) -> str:
    return labels.difference_words(difference)


@register.filter
def in_reading(words: Mapping[str, str]) -> str:
    """The words in the reader's language; French where they lack it."""
    return words.get((get_language() or "fr")[:2]) or words.get("fr", "")


@register.filter
def choice_words(choices: Mapping[str, Mapping[str, str]], code: str) -> str:
    """The words of one choice of a list; empty for what the list does not have."""
    return in_reading(choices.get(code, {}))


@register.filter
def of_language(words: Mapping[str, str], language: str) -> str:
    return words.get(language, "")


@register.filter
def of_record(record: Any, name: str) -> str:
    """A text column of an instrument in the reader's language."""
    return str(getattr(record, f"{name}_{(get_language() or 'fr')[:2]}", ""))
