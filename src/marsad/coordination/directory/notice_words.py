"""The notices of the directory."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from marsad.notices.kinds import notice_kind

CHANGE_WAITS = notice_kind("actors.change", _("A change to the entry of %(organisation)s waits for validation"))
ENTRY_AGED = notice_kind(
    "actors.aged", _("The entry of %(organisation)s has not been confirmed for a year: look whether it still holds")
)
UNSPOKEN = notice_kind(
    "actors.unspoken",
    _("Entries of the directory have not been confirmed for a year, and nobody speaks for them"),
    _("Look at the list: confirm what still holds, or make an account of the organisation a member."),
)
CHANGE_DECIDED = notice_kind("actors.decided", _("Your change to the entry of %(organisation)s was decided"))
