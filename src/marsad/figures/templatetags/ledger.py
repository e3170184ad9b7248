"""How the ledger's figures and vocabularies are written: ``{% load ledger %}``."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from marsad.figures import words
from marsad.figures.rules import CaseState, ProposalKind, ProposalState, Quantifier, Reliability, Role
from marsad.web import grammar, numbers
from marsad.web.words import current_language
from migstat.model import MeasureKind, PopulationBase

register = template.Library()


@register.filter
def printed(figure: Any) -> SafeString:
    """A figure as it was printed: its quantifier where it is not exact, the number with its own decimals, the unit."""
    language = current_language()
    value = Decimal(figure.value).normalize()
    decimals = max(0, -int(value.as_tuple().exponent))
    if figure.unit_id == "percent":
        number = numbers.percent(value, language, decimals)
    else:
        number = grammar.counted(value, figure.unit.forms, language, decimals)
    bare = number.replace(numbers.ISOLATE_LTR, "").replace(numbers.END_ISOLATE, "")
    written = format_html('<bdi class="figure-value">{}</bdi>', bare)
    if figure.quantifier == Quantifier.EXACT:
        return written
    return format_html("{} {}", words.QUANTIFIERS[Quantifier(figure.quantifier)], written)


@register.filter
def reliability_words(reliability: str) -> str:
    return str(words.RELIABILITIES[Reliability(reliability)])


@register.filter
def role_words(role: str) -> str:
    return str(words.ROLES[Role(role)])


@register.filter
def case_state_words(state: str) -> str:
    return str(words.CASE_STATES[CaseState(state)])


@register.filter
def base_words(base: str) -> str:
    return str(words.BASES[PopulationBase(base)] if base else "")


@register.filter
def kind_words(kind: str) -> str:
    return str(words.KINDS[MeasureKind(kind)])


@register.filter
def proposal_kind_words(kind: str) -> str:
    return str(words.PROPOSAL_KINDS[ProposalKind(kind)])


@register.filter
def proposal_state_words(state: str) -> str:
    return str(words.PROPOSAL_STATES[ProposalState(state)])
