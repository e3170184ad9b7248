"""The words of the notices about discussions, sessions and commitments."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from marsad.notices.kinds import notice_kind

QUESTION = notice_kind(
    "dialogue.question",
    _("A question on your data waits for an answer (discussion %(number)s)"),
    _("An answer by your organisation is marked as the producer’s."),
)
ANSWERED = notice_kind("dialogue.answered", _("Discussion %(number)s has a new answer"))
REPORTED = notice_kind(
    "dialogue.reported",
    _("A post of discussion %(number)s was reported"),
    _("Look at it: hide it with a reason, or leave it."),
)
HIDDEN = notice_kind("dialogue.hidden", _("A post of yours in discussion %(number)s was hidden: the page says why"))
INVITED = notice_kind(
    "dialogue.invited", _("You are invited to dialogue session %(number)s on %(day)s"), _("Say whether you come.")
)
MOVED = notice_kind("dialogue.moved", _("Dialogue session %(number)s has changed: it is on %(day)s"))
CANCELLED = notice_kind("dialogue.cancelled", _("Dialogue session %(number)s of %(day)s is cancelled"))
PUBLISHED = notice_kind("dialogue.published", _("The report of dialogue session %(number)s is there"))
COMMITTED = notice_kind(
    "dialogue.committed",
    _("You undertook something in dialogue session %(session)s, by %(due_on)s"),
    _("Close it with what shows that it was done: an edition, a delivery or the address of a document."),
)
SOON = notice_kind("dialogue.commitment_soon", _("Commitment %(number)s is due on %(due_on)s"))
LATE = notice_kind(
    "dialogue.commitment_late",
    _("Commitment %(number)s is late: it was due on %(due_on)s"),
    _("Close it with its evidence, or ask for another day."),
)
NEED_TO_CLOSE = notice_kind(
    "dialogue.need_to_close", _("Need %(need)s can be closed: commitment %(number)s was kept with an edition")
)
TO_CLOSE = notice_kind(
    "dialogue.to_close",
    _("Request for data %(request)s can be closed: commitment %(number)s was kept with an edition"),
)
