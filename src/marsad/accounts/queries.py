"""Reading accounts, invitations and sign-ins."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Prefetch, QuerySet

from marsad.accounts.models import Invitation, RoleGrant, User
from marsad.accounts.rules import InvitationState, Role, state_now, token_digest


def administrators() -> QuerySet[User]:
    """The accounts that hold the administrator's role now."""
    return User.objects.filter(is_active=True, grants__role=Role.ADMINISTRATOR, grants__revoked_at__isnull=True)


def accounts() -> QuerySet[User]:
    """Every account that is not erased, with the grants that hold now under ``held``."""
    held = RoleGrant.objects.filter(revoked_at__isnull=True).order_by("role")
    return (
        User.objects.filter(erased_at__isnull=True)
        .order_by("name", "email")
        .prefetch_related(Prefetch("grants", queryset=held, to_attr="held"))
    )


def invitations() -> QuerySet[Invitation]:
    return Invitation.objects.filter(email__isnull=False)


def open_invitation(token: str, *, now: datetime) -> Invitation | None:
    """The invitation of a link, as long as it can be accepted."""
    found = Invitation.objects.filter(token_digest=token_digest(token)).first()
    if found and state_now(InvitationState(found.state), found.expires_at, now=now) is InvitationState.SENT:
        return found
    return None
