"""The people of the demonstration: accounts that nobody can sign in to, for the steps that only persons may take."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from allauth.mfa.models import Authenticator
from django.utils.translation import override

from marsad.accounts.labels import ROLE_LABELS
from marsad.accounts.models import User
from marsad.accounts.operations import accept_invitation, erase_account, invite
from marsad.accounts.rules import ROLES, Role
from marsad.actors.models import Membership
from marsad.actors.operations import add_membership
from marsad.audit.rules import Actor
from marsad.release.operations import grant_competence, revoke_competence

DOMAIN: Final = "demonstration.invalid"
REVIEWERS: Final = ("reviewer-1", "reviewer-2")


@dataclass(frozen=True)
class Cast:
    """Who does what in the demonstration."""

    officer: Any
    coordinator: Any
    protection: Any
    statistician: Any
    reviewers: tuple[Any, Any]
    partners: dict[str, Any]


def make_cast(*, actor: Actor, at: datetime, partners: list[str]) -> Cast:
    """Accounts with random passwords and factors that are thrown away at once, and a domain that receives no mail."""
    reviewers = tuple(_person(actor, at, name, Role.REVIEWER) for name in REVIEWERS)
    for each in reviewers:
        grant_competence(
            actor=actor, at=at, person=str(each.pk), expires_on=at.date() + timedelta(days=30), reason="demonstration"
        )
    speaking = {code: _person(actor, at, f"partner-{code}", Role.PARTNER) for code in partners}
    for code, user in speaking.items():
        add_membership(actor=actor, at=at, user_id=user.pk, organisation=code)
    return Cast(
        _person(actor, at, "data-officer", Role.DATA_OFFICER),
        _person(actor, at, "coordinator", Role.COORDINATOR),
        _person(actor, at, "data-protection", Role.DATA_PROTECTION_OFFICER),
        _person(actor, at, "statistician", Role.STATISTICIAN),
        (reviewers[0], reviewers[1]),
        speaking,
    )


def _words(name: str, role: Role) -> str:
    """The role in the language the installation speaks first, and which of several."""
    which = name.rpartition("-")[2] if role in (Role.REVIEWER, Role.PARTNER) else ""
    with override("fr"):
        return f"{str(ROLE_LABELS[role]).lower()} {which}".rstrip()


def _person(actor: Actor, at: datetime, name: str, role: Role) -> User:
    sent = invite(actor=actor, at=at, email=f"{name}@{DOMAIN}", roles=[role], language="fr")
    user = accept_invitation(
        actor=actor,
        at=at,
        token=sent.token,
        email="",
        name=f"Démonstration, {_words(name, role)}",
        password=secrets.token_urlsafe(32),
    )
    if ROLES[role].second_factor:
        Authenticator.objects.create(
            user=user, type=Authenticator.Type.TOTP, data={"secret": secrets.token_hex(20).upper()}
        )
    return User.objects.get(pk=user.pk)


def cast_numbers() -> list[str]:
    """The accounts of the demonstration, by number."""
    return [str(one) for one in User.objects.filter(email__endswith=f"@{DOMAIN}").values_list("pk", flat=True)]


def dismiss_cast(*, actor: Actor, at: datetime) -> int:
    """Erase the accounts of the demonstration; returns how many."""
    found = list(User.objects.filter(email__endswith=f"@{DOMAIN}", erased_at=None))
    for user in found:
        Membership.objects.filter(user=user).delete()
        revoke_competence(actor=actor, at=at, person=str(user.pk))
        erase_account(actor=actor, at=at, user_id=str(user.pk))
    return len(found)
