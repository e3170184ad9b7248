"""The words of linkages in templates: ``{% load linkage_words %}``."""

from __future__ import annotations

from typing import Final

from django import template
from django.utils.html import format_html
from django.utils.translation import gettext as _

from marsad.production.linkage.labels import FIELDS, SIGNS, STATES, VERDICTS, words_of
from marsad.web.templatetags.marsad import percent

register = template.Library()
_NEARLY_SURE: Final = 0.9995


@register.filter
def linkage_state_words(state: str) -> str:
    return words_of(STATES, state)


@register.filter
def linkage_sign_words(sign: str) -> str:
    return words_of(SIGNS, sign)


@register.filter
def linkage_field_words(field: str) -> str:
    return words_of(FIELDS, field)


@register.filter
def verdict_of_pair_words(verdict: str) -> str:
    return words_of(VERDICTS, verdict)


@register.filter
def hundred(share: float) -> float:
    """A share as a percentage, for the filter ``percent``; exact enough for the smallest chances."""
    return 100 * share


@register.filter
def chance(share: float) -> str:
    """A chance in per cent. No weight of evidence makes one certain: 100 % and 0 % are never said."""
    if share >= _NEARLY_SURE:
        return format_html(_("more than {share}"), share=percent(99.9, 1))
    if share <= 1 - _NEARLY_SURE:
        return format_html(_("less than {share}"), share=percent(0.1, 1))
    return percent(100 * share, 1)


@register.filter
def bar_width(count: float, most: float) -> str:
    """The width of a bar of 100 units for a count beside the largest one, as a drawing reads it."""
    return f"{100 * float(count) / float(most):.1f}" if most else "0"


@register.filter
def units(value: float) -> str:
    """A length of a drawing: digits and a point, whatever the language."""
    return f"{value:.1f}"
