"""Reading accounts, invitations and sign-ins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from marsad.accounts.models import Invitation, RoleGrant, User
from marsad.accounts.rules import InvitationState, Role, holders, state_now, token_digest


def administrators() -> QuerySet[User]:
    """The accounts that hold the administrator's role now."""
    return User.objects.filter(is_active=True, grants__role=Role.ADMINISTRATOR, grants__revoked_at__isnull=True)


def accounts(role: str = "") -> QuerySet[User]:
    """Every account that is not erased, or that holds a role, with the grants that hold now under ``held``."""
    held = RoleGrant.objects.filter(revoked_at__isnull=True).order_by("role")
    found = User.objects.filter(erased_at__isnull=True)
    if role:
        found = found.filter(pk__in=held.order_by().filter(role=role).values("user"))
    return found.order_by("name", "email").prefetch_related(Prefetch("grants", queryset=held, to_attr="held"))


def people_who_may(permission: str) -> list[User]:
    """The accounts that have a permission now, by name; asked of those alone that hold a role for it."""
    holding = accounts().filter(grants__role__in=holders(permission), grants__revoked_at__isnull=True).distinct()
    people = list(holding)
    for user in people:
        held: list[RoleGrant] = user.held  # type: ignore[attr-defined]
        user.role_names = frozenset(Role(grant.role) for grant in held)
    return [user for user in people if user.has_perm(permission)]


def invitations(*, now: datetime) -> list[tuple[Invitation, InvitationState]]:
    """The invitations that were made for an address, the newest first, each with its state at this time."""
    found = Invitation.objects.filter(email__isnull=False)[:200]
    return [(one, state_now(InvitationState(one.state), one.expires_at, now=now)) for one in found]


def open_invitation(token: str, *, now: datetime) -> Invitation | None:
    """The invitation of a link, as long as it can be accepted."""
    found = Invitation.objects.filter(token_digest=token_digest(token)).first()
    if found and state_now(InvitationState(found.state), found.expires_at, now=now) is InvitationState.SENT:
        return found
    return None


@dataclass(frozen=True)
class OwnSession:
    """One sign-in of an account that still stands."""

    id: int
    since: datetime
    address: str
    browser: str
    is_current: bool


def sessions_of(user_id: UUID) -> list[OwnSession]:
    """The sessions of an account that have not ended, the newest first."""
    from allauth.usersessions.models import UserSession

    sessions = UserSession.objects.purge_and_list(User(pk=user_id))
    own = [OwnSession(one.pk, one.created_at, one.ip, one.user_agent, one.is_current()) for one in sessions]
    return sorted(own, key=lambda one: one.since, reverse=True)
