"""The words of the notices about the confidential store."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from marsad.notices.kinds import notice_kind

LOOK_ASKED = notice_kind(
    "collection.look_asked",
    _("Somebody asks to see rows of %(dataflow)s"),
    _("The page of the request says why. A second person, not the one who asked, grants or refuses it within a day."),
)
