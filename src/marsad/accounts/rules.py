"""The people of the observatory: what each role may do, and what it must bring to do it. One table."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from marsad.web.access import AccessRule


class Role(StrEnum):
    VISITOR = "visitor"
    ELECTED_MEMBER = "elected_member"
    DATA_OFFICER = "data_officer"
    COORDINATOR = "coordinator"
    STATISTICIAN = "statistician"
    REVIEWER = "reviewer"
    PARTNER = "partner"
    FIELD_AGENT = "field_agent"
    FACILITATOR = "facilitator"
    MEMBER = "member"
    TRAINER = "trainer"
    LEARNER = "learner"
    PLANNER = "planner"
    DATA_PROTECTION_OFFICER = "data_protection_officer"
    RESIDENT = "resident"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True)
class RoleRules:
    """``account``: whether the role is held by an account; ``second_factor``: whether it acts only with one."""

    permissions: frozenset[str] = frozenset()
    account: bool = True
    second_factor: bool = False


def _may(*permissions: str, account: bool = True, second_factor: bool = False) -> RoleRules:
    return RoleRules(frozenset(permissions), account, second_factor)


_ASK = ("needs.state", "requests.make", "discussions.post")

ROLES: dict[Role, RoleRules] = {
    Role.VISITOR: _may(account=False),
    Role.ELECTED_MEMBER: _may(*_ASK),
    Role.DATA_OFFICER: _may(
        *_ASK,
        "figures.propose",
        "catalogue.edit",
        "actors.validate",
        "agreements.draft",
        "deliveries.send",
        "deliveries.review",
        "dialogue.hold",
        "fieldwork.manage",
        "forms.fill",
        "instruments.manage",
        "requests.assess",
        "submissions.review",
        second_factor=True,
    ),
    Role.COORDINATOR: _may(
        *_ASK,
        "figures.propose",
        "actors.validate",
        "competence.grant",
        "agreements.draft",
        "agreements.manage",
        "dialogue.hold",
        "flows.read",
        "requests.assess",
        second_factor=True,
    ),
    Role.STATISTICIAN: _may(
        *_ASK,
        "figures.propose",
        "figures.settle",
        "catalogue.edit",
        "fieldwork.manage",
        "instruments.manage",
        "linkage.review",
        "production.run",
        "release.request",
        "requests.assess",
        second_factor=True,
    ),
    Role.REVIEWER: _may("figures.settle", "release.review", "discussions.post", second_factor=True),
    Role.PARTNER: _may(*_ASK, "figures.propose", "actors.edit_own", "agreements.negotiate", "deliveries.send"),
    Role.FIELD_AGENT: _may("forms.fill"),
    Role.FACILITATOR: _may("dialogue.hold", "discussions.post"),
    Role.MEMBER: _may("requests.make", "discussions.post"),
    Role.TRAINER: _may("discussions.post"),
    Role.LEARNER: _may(),
    Role.PLANNER: _may(*_ASK, "figures.propose", "flows.read"),
    Role.DATA_PROTECTION_OFFICER: _may(
        "audit.read", "privacy.manage", "agreements.review", "rows.look", "rows.second", second_factor=True
    ),
    Role.RESIDENT: _may(account=False),
    Role.ADMINISTRATOR: _may(
        "accounts.invite", "accounts.manage", "competence.grant", "audit.read", "work.run", second_factor=True
    ),
}
PERMISSIONS: frozenset[str] = frozenset().union(*(rules.permissions for rules in ROLES.values()))
GRANTABLE: tuple[Role, ...] = tuple(role for role, rules in ROLES.items() if rules.account)


def holders(permission: str) -> frozenset[Role]:
    """The roles that have a permission.

    >>> sorted(holders("privacy.manage"))
    [<Role.DATA_PROTECTION_OFFICER: 'data_protection_officer'>]
    """
    if permission not in PERMISSIONS:
        raise KeyError(f"no role has the permission {permission!r}")
    return frozenset(role for role, rules in ROLES.items() if permission in rules.permissions)


def permissions_of(roles: Iterable[Role], *, second_factor: bool) -> frozenset[str]:
    """What an account with these roles may do now: a role that needs a second factor is asleep without one."""
    awake = [ROLES[role] for role in roles if second_factor or not ROLES[role].second_factor]
    return frozenset().union(*(rules.permissions for rules in awake))


def needs_second_factor(roles: Iterable[Role]) -> bool:
    return any(ROLES[role].second_factor for role in roles)


def _reasons(permission: str) -> Callable[[Any], tuple[str, ...]]:
    def reasons(user: Any) -> tuple[str, ...]:
        held = set(getattr(user, "role_names", ())) & holders(permission)
        return ("accounts.second_factor",) if held else ("accounts.no_role", permission)

    return reasons


def may(permission: str) -> AccessRule:
    """The access rule of a route that needs a permission; an unknown permission is refused here, when it is written."""
    holders(permission)
    return AccessRule(f"may {permission}", lambda user: bool(user.has_perm(permission)), _reasons(permission))


class InvitationState(StrEnum):
    SENT = "sent"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class InvitationMove(StrEnum):
    ACCEPT = "accept"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"


TRANSITIONS: dict[tuple[InvitationState, InvitationMove], InvitationState | None] = {
    (state, move): None for state in InvitationState for move in InvitationMove
} | {
    (InvitationState.SENT, InvitationMove.ACCEPT): InvitationState.ACCEPTED,
    (InvitationState.SENT, InvitationMove.WITHDRAW): InvitationState.WITHDRAWN,
    (InvitationState.SENT, InvitationMove.EXPIRE): InvitationState.EXPIRED,
}

INVITATION_LIFE = timedelta(days=7)
FIRST_LINK_LIFE = timedelta(hours=24)
INVITATION_KEPT = timedelta(days=30)


def state_now(state: InvitationState, expires_at: datetime, *, now: datetime) -> InvitationState:
    """The state of an invitation at a time: one that was sent and whose time has passed is expired."""
    return InvitationState.EXPIRED if state is InvitationState.SENT and now >= expires_at else state


def token_digest(token: str) -> str:
    """What is kept of a link's secret: its SHA-256, from which the secret cannot be had."""
    return hashlib.sha256(token.encode()).hexdigest()
