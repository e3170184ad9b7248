"""Writes of subscriptions. The log names them by their number, never by their address."""

from __future__ import annotations

from datetime import datetime

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor
from marsad.news.models import Subscription
from marsad.news.queries import newest_edition
from marsad.news.rules import ASKED_AGAIN_AFTER, CONFIRMED_WITHIN


@writes("news.ask")
def ask(*, actor: Actor, at: datetime, email: str, language: str, theme: str = "") -> tuple[Subscription, bool]:
    """Note that somebody wants to be told at an address; the second answer is whether a message is due to confirm it.

    None is due for a subscription that stands, nor twice within an hour.
    """
    address = email.strip().lower()
    found, is_due = Subscription.objects.get_or_create(
        email=address, theme=theme, defaults={"language": language, "asked_at": at}
    )
    if found.confirmed_at is None and at - found.asked_at > ASKED_AGAIN_AFTER:
        found.asked_at, found.language, is_due = at, language, True
        found.save(update_fields=["asked_at", "language"])
    record(actor=actor, action="news.ask", target=f"subscription:{found.pk}", at=at, details={"due": is_due})
    return found, is_due


@writes("news.confirm")
def confirm(*, actor: Actor, at: datetime, subscription: Subscription) -> Subscription:
    """Start the messages, with the next release: what was published before stands on the pages."""
    if subscription.confirmed_at is None:
        subscription.confirmed_at, subscription.told_through = at, newest_edition()
        subscription.save(update_fields=["confirmed_at", "told_through"])
    record(actor=actor, action="news.confirm", target=f"subscription:{subscription.pk}", at=at)
    return subscription


@writes("news.end")
def end(*, actor: Actor, at: datetime, subscription: Subscription) -> None:
    """End the messages; the address is forgotten."""
    record(actor=actor, action="news.end", target=f"subscription:{subscription.pk}", at=at)
    subscription.delete()


@writes("news.told")
def mark_told(*, actor: Actor, at: datetime, subscription: Subscription, through: int) -> None:
    """Note up to which edition a message has told."""
    Subscription.objects.filter(pk=subscription.pk).update(told_through=through)
    record(
        actor=actor, action="news.told", target=f"subscription:{subscription.pk}", at=at, details={"through": through}
    )


@writes("news.forget")
def forget_unconfirmed(*, actor: Actor, at: datetime) -> int:
    """Forget the addresses that nobody confirmed; returns how many."""
    deleted, _ = Subscription.objects.filter(confirmed_at=None, asked_at__lt=at - CONFIRMED_WITHIN).delete()
    record(actor=actor, action="news.forget", target="subscriptions", at=at, details={"deleted": deleted})
    return deleted
