"""The pages of the desk: who may open them, what they show, in three languages, and that they keep reviewers blind."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from house.people import client_of, person
from marsad.accounts.rules import Role
from marsad.audit.rules import System
from marsad.release import operations
from marsad.release.models import ReleaseRequest
from marsad.release.reading import proposed
from marsad.release.rules import Verdict
from release.bundles import AT, bundled, published, requested, residents

pytestmark = pytest.mark.django_db(databases=["default", "confidential"])
TODAY = timezone.now()
DESK = ("", "{id}/", "{id}/tables/0/")
STEPS = ("submit", "sign", "embargo", "publish", "withdraw", "cancel")


def at(path: str, request, language: str = "fr") -> str:
    return f"/{language}/release/{path.format(id=request.pk)}"


@pytest.fixture
def request_(small_city, author):
    return requested(author)


@pytest.mark.parametrize("path", [*DESK, *(f"{{id}}/{step}/" for step in STEPS), "competence/"])
def test_strangers_and_others_are_kept_out(request_, path):
    others = [person(role, email=f"{role}@example.org") for role in (Role.PARTNER, Role.DATA_OFFICER, Role.FIELD_AGENT)]
    for client in (Client(), *(client_of(one) for one in others)):
        answer = (
            client.post(at(path, request_)) if any(step in path for step in STEPS) else client.get(at(path, request_))
        )
        assert answer.status_code in {302, 403}
        assert "STK-01" not in answer.content.decode()
    assert ReleaseRequest.objects.get(pk=request_.pk).state == "draft"


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_author_and_reviewer_read_the_request(request_, author, reviewers, language):
    for user in (author, reviewers[0]):
        client = client_of(user)
        for path in DESK:
            answer = client.get(at(path, request_, language))
            assert answer.status_code == 200
        assert "data-intervals" in answer.content.decode()
        assert "no-store" in answer["Cache-Control"] or "no-cache" in answer["Cache-Control"]


def test_a_reviewer_reads_what_would_be_published_and_withheld_cells_have_no_number(request_, reviewers):
    page = client_of(reviewers[0]).get(f"/en/release/{request_.pk}/").content.decode()
    shown = page.partition("data-proposed")[2].partition("</details>")[0]
    [table] = request_.tables.all()
    cells = proposed(table.content, table.intervals, table.examination)
    assert len(cells) == table.examination["cells"] == shown.count('<th scope="row">')
    hidden = [one for one in cells if one.state == "withheld"]
    assert len(hidden) == table.examination["primary"] + table.examination["secondary"] > 0
    assert all(one.value is None and one.low is None for one in hidden)
    assert proposed(table.content, table.intervals, table.examination | {"withheld": []}) == []


def test_each_role_takes_its_own_steps(request_, author, reviewers):
    assert client_of(author).post(at("{id}/sign/", request_)).status_code == 403
    assert client_of(author).post(at("{id}/withdraw/", request_)).status_code == 403
    for step in ("submit", "cancel", "embargo"):
        assert client_of(reviewers[0]).post(at(f"{{id}}/{step}/", request_)).status_code == 403
    assert client_of(author).get("/fr/release/competence/").status_code == 403


def test_the_road_by_hand_with_blind_reviewers(request_, author, reviewers):
    desk = client_of(author)
    assert desk.post(at("{id}/submit/", request_)).status_code == 302
    first, second = map(client_of, reviewers)
    signed = {"verdict": "approve", "reason": "canary of the first reviewer"}
    assert first.post(at("{id}/sign/", request_), signed).status_code == 302
    for reader in (second, desk):
        page = reader.get(at("{id}/", request_)).content.decode()
        assert "canary of the first reviewer" not in page
        assert str(reviewers[0].pk) not in page
    assert "canary of the first reviewer" in first.get(at("{id}/", request_)).content.decode()
    assert first.post(at("{id}/sign/", request_), signed).status_code == 409
    assert second.post(at("{id}/sign/", request_), {"verdict": "approve", "reason": ""}).status_code == 422
    assert second.post(at("{id}/sign/", request_), signed | {"reason": "fine"}).status_code == 302
    assert "canary of the first reviewer" in desk.get(at("{id}/", request_)).content.decode()
    assert desk.post(at("{id}/publish/", request_)).status_code == 302
    assert ReleaseRequest.objects.get(pk=request_.pk).state == "published"
    gone = {"reason_fr": "Compté deux fois", "reason_ar": "حُسب مرتين", "reason_en": "Counted twice"}
    assert first.post(at("{id}/withdraw/", request_), {**gone, "reason_ar": ""}).status_code == 422
    assert first.post(at("{id}/withdraw/", request_), gone).status_code == 302
    assert "حُسب مرتين" in Client().get("/ar/indicators/STK-01/").content.decode()


def test_what_forbids_a_step_is_said_in_words_all_at_once(small_city, author, reviewers):
    request = requested(author, [bundled(residents(indicator="NOBODY"), run="")])
    answer = client_of(author).post(at("{id}/submit/", request, "en"))
    assert answer.status_code == 409
    assert "Metadata are missing" in answer.content.decode()
    untrained = person(Role.REVIEWER, email="new@example.org")
    ready = requested(author)
    operations.submit_request(actor=author, at=AT, request_id=ready.pk)
    page = client_of(untrained).get(at("{id}/", ready, "en")).content.decode()
    assert "Nobody has confirmed that you are trained" in page


def test_embargo_and_taking_back(request_, author):
    desk = client_of(author)
    assert desk.post(at("{id}/embargo/", request_), {"until": "2031-01-02T09:00"}).status_code == 302
    assert ReleaseRequest.objects.get(pk=request_.pk).embargo_until.year == 2031
    for wrong in ("tomorrow", "2020-01-01T00:00"):
        assert desk.post(at("{id}/embargo/", request_), {"until": wrong}).status_code == 422
    assert ReleaseRequest.objects.get(pk=request_.pk).embargo_until.year == 2031
    assert desk.post(at("{id}/cancel/", request_)).status_code == 302
    assert ReleaseRequest.objects.get(pk=request_.pk).state == "cancelled"


def test_competence_is_confirmed_and_ended_on_its_page(small_city):
    coordinator = person(Role.COORDINATOR, email="c@example.org")
    reviewer = person(Role.REVIEWER, email="r@example.org")
    client = client_of(coordinator)
    given = {"person": str(reviewer.pk), "expires_on": str((TODAY + timedelta(days=300)).date()), "reason": "course"}
    assert client.post("/en/release/competence/", given | {"expires_on": "2020-01-01"}).status_code == 409
    assert client.post("/en/release/competence/", given).status_code == 302
    assert "course" in client.get("/en/release/competence/").content.decode()
    assert client.post(f"/en/release/competence/{reviewer.pk}/end/").status_code == 302
    assert "data-competence" not in client.get("/en/release/competence/").content.decode()


def test_the_queue_shows_what_waits_and_filters(small_city, author, reviewers):
    published(author, reviewers)
    waiting = requested(author, dataflow="second")
    operations.submit_request(actor=author, at=AT, request_id=waiting.pk)
    client = client_of(reviewers[0])
    assert "data-waiting" in client.get("/fr/release/").content.decode()
    only = client.get("/fr/release/?state=published").content.decode()
    assert only.count("data-release=") == 1
    assert client.get("/fr/release/?page=9&state=nonsense").status_code == 200
    operations.sign_request(
        actor=reviewers[0], at=AT, request_id=waiting.pk, verdict=Verdict.REFUSE, reason="too early"
    )
    assert "data-waiting" not in client.get("/fr/release/").content.decode()


def test_unknown_requests_are_not_found(small_city, author):
    client = client_of(author)
    assert client.get("/fr/release/00000000-0000-0000-0000-000000000000/").status_code == 404
    request = requested(author)
    assert client.get(at("{id}/tables/7/", request)).status_code == 404


def test_no_value_of_a_person_reaches_the_log(small_city, author, reviewers):
    from marsad.audit.models import Event

    published(author, reviewers)
    operations.grant_competence(
        actor=System("test"),
        at=AT,
        person=str(author.pk),
        expires_on=AT.date() + timedelta(days=5),
        reason="secret words",
    )
    told = " ".join(f"{event.target} {event.details}" for event in Event.objects.all())
    assert "secret words" not in told
    assert "example.org" not in told
