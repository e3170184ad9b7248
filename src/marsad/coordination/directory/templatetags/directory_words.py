"""``{% load directory_words %}``: the words of the directory in templates."""

from __future__ import annotations

from django import template

from marsad.coordination.directory import words

register = template.Library()


@register.filter
def organisation_kind(code: str) -> str:
    return str(words.ORGANISATION_KINDS.get(code, code))


@register.filter
def service_kind(code: str) -> str:
    return str(words.SERVICE_KINDS.get(code, code))


@register.filter
def relation_kind(code: str) -> str:
    return str(words.RELATION_KINDS.get(code, code))


@register.filter
def subject_words(code: str) -> str:
    return str(words.SUBJECTS.get(code, code))


@register.filter
def change_state(code: str) -> str:
    return str(words.STATES.get(code, code))


@register.filter
def scope_words(code: str) -> str:
    return str(words.SCOPES.get(code, code))


@register.filter
def column_words(name: str) -> str:
    return words.column_words(name)
