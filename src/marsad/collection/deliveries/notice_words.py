"""The words of the notices about deliveries."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from marsad.notices.kinds import notice_kind

TO_CONFIRM = notice_kind(
    "deliveries.to_confirm",
    _("A delivery under %(agreement)s waits for its columns to be confirmed"),
    _("See what was recognised in the file, correct it where needed, and say which column holds what."),
)
TO_ANSWER = notice_kind(
    "deliveries.to_answer",
    _("A delivery under %(agreement)s has %(questions)s questions"),
    _("Some values could mean two things. Only you can say which."),
)
TO_REVIEW = notice_kind(
    "deliveries.to_review",
    _("A delivery under %(agreement)s waits for a decision"),
    _("It has %(rows)s rows and %(errors)s errors."),
)
RETURNED = notice_kind(
    "deliveries.returned",
    _("A delivery under %(agreement)s was returned"),
    _("Its page says why, and gives your file back with the cells marked. Correct it and send it again."),
)
DECIDED = notice_kind(
    "deliveries.accepted",
    _("A delivery under %(agreement)s was accepted"),
    _("%(rows)s rows were stored without names. Thank you."),
)
REFUSED = notice_kind(
    "deliveries.refused",
    _("A delivery under %(agreement)s was refused"),
    _("Its page says why. Nothing of it was kept."),
)
