"""Reading what waits for a person."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from marsad.actors.queries import organisations_of
from marsad.notices.models import Notice
from marsad.notices.rules import To


def addressees_of(user: Any) -> frozenset[str]:
    """Every addressee that an account answers for: itself, its roles and its organisations."""
    keys = {To(user=str(user.pk)).key}
    keys |= {To(role=str(role)).key for role in user.role_names}
    keys |= {To(organisation=organisation.code).key for organisation in organisations_of(user)}
    return frozenset(keys)


def notices_for(user: Any, *, closed: bool = False) -> QuerySet[Notice]:
    """The open notices, those due first; or the closed ones, the latest first."""
    found = Notice.objects.filter(to__in=addressees_of(user))
    if closed:
        return found.exclude(closed_at=None).order_by("-closed_at")
    return found.filter(closed_at=None)
