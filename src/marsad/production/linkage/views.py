"""Linkages: the list and the form, one linkage with its model and review, pair after pair, steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from marsad.accounts.rules import may
from marsad.collection.access import look
from marsad.production.linkage import operations, queries
from marsad.production.linkage.forms import LinkageForm, VerdictForm
from marsad.production.linkage.labels import REFUSALS, VERDICTS, words_of
from marsad.production.linkage.rules import LinkageMove, LinkageState, Verdict
from marsad.production.linkage.shown import WIDTH, seen_in, waterfall
from marsad.web.access import access
from migstat.model import Refused

PER_PAGE = 25
review_linkage = may("linkage.review")


@never_cache
@access(review_linkage)
def list_linkages(request: HttpRequest) -> HttpResponse:
    """Every linkage, and the form to ask for one."""
    user: Any = request.user
    form = LinkageForm(request.POST or None, lists=queries.linkable())
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                made = operations.ask_linkage(actor=user, at=timezone.now(), **form.cleaned_data)
            except Refused as refused:
                form.add_error(None, words_of(REFUSALS, refused.rule))
                status = 409
            else:
                messages.success(request, _("The linkage waits to be done in the background."))
                return redirect("linkage:show", made.pk)
        else:
            status = 422
    page = Paginator(queries.linkages(), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "linkage/list.html", {"page": page, "form": form}, status=status)


def _found(linkage_id: UUID) -> Any:
    found = queries.linkage_of(linkage_id)
    if found is None:
        raise Http404
    return found


@never_cache
@access(review_linkage)
def show_linkage(request: HttpRequest, linkage_id: UUID) -> HttpResponse:
    """One linkage: lists, counts, the model in words, how far the review is and how reviewers agree."""
    return _page(request, linkage_id)


def _page(request: HttpRequest, linkage_id: UUID, refusal: str = "", status: int = 200) -> HttpResponse:
    from marsad.production.linkage.draws import model_rows

    linkage = _found(linkage_id)
    user: Any = request.user
    counts = linkage.counts
    lists = [
        {
            **one,
            "records": counts["records"][place] if counts else None,
            "rows": counts["rows"][place] if counts else None,
        }
        for place, one in enumerate(linkage.lists)
    ]
    context = {
        "linkage": linkage,
        "lists": lists,
        "model": model_rows(linkage),
        "several": list(enumerate(counts.get("on_lists", []), 1)),
        "histogram": counts.get("histogram", []),
        "most": max((one[2] for one in counts.get("histogram", [])), default=1) or 1,
        "progress": queries.progress(linkage, user.audit_code),
        "waits": linkage.state == LinkageState.LINKED,
        "failure": words_of(REFUSALS, linkage.failed_for) if linkage.failed_for else "",
        "refusal": refusal,
    }
    return render(request, "linkage/linkage.html", context, status=status)


@never_cache
@access(review_linkage)
def review(request: HttpRequest, linkage_id: UUID) -> HttpResponse:
    """The next pair for this reviewer: where it agrees and what that weighs. The look is logged before it is shown."""
    linkage = _found(linkage_id)
    user: Any = request.user
    pair = queries.next_pair(linkage, user.audit_code) if linkage.state == LinkageState.LINKED else None
    drawn = None
    if pair is not None:
        for name in dict.fromkeys(pair.lists):
            look(
                actor=user,
                at=timezone.now(),
                rows=[seen_in(linkage, pair)],
                reason="clerical review of a linkage",
                dataflow=name,
                subject=f"linkage:{linkage.pk}",
                permission="linkage.review",
            )
        drawn = waterfall(linkage, pair)
    context = {
        "linkage": linkage,
        "pair": pair,
        "drawn": drawn,
        "width": WIDTH,
        "progress": queries.progress(linkage, user.audit_code),
        "verdicts": [(key, one.value, VERDICTS[one]) for key, one in enumerate(Verdict, 1)],
    }
    return render(request, "linkage/review.html", context)


def _step(request: HttpRequest, linkage_id: UUID, work: Callable[[], Any], done: str, onward: str) -> HttpResponse:
    _found(linkage_id)
    try:
        work()
    except Refused as refused:
        return _page(request, linkage_id, words_of(REFUSALS, refused.rule), 409)
    if done:
        messages.success(request, done)
    return redirect(onward, linkage_id)


@access(review_linkage)
@require_POST
def decide(request: HttpRequest, linkage_id: UUID) -> HttpResponse:
    form = VerdictForm(request.POST)
    if not form.is_valid():
        return _page(request, linkage_id, words_of(REFUSALS, "linkage.pair"), 422)
    user: Any = request.user
    given = form.cleaned_data

    def work() -> Any:
        return operations.decide_pair(actor=user, at=timezone.now(), linkage_id=linkage_id, **given)

    return _step(request, linkage_id, work, "", "linkage:review")


@access(review_linkage)
@require_POST
def take_back(request: HttpRequest, linkage_id: UUID) -> HttpResponse:
    user: Any = request.user

    def work() -> Any:
        return operations.take_back(actor=user, at=timezone.now(), linkage_id=linkage_id)

    return _step(request, linkage_id, work, _("Your last verdict was taken back."), "linkage:review")


@access(review_linkage)
@require_POST
def close(request: HttpRequest, linkage_id: UUID) -> HttpResponse:
    return _moved(request, linkage_id, LinkageMove.CLOSE, _("The review is closed."))


@access(review_linkage)
@require_POST
def reopen(request: HttpRequest, linkage_id: UUID) -> HttpResponse:
    return _moved(request, linkage_id, LinkageMove.REOPEN, _("The review is open again."))


@access(review_linkage)
@require_POST
def again(request: HttpRequest, linkage_id: UUID) -> HttpResponse:
    return _moved(request, linkage_id, LinkageMove.AGAIN, _("The linkage waits to be done in the background."))


def _moved(request: HttpRequest, linkage_id: UUID, move: LinkageMove, done: str) -> HttpResponse:
    user: Any = request.user

    def work() -> Any:
        return operations.move_linkage(actor=user, at=timezone.now(), linkage_id=linkage_id, move=move)

    return _step(request, linkage_id, work, done, "linkage:show")
