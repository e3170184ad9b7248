"""What a reviewer returned to the person who filled it: the reason, and the answer to it."""

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
from marsad.collection.fieldwork.queries import dwellings_told_of
from marsad.collection.instruments import queries, queries_review
from marsad.collection.instruments.forms import AnswerForm
from marsad.collection.instruments.labels import finding_line, refusal_words
from marsad.collection.instruments.operations_review import answer_return
from marsad.web.access import access
from migstat.model.refusals import Refused

_PER_PAGE = 25


def _line(submission: Any, dwelling: str) -> dict[str, Any]:
    """What the agent knows a form by; its answers are not shown here."""
    language = (get_language() or "fr")[:2]
    questions, board = queries.questions_of(submission.version), queries.definition_of(submission.version).board
    return {
        "submission": submission,
        "area": queries.choice_words(questions, board.area, submission.area, language),
        "outcome": queries.choice_words(questions, board.outcome, submission.outcome, language),
        "dwelling": dwelling,
        "findings": [finding_line(one, questions, language) for one in submission.findings],
        "step": queries_review.reason_of_return(submission),
        "form": AnswerForm(auto_id=f"id_{submission.pk}_%s"),
    }


@never_cache
@access(may("forms.fill"))
def list_returned(request: HttpRequest) -> HttpResponse:
    actor: Any = request.user
    page = Paginator(queries_review.returned_to(actor.audit_code), _PER_PAGE).get_page(request.GET.get("page"))
    dwellings = dwellings_told_of([one.pk for one in page])
    rows = [_line(one, dwellings.get(one.pk, "")) for one in page]
    return render(request, "instruments/returned.html", {"page": page, "rows": rows})


@require_POST
@access(may("forms.fill"))
def answer(request: HttpRequest, submission_id: UUID) -> HttpResponse:
    actor: Any = request.user
    submission = queries_review.submission_of(submission_id)
    # Whether a form exists that somebody else filled is not told.
    if submission is None or submission.agent != actor.audit_code:
        raise Http404
    form = AnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say what is so: the reviewer needs an answer."))
        return redirect("instruments:returned")
    try:
        answer_return(actor=actor, at=timezone.now(), submission_id=submission_id, words=form.cleaned_data["words"])
    except Refused as refusal:
        messages.error(request, refusal_words(refusal))
    else:
        messages.success(request, _("Your answer went to the reviewers."))
    return redirect("instruments:returned")
