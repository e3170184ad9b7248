"""The table of roles, given to the permission registry that ``User.has_perm`` asks."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from marsad.accounts.rules import PERMISSIONS, Role, needs_second_factor, permissions_of

_registry: Any = import_module("rules")  # has no types


def _predicate(permission: str) -> Any:
    def holds(user: Any) -> bool:
        roles: frozenset[Role] = getattr(user, "role_names", frozenset())
        factor = needs_second_factor(roles) and user.has_second_factor
        return permission in permissions_of(roles, second_factor=factor)

    return _registry.predicate(holds, name=permission)


def register() -> None:
    for permission in PERMISSIONS:
        _registry.set_perm(permission, _predicate(permission))


def allowed(permission: str, user: Any, subject: Any) -> bool:
    """Whether the registry lets an account do something; what is not registered is not allowed."""
    return bool(_registry.has_perm(permission, user, subject))
