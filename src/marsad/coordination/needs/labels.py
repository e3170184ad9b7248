"""The words of needs, requests and the gap map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as pgettext

from marsad.coordination.needs.rules import (
    NeedMove,
    NeedState,
    Refusal,
    RequestKind,
    RequestMove,
    RequestState,
)
from migstat.quality.evidence import Strength
from migstat.quality.fitness import Verdict

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Words = Mapping[str, "str | _StrPromise"]

NEED_STATES: Words = {
    NeedState.OPEN: pgettext("need", "Open"),
    NeedState.ANSWERED: pgettext("need", "Answered"),
    NeedState.WITHDRAWN: pgettext("need", "Withdrawn"),
}
NEED_MOVES: Words = {
    NeedMove.EDIT: pgettext("need step", "Written"),
    NeedMove.ANSWER: pgettext("need step", "Answered"),
    NeedMove.WITHDRAW: pgettext("need step", "Withdrawn"),
    NeedMove.REOPEN: pgettext("need step", "Taken up again"),
}
KINDS: Words = {
    RequestKind.NEW_DATA: pgettext("request for data", "New data"),
    RequestKind.DETAIL: pgettext("request for data", "Finer detail"),
    RequestKind.CORRECTION: pgettext("request for data", "Correction"),
    RequestKind.ACCESS: pgettext("request for data", "Access"),
}
STATES: Words = {
    RequestState.RECEIVED: pgettext("request for data", "Received"),
    RequestState.ASSESSED: pgettext("request for data", "Assessed"),
    RequestState.PLANNED: pgettext("request for data", "Planned"),
    RequestState.DONE: pgettext("request for data", "Done"),
    RequestState.REFUSED: pgettext("request for data", "Refused"),
    RequestState.WITHDRAWN: pgettext("request for data", "Withdrawn"),
}
MOVES: Words = {
    RequestMove.EDIT: pgettext("request for data", "Change"),
    RequestMove.TAKE: pgettext("request for data", "Take it on"),
    RequestMove.ASSESS: pgettext("request for data", "Mark as assessed"),
    RequestMove.PLAN: pgettext("request for data", "Plan for the date given"),
    RequestMove.FINISH: pgettext("request for data", "Close with the edition given"),
    RequestMove.REFUSE: pgettext("request for data", "Refuse"),
    RequestMove.WITHDRAW: pgettext("request for data", "Withdraw"),
    RequestMove.REOPEN: pgettext("request for data", "Open again"),
    RequestMove.RENEW: pgettext("request for data", "Ask again"),
}
STEPS: Words = {
    RequestMove.EDIT: pgettext("request step", "Written"),
    RequestMove.TAKE: pgettext("request step", "Taken on by an assessor"),
    RequestMove.ASSESS: pgettext("request step", "Assessed"),
    RequestMove.PLAN: pgettext("request step", "Planned"),
    RequestMove.FINISH: pgettext("request step", "Closed with an edition"),
    RequestMove.REFUSE: pgettext("request step", "Refused"),
    RequestMove.WITHDRAW: pgettext("request step", "Withdrawn"),
    RequestMove.REOPEN: pgettext("request step", "Opened again"),
    RequestMove.RENEW: pgettext("request step", "Asked again"),
}
REFUSALS: Words = {
    Refusal.NOT_OPEN: _("This step is not open in the present state."),
    Refusal.NOT_YOURS: _("This step belongs to somebody else."),
    Refusal.NO_REASON: _("Give the reason."),
    Refusal.NO_DATE: _("Give the date for which it is planned."),
    Refusal.DATE_PASSED: _("Give a date after today."),
    Refusal.NO_EDITION: _("Name the edition that answers it."),
    Refusal.EDITION_BEFORE: _("This edition was published before the request came: it cannot answer it."),
}
STRENGTHS: Words = {
    Strength.STRONG: pgettext("evidence", "strong"),
    Strength.FAIR: pgettext("evidence", "fair"),
    Strength.WEAK: pgettext("evidence", "weak"),
    Strength.WITHHELD: pgettext("evidence", "withheld"),
    Strength.EMPTY: pgettext("evidence", "empty"),
}
DIMENSIONS: Words = {
    "sex": pgettext("by dimension", "sex"),
    "age": pgettext("by dimension", "age"),
    "citizenship": pgettext("by dimension", "citizenship"),
    "milieu": pgettext("by dimension", "urban or rural"),
    "residence_status": pgettext("by dimension", "residence status"),
    "service": pgettext("by dimension", "service"),
}
VERDICTS: Words = {
    Verdict.YES: _("Yes: the evidence answers the question"),
    Verdict.NO: _("No: the evidence answers the question"),
    Verdict.CANNOT_TELL: _("The evidence cannot tell"),
}
