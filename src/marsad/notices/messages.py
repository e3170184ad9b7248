"""The daily round of messages."""

from __future__ import annotations

import logging
from datetime import datetime
from smtplib import SMTPException
from typing import Final

from django.utils.translation import override

from marsad.audit.rules import Actor
from marsad.notices.mail import send_digest
from marsad.notices.operations import mark_told
from marsad.notices.queries import rows, untold

MOST_NAMED: Final = 25
_log = logging.getLogger(__name__)


def send_digests(*, actor: Actor, at: datetime) -> int:
    """Tell each account what waits for it and was not told yet; returns how many messages were sent.

    A message names what is due first and counts the rest: thousands of lines are read by nobody. One that cannot be
    sent keeps nobody else's back; what it would have told nobody is tried again the next day. What was told is noted
    even where the round is cut short, so that nobody is told it twice.
    """
    told: set[int] = set()
    sent = 0
    try:
        for user, notices in untold():
            with override(user.language):
                titles = [row.title for row in rows(notices[:MOST_NAMED], today=at.date())]
            more = max(len(notices) - MOST_NAMED, 0)
            try:
                send_digest(email=user.email or "", language=user.language, titles=titles, more=more)
            except (SMTPException, OSError) as fault:
                _log.warning("the daily message to account %s was not sent: %s", user.pk, type(fault).__name__)
                continue
            sent += 1
            told |= {notice.pk for notice in notices}
    finally:
        if told:
            mark_told(actor=actor, at=at, notices=sorted(told))
    return sent
