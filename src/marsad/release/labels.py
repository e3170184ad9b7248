"""The words of states, moves, reasons and of what a request lacks."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marsad.release.rules import Missing, Move, Refusal, RequestState, Verdict

Words = dict[str, Promise | str]

STATES: Words = {
    RequestState.DRAFT: _("Draft"),
    RequestState.SUBMITTED: _("Waiting for reviewers"),
    RequestState.UNDER_REVIEW: _("One reviewer has signed"),
    RequestState.APPROVED: _("Approved"),
    RequestState.REFUSED: _("Refused"),
    RequestState.DEMOTED: _("Sent back: its ground has moved"),
    RequestState.PUBLISHING: _("Being published"),
    RequestState.PUBLISHED: _("Published"),
    RequestState.WITHDRAWN: _("Withdrawn"),
    RequestState.CANCELLED: _("Taken back"),
}
STEPS: Words = {
    "request": _("Request made"),
    "revise": _("Tables or words replaced"),
    "embargo": _("Embargo set"),
    "not_published": _("Not published at the time: the request must be looked at"),
    Move.SUBMIT: _("Submitted to the reviewers"),
    Move.SIGN: _("First signature"),
    Move.APPROVE: _("Second signature: approved"),
    Move.REFUSE: _("Second signature: refused"),
    Move.DEMOTE: _("Sent back to its author"),
    Move.BEGIN: _("Publication begun"),
    Move.COMPLETE: _("Published"),
    Move.CLEAR: _("Publication taken back before anything was public"),
    Move.WITHDRAW: _("Edition withdrawn"),
    Move.CANCEL: _("Taken back by its author"),
}
VERDICTS: Words = {Verdict.APPROVE: _("Approve"), Verdict.REFUSE: _("Refuse")}
REFUSALS: Words = {
    Refusal.NOT_OPEN: _("This step is not open in the state the request is in."),
    Refusal.AUTHOR: _("You made this request: two other people sign it."),
    Refusal.NOT_AUTHOR: _("Only the author of the request may do this."),
    Refusal.NO_ROLE: _("You do not hold the role of reviewer."),
    Refusal.NO_SECOND_FACTOR: _("Set up your second factor first."),
    Refusal.NO_COMPETENCE: _("Nobody has confirmed that you are trained to review releases."),
    Refusal.COMPETENCE_EXPIRED: _("Your competence to review releases has expired."),
    Refusal.SIGNED_ALREADY: _("You have signed already."),
    Refusal.NO_REASON: _("Write the reason for your verdict."),
    Refusal.AUDIT_FAILED: _("The audit does not let the tables pass."),
    Refusal.METADATA_MISSING: _("Metadata are missing: see the list."),
    Refusal.INPUTS_CHANGED: _("The inputs have changed since they were submitted."),
    Refusal.EMBARGO: _("The embargo has not ended."),
    Refusal.STALE: _("A source of these tables was corrected: hand in tables computed anew."),
}
MISSING: Words = {
    Missing.TABLES: _("Tables"),
    Missing.SOURCE: _("A source of the catalogue"),
    Missing.INDICATOR: _("An indicator of the catalogue"),
    Missing.UNIT: _("The unit of the indicator"),
    Missing.KIND: _("The same kind as the indicator: stock or flow"),
    Missing.AREA: _("An area of the catalogue"),
    Missing.PLACE: _("Area and period of every cell"),
    Missing.CODE: _("A code of a code list of the catalogue"),
    Missing.DEFINITION: _("The definition that was computed"),
    Missing.RUN: _("The run that made the table"),
    Missing.LINEAGE: _("The snapshots and agreements the table rests on"),
    Missing.BASE: _("The population base"),
    Missing.METHOD: _("The method of an estimate, in three languages"),
    Missing.INTERVALS: _("The interval of every estimate"),
    Missing.MINIMUM_CELL: _("A policy as strict as the agreement's smallest cell"),
    Missing.RECIPIENTS: _("An agreement that names the public among its recipients"),
    Missing.DATAFLOW: _("A dataflow that no city pack adopts"),
    Missing.ORIGIN: _("A dataflow of its own: real and synthetic figures never share one"),
}
RULES: Words = {
    "release.own_competence": _("Nobody confirms their own competence."),
    "release.competence": _("Give a reason, and a day to come."),
    "release.checksum": _("A table was altered in the store. It must be handed in again."),
    "ledger.already_disclosed": _(
        "Earlier releases already give away cells of this table. Publish it with fewer breakdowns, or not at all."
    ),
    "ledger.contradiction": _(
        "A cell that was released before has another value here. Give the revised table a vintage of its own."
    ),
    "ledger.negative": _("A difference with earlier releases is below zero: the margins do not agree."),
    "ledger.dimension": _("A dimension has other codes than in earlier releases."),
    "protect.unsafe": _("No pattern of withheld cells keeps the small ones safe. Publish fewer breakdowns."),
    "edition.mixed": _("Real and synthetic figures would stand in one chart."),
    "text.empty": _("Write it in all three languages."),
}
CAUSES: Words = {
    "source_corrected": _("A source was corrected"),
    "rows_erased": _("Rows were erased from a source"),
    "estimate_revised": _("The estimate was revised"),
    "definition_changed": _("The definition was changed"),
}


def words_of(table: Words, code: str) -> str:
    """The words of a code; the code itself where nobody gave it any."""
    return str(table.get(code, code))
