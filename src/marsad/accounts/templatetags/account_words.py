"""The words of roles and permissions in templates: ``{% load account_words %}``."""

from __future__ import annotations

from typing import Any

from django import template

from marsad.accounts.labels import INVITATION_LABELS, ROLE_LABELS

register = template.Library()


@register.filter
def role_words(role: str) -> str:
    return str(ROLE_LABELS[role])


@register.filter
def invitation_words(state: str) -> str:
    return str(INVITATION_LABELS[state])


@register.filter
def may(user: Any, permission: str) -> bool:
    return bool(user.has_perm(permission))
