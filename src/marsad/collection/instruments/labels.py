"""The words of states, moves, differences, findings and refusals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marsad.collection.instruments.differences import Difference
from marsad.collection.instruments.questions import Question
from marsad.collection.instruments.rules import Channel, Move, SubmissionState, VersionState
from migstat.model.refusals import Refused

Words = Mapping[str, Promise | str]

VERSION_STATE_LABELS: Words = {
    VersionState.DRAFT: _("Draft"),
    VersionState.PUBLISHED: _("Published"),
    VersionState.SUPERSEDED: _("Replaced; late answers still come in"),
    VersionState.CLOSED: _("Closed"),
}
STATE_LABELS: Words = {
    SubmissionState.RECEIVED: _("Received"),
    SubmissionState.HAS_ISSUES: _("Has issues"),
    SubmissionState.EDITED: _("Corrected"),
    SubmissionState.APPROVED: _("Approved"),
    SubmissionState.REJECTED: _("Rejected"),
}
MOVE_LABELS: Words = {
    Move.RETURN: _("Return with an issue"),
    Move.EDIT: _("Correct an answer"),
    Move.APPROVE: _("Approve"),
    Move.REJECT: _("Reject"),
    Move.REOPEN: _("Open the review again"),
}
CHANNEL_LABELS: Words = {Channel.OPENROSA: _("ODK Collect or KoboCollect"), Channel.WEB: _("Form on the web")}
DIFFERENCE_LABELS: Words = {
    "question_added": _("The question %(name)s was added."),
    "question_removed": _("The question %(name)s was removed."),
    "order_changed": _("The order of the questions changed, first at %(name)s."),
    "type_changed": _("The type of %(name)s changed from %(before)s to %(after)s."),
    "group_changed": _("The question %(name)s moved to another group: from “%(before)s” to “%(after)s”."),
    "label_changed": _("The words of %(name)s changed (%(language)s): from “%(before)s” to “%(after)s”."),
    "hint_changed": _("The hint of %(name)s changed (%(language)s): from “%(before)s” to “%(after)s”."),
    "message_changed": _("The error message of %(name)s changed (%(language)s): from “%(before)s” to “%(after)s”."),
    "required_changed": _("Whether %(name)s must be answered changed: from “%(before)s” to “%(after)s”."),
    "relevant_changed": _("When %(name)s is asked changed: from “%(before)s” to “%(after)s”."),
    "constraint_changed": _("The constraint of %(name)s changed: from “%(before)s” to “%(after)s”."),
    "calculation_changed": _("The calculation of %(name)s changed: from “%(before)s” to “%(after)s”."),
    "choice_added": _("The choice %(after)s of %(name)s was added."),
    "choice_removed": _("The choice %(before)s of %(name)s was removed."),
    "choice_changed": _("The words of the choice %(name)s changed (%(language)s): from “%(before)s” to “%(after)s”."),
    "column_changed": _("The column %(name)s is filled from “%(after)s”; before it was “%(before)s”."),
    "class_changed": _("The privacy class of %(name)s changed from “%(before)s” to “%(after)s”."),
    "settings_changed": _("The consent or the board of %(name)s reads other questions."),
    "other_content": _("The content of %(name)s changed outside its questions (settings, appearance, parameters)."),
}
FINDING_LABELS: Words = {
    "unknown_choice": _("a choice that the question does not have"),
    "declined_and_chosen": _("declined, and answered all the same"),
    "not_whole": _("not a whole number"),
    "not_a_number": _("not a number"),
    "not_a_date": _("not a date"),
    "not_a_place": _("not a place on earth"),
    "needed": _("no answer, and the dataflow needs one"),
    "out_of_bounds": _("outside the bounds of its column"),
    "answers_without_consent": _("answers were sent although consent was not given"),
}
REFUSAL_LABELS: Words = {
    "collection.authorisation": _("The dataflow has no authorisation number: collection cannot start (law 09-08)."),
    "access.reason": _("Say why, in ten characters or more."),
    "firewall.enforcement": _(
        "Whoever acts for law enforcement receives what is published and nothing else. This was counted."
    ),
    "instruments.answer_twice": _("A question is answered twice in the same place."),
    "instruments.attachment_large": _("An attachment is larger than this server accepts."),
    "instruments.attachment_name": _("An attachment has a name that is not allowed."),
    "instruments.attachment_type": _("An attachment is not a picture, a recording or a document that is allowed."),
    "instruments.attachment_changed": _("An attachment of this name was received before with another content."),
    "instruments.attachments": _("There are too many attachments in one request."),
    "instruments.changed_published": _("A published version never changes: give the form a new version."),
    "instruments.classes": _(
        "Each question needs a privacy class, and each column a question that stands in the form."
    ),
    "instruments.closed_version": _("This version of the form does not receive answers."),
    "instruments.content_encoding": _(
        "The request is compressed in a way that this server cannot read: send it plain."
    ),
    "instruments.conflict_open": _("The same form came with other answers: say first which hold."),
    "instruments.conflict_settled": _("This conflict was settled meanwhile."),
    "instruments.definition": _(
        "The description of the instrument (instrument.toml) lacks a field or has another shape."
    ),
    "instruments.deprecated": _("The submission says that it replaces an instance, but not which."),
    "instruments.device_closed": _("This device was closed or has expired: ask for a new one."),
    "instruments.device_life": _("A device is issued for one day at least and a year at most."),
    "instruments.device_person": _("The person may not fill forms, so no device can be issued to them."),
    "instruments.encoding": _("The form was not sent in UTF-8."),
    "instruments.entities": _("The XML has a document type or an entity; neither is accepted."),
    "instruments.findings": _("Some answers cannot be used as they stand: correct or return them first."),
    "instruments.form_name": _(
        "The form id or the version has signs that a device cannot send back: write letters, digits, hyphens and underscores."
    ),
    "instruments.groups": _("A group ends that did not begin."),
    "instruments.incomplete": _("Attachments are still missing: wait for them, or return the submission."),
    "instruments.languages": _("Words are missing in a language: French, Arabic and English are needed everywhere."),
    "instruments.media": _(
        "A table or a picture that the form names was not sent with it, or is not of a kind that a form reads."
    ),
    "instruments.move": _("The submission has moved on meanwhile: this step is not open any more."),
    "instruments.multipart": _("The request is no multipart form with one part named xml_submission_file."),
    "instruments.name_twice": _("Two questions have the same name."),
    "instruments.no_form": _("The submission does not say which form it answers."),
    "instruments.no_instance": _("The submission has no instanceID, or one that is no word."),
    "instruments.no_version": _("The submission does not say which version of the form it answers."),
    "instruments.not_replaced": _("The corrected answers replace a version that is not the current one."),
    "instruments.nothing_approved": _("No approved submission of this dataflow is there to be frozen."),
    "instruments.erased_meanwhile": _(
        "A submission was erased while it was being frozen: nothing was kept. Freeze once more."
    ),
    "instruments.not_yours": _("Somebody else filled this form: only they can answer for it."),
    "instruments.odk_validate": _("ODK Validate does not accept the form."),
    "instruments.published": _("A published version never changes."),
    "instruments.questions": _("The form asks nothing."),
    "instruments.reason": _("Say why: this step needs a reason."),
    "instruments.seal": _("A sealed text does not open: its key is missing, or it was changed."),
    "instruments.settings": _("The sheet named settings lacks the form id or the version."),
    "instruments.leads_elsewhere": _(
        "The form would send its answers to another place, or close them with a key that this server does not have."
    ),
    "instruments.structure": _("The columns of the instrument and of its dataflow do not fit."),
    "instruments.too_deep": _("The XML is nested or repeated beyond the limit."),
    "instruments.too_large": _("The request is larger than this server accepts; send it in parts."),
    "instruments.tracking": _("The form asks for the identity of the device or of the agent: leave that question out."),
    "instruments.type": _("The form has a question of a type that is not allowed."),
    "collection.dataflow": _("The instrument names a dataflow that is not collected."),
    "instruments.unknown_form": _("No form of this id is published here."),
    "instruments.unknown_question": _("The submission has an element that this version of the form does not have."),
    "instruments.unknown_version": _("This version of the form is not known here."),
    "instruments.version_move": _("The version has moved on meanwhile: this step is not open any more."),
    "instruments.workbook": _("The file is no Excel workbook with an XLSForm."),
    "instruments.xlsform": _("The XLSForm has a fault."),
    "instruments.xml": _("The text is no well-formed XML."),
}
_OF_A_FORM = (
    "xlsform",
    "odk_validate",
    "languages",
    "name_twice",
    "classes",
    "structure",
    "definition",
    "settings",
    "leads_elsewhere",
    "media",
    "type",
)
DETAILED = frozenset(f"instruments.{rule}" for rule in (*_OF_A_FORM, "tracking", "groups"))


def difference_words(difference: Difference) -> str:
    return str(DIFFERENCE_LABELS[difference.kind]) % difference.values()


def english_differences(found: Iterable[Difference]) -> str:
    """The differences as one English text, for the console and the log of a load."""
    with translation.override("en"):
        return " ".join(difference_words(one) for one in found)


def finding_line(finding: str, questions: Sequence[Question], language: str) -> str:
    """What is wrong with an answer, after the words of its question."""
    name, _, rule = finding.partition(":")
    words = next((one.label.get(language, "") for one in questions if one.name == name), "")
    return f"{words or name} — {FINDING_LABELS[rule]}"


def refusal_words(refusal: Refused) -> str:
    """The reader's words for a refusal; a fault of a form is told with its place."""
    said = REFUSAL_LABELS.get(refusal.rule)
    if said is None:
        return str(refusal)
    return f"{said} ({refusal.found})" if refusal.rule in DETAILED else str(said)
