"""Writes of discussions: asking, answering, moving posts, following."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marsad.actors.queries import codes_of
from marsad.audit.events import record, writes
from marsad.coordination.dialogue import queries, subjects, tell
from marsad.coordination.dialogue.models import (
    Discussion,
    DiscussionFollower,
    DiscussionStem,
    Post,
    PostReport,
)
from marsad.coordination.dialogue.rules import (
    DISCUSSED,
    DISCUSSION_TRANSITIONS,
    TRANSITIONS,
    DiscussionMove,
    DiscussionState,
    PostContent,
    PostFacts,
    PostKind,
    PostMove,
    PostState,
    Refusal,
    ReportReason,
    ShownAs,
    demand,
    post_refusals,
)


def _held(actor: Any, number: int) -> Discussion:
    """A discussion that the actor may read, locked."""
    if queries.discussion_for(actor, number) is None:
        demand({Refusal.NOT_YOURS})
    return Discussion.objects.select_for_update().get(pk=number)


def _write(discussion: Discussion, kind: PostKind, content: PostContent, *, actor: Any, at: datetime) -> Post:
    mine = codes_of(actor)
    if content.shown_as is ShownAs.ORGANISATION and content.organisation not in mine:
        demand({Refusal.NOT_YOURS})
    producers = subjects.producers_of(discussion.kind, discussion.code)
    roles = sorted(str(role) for role in actor.role_names)
    post = Post.objects.create(
        discussion=discussion,
        kind=kind,
        text=content.text.strip(),
        language=content.language,
        author=actor,
        shown_as=content.shown_as,
        role=roles[0] if roles else "",
        organisation_id=content.organisation if content.shown_as is ShownAs.ORGANISATION else None,
        is_producer=kind is PostKind.ANSWER and bool(mine & producers),
        written_at=at,
    )
    DiscussionFollower.objects.get_or_create(discussion=discussion, user=actor, defaults={"since": at})
    return post


def _reindex(discussion: Discussion) -> None:
    DiscussionStem.objects.filter(discussion=discussion).delete()
    weights = queries.weights_of(Post.objects.filter(discussion=discussion), discussion.title)
    DiscussionStem.objects.bulk_create(
        DiscussionStem(discussion=discussion, stem=stem, weight=weight) for stem, weight in sorted(weights.items())
    )


@writes("dialogue.ask")
def ask(*, actor: Any, at: datetime, kind: str, code: str, content: PostContent) -> Discussion:
    """Open a discussion with a question. The producers of the data are asked to answer.

    Raises ``MoveRefused``: the subject cannot be read or written on by this person, or the title lacks.
    """
    found = subjects.subject(kind, code, actor)
    if found is None or kind not in DISCUSSED or not queries.may_post(actor, kind):
        demand({Refusal.NOT_YOURS})
    if not content.title.strip():
        demand({Refusal.NO_WORDS})
    discussion = Discussion.objects.create(kind=kind, code=code, title=content.title.strip(), opened_at=at, last_at=at)
    _write(discussion, PostKind.QUESTION, content, actor=actor, at=at)
    _reindex(discussion)
    tell.question(discussion, subjects.producers_of(kind, code), but=actor, at=at)
    record(actor=actor, action="dialogue.ask", target=f"discussion:{discussion.pk}", at=at, details={"kind": kind})
    return discussion


@writes("dialogue.answer")
def answer(*, actor: Any, at: datetime, number: int, content: PostContent) -> Post:
    """Answer in a discussion; marked as the producer's where the author speaks for whoever's data it is about."""
    discussion = _held(actor, number)
    if not queries.may_post(actor, discussion.kind):
        demand({Refusal.NOT_YOURS})
    if DISCUSSION_TRANSITIONS[DiscussionState(discussion.state), DiscussionMove.ANSWER] is None:
        demand({Refusal.NOT_OPEN})
    post = _write(discussion, PostKind.ANSWER, content, actor=actor, at=at)
    discussion.last_at = at
    discussion.save(update_fields=["last_at"])
    _reindex(discussion)
    tell.answered(discussion, queries.follower_ids(discussion, but=actor.pk), by_producer=post.is_producer, at=at)
    record(
        actor=actor,
        action="dialogue.answer",
        target=f"discussion:{number}",
        at=at,
        details={"post": post.pk, "producer": post.is_producer},
    )
    return post


@writes("dialogue.move_post")
def move_post(
    *,
    actor: Any,
    at: datetime,
    number: int,
    move: PostMove,
    reason: str = "",
    text: str = "",
) -> Post:
    """Edit, accept, report, hide, restore or withdraw a post. Raises ``MoveRefused`` with every reason against it.

    ``text`` comes with ``edit``; ``reason`` with ``hide`` in words, with ``report`` as a code of ``ReportReason``.
    """
    known = queries.post_of(number)
    if known is None:
        demand({Refusal.NOT_YOURS})
    assert known is not None
    discussion = _held(actor, known.discussion_id)
    post = Post.objects.select_for_update().get(pk=number)
    facts = PostFacts(PostKind(post.kind), PostState(post.state), post.written_at)
    demand(post_refusals(move, facts, hats=queries.hats_of(actor, post), at=at, reason=reason))
    after = TRANSITIONS[facts.state, move]
    assert after is not None
    post.state = after
    _APPLIES[move](post, discussion, actor=actor, at=at, given=text if move is PostMove.EDIT else reason)
    post.save()
    discussion.save()
    _reindex(discussion)
    record(
        actor=actor,
        action="dialogue.move_post",
        target=f"post:{number}",
        at=at,
        details={"move": move.value, "state": post.state},
    )
    return post


def _edit(post: Post, discussion: Discussion, *, actor: Any, at: datetime, given: str) -> None:
    if not given.strip():
        demand({Refusal.NO_WORDS})
    post.text, post.edited_at = given.strip(), at


def _accept(post: Post, discussion: Discussion, *, actor: Any, at: datetime, given: str) -> None:
    """Accepting an answer that is accepted takes it back."""
    discussion.accepted = None if discussion.accepted_id == post.pk else post
    tell.settled(discussion, at=at)


def _report(post: Post, discussion: Discussion, *, actor: Any, at: datetime, given: str) -> None:
    if given not in set(ReportReason):
        demand({Refusal.NO_REASON})
    PostReport.objects.get_or_create(
        post=post, reporter=actor, closed_at=None, defaults={"reason": given, "reported_at": at}
    )
    tell.reported(discussion, at=at)


def _hide(post: Post, discussion: Discussion, *, actor: Any, at: datetime, given: str) -> None:
    post.hidden_for = given.strip()
    discussion.accepted = None if discussion.accepted_id == post.pk else discussion.accepted
    _looked_at(post, discussion, at=at)
    tell.hidden(discussion, str(post.author_id), at=at)


def _restore(post: Post, discussion: Discussion, *, actor: Any, at: datetime, given: str) -> None:
    post.hidden_for = ""
    _looked_at(post, discussion, at=at)


def _withdraw(post: Post, discussion: Discussion, *, actor: Any, at: datetime, given: str) -> None:
    post.text, post.edited_at = "", at
    if post.kind == PostKind.QUESTION:
        discussion.title = ""
    discussion.accepted = None if discussion.accepted_id == post.pk else discussion.accepted


def _looked_at(post: Post, discussion: Discussion, *, at: datetime) -> None:
    post.reports.filter(closed_at=None).update(closed_at=at)
    if not PostReport.objects.filter(post__discussion=discussion, closed_at=None).exists():
        tell.reports_closed(discussion, at=at)


_APPLIES: Any = {
    PostMove.EDIT: _edit,
    PostMove.ACCEPT: _accept,
    PostMove.REPORT: _report,
    PostMove.HIDE: _hide,
    PostMove.RESTORE: _restore,
    PostMove.WITHDRAW: _withdraw,
}


@writes("dialogue.close_reports")
def close_reports(*, actor: Any, at: datetime, number: int) -> int:
    """A moderator has looked at a post that was reported, and leaves it; returns how many reports were closed."""
    known = queries.post_of(number)
    if known is None or not actor.has_perm(queries.HOLD):
        demand({Refusal.NOT_YOURS})
    assert known is not None
    discussion = _held(actor, known.discussion_id)
    open_ones = known.reports.filter(closed_at=None).count()
    _looked_at(known, discussion, at=at)
    record(actor=actor, action="dialogue.close_reports", target=f"post:{number}", at=at, details={"closed": open_ones})
    return open_ones


@writes("dialogue.move_discussion")
def move_discussion(*, actor: Any, at: datetime, number: int, move: DiscussionMove) -> Discussion:
    """Close a discussion to new answers, or open it again: a moderator's."""
    discussion = _held(actor, number)
    after = DISCUSSION_TRANSITIONS[DiscussionState(discussion.state), move]
    against = {Refusal.NOT_YOURS} if not actor.has_perm(queries.HOLD) or move is DiscussionMove.ANSWER else set()
    demand(against | ({Refusal.NOT_OPEN} if after is None else set()))
    assert after is not None
    discussion.state = after
    discussion.save(update_fields=["state"])
    record(
        actor=actor,
        action="dialogue.move_discussion",
        target=f"discussion:{number}",
        at=at,
        details={"move": move.value},
    )
    return discussion


@writes("dialogue.follow")
def follow(*, actor: Any, at: datetime, number: int, ends: bool = False) -> bool:
    """Be told of each answer of a discussion that one may read, or no more; returns whether anything changed."""
    discussion = _held(actor, number)
    if ends:
        changed = bool(DiscussionFollower.objects.filter(discussion=discussion, user=actor).delete()[0])
    else:
        changed = DiscussionFollower.objects.get_or_create(discussion=discussion, user=actor, defaults={"since": at})[1]
    record(
        actor=actor,
        action="dialogue.follow",
        target=f"discussion:{number}",
        at=at,
        details={"ends": ends, "changed": changed},
    )
    return changed
