"""Reading discussions: which ones a person may read, under what each post stands, search by stems."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from marsad.accounts.labels import ROLE_LABELS
from marsad.actors.queries import organisations_of
from marsad.coordination.dialogue import subjects
from marsad.coordination.dialogue.models import Discussion, DiscussionFollower, DiscussionStem, Post
from marsad.coordination.dialogue.rules import Hat, PostKind, PostState, ShownAs, SubjectKind
from marsad.web.stemming import stems
from marsad.web.words import LANGUAGES, said

HOLD: Final = "dialogue.hold"
POST: Final = "discussions.post"
_MOST_WORDS = 12


def discussions_for(user: Any, *, kind: str = "", code: str = "", words: str = "") -> QuerySet[Discussion]:
    """The discussions whose subject a person may read (a stranger: the public ones), on a subject, with some words.

    ``shown_title`` is the title as this person reads it: of a question that a moderator hid, nothing.
    """
    found = Discussion.objects.filter(subjects.readable(user)).select_related("accepted")
    if kind:
        found = found.filter(kind=kind)
    if code:
        found = found.filter(code=code)
    found = found.annotate(answers=Count("posts", filter=Q(posts__kind=PostKind.ANSWER, posts__state=PostState.SHOWN)))
    found = found.annotate(shown_title=_title_for(user)).order_by("-last_at", "-pk")
    return found.filter(pk__in=_with_words(words)) if words.strip() else found


def _hidden_question() -> QuerySet[Post]:
    return Post.objects.filter(discussion=OuterRef("pk"), kind=PostKind.QUESTION, state=PostState.HIDDEN)


def _title_for(user: Any) -> Any:
    """The title is part of the question: hidden with it from everybody but its author and the moderators."""
    if user.is_authenticated and user.has_perm(HOLD):
        return F("title")
    hidden = _hidden_question()
    others = hidden.exclude(author=user.pk) if user.is_authenticated else hidden
    return Case(When(Exists(others), then=Value("")), default=F("title"))


def public_discussions(*, kind: str = "", code: str = "", words: str = "") -> QuerySet[Discussion]:
    return discussions_for(AnonymousUser(), kind=kind, code=code, words=words)


def discussion_for(user: Any, number: int) -> Discussion | None:
    return discussions_for(user).filter(pk=number).first()


def _with_words(words: str) -> list[int]:
    """The discussions that hold most of the words, in any of their forms and of the three languages."""
    wanted = [one for one in words.split() if one.strip()][:_MOST_WORDS]
    matched: Counter[int] = Counter()
    for word in wanted:
        forms = {stem for language in LANGUAGES for stem in stems(word, language)}
        matched.update(set(DiscussionStem.objects.filter(stem__in=forms).values_list("discussion_id", flat=True)))
    most = max(matched.values(), default=0)
    return [number for number, count in matched.items() if count == most]


def about(kind: str, code: str, *, most: int = 3) -> list[Discussion]:
    """The latest discussions on a public subject; two queries at most, for the foot of a page."""
    found = Discussion.objects.filter(~Exists(_hidden_question()), kind=kind, code=code)
    return list(found.exclude(title="").order_by("-last_at", "-id")[:most])


@dataclass(frozen=True)
class ShownPost:
    """A post as the page shows it: ``by`` are the words under which it stands."""

    post: Post
    by: str
    is_accepted: bool
    is_mine: bool
    reports: int


def posts_of(discussion: Discussion) -> QuerySet[Post]:
    """The posts of a discussion in their order, the question first."""
    found = Post.objects.filter(discussion=discussion).select_related("author", "organisation")
    counted = found.annotate(open_reports=Count("reports", filter=Q(reports__closed_at=None)))
    return counted.order_by("written_at", "id")


def shown_posts(posts: Iterable[Any], discussion: Discussion, user: Any) -> list[ShownPost]:
    """Some of these posts as a person reads them."""
    return [
        ShownPost(
            post,
            signature(post),
            post.pk == discussion.accepted_id,
            user.is_authenticated and post.author_id == user.pk,
            post.open_reports,
        )
        for post in posts
    ]


def signature(post: Post) -> str:
    """Under what a post stands: as its author chose, and nothing of a person whose account is erased."""
    if post.shown_as == ShownAs.NAME:
        return str(post.author.name) or _("a former member")
    if post.shown_as == ShownAs.ORGANISATION and post.organisation is not None:
        return said(post.organisation, "name")
    return str(ROLE_LABELS.get(post.role, _("a member of the observatory")))


def post_of(number: int) -> Post | None:
    return Post.objects.select_related("discussion", "author").filter(pk=number).first()


def askers_of(discussion: int) -> frozenset[Any]:
    """The account that asked the question of a discussion."""
    asked = Post.objects.filter(discussion=discussion, kind=PostKind.QUESTION)
    return frozenset(asked.order_by().values_list("author", flat=True))


def hats_of(user: Any, post: Post, askers: frozenset[Any] | None = None) -> frozenset[Hat]:
    """In what qualities a reader of a discussion acts on one of its posts; ``askers`` where they were read already."""
    if not user.is_authenticated:
        return frozenset()
    asker = askers_of(post.discussion_id) if askers is None else askers
    found = {Hat.READER}
    found |= {Hat.AUTHOR} if post.author_id == user.pk else set()
    found |= {Hat.ASKER} if user.pk in asker else set()
    return frozenset(found | ({Hat.MODERATOR} if user.has_perm(HOLD) else set()))


def may_post(user: Any, kind: str) -> bool:
    """Whether a reader of a subject may write on it: with the permission, or as a party of the agreement."""
    return bool(user.is_authenticated) and (user.has_perm(POST) or kind == SubjectKind.AGREEMENT)


def ways_to_sign(user: Any) -> list[tuple[str, str, str]]:
    """Under what a person may stand: way, organisation's code, words."""
    roles = sorted(str(role) for role in user.role_names)
    found = [
        (str(ShownAs.ROLE), "", str(ROLE_LABELS.get(roles[0], roles[0])) if roles else _("a member of the observatory"))
    ]
    found += [(str(ShownAs.ORGANISATION), one.code, said(one, "name")) for one in organisations_of(user)]
    return found + ([(str(ShownAs.NAME), "", user.name)] if user.name else [])


def follows(user: Any, discussion: Discussion) -> bool:
    return DiscussionFollower.objects.filter(discussion=discussion, user=user.pk).exists()


def follower_ids(discussion: Discussion, *, but: Any) -> list[str]:
    found = DiscussionFollower.objects.filter(discussion=discussion, user__is_active=True).exclude(user=but)
    return [str(one) for one in found.values_list("user_id", flat=True)]


def weights_of(posts: Iterable[Post], title: str) -> Counter[str]:
    """How much each stem of what is shown weighs; words of the title weigh more."""
    found: Counter[str] = Counter()
    for post in posts:
        if post.state != PostState.SHOWN:
            continue
        for stem in stems(post.text, post.language):
            found[stem] += 1
        if post.kind == PostKind.QUESTION:
            for stem in stems(title, post.language):
                found[stem] += 10
    return found
