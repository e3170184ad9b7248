"""What follows from events of the package that signs people in."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.http import HttpRequest
from django.utils import timezone

from marsad.accounts.operations import end_other_sessions


def _end_sessions_without_factor(request: HttpRequest, user: Any, authenticator: Any, **_: Any) -> None:
    """Sessions that stood before the first factor were opened by a password alone: whoever holds one proved no more."""
    from allauth.mfa.models import Authenticator

    factors = Authenticator.objects.filter(user_id=user.pk).exclude(type=Authenticator.Type.RECOVERY_CODES)
    is_factor = authenticator.type != Authenticator.Type.RECOVERY_CODES
    if is_factor and not factors.exclude(pk=authenticator.pk).exists():
        end_other_sessions(actor=user, at=timezone.now(), kept=request.session.session_key or "")


def connect_signals() -> None:
    """The public process signs nobody in and has not the package."""
    if apps.is_installed("allauth.mfa"):
        from allauth.mfa.signals import authenticator_added

        authenticator_added.connect(_end_sessions_without_factor, dispatch_uid="accounts.first_factor")
