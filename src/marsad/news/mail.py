"""The two messages: one that asks whether the address is its owner's, one that tells of releases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from marsad.web.words import said


def _address(path: str) -> str:
    scheme = "https" if settings.ENVIRONMENT.https else "http"
    return f"{scheme}://{settings.ALLOWED_HOSTS[0]}{path}"


def send_confirmation(*, email: str, language: str, token: str, days: int) -> None:
    """Ask the holder of an address to confirm it. Raises what the mail server raises."""
    with override(language):
        link = _address(reverse("news:confirm", args=[token]))
        text = render_to_string("news/confirmation.txt", {"link": link, "days": days})
        EmailMessage(_("News of releases: please confirm"), text, None, [email]).send()


def send_releases(*, email: str, language: str, token: str, editions: Sequence[Any]) -> None:
    """Tell of some editions, each with its reason and its page. Raises what the mail server raises."""
    with override(language):
        told = [
            {
                "title": said(edition.dataflow, "title", language),
                "number": edition.number,
                "reason": said(edition, "reason", language),
                "link": _address(f"/{language}/datasets/{edition.dataflow_id}/{edition.number}/"),
            }
            for edition in editions
        ]
        stop = _address(reverse("news:end", args=[token]))
        text = render_to_string("news/releases.txt", {"editions": told, "stop": stop})
        # One press in the reader's mail program ends the messages (RFC 8058).
        one_press = _address(reverse("news:end_at_once", args=[token]))
        headers = {"List-Unsubscribe": f"<{one_press}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
        EmailMessage(_("New at the observatory"), text, None, [email], headers=headers).send()
