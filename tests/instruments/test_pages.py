"""The pages: who may, what a form says when it is refused, devices shown once, the board, a look with its reason."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from house.people import client_of, person
from instruments.small_form import AT, DEFINITION, JPEG, filled, new_instance, sheets
from marsad.accounts.rules import Role
from marsad.audit.rules import System
from marsad.collection.instruments.models import Conflict, Device, Media, Submission, Version
from marsad.collection.instruments.receiving import receive_submission
from marsad.collection.instruments.rules import Channel
from marsad.collection.instruments.views_devices import collect_settings
from marsad.collection.instruments.xlsform import workbook_of
from marsad.collection.models import AccessEntry, Snapshot
from marsad.notices.models import Notice
from small_city import toml

pytestmark = pytest.mark.django_db(databases=["default", "confidential"])
BOARD = "/en/instruments/review/"


def receive(xml: bytes, **files: bytes) -> Submission:
    attachments = {name.replace("__", "."): ("image/jpeg", content) for name, content in files.items()}
    receipt = receive_submission(
        actor=System("agent"), at=AT, xml=xml, attachments=attachments, channel=Channel.OPENROSA
    )
    return Submission.objects.get(pk=receipt.submission)


@pytest.fixture
def officer() -> Client:
    return client_of(person(Role.DATA_OFFICER))


@pytest.mark.parametrize(
    ("page", "may", "may_not"),
    [
        ("/en/instruments/", Role.STATISTICIAN, Role.FIELD_AGENT),
        ("/en/instruments/small/", Role.DATA_OFFICER, Role.PARTNER),
        ("/en/instruments/small/1/", Role.DATA_OFFICER, Role.FIELD_AGENT),
        ("/en/instruments/small/1/xlsform.xlsx", Role.DATA_OFFICER, Role.FIELD_AGENT),
        ("/en/instruments/devices/", Role.FIELD_AGENT, Role.STATISTICIAN),
        ("/en/instruments/returned/", Role.FIELD_AGENT, Role.STATISTICIAN),
        (BOARD, Role.DATA_OFFICER, Role.STATISTICIAN),
    ],
)
def test_who_may_open_a_page(form: Version, page: str, may: Role, may_not: Role, client: Client) -> None:
    assert client_of(person(may)).get(page).status_code == 200
    assert client_of(person(may_not)).get(page).status_code == 403
    assert client.get(page).status_code == 302


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_each_page_stands_in_each_language(form: Version, officer: Client, language: str) -> None:
    submission = receive(filled(home="<roof>roof.jpg</roof>"), roof__jpg=JPEG)
    for page in ("", "small/", "small/1/", "devices/", "review/", f"review/{submission.pk}/"):
        answer = officer.get(f"/{language}/instruments/{page}")
        assert answer.status_code == 200
        assert f'lang="{language}"' in answer.content.decode()


def test_a_workbook_goes_in_and_comes_out_as_it_was(form: Version, officer: Client) -> None:
    workbook = SimpleUploadedFile("small.xlsx", workbook_of(sheets("2")))
    answer = officer.post("/en/instruments/", {"workbook": workbook})
    assert answer.status_code == 302
    assert answer["Location"] == "/en/instruments/small/2/"
    assert officer.post("/en/instruments/small/2/state/", {"move": "publish"}).status_code == 302
    assert [one.state for one in Version.objects.order_by("code")] == ["superseded", "published"]
    from marsad.collection.instruments.xlsform import sheets_of_workbook

    back = officer.get("/en/instruments/small/2/xlsform.xlsx")
    assert sheets_of_workbook(back.content) == sheets("2")


def test_a_changed_published_version_is_refused_and_the_difference_said(form: Version, officer: Client) -> None:
    changed = sheets("1")
    changed["survey"][5]["constraint"] = ". >= 1 and . <= 30"
    del changed["choices"][0]
    workbook = SimpleUploadedFile("small.xlsx", workbook_of(changed))
    answer = officer.post("/en/instruments/", {"workbook": workbook})
    said = answer.content.decode()
    assert answer.status_code == 409
    assert "The constraint of rooms changed: from “. &gt;= 1 and . &lt;= 20” to “. &gt;= 1 and . &lt;= 30”." in said
    assert "The choice agdal of area was removed." in said


def test_pictures_come_with_the_workbook_and_stay_for_the_next_version(form: Version, officer: Client) -> None:
    def entered(version: str, **more: Any) -> int:
        wanted = sheets(version)
        wanted["survey"][1]["media::image"] = "map.png"
        sent = {"workbook": SimpleUploadedFile("small.xlsx", workbook_of(wanted)), **more}
        return officer.post("/en/instruments/", sent).status_code

    picture = SimpleUploadedFile("map.png", b"\x89PNG\r\n\x1a\n", "image/png")
    assert [entered("2"), entered("2", named_files=[picture]), entered("3")] == [200, 302, 302]
    assert [(one.version.code, one.name) for one in Media.objects.order_by("version__code")] == [
        ("2", "map.png"),
        ("3", "map.png"),
    ]


@pytest.mark.parametrize("content", [b"", b"no workbook", b"PK\x03\x04 broken"])
def test_a_file_that_is_no_workbook_is_refused(form: Version, officer: Client, content: bytes) -> None:
    answer = officer.post("/en/instruments/", {"workbook": SimpleUploadedFile("a.xlsx", content or b" ")})
    assert answer.status_code == 200
    assert "The file is no Excel workbook" in answer.content.decode()


def test_a_new_instrument_needs_its_description(form: Version, officer: Client) -> None:
    other = sheets("1")
    other["settings"][0]["form_id"] = "other"
    workbook = workbook_of(other)
    answer = officer.post("/en/instruments/", {"workbook": SimpleUploadedFile("a.xlsx", workbook)})
    assert "instrument.toml" in answer.content.decode()
    described = toml({**{name: value for name, value in DEFINITION.items() if isinstance(value, str)}, "code": "other"})
    described += toml({name: DEFINITION[name] for name in ("privacy", "board", "consent")}).replace("\n\n", "\n")
    for records in DEFINITION["records"]:
        described += "[[records]]\n" + toml(records)
    answer = officer.post(
        "/en/instruments/",
        {
            "workbook": SimpleUploadedFile("a.xlsx", workbook),
            "definition": SimpleUploadedFile("instrument.toml", described.encode()),
        },
    )
    assert answer.status_code == 302, answer.content.decode()[-2000:]


def test_a_device_is_shown_once_with_settings_that_collect_reads(form: Version) -> None:
    agent = person(Role.FIELD_AGENT)
    answer = client_of(agent).post("/en/instruments/devices/", {"label": "Telephone 1", "days": "30"})
    issued = answer.context["issued"]
    assert answer.context["code"].startswith("data:image/svg+xml;base64,")
    read = json.loads(zlib.decompress(base64.b64decode(collect_settings(issued, answer.context["server"]))))
    assert read["general"]["server_url"] == f"http://testserver/openrosa/{issued.token}"
    assert Client().get(f"{read['general']['server_url']}/formList").status_code == 200
    assert issued.token not in client_of(agent).get("/en/instruments/devices/").content.decode()
    device = Device.objects.get()
    stranger = client_of(person(Role.FIELD_AGENT, email="other@example.org"))
    assert stranger.post(f"/en/instruments/devices/{device.pk}/revoke/").status_code == 404
    assert client_of(agent).post(f"/en/instruments/devices/{device.pk}/revoke/").status_code == 302
    assert Client().get(f"/openrosa/{issued.token}/formList").status_code == 403


def test_the_data_officer_issues_a_device_for_another_person(form: Version, officer: Client) -> None:
    agent = person(Role.FIELD_AGENT)
    officer.post("/en/instruments/devices/", {"label": "Telephone 2", "days": "30", "person": str(agent.pk)})
    assert Device.objects.get().person == agent.pk


def test_the_board_has_pages_counts_and_rates(form: Version, officer: Client) -> None:
    for number in range(27):
        receive(filled(area=("agdal", "hassan")[number % 2], result=("completed", "refused")[number % 3 == 0]))
    first = officer.get(f"{BOARD}?instrument=small")
    assert len(first.context["page"].object_list) == 25
    assert first.context["states"]["received"] == 27
    rates = {rate.name: (rate.visits, rate.completed) for rate in first.context["rates"]}
    assert rates == {"agdal": (14, 9), "hassan": (13, 9)}
    assert len(officer.get(f"{BOARD}?instrument=small&page=2").context["page"].object_list) == 2
    for by in ("agent", "day"):
        assert [rate.visits for rate in officer.get(f"{BOARD}?by={by}").context["rates"]] == [27]
    assert officer.get(f"{BOARD}?area=hassan&state=received&agent=none").context["page"].paginator.count == 0


def test_answers_are_shown_after_a_reason_that_is_logged(form: Version, officer: Client) -> None:
    submission = receive(filled(home="<roof>roof.jpg</roof>"), roof__jpg=JPEG)
    page = f"{BOARD}{submission.pk}/"
    assert "data-answers" not in officer.get(page).content.decode()
    assert "data-answers" not in officer.post(page, {"reason": "short"}).content.decode()
    assert not AccessEntry.objects.exists()
    shown = officer.post(page, {"reason": "Control of the first interviews"})
    assert "data-answers" in shown.content.decode()
    entry = AccessEntry.objects.get()
    assert (entry.subject, entry.reason) == (f"submission:{submission.pk}", "Control of the first interviews")
    attachment = submission.attachments.get()
    answer = officer.post(f"{BOARD}attachments/{attachment.pk}/", {"reason": "Control of the picture"})
    assert answer.content == JPEG
    assert "attachment" in answer["Content-Disposition"]
    assert AccessEntry.objects.count() == 2
    assert officer.post(f"{BOARD}attachments/{attachment.pk}/", {"reason": ""}).status_code == 302


def test_a_review_from_issue_to_snapshot(form: Version, officer: Client) -> None:
    submission = receive(filled(rooms="40"))
    page = f"{BOARD}{submission.pk}/"
    state = lambda: Submission.objects.get(pk=submission.pk).state  # noqa: E731
    officer.post(f"{page}move/", {"move": "approve", "reason": ""})
    assert state() == "received"
    officer.post(f"{page}move/", {"move": "return", "reason": " "})
    assert state() == "received"
    officer.post(f"{page}move/", {"move": "return", "reason": "Forty rooms?"})
    assert state() == "has_issues"
    officer.post(f"{page}correct/", {"place": "rooms", "value": "4", "reason": "Asked the agent"})
    assert state() == "edited"
    officer.post(f"{page}correct/", {"place": "age:1", "value": "8", "reason": "Asked the agent"})
    officer.post(f"{page}correct/", {"place": "age:7", "value": "8", "reason": "No such turn"})
    officer.post(f"{page}correct/", {"place": "card", "value": "AB1", "reason": "An identifier"})
    assert submission.revisions.count() == 3
    officer.post(f"{page}move/", {"move": "approve", "reason": ""})
    assert state() == "approved"
    shown = officer.post(page, {"reason": "Control of the history"}).content.decode()
    assert "<del><bdi>40</bdi></del> <ins><bdi>4</bdi></ins>" in shown
    assert officer.post(f"{BOARD}freeze/", {"dataflow": "homes"}).status_code == 302
    assert Snapshot.objects.get().rows == 1
    officer.post(f"{BOARD}freeze/", {"dataflow": "nothing"})
    assert Snapshot.objects.count() == 1


def test_a_conflict_is_shown_and_settled(form: Version, officer: Client) -> None:
    instance = new_instance()
    submission = receive(filled(instance, rooms="3"))
    receive(filled(instance, rooms="5"))
    assert officer.get(f"{BOARD}?conflicts=1").context["conflicts"] == 1
    page = f"{BOARD}{submission.pk}/"
    assert "<bdi>3</bdi> / <bdi>5</bdi>" in officer.post(page, {"reason": "Looking at both"}).content.decode()
    officer.post(f"{page}move/", {"move": "approve"})
    assert Submission.objects.get().state == "received"
    conflict = Conflict.objects.get()
    officer.post(f"{BOARD}conflicts/{conflict.pk}/", {"take": "yes", "reason": ""})
    assert Conflict.objects.get().settled_at is None
    officer.post(f"{BOARD}conflicts/{conflict.pk}/", {"take": "yes", "reason": "The second was complete"})
    submission.refresh_from_db()
    assert (submission.state, submission.conflicts, submission.revisions.count()) == ("edited", 0, 2)
    officer.post(f"{BOARD}conflicts/{conflict.pk}/", {"take": "no", "reason": "Again"})
    assert Conflict.objects.get().taken is True


def test_there_is_no_page_of_what_is_not_there(form: Version, officer: Client) -> None:
    nobody = "00000000-0000-4000-8000-000000000000"
    for page in ("none/", "small/9/", "small/9/xlsform.xlsx", f"review/{nobody}/"):
        assert officer.get(f"/en/instruments/{page}").status_code == 404


def test_a_return_reaches_its_agent_whose_answer_reaches_the_reviewer(form: Version, officer: Client) -> None:
    agent, other = person(Role.FIELD_AGENT), person(Role.FIELD_AGENT, email="other@example.org")
    xml = filled(rooms="40")
    receipt = receive_submission(actor=agent, at=AT, xml=xml, attachments={}, channel=Channel.WEB)
    said = {"move": "return", "reason": "Forty rooms in a flat?"}
    officer.post(f"{BOARD}{receipt.submission}/move/", said)
    notice = Notice.objects.get(kind="instruments.returned")
    assert (notice.to, notice.path) == (f"user:{agent.pk}", "/instruments/returned/")
    assert "Forty" not in json.dumps(notice.values)

    mine, theirs = client_of(agent), client_of(other)
    assert 'data-returned="1"' in mine.get("/en/forms/").content.decode()
    page = mine.get("/en/instruments/returned/").content.decode()
    assert "Forty rooms in a flat?" in page
    assert "Rooms — outside the bounds of its column" in page
    assert receipt.submission not in theirs.get("/en/instruments/returned/").content.decode()

    answer = f"/en/instruments/returned/{receipt.submission}/answer/"
    assert theirs.post(answer, {"words": "It is mine."}).status_code == 404
    mine.post(answer, {"words": " "})
    assert Submission.objects.get().state == "has_issues"
    mine.post(answer, {"words": "Four, I typed a nought too much."})
    assert Submission.objects.get().state == "received"
    assert list(Notice.objects.filter(kind="instruments.returned", closed_at=None)) == []
    mine.post(answer, {"words": "Once more."})
    steps = Submission.objects.get().steps.values_list("move", "by")
    assert list(steps) == [("return", steps[0][1]), ("reopen", agent.audit_code)]
    looked = officer.post(f"{BOARD}{receipt.submission}/", {"reason": "To read the answer"}).content.decode()
    assert "Answer of the agent" in looked
    assert "<bdi>Four, I typed a nought too much.</bdi>" in looked


def test_a_correction_ends_the_return(form: Version, officer: Client) -> None:
    agent = person(Role.FIELD_AGENT)
    receipt = receive_submission(actor=agent, at=AT, xml=filled(rooms="40"), attachments={}, channel=Channel.WEB)
    officer.post(f"{BOARD}{receipt.submission}/move/", {"move": "return", "reason": "Forty rooms in a flat?"})
    corrected = {"place": "rooms", "value": "4", "reason": "Told on the telephone"}
    officer.post(f"{BOARD}{receipt.submission}/correct/", corrected)
    assert Submission.objects.get().state == "edited"
    assert Notice.objects.get(kind="instruments.returned").closed_at is not None
    assert "No form was returned to you" in client_of(agent).get("/en/instruments/returned/").content.decode()
