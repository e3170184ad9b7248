"""The messages that carry the calendar of a session to those invited."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from email import encoders
from email.mime.base import MIMEBase
from smtplib import SMTPException

from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from marsad.coordination.dialogue.calendars import CANCEL, invitation
from marsad.coordination.dialogue.models import Session
from marsad.coordination.dialogue.queries_sessions import Addressee
from marsad.coordination.dialogue.texts import told


def send_calendar(session: Session, to: Iterable[Addressee], *, method: str, url: str, at: datetime) -> tuple[int, int]:
    """Send each addressee their own message with the calendar attached, in their language; returns sent and not sent.

    ``url`` is the page of the session, with ``{language}`` where its language stands.
    """
    sent = failed = 0
    connection = get_connection()
    for one in to:
        message = _message(session, one, method=method, url=url.format(language=one.language), at=at)
        message.connection = connection
        try:
            sent += message.send()
        except (OSError, SMTPException):
            failed += 1
    return sent, failed


def _message(session: Session, to: Addressee, *, method: str, url: str, at: datetime) -> EmailMessage:
    calendar = MIMEBase("text", "calendar", method=method, charset="utf-8", name="session.ics")
    calendar.set_payload(invitation(session, to, method=method, url=url, at=at))
    encoders.encode_base64(calendar)
    calendar.add_header("Content-Disposition", "attachment", filename="session.ics")
    with override(to.language):
        words = told(session, "title", to.language).text
        subject = _("Cancelled: %(title)s") if method == CANCEL else _("Dialogue session: %(title)s")
        body = render_to_string(
            "dialogue/invitation.txt", {"session": session, "title": words, "url": url, "cancelled": method == CANCEL}
        )
        # A header is one line, whatever was pasted into the title.
        message = EmailMessage(" ".join((subject % {"title": words}).split()), body, None, [to.email])
    message.attach(calendar)
    return message
