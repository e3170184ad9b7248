"""Accounts for the tests: made through the same operations as real ones."""

from __future__ import annotations

from datetime import UTC, datetime

from allauth.mfa.models import Authenticator
from django.test import Client

from marsad.accounts.models import User
from marsad.accounts.operations import accept_invitation, invite
from marsad.accounts.rules import ROLES, Role
from marsad.audit.rules import System

AT = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
PASSWORD = "a long sentence nobody guesses"


def person(*roles: Role, email: str = "", factor: bool | None = None) -> User:
    """An account with some roles; it has a second factor when a role needs one, unless ``factor`` says otherwise."""
    address = email or f"{'-'.join(roles) or 'nobody'}@example.org"
    sent = invite(actor=System("test"), at=AT, email=address, roles=roles or [Role.MEMBER], language="fr")
    user = accept_invitation(actor=System("test"), at=AT, token=sent.token, email="", name="Test", password=PASSWORD)
    needed = any(ROLES[role].second_factor for role in roles)
    if needed if factor is None else factor:
        Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "JBSWY3DPEHPK3PXP"})
    return User.objects.get(pk=user.pk)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client
