"""Notices: something that waits for a person, an organisation or a role, until it is done or overdue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from migstat.model.refusals import Refused


@dataclass(frozen=True)
class To:
    """Whom a notice waits for: exactly one account (its number), organisation (its code) or role.

    >>> To(role="coordinator").key
    'role:coordinator'
    """

    user: str = ""
    organisation: str = ""
    role: str = ""

    def __post_init__(self) -> None:
        if sum(map(bool, (self.user, self.organisation, self.role))) != 1:
            raise Refused("notices.to", found="a notice for nobody, or for several", remedy="name one addressee")

    @property
    def key(self) -> str:
        kind = "user" if self.user else "organisation" if self.organisation else "role"
        return f"{kind}:{self.user or self.organisation or self.role}"


def may_be_dismissed(*, escalates: bool, has_escalated: bool) -> bool:
    """Whether a person may put an open notice away: one that escalates only once it has."""
    return has_escalated or not escalates


def is_overdue(due_on: date | None, *, today: date) -> bool:
    """Whether a notice still waits after its last day."""
    return due_on is not None and today > due_on
