"""Reading of subscriptions, by what the links of messages carry."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError

from marsad.dissemination.queries_open import editions_with_theme, every_standing
from marsad.news.models import Subscription
from marsad.news.rules import CONFIRMED_WITHIN, MOST_LISTED
from migstat.model import Origin

_SALT = "marsad.news"


def token_of(subscription: Subscription) -> str:
    """What stands in the links of a message: it names the row and is signed, so that nobody can name another's."""
    return signing.Signer(salt=_SALT).sign(subscription.pk.hex)


def subscription_of(token: str, *, now: datetime) -> Subscription | None:
    """The subscription that a link speaks of; None where it was changed, ended, or not confirmed in time."""
    try:
        key = signing.Signer(salt=_SALT).unsign(token)
        found = Subscription.objects.filter(pk=key).first()
    except (signing.BadSignature, ValidationError):
        return None
    if found is None or (found.confirmed_at is None and found.asked_at < now - CONFIRMED_WITHIN):
        return None
    return found


def newest_edition() -> int:
    """Number of the row of the newest edition, 0 before the first."""
    newest: int | None = every_standing().order_by("-pk").values_list("pk", flat=True).first()
    return newest or 0


def to_tell(subscription: Subscription) -> list[Any]:
    """The editions that nobody has told this reader of yet, newest first. Synthetic ones are no news."""
    found = every_standing().filter(pk__gt=subscription.told_through).exclude(origin=Origin.SYNTHETIC)
    if subscription.theme:
        found = found.filter(pk__in=editions_with_theme(subscription.theme))
    return list(found.order_by("-pk")[:MOST_LISTED])


def confirmed() -> list[Subscription]:
    return list(Subscription.objects.exclude(confirmed_at=None).order_by("asked_at", "pk"))
