"""The words of agreements: ``{% load agreement_words %}``."""

from __future__ import annotations

from django import template

from marsad.coordination.agreements import labels, shown

register = template.Library()
_ATTENTION = frozenset({"suspended", "expired"})


@register.filter
def agreement_state_words(state: str) -> str:
    return str(labels.STATES[state])


@register.filter
def agreement_move_words(move: str) -> str:
    return str(labels.MOVES[move])


@register.filter
def hat_words(hat: str) -> str:
    return str(labels.HATS[hat])


@register.filter
def side_words(side: str) -> str:
    return str(labels.SIDES[side])


@register.filter
def delivery_state_words(state: str) -> str:
    return str(labels.DELIVERY_STATES.get(state, state))


@register.filter
def refusal_kind_words(kind: str) -> str:
    """Why something was refused; of the firewall also for whom it was asked (``firewall.enforcement``)."""
    if kind in labels.REFUSAL_KINDS:
        return str(labels.REFUSAL_KINDS[kind])
    whole, _dot, recipient = kind.partition(".")
    words = str(labels.REFUSAL_KINDS.get(whole, labels.OTHER_REFUSAL))
    return f"{words} ({labels.RECIPIENTS[recipient]})" if recipient in labels.RECIPIENTS else words


@register.filter
def column_role_words(role: str) -> str:
    return str(labels.COLUMN_ROLES[role])


@register.filter
def column_kind_words(kind: str) -> str:
    return str(labels.COLUMN_KINDS[kind])


@register.filter
def needs_attention(state: str) -> bool:
    """Whether a state of an agreement asks somebody to act."""
    return state in _ATTENTION


@register.filter
def pieces(words: object) -> str:
    """Words in which numbers, dates and codes keep their order in an Arabic page."""
    return shown.pieces(str(words))
