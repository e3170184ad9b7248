"""The round of messages after releases."""

from __future__ import annotations

import logging
from datetime import datetime
from smtplib import SMTPException

from marsad.audit.rules import Actor
from marsad.news.mail import send_releases
from marsad.news.operations import mark_told
from marsad.news.queries import confirmed, to_tell, token_of

_log = logging.getLogger(__name__)


def send_news(*, actor: Actor, at: datetime) -> tuple[int, int]:
    """Tell every reader of the editions of which nobody has; returns how many were told, and how many could not be.

    A reader is noted as told right after the message, so that a round which is cut short tells the others next time.
    """
    sent = failed = 0
    for subscription in confirmed():
        editions = to_tell(subscription)
        if not editions:
            continue
        try:
            send_releases(
                email=subscription.email,
                language=subscription.language,
                token=token_of(subscription),
                editions=editions,
            )
        except (SMTPException, OSError) as fault:
            _log.warning("news not sent to subscription %s: %s", subscription.pk, type(fault).__name__)
            failed += 1
            continue
        mark_told(actor=actor, at=at, subscription=subscription, through=editions[0].pk)
        sent += 1
    return sent, failed
