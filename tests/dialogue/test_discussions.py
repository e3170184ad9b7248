"""Asking, answering as the producer, accepting, moderating, following, finding."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from dialogue.made import answer, post, question
from house.people import AT, person
from marsad.accounts.models import User
from marsad.accounts.operations import erase_account
from marsad.accounts.rules import Role
from marsad.actors.operations import add_membership
from marsad.audit.models import Event
from marsad.audit.rules import System
from marsad.coordination.dialogue import operations, queries
from marsad.coordination.dialogue.models import Discussion, DiscussionStem, Post
from marsad.coordination.dialogue.rules import DiscussionMove, MoveRefused, PostMove, Refusal, ShownAs
from marsad.coordination.dialogue.subjects import producers_of
from marsad.notices.queries import notices_for
from marsad.observatory.page_cache import shelf
from needs.made import speaker

pytestmark = pytest.mark.django_db(databases=["default", "confidential"])


def kinds(user: User) -> list[str]:
    return sorted(notices_for(User.objects.get(pk=user.pk)).values_list("kind", flat=True))


def moved(who: Any, written: Post, move: PostMove, *, minutes: int = 5, **more: str) -> Post:
    at = AT + timedelta(hours=1, minutes=minutes)
    return operations.move_post(actor=who, at=at, number=written.pk, move=move, **more)


@pytest.fixture
def producer(small_city: Any) -> User:
    """Somebody who speaks for the publisher of the census."""
    user = person(Role.PARTNER, email="office@example.org")
    add_membership(actor=System("test"), at=AT, user_id=user.pk, organisation="office")
    return user


def test_a_producer_is_asked_answers_as_such_and_is_accepted(producer: User) -> None:
    asker, passer = person(Role.PLANNER), person(Role.MEMBER)
    assert producers_of("indicator", "HOU-02") == producers_of("dataflow", "RGPH-2014") == {"office"}
    asked = question(asker)
    assert kinds(producer) == ["dialogue.question"]
    first = answer(passer, asked, "I think by sample")
    mine = answer(producer, asked, shown_as=ShownAs.ORGANISATION, organisation="office")
    assert (first.is_producer, mine.is_producer) == (False, True)
    assert kinds(producer) == []
    assert kinds(asker) == ["dialogue.answered"]
    moved(asker, mine, PostMove.ACCEPT)
    found = queries.discussion_for(asker, asked.pk)
    assert found is not None
    assert (found.accepted_id, found.answers) == (mine.pk, 2)
    moved(asker, mine, PostMove.ACCEPT)
    assert Discussion.objects.get().accepted is None
    with pytest.raises(MoveRefused) as refused:
        moved(passer, mine, PostMove.ACCEPT)
    assert refused.value.refusals == {Refusal.NOT_YOURS}


def test_nobody_signs_for_an_organisation_that_is_not_theirs(producer: User) -> None:
    with pytest.raises(MoveRefused):
        question(person(Role.PLANNER), shown_as=ShownAs.ORGANISATION, organisation="office")
    assert not Discussion.objects.exists()


def test_names_stand_as_their_bearers_chose_and_leave_with_the_account(producer: User) -> None:
    asker = person(Role.PLANNER, email="asker@example.org")
    by_name = answer(asker, question(producer), shown_as=ShownAs.NAME)
    by_role = answer(asker, by_name.discussion)
    assert queries.signature(Post.objects.get(pk=by_name.pk)) == "Test"
    assert queries.signature(by_role) != "Test"
    erase_account(actor=System("test"), at=AT, user_id=str(asker.pk))
    assert "Test" not in queries.signature(Post.objects.get(pk=by_name.pk))


def test_a_post_is_changed_reported_hidden_restored_and_withdrawn(producer: User) -> None:
    asker, moderator, coordinator = person(Role.PLANNER), person(Role.FACILITATOR), person(Role.COORDINATOR)
    asked = question(asker)
    written = answer(producer, asked, "The secret village")
    moved(producer, written, PostMove.EDIT, text="The known village")
    with pytest.raises(MoveRefused) as refused:
        moved(producer, written, PostMove.EDIT, minutes=31, text="x")
    assert refused.value.refusals == {Refusal.TOO_LATE}
    moved(asker, written, PostMove.REPORT, reason="personal")
    assert kinds(coordinator) == ["dialogue.reported"]
    with pytest.raises(MoveRefused):
        moved(moderator, written, PostMove.HIDE)
    moved(moderator, written, PostMove.HIDE, reason="names a village")
    assert "dialogue.hidden" in kinds(producer)
    assert kinds(coordinator) == []
    assert not queries.discussions_for(asker, words="village").exists()
    moved(moderator, written, PostMove.RESTORE)
    assert queries.discussions_for(asker, words="villages").exists()
    moved(producer, written, PostMove.WITHDRAW, minutes=600)
    assert Post.objects.get(pk=written.pk).text == ""
    question_post = asked.posts.order_by("pk").first()
    moved(asker, question_post, PostMove.WITHDRAW, minutes=600)
    assert Discussion.objects.get().title == ""
    assert not DiscussionStem.objects.exists()
    details = "".join(str(event.details) for event in Event.objects.filter(action__startswith="dialogue."))
    assert "village" not in details


def test_the_title_of_a_hidden_question_is_hidden_with_it(producer: User) -> None:
    asker, moderator = person(Role.PLANNER), person(Role.FACILITATOR)
    asked = question(asker, title="What does Fatima of the third floor earn")
    for move, seen in ((PostMove.HIDE, ""), (PostMove.RESTORE, asked.title)):
        moved(moderator, asked.posts.get(), move, reason="about a person")
        assert [one.shown_title for one in queries.public_discussions()] == [seen]  # type: ignore[attr-defined]
        assert [one.title for one in queries.about("indicator", "HOU-02")] == ([seen] if seen else [])
        for reader, reads in ((producer, seen), (asker, asked.title), (moderator, asked.title)):
            assert [one.shown_title for one in queries.discussions_for(reader)] == [reads]  # type: ignore[attr-defined]
        for path in ("discussions/", f"discussions/{asked.pk}/", "indicators/HOU-02/"):
            shelf.clear()
            assert ("Fatima" in Client().get(f"/ar/{path}").content.decode()) is bool(seen), path


def test_reports_are_left_by_a_moderator(producer: User) -> None:
    asker, coordinator = person(Role.PLANNER), person(Role.COORDINATOR)
    written = answer(producer, question(asker))
    moved(asker, written, PostMove.REPORT, reason="wrong")
    assert moved(asker, written, PostMove.REPORT, reason="wrong").reports.count() == 1
    with pytest.raises(MoveRefused):
        operations.close_reports(actor=asker, at=AT, number=written.pk)
    assert operations.close_reports(actor=coordinator, at=AT, number=written.pk) == 1
    assert kinds(coordinator) == []


def test_a_closed_discussion_takes_no_answer_and_following_ends(producer: User) -> None:
    asker, moderator = person(Role.PLANNER), person(Role.FACILITATOR)
    asked = question(asker)
    with pytest.raises(MoveRefused):
        operations.move_discussion(actor=asker, at=AT, number=asked.pk, move=DiscussionMove.CLOSE)
    operations.move_discussion(actor=moderator, at=AT, number=asked.pk, move=DiscussionMove.CLOSE)
    with pytest.raises(MoveRefused) as refused:
        answer(producer, asked)
    assert refused.value.refusals == {Refusal.NOT_OPEN}
    operations.move_discussion(actor=moderator, at=AT, number=asked.pk, move=DiscussionMove.REOPEN)
    assert operations.follow(actor=asker, at=AT, number=asked.pk, ends=True)
    answer(producer, asked)
    assert kinds(asker) == []


def test_any_form_of_a_word_in_any_of_the_languages_finds(producer: User) -> None:
    asker = person(Role.PLANNER)
    french = operations.ask(
        actor=asker, at=AT, kind="case", code="foreign-2014",
        content=post("Pourquoi deux chiffres ?", language="fr", title="Les ménages étrangers"),
    )  # fmt: skip
    arabic = operations.ask(
        actor=asker, at=AT, kind="dataflow", code="RGPH-2014",
        content=post("كيف عُدّ السكان؟", language="ar", title="السكان الأجانب"),
    )  # fmt: skip
    for words, found in (("ménage", french), ("Etranger", french), ("سكان", arabic)):
        assert [one.pk for one in queries.public_discussions(words=words)] == [found.pk], words
    assert not queries.public_discussions(words="xylophone").exists()
    assert [one.pk for one in queries.public_discussions(kind="case", code="foreign-2014")] == [french.pk]


def test_what_is_not_there_or_not_open_is_not_asked_about(producer: User) -> None:
    for who, kind, code in (
        (person(Role.PLANNER), "indicator", "NONE-01"),
        (person(Role.LEARNER), "indicator", "HOU-02"),
        (speaker("camp"), "need", "1"),
    ):
        with pytest.raises(MoveRefused):
            question(who, kind, code)
