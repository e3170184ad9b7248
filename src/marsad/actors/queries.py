"""Reading the directory of organisations, and who speaks for which."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from marsad.accounts.models import User
from marsad.actors.models import Organisation


def organisations() -> QuerySet[Organisation]:
    return Organisation.objects.all()


def organisation(code: str) -> Organisation | None:
    return Organisation.objects.filter(code=code).first()


def organisations_of(user: Any) -> list[Organisation]:
    """The organisations that an account speaks for now."""
    if not user.is_authenticated:
        return []
    return list(Organisation.objects.filter(memberships__user_id=user.pk, memberships__until=None))


def is_member(user: Any, code: str) -> bool:
    """Whether an account speaks for an organisation now."""
    return any(one.code == code for one in organisations_of(user))


def members_of(code: str) -> list[User]:
    """The accounts that speak for an organisation now."""
    return list(User.objects.filter(memberships__organisation_id=code, memberships__until=None, is_active=True))
