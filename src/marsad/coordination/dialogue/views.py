"""Discussions, for people who are signed in: finding, asking, answering, moderating, following."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from marsad.coordination.dialogue import labels, operations, queries, subjects
from marsad.coordination.dialogue.forms import EditForm, PostForm
from marsad.coordination.dialogue.rules import (
    DISCUSSED,
    DISCUSSION_TRANSITIONS,
    WHO,
    DiscussionMove,
    DiscussionState,
    MoveRefused,
    PostFacts,
    PostKind,
    PostMove,
    PostState,
    ReportReason,
    post_refusals,
)
from marsad.coordination.dialogue.views_access import discussion_or_404, or_404, reader, tell_refusal
from marsad.web.access import access

PER_PAGE = 20
LONGEST = 200


@never_cache
@access(reader)
def discussions(request: HttpRequest) -> HttpResponse:
    """Everything that this person may read, by what it is about, with search."""
    kind, words = request.GET.get("kind", ""), request.GET.get("q", "").strip()[:LONGEST]
    kind = kind if kind in {str(one) for one in DISCUSSED} else ""
    found = queries.discussions_for(request.user, kind=kind, words=words)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    titles = subjects.titles_of(((one.kind, one.code) for one in page), request.user)
    context = {
        "page": page,
        "rows": [(one, titles.get((one.kind, one.code))) for one in page],
        "kind": kind,
        "kinds": [(str(one), labels.SUBJECTS[one]) for one in DISCUSSED],
        "words": words,
        "keep": f"{urlencode({'kind': kind, 'q': words})}&",
    }
    return render(request, "dialogue/discussions.html", context)


@never_cache
@access(reader)
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, kind: str, code: str) -> HttpResponse:
    """A question on something that this person may read and write on."""
    about = or_404(subjects.subject(kind, code, request.user))
    or_404(kind in DISCUSSED or None)
    if not queries.may_post(request.user, kind):
        raise PermissionDenied
    form = PostForm(request.POST or None, user=request.user, asks=True)
    if request.method == "POST" and form.is_valid():
        try:
            made = operations.ask(actor=request.user, at=timezone.now(), kind=kind, code=code, content=form.content)
        except MoveRefused as refused:
            tell_refusal(request, refused)
        else:
            messages.success(request, _("Your question is there; you follow the discussion."))
            return redirect("dialogue:discussion", made.pk)
    context = {"form": form, "about": about, "title": _("Ask a question"), "before": queries.about(kind, code, most=5)}
    return render(request, "dialogue/ask.html", context)


@never_cache
@access(reader)
def discussion(request: HttpRequest, number: int) -> HttpResponse:
    found = discussion_or_404(request, number)
    return _page(request, found, PostForm(user=request.user, asks=False))


def _page(request: HttpRequest, found: Any, form: PostForm, status: int = 200) -> HttpResponse:
    user: Any = request.user
    page = Paginator(queries.posts_of(found), PER_PAGE).get_page(request.GET.get("page"))
    askers = queries.askers_of(found.pk)
    state = DiscussionState(found.state)
    moderates = user.has_perm(queries.HOLD)
    context = {
        "discussion": found,
        "about": subjects.subject(found.kind, found.code, user),
        "page": page,
        "rows": [(shown, _moves(user, shown, askers)) for shown in queries.shown_posts(page, found, user)],
        "form": form,
        "may_answer": queries.may_post(user, found.kind)
        and DISCUSSION_TRANSITIONS[state, DiscussionMove.ANSWER] is not None,
        "moderates": moderates,
        "moves": [
            move
            for move in (DiscussionMove.CLOSE, DiscussionMove.REOPEN)
            if moderates and DISCUSSION_TRANSITIONS[state, move] is not None
        ],
        "follows": queries.follows(user, found),
        "report_reasons": [(str(one), labels.REPORT_REASONS[one]) for one in ReportReason],
    }
    return render(request, "dialogue/discussion.html", context, status=status)


def _moves(user: Any, shown: queries.ShownPost, askers: frozenset[Any]) -> dict[str, bool]:
    """The moves on a post that are open to a reader, before what each demands."""
    post = shown.post
    hats = queries.hats_of(user, post, askers)
    facts = PostFacts(PostKind(post.kind), PostState(post.state), post.written_at)
    return {
        str(move): not post_refusals(move, facts, hats=hats, at=timezone.now(), reason="asked")
        for move in PostMove
        if WHO[move] & hats and not (move is PostMove.REPORT and shown.is_mine)
    }


@access(reader)
@require_POST
def answer(request: HttpRequest, number: int) -> HttpResponse:
    found = discussion_or_404(request, number)
    form = PostForm(request.POST, user=request.user, asks=False)
    if not form.is_valid():
        return _page(request, found, form, status=400)
    try:
        post = operations.answer(actor=request.user, at=timezone.now(), number=number, content=form.content)
    except MoveRefused as refused:
        tell_refusal(request, refused)
        return _page(request, found, form, status=409)
    last = Paginator(queries.posts_of(found), PER_PAGE).num_pages
    return redirect(f"{found_url(number)}?page={last}#post-{post.pk}")


def found_url(number: int) -> str:
    return redirect("dialogue:discussion", number)["Location"]


@never_cache
@access(reader)
@require_http_methods(["GET", "POST"])
def edit_post(request: HttpRequest, number: int) -> HttpResponse:
    """One's own words, as long as they may be changed."""
    post = or_404(queries.post_of(number))
    found = discussion_or_404(request, post.discussion_id)
    or_404(post.author_id == request.user.pk or None)
    form = EditForm(request.POST or None, initial={"text": post.text})
    if request.method == "POST" and form.is_valid():
        written = form.cleaned_data["text"]
        return _moved(request, found, lambda: operations.move_post(
            actor=request.user, at=timezone.now(), number=number, move=PostMove.EDIT, text=written
        ))  # fmt: skip
    return render(request, "dialogue/edit_post.html", {"form": form, "discussion": found})


@access(reader)
@require_POST
def move_post(request: HttpRequest, number: int) -> HttpResponse:
    """Accept, report, hide, restore, withdraw, or leave what was reported."""
    post = or_404(queries.post_of(number))
    found = discussion_or_404(request, post.discussion_id)
    asked, at = request.POST.get("move", ""), timezone.now()
    if asked == "leave":
        return _moved(request, found, lambda: operations.close_reports(actor=request.user, at=at, number=number))
    or_404(asked in set(PostMove) - {PostMove.EDIT} or None)
    reason = request.POST.get("reason", "")[:2000]
    return _moved(request, found, lambda: operations.move_post(
        actor=request.user, at=at, number=number, move=PostMove(asked), reason=reason
    ))  # fmt: skip


@access(reader)
@require_POST
def move_discussion(request: HttpRequest, number: int) -> HttpResponse:
    """Close or reopen, follow or not."""
    found = discussion_or_404(request, number)
    asked, at = request.POST.get("move", ""), timezone.now()
    if asked in {"follow", "unfollow"}:
        return _moved(
            request,
            found,
            lambda: operations.follow(actor=request.user, at=at, number=number, ends=asked == "unfollow"),
        )
    or_404(asked in set(DiscussionMove) or None)
    return _moved(request, found, lambda: operations.move_discussion(
        actor=request.user, at=at, number=number, move=DiscussionMove(asked)
    ))  # fmt: skip


def _moved(request: HttpRequest, found: Any, write: Callable[[], Any]) -> HttpResponse:
    try:
        write()
    except MoveRefused as refused:
        tell_refusal(request, refused)
    return redirect("dialogue:discussion", found.pk)
