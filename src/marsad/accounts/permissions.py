"""The table of roles, given to the permission registry that ``User.has_perm`` asks."""

from __future__ import annotations

from typing import Any

import rules

from marsad.accounts.rules import PERMISSIONS, needs_second_factor, permissions_of


def _predicate(permission: str) -> Any:
    @rules.predicate(name=permission)
    def holds(user: Any) -> bool:
        roles = getattr(user, "role_names", frozenset())
        factor = needs_second_factor(roles) and user.has_second_factor
        return permission in permissions_of(roles, second_factor=factor)

    return holds


def register() -> None:
    for permission in PERMISSIONS:
        rules.set_perm(permission, _predicate(permission))
