"""The daily round of messages."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import override

from marsad.audit.rules import Actor
from marsad.notices.mail import send_digest
from marsad.notices.operations import mark_told
from marsad.notices.queries import rows, untold


def send_digests(*, actor: Actor, at: datetime) -> int:
    """Tell each account what waits for it and was not told yet; returns how many messages were sent."""
    told: set[int] = set()
    waiting = untold()
    for user, notices in waiting:
        with override(user.language):
            titles = [row.title for row in rows(notices, today=at.date())]
        send_digest(email=user.email or "", language=user.language, titles=titles)
        told |= {notice.pk for notice in notices}
    if told:
        mark_told(actor=actor, at=at, notices=sorted(told))
    return len(waiting)
