"""The review: the board, one submission with its answers (each look logged with its reason), moves and corrections."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from marsad.accounts.rules import may
from marsad.collection.instruments import freezing, looking, queries, queries_review
from marsad.collection.instruments.forms import ConflictForm, CorrectForm, LookForm, MoveForm
from marsad.collection.instruments.labels import finding_line, refusal_words
from marsad.collection.instruments.operations_review import Place, correct_answer, review, settle_conflict
from marsad.collection.instruments.queries_review import Filter
from marsad.collection.instruments.rules import SubmissionState, moves_from
from marsad.web.access import access
from migstat.model.refusals import Refused

reviews = may("submissions.review")
_PER_PAGE = 25
_BY = ("area", "agent", "day")


@never_cache
@access(reviews)
def show_board(request: HttpRequest) -> HttpResponse:
    said = request.GET
    every = list(queries.instruments())
    code = said.get("instrument", "") or (every[0].code if every else "")
    chosen = Filter(
        code, said.get("state", ""), said.get("area", ""), said.get("agent", ""), said.get("conflicts") == "1"
    )
    page = Paginator(queries_review.submissions(chosen), _PER_PAGE).get_page(said.get("page"))
    by = said.get("by", "") if said.get("by") in _BY else "area"
    keep = said.copy()
    keep.pop("page", None)
    context = {
        "instruments": every,
        "chosen": chosen,
        "page": page,
        "keep": f"{keep.urlencode()}&" if keep else "",
        "states": queries_review.counts_by_state(code),
        "conflicts": queries_review.open_conflicts(code),
        "by": by,
        "rates": queries_review.rates(code, by) if code else [],
        "areas": queries_review.choices_of_area(code),
        "fields": queries_review.board_fields(code),
        "oldest": queries_review.oldest_waiting(code),
        "ready": queries_review.ready_to_freeze(),
    }
    return render(request, "instruments/board.html", context)


def _submission(submission_id: UUID) -> Any:
    found = queries_review.submission_of(submission_id)
    if found is None:
        raise Http404
    return found


@never_cache
@access(reviews)
def show_submission(request: HttpRequest, submission_id: UUID) -> HttpResponse:
    """The answers are shown after a reason was given, and the look stands in the access log before they are."""
    actor: Any = request.user
    submission = _submission(submission_id)
    look = LookForm(request.POST or None)
    shown: dict[str, Any] = {}
    if request.method == "POST" and look.is_valid():
        try:
            shown = looking.answers(
                actor=actor, at=timezone.now(), submission=submission, reason=look.cleaned_data["reason"]
            )
        except Refused as refusal:
            look.add_error(None, refusal_words(refusal))
    questions, language = queries.questions_of(submission.version), (get_language() or "fr")[:2]
    context = {
        "submission": submission,
        "findings": [finding_line(one, questions, language) for one in submission.findings],
        "following": queries_review.next_waiting(submission),
        "steps": submission.steps.all(),
        "attachments": submission.attachments.all(),
        "look": look,
        "moves": MoveForm(moves=moves_from(SubmissionState(submission.state))),
        "conflict_form": ConflictForm(),
        **shown,
    }
    if shown:
        context["correct"] = CorrectForm(places=shown["places"])
    return render(request, "instruments/submission.html", context)


@require_POST
@access(reviews)
def move(request: HttpRequest, submission_id: UUID) -> HttpResponse:
    actor: Any = request.user
    submission = _submission(submission_id)
    form = MoveForm(request.POST, moves=moves_from(SubmissionState(submission.state)))
    if not form.is_valid():
        messages.error(request, _("This step is not open any more."))
        return redirect("instruments:submission", submission_id)
    try:
        review(actor=actor, at=timezone.now(), submission_id=submission_id, **form.cleaned_data)
    except Refused as refusal:
        messages.error(request, refusal_words(refusal))
    else:
        messages.success(request, _("The step was recorded."))
    return redirect("instruments:submission", submission_id)


@require_POST
@access(reviews)
def correct(request: HttpRequest, submission_id: UUID) -> HttpResponse:
    actor: Any = request.user
    submission = _submission(submission_id)
    form = CorrectForm(request.POST, places=looking.places_said(submission, request.POST.get("place", "")))
    if not form.is_valid():
        messages.error(request, _("Choose an answer of the page, and say why it is corrected."))
        return redirect("instruments:submission", submission_id)
    question, *turns = form.cleaned_data["place"].split(":")
    try:
        correct_answer(
            actor=actor,
            at=timezone.now(),
            submission_id=submission_id,
            place=Place(question, tuple(int(turn) for turn in turns)),
            value=form.cleaned_data["value"],
            reason=form.cleaned_data["reason"],
        )
    except Refused as refusal:
        messages.error(request, refusal_words(refusal))
    else:
        messages.success(request, _("The answer was corrected; the original is kept."))
    return redirect("instruments:submission", submission_id)


@require_POST
@access(reviews)
def settle(request: HttpRequest, conflict_id: UUID) -> HttpResponse:
    actor: Any = request.user
    conflict = queries_review.conflict_of(conflict_id)
    if conflict is None:
        raise Http404
    form = ConflictForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say which answers hold, and why."))
        return redirect("instruments:submission", conflict.submission_id)
    try:
        settle_conflict(actor=actor, at=timezone.now(), conflict_id=conflict_id, **form.cleaned_data)
    except Refused as refusal:
        messages.error(request, refusal_words(refusal))
    else:
        messages.success(request, _("The conflict was settled; both answers are kept."))
    return redirect("instruments:submission", conflict.submission_id)


@never_cache
@require_POST
@access(reviews)
def show_attachment(request: HttpRequest, attachment_id: UUID) -> HttpResponse:
    actor: Any = request.user
    attachment = queries_review.attachment_of(attachment_id)
    form = LookForm(request.POST)
    if attachment is None:
        raise Http404
    if not form.is_valid():
        messages.error(request, _("Say why you look, in ten characters or more."))
        return redirect("instruments:submission", attachment.submission_id)
    try:
        content = looking.attachment(
            actor=actor, at=timezone.now(), attachment=attachment, reason=form.cleaned_data["reason"]
        )
    except Refused as refusal:
        messages.error(request, refusal_words(refusal))
        return redirect("instruments:submission", attachment.submission_id)
    response = HttpResponse(content, content_type=attachment.content_type)
    response["Content-Disposition"] = f'attachment; filename="{attachment.pk}"'
    return response


@require_POST
@access(reviews)
def freeze(request: HttpRequest) -> HttpResponse:
    actor: Any = request.user
    try:
        freezing.freeze_approved(actor=actor, at=timezone.now(), dataflow=request.POST.get("dataflow", ""))
    except Refused as refusal:
        messages.error(request, refusal_words(refusal))
    else:
        messages.success(request, _("The approved submissions were frozen as a snapshot."))
    return redirect("instruments:review")
