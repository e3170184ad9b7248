"""The pages of the dialogue: each opens for whom it is, in every language, well formed; the public ones name nobody."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dialogue.made import STARTS, answer, committed, convened, draft, held, move, noted, part, question
from house.people import AT, client_of, person
from marsad.accounts.models import User
from marsad.accounts.rules import Role
from marsad.coordination.dialogue import operations_results as results
from marsad.coordination.dialogue import operations_sessions as sessions
from marsad.coordination.dialogue.models import Commitment, Discussion, Participant, Session
from marsad.coordination.dialogue.report import report_of
from marsad.coordination.dialogue.report_files import report_docx
from marsad.coordination.dialogue.rules_sessions import SessionMove, Words
from marsad.coordination.needs.rules import Subject
from marsad.dissemination.models import Observation
from marsad.dissemination.queries import current_publication
from marsad.observatory.flow_map import unmet_needs
from marsad.observatory.page_cache import shelf
from needs.made import need, speaker
from observatory.test_public_pages import faults_of

pytestmark = pytest.mark.django_db(databases=["default", "confidential"])
LANGUAGES = ("fr", "ar", "en")


@pytest.fixture
def coordinator() -> User:
    return person(Role.COORDINATOR)


def opened(client: Client, path: str, language: str = "en") -> str:
    answer = client.get(f"/{language}{path}")
    assert answer.status_code == 200, (path, language, answer.status_code)
    page = answer.content.decode()
    assert faults_of(page) == [], path
    return page


def told(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", page))


def test_every_page_opens_in_every_language(small_city: Any, coordinator: User) -> None:
    partner, other = speaker("camp"), person(Role.PLANNER)
    session = held(coordinator, organisations=["camp"], persons=[str(other.pk)])
    challenge = results.write_challenge(
        actor=coordinator, at=STARTS, session=session.pk, content=part(kind="trust", organisation="camp")
    )
    content = part(kind="strategy", challenge=challenge.pk)
    results.write_conclusion(actor=coordinator, at=STARTS, session=session.pk, content=content)
    commitment = committed(coordinator, session, organisation="camp", challenge=challenge.pk)
    noted(coordinator, session, came=list(Participant.objects.values_list("pk", flat=True)))
    asked = question(other)
    answer(partner, asked)
    house = (
        "/dialogue/", "/dialogue/sessions/new/", f"/dialogue/sessions/{session.pk}/",
        f"/dialogue/sessions/{session.pk}/edit/", f"/dialogue/sessions/{session.pk}/agenda/",
        f"/dialogue/sessions/{session.pk}/notes/", f"/dialogue/sessions/{session.pk}/item/new/",
        f"/dialogue/sessions/{session.pk}/challenge/{challenge.pk}/edit/",
        f"/dialogue/sessions/{session.pk}/commitment/{commitment.pk}/edit/",
        f"/dialogue/sessions/{session.pk}/conclusion/new/", "/dialogue/challenges/",
        f"/dialogue/challenges/{challenge.pk}/", "/dialogue/commitments/?state=all",
        f"/dialogue/commitments/{commitment.pk}/", "/dialogue/discussions/?q=counted",
        f"/dialogue/discussions/{asked.pk}/", "/dialogue/discussions/ask/indicator/HOU-02/",
    )  # fmt: skip
    client = client_of(coordinator)
    for number, path in enumerate(house):
        opened(client, path, LANGUAGES[number % 3])
        opened(client, path, "ar")
    reads_alone = client_of(person(Role.DATA_PROTECTION_OFFICER, email="protection@example.org"))
    assert reads_alone.get("/fr/dialogue/discussions/ask/indicator/HOU-02/").status_code == 403
    assert reads_alone.get("/fr/dialogue/discussions/ask/indicator/NONE-02/").status_code == 404
    move(coordinator, session, SessionMove.PUBLISH, at=STARTS + timedelta(days=1))
    shelf.clear()
    public = (
        "/dialogue-sessions/", f"/dialogue-sessions/{session.pk}/", "/challenges/?state=in_hand",
        f"/challenges/{challenge.pk}/", "/discussions/?q=counting", f"/discussions/{asked.pk}/",
    )  # fmt: skip
    for language in LANGUAGES:
        for path in public:
            opened(Client(), path, language)
    assert f"/en/discussions/{asked.pk}/" in opened(Client(), "/indicators/HOU-02/")


def published(coordinator: User, guest: User, *, named: bool) -> Session:
    """A published session with an internal point, a person who came and one who owns a commitment."""
    session = convened(coordinator, persons=[str(guest.pk)])
    sessions.write_item(
        actor=coordinator, at=AT, number=session.pk, content=part(Words(fr="Le secret des murs"), is_public=False)
    )
    place = session.participants.get()
    sessions.reply(actor=guest, at=AT, place=place.pk, coming=True, may_be_named=named)
    move(coordinator, session, SessionMove.HOLD, at=STARTS + timedelta(hours=3))
    results.write_challenge(actor=coordinator, at=STARTS, session=session.pk, content=part(kind="trust"))
    committed(coordinator, session, owner=str(guest.pk), subject_kind="indicator", subject_code="HOU-02")
    noted(coordinator, session, came=[place.pk])
    return move(coordinator, session, SessionMove.PUBLISH, at=STARTS + timedelta(days=1))


@pytest.mark.parametrize("named", [False, True])
def test_the_public_part_names_nobody_who_did_not_consent(small_city: Any, coordinator: User, named: bool) -> None:
    guest = person(Role.PLANNER, email="guest@example.org")
    User.objects.filter(pk=guest.pk).update(name="Zineb Alaoui")
    session = published(coordinator, User.objects.get(pk=guest.pk), named=named)
    shelf.clear()
    public = opened(Client(), f"/dialogue-sessions/{session.pk}/")
    internal = opened(client_of(coordinator), f"/dialogue/sessions/{session.pk}/")
    assert ("Zineb Alaoui" in public) == named
    assert ("1 person whose name is not given" in told(public)) == (not named)
    assert "Zineb Alaoui" in internal
    for hidden in ("Le secret des murs", "Said in the room"):
        assert hidden in internal
        assert hidden not in public
    assert "1 internal point" in told(public)
    assert "Zineb" not in opened(Client(), "/dialogue-sessions/")
    assert "Exchange the lists" in told(opened(Client(), "/indicators/HOU-02/"))


def test_reports_are_files_in_three_languages_and_arabic_runs_from_the_right(coordinator: User) -> None:
    guest = person(Role.PLANNER, email="guest@example.org")
    session = held(coordinator, persons=[str(guest.pk)])
    noted(coordinator, session, came=[session.participants.get().pk])
    session.refresh_from_db()
    for language in LANGUAGES:
        report = report_of(session, language, internal=True)
        assert report.title.language == language
        content = report_docx(report, changed_at=session.changed_at)
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            body = parts.read("word/document.xml").decode()
        paragraphs = body.count("<w:p>")
        # Every paragraph and the section itself run from the right, but the minutes, which were written in Latin letters.
        assert body.count("<w:bidi/>") == (paragraphs if language == "ar" else 0)
        assert ("<w:rtl/>" in body) == (language == "ar")
        assert report.title.text in body
        assert guest.name in body
    made = client_of(coordinator).get(f"/ar/dialogue/sessions/{session.pk}/report-ar.pdf")
    assert made.content.startswith(b"%PDF-")
    assert made["Content-Type"] == "application/pdf"


def test_words_that_lack_the_readers_language_are_said_to(coordinator: User) -> None:
    session = held(coordinator, persons=[str(coordinator.pk)], title=Words(ar="لقاء المنتجين"))
    page = opened(client_of(coordinator), f"/dialogue/sessions/{session.pk}/", "fr")
    assert '<bdi lang="ar" dir="rtl">لقاء المنتجين</bdi>' in page
    assert "non traduit" in page


def test_a_discussion_goes_its_way_on_pages(small_city: Any) -> None:
    asker, moderator = person(Role.PLANNER), person(Role.FACILITATOR)
    client, hall = client_of(asker), client_of(moderator)
    form = {"title": "Who counted?", "text": "**Who** <script>alert(1)</script>", "shown_as": "role:"}
    client.post("/en/dialogue/discussions/ask/case/foreign-2014/", form)
    number = Discussion.objects.get().pk
    path = f"/dialogue/discussions/{number}/"
    assert client.post(f"/en{path}answer/", {"text": "", "shown_as": "role:"}).status_code == 400
    for text in range(21):
        client.post(f"/en{path}answer/", {"text": f"Answer {text}", "shown_as": "role:"})
    assert "Answer 20" not in opened(client, path)
    assert "Answer 20" in opened(client, f"{path}?page=2")
    post = Discussion.objects.get().posts.order_by("pk").first()
    assert post is not None
    hall.post(f"/en/dialogue/posts/{post.pk}/move/", {"move": "hide", "reason": "off the subject"})
    shelf.clear()
    public = opened(Client(), f"/discussions/{number}/")
    assert "data-hidden" in public
    assert "<strong>Who</strong>" not in public
    assert "off the subject" not in public
    assert "off the subject" in opened(client, path)
    hall.post(f"/en/dialogue/posts/{post.pk}/move/", {"move": "restore"})
    shelf.clear()
    public = opened(Client(), f"/discussions/{number}/")
    assert "<strong>Who</strong> &lt;script&gt;" in public
    client.post(f"/en{path}move/", {"move": "unfollow"})
    hall.post(f"/en{path}move/", {"move": "close"})
    assert "data-closed" in opened(client, path)
    assert "Who counted?" in opened(Client(), "/cases/foreign-2014/")


def test_a_commitment_is_closed_on_its_page_or_says_why_not(coordinator: User) -> None:
    partner = speaker("camp")
    session = held(coordinator, organisations=["camp"])
    made = committed(coordinator, session, at=timezone.now(), organisation="camp")
    client, path = client_of(partner), f"/en/dialogue/commitments/{made.pk}/"
    assert client.post(f"{path}move/", {"move": "keep"}).status_code == 409
    assert client.post(f"{path}move/", {"move": "release", "reason": "no"}).status_code == 409
    wrong = client.post(f"{path}move/", {"move": "keep", "document": "http://example.org/"})
    assert "There is no such edition" in wrong.content.decode()
    client.post(f"{path}move/", {"move": "keep", "document": "https://example.org/minutes.pdf"})
    assert Commitment.objects.get().state == "kept"
    assert "https://example.org/minutes.pdf" in opened(client, f"/dialogue/commitments/{made.pk}/")


def test_needs_that_no_delivery_answers_stand_on_the_flow_page(small_city: Any) -> None:
    asker = person(Role.PLANNER)
    with_data = Subject("HOU-02", "04.421.01.05", "", "2024")
    need(asker, subject=with_data, question="Answered by the census?")
    Observation.objects.filter(indicator="HOU-02", area="MAR").delete()
    lacking = {
        "no_indicator": Subject(), "nobody": Subject("HOU-09"), "not_here": Subject("HOU-02", "MAR"),
        "not_group": Subject("HOU-02", "04.421.01.05", "citizenship"), "not_then": Subject("HOU-02", period="2099"),
    }  # fmt: skip
    for why, subject in lacking.items():
        need(asker, subject=subject, question=f"Lacks: {why}?")
    need(asker, subject=Subject("HOU-09"), question="A secret question", is_public=False)
    publication = current_publication()
    assert publication is not None
    found = unmet_needs(publication)
    assert {one.need.question: one.why for one in found.named} == {f"Lacks: {why}?": why for why in lacking}
    assert found.internal == 1
    shelf.clear()
    page = opened(Client(), "/flows/")
    assert "Lacks: nobody?" in page
    assert "A secret question" not in page
    assert "1 internal need" in told(page)


def test_many_discussions_ask_no_more_than_few(
    small_city: Any, coordinator: User, django_assert_max_num_queries: Any
) -> None:
    indicators = list(Observation.objects.order_by("indicator").values_list("indicator", flat=True).distinct())
    asked = [question(coordinator, code=indicators[number % len(indicators)]) for number in range(12)]
    for _ in range(25):
        answer(coordinator, asked[0])
    shelf.clear()
    with django_assert_max_num_queries(8):
        assert Client().get("/fr/discussions/").content.decode().count("/fr/indicators/") >= 12
    own = client_of(coordinator)
    own.get("/fr/dialogue/discussions/")
    for path in ("/fr/dialogue/discussions/", f"/fr/dialogue/discussions/{asked[0].pk}/?page=1"):
        with django_assert_max_num_queries(15):
            assert own.get(path).status_code == 200


def test_an_agenda_offers_the_first_of_many_and_finds_the_others_by_their_words(
    small_city: Any, coordinator: User
) -> None:
    session = draft(coordinator)
    for number in range(45):
        need(coordinator, question=f"How many children of class {number:02}?")
    own = client_of(coordinator)
    page = opened(own, f"/dialogue/sessions/{session.pk}/agenda/")
    assert page.count('value="need:') == 40
    assert re.search(r"\b5 more", page)
    found = opened(own, f"/dialogue/sessions/{session.pk}/agenda/?q=CLASS+44")
    assert found.count('name="chosen"') == found.count('value="need:') == 1
    assert "Nothing fits" in opened(own, f"/dialogue/sessions/{session.pk}/agenda/?q=nowhere")
