"""The message that carries an invitation."""

from __future__ import annotations

from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override


def send_invitation(*, email: str, language: str, link: str, days: int) -> None:
    """Send the link in the language of the invited person. Raises what the mail server raises."""
    with override(language):
        text = render_to_string("accounts/invitation.txt", {"link": link, "days": days})
        send_mail(_("Invitation to the observatory"), text, None, [email])
