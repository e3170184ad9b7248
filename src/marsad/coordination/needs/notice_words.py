"""The words of the notices about requests for data."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from marsad.notices.kinds import notice_kind

TO_ASSESS = notice_kind(
    "needs.to_assess",
    _("Request for data %(number)s waits for its assessment"),
    _("It is to be assessed within 20 working days: by %(assess_by)s."),
)
PLANNED = notice_kind(
    "needs.planned",
    _("Request for data %(number)s is planned for %(planned_for)s"),
    _("Close it with the edition that answers it, give another date, or refuse it with a reason."),
)
MOVED = {
    state: notice_kind(f"needs.moved_{state}", words)
    for state, words in (
        ("received", _("Request for data %(number)s was opened again")),
        ("assessed", _("Request for data %(number)s was assessed")),
        ("planned", _("Request for data %(number)s is planned for %(planned_for)s")),
        ("done", _("Request for data %(number)s is answered by an edition")),
        ("refused", _("Request for data %(number)s was refused: its page says why")),
        ("withdrawn", _("Request for data %(number)s was withdrawn")),
    )
}
ANSWERED = notice_kind("needs.answered", _("Need %(number)s is answered by an edition"))
