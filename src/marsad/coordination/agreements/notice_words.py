"""The words of the notices about agreements."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from marsad.notices.kinds import notice_kind

ENDS_SOON = notice_kind(
    "agreements.ends_soon",
    _("The agreement %(agreement)s ends in less than %(days)s days"),
    _("It ends on %(ends_on)s. Renew it with a new version, or let it end: from the day after, nothing is delivered."),
)
DUE_SOON = notice_kind(
    "agreements.due_soon",
    _("A delivery under %(agreement)s is due on %(due_on)s"),
    _("It is the delivery for %(period)s."),
)
OVERDUE = notice_kind(
    "agreements.overdue",
    _("A delivery under %(agreement)s is late: it was due on %(due_on)s"),
    _("It is the delivery for %(period)s. Deliver it, or say what prevents it."),
)
EXPIRED = notice_kind(
    "agreements.expired",
    _("The agreement %(agreement)s has expired"),
    _("Nothing can be delivered or received under it any more. A new version renews it."),
)
TO_AGREE = notice_kind(
    "agreements.to_agree",
    _("A draft of the agreement %(agreement)s waits for you"),
    _("Read it, change what does not suit you, then agree to it."),
)
TO_REVIEW = notice_kind(
    "agreements.to_review", _("The agreement %(agreement)s waits for the data protection officer’s review")
)
TO_SIGN = notice_kind("agreements.to_sign", _("The agreement %(agreement)s waits for your side’s signature"))
TO_ENFORCE = notice_kind("agreements.to_enforce", _("The agreement %(agreement)s is signed and can enter into force"))
