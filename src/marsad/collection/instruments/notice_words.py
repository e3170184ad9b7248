"""The words of the notices about submissions."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from marsad.notices.kinds import notice_kind

RETURNED = notice_kind(
    "instruments.returned",
    _("A form that you sent on %(received)s was returned to you"),
    _("The page says why. Answer there, or correct the form where you filled it and send it again."),
)
