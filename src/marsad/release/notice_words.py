"""What the desk tells people."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from marsad.notices.kinds import notice_kind

notice_kind("release.review", _("A release waits for your review: %(dataflow)s"))
notice_kind("release.approved", _("Your release was approved: %(dataflow)s"))
notice_kind("release.refused", _("Your release was refused: %(dataflow)s"), _("The reasons stand on its page."))
notice_kind(
    "release.demoted",
    _("Your release was sent back: %(dataflow)s"),
    _("Its inputs, or a source they rest on, have changed. Hand in tables computed anew."),
)
notice_kind(
    "release.stale",
    _("An edition rests on a source that was corrected: %(dataflow)s"),
    _("Compute its tables anew and request a revised edition."),
)
notice_kind("release.not_published", _("A release could not be published at its time: %(dataflow)s"))
notice_kind("release.withdrawn", _("An edition was withdrawn: %(dataflow)s"))
