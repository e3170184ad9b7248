"""The daily message that tells what waits."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override


def send_digest(*, email: str, language: str, titles: Sequence[str], more: int = 0) -> None:
    """Send the titles of what waits, and how many ``more``, in the person's language. Raises what the mail server raises."""
    with override(language):
        scheme = "https" if settings.ENVIRONMENT.https else "http"
        link = f"{scheme}://{settings.ALLOWED_HOSTS[0]}{reverse('notices:desk')}"
        text = render_to_string("notices/digest.txt", {"titles": titles, "more": more, "link": link})
        send_mail(_("What waits for you at the observatory"), text, None, [email])
