"""The routes of the forms on the web: who may open them, what they give, and how a sealed record is taken, once."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.test import Client
from tests.house.people import client_of, person
from tests.webforms.sealing import content_of, seal
from tests.webforms.trial_form import PNG, published

from marsad.accounts.rules import Role
from marsad.collection.instruments import sealed, sealed_parts
from marsad.collection.instruments.models import Attachment, Revision, Submission

pytestmark = pytest.mark.django_db(databases=["default", "confidential"])
AGENT = "amina@example.org"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setattr(sealed, "key_file", lambda: tmp_path / "form_key")
    monkeypatch.setattr(sealed_parts, "parts_folder", lambda: tmp_path / "form_parts")
    return tmp_path


@pytest.fixture
def agent():
    return person(Role.FIELD_AGENT, email=AGENT)


@pytest.fixture
def form():
    return published()


def answers(instance: str, name: str = "Souad", more: str = "") -> bytes:
    return (
        f'<trial id="trial" version="1"><consent>yes</consent><person><first_name>{name}</first_name><age>34</age></person>'
        f"{more}<meta><instanceID>{instance}</instanceID></meta></trial>"
    ).encode()


def envelope(user, record: UUID, xml: bytes, pictures: dict[str, bytes] | None = None, key: bytes = b"") -> bytes:
    files = [("record.xml", "text/xml", xml), *((name, "image/png", body) for name, body in (pictures or {}).items())]
    keys = sealed.record_keys()
    label = {"v": 1, "record": str(record), "owner": sealed.owner_code(user.pk), "key": keys.code}
    return seal(content_of(files), key or keys.point, label)


def post(client: Client, record: UUID, body: bytes, part: int = 1, parts: int = 1, language: str = "fr"):
    return client.post(
        f"/{language}/forms/records/{record}/{part}/{parts}/", body, content_type="application/octet-stream"
    )


ROUTES = ["", "session.json", "trial/", "trial/1/form.xml"]


@pytest.mark.parametrize("route", ROUTES)
def test_only_who_may_fill_forms_comes_in(form, agent, route):
    assert Client().get(f"/fr/forms/{route}").status_code == 302
    assert client_of(person(Role.PARTNER)).get(f"/fr/forms/{route}").status_code == 403
    assert client_of(agent).get(f"/fr/forms/{route}").status_code == 200


def test_a_record_is_taken_from_nobody_and_from_no_other_role(form, agent):
    record = uuid4()
    body = envelope(agent, record, answers("uuid:11111111"))
    assert post(Client(), record, body).status_code == 302
    assert post(client_of(person(Role.PARTNER)), record, body).status_code == 403
    assert client_of(agent).get(f"/fr/forms/records/{record}/1/1/").status_code == 405
    assert not Submission.objects.exists()


def test_without_the_token_of_the_page_nothing_is_taken(form, agent):
    client = Client(enforce_csrf_checks=True)
    client.force_login(agent, backend="allauth.account.auth_backends.AuthenticationBackend")
    record = uuid4()
    body = envelope(agent, record, answers("uuid:11111111"))
    assert post(client, record, body).status_code == 403
    told = client.get("/fr/forms/session.json").json()
    address = f"{told['records']}{record}/1/1/"
    taken = client.post(address, body, content_type="application/octet-stream", headers={"X-CSRFToken": told["csrf"]})
    assert taken.status_code == 201


def test_the_session_tells_what_the_page_needs_and_no_name(form, agent):
    told = client_of(agent).get("/ar/forms/session.json")
    said = told.json()
    assert "no-store" in told["Cache-Control"]
    assert agent.email not in told.content.decode() and agent.name not in told.content.decode()
    assert len(base64.urlsafe_b64decode(said["key"] + "=")) == 65
    assert said["forms"][0]["code"] == "trial"
    assert said["forms"][0]["title"]["ar"] == "استطلاع تجريبي حول السكن"
    assert said["forms"][0]["at"] == "/fr/forms/trial/1/"
    assert said["records"] == "/ar/forms/records/"
    assert (
        said["drafts"]
        != client_of(person(Role.FIELD_AGENT, email="b@example.org")).get("/ar/forms/session.json").json()["drafts"]
    )


def test_a_version_never_changes_and_may_be_kept(form, agent):
    answer = client_of(agent).get("/fr/forms/trial/1/form.xml")
    assert "immutable" in answer["Cache-Control"] and "private" in answer["Cache-Control"]
    assert b"<h:html" in answer.content
    assert client_of(agent).get("/fr/forms/trial/2/form.xml").status_code == 404
    assert client_of(agent).get("/fr/forms/other/").status_code == 404
    assert client_of(agent).get("/fr/forms/trial/1/media/none.png").status_code == 404


def test_the_page_that_devices_keep_is_the_same_for_everybody(form, agent):
    mine, nobodys = client_of(agent).get("/ar/forms/shell/"), Client().get("/ar/forms/shell/")
    assert mine.content == nobodys.content
    assert "Set-Cookie" not in nobodys and not mine.cookies
    assert client_of(agent).get("/ar/forms/trial/").content == mine.content
    assert 'dir="rtl"' in mine.content.decode()
    assert "geolocation=(self)" in mine["Permissions-Policy"]
    policy = mine["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*src=)|<style|style=", mine.content.decode())


def test_the_list_says_when_there_is_nothing_to_fill(agent):
    page = client_of(agent).get("/fr/forms/").content.decode()
    assert "empty-state" in page and "data-form=" not in page


def test_a_record_is_stored_and_the_same_again_is_stored_once(form, agent):
    client, record = client_of(agent), uuid4()
    body = envelope(agent, record, answers("uuid:11111111"))
    assert post(client, record, body).status_code == 201
    again = post(client, record, body)
    assert (again.status_code, again.json()["state"]) == (200, "stored")
    # the answer was lost, and the page sealed the same record anew
    assert post(client, record, envelope(agent, record, answers("uuid:11111111"))).status_code == 200
    assert Submission.objects.count() == 1
    assert Revision.objects.get().instance_id == "uuid:11111111"
    assert Submission.objects.get().channel == "web"


def test_a_picture_comes_with_the_record(form, agent):
    client, record = client_of(agent), uuid4()
    xml = answers("uuid:22222222", more="<home><roof>roof.png</roof></home>")
    assert post(client, record, envelope(agent, record, xml, {"roof.png": PNG})).status_code == 201
    assert Attachment.objects.get().name == "roof.png"


def refusal_of(answer) -> tuple[int, str]:
    said = answer.json()
    assert said["words"] and "Traceback" not in said["words"]
    return answer.status_code, said["rule"]


def test_altered_cut_and_foreign_records_are_refused_in_words(form, agent):
    client, record = client_of(agent), uuid4()
    body = envelope(agent, record, answers("uuid:11111111"))
    changed = body[:-1] + bytes([body[-1] ^ 1])
    assert refusal_of(post(client, record, changed)) == (422, "instruments.sealed_changed")
    assert refusal_of(post(client, record, body[:-30])) == (422, "instruments.sealed_changed")
    assert refusal_of(post(client, record, b"")) == (422, "instruments.sealed_shape")
    assert refusal_of(post(client, uuid4(), body)) == (422, "instruments.sealed_owner")
    stranger = sealed.read_keys(sealed.new_key()).point
    assert refusal_of(post(client, record, envelope(agent, record, answers("uuid:1111111"), key=stranger)))[0] == 422
    other = client_of(person(Role.FIELD_AGENT, email="brahim@example.org"))
    assert refusal_of(post(other, record, body)) == (422, "instruments.sealed_owner")
    assert not Submission.objects.exists()
    assert "تشفيرها" in post(client, record, changed, language="ar").json()["words"]


def test_answers_to_an_unknown_form_are_refused_and_stay_on_the_device(form, agent):
    client, record = client_of(agent), uuid4()
    xml = answers("uuid:11111111").replace(b'id="trial"', b'id="other"')
    assert refusal_of(post(client, record, envelope(agent, record, xml))) == (410, "instruments.unknown_form")


def test_a_large_record_comes_in_parts_in_any_order_and_twice(form, agent, home, monkeypatch):
    monkeypatch.setattr(sealed_parts, "PART_BYTES", 400)
    monkeypatch.setattr("marsad.collection.instruments.views_web.PART_BYTES", 400)
    client, record = client_of(agent), uuid4()
    body = envelope(agent, record, answers("uuid:11111111", name="S" * 700))
    pieces = [body[at : at + 400] for at in range(0, len(body), 400)]
    total = len(pieces)
    assert total == 4
    assert post(client, record, pieces[3], 4, total).json() == {"state": "waiting", "missing": [1, 2, 3]}
    post(client, record, pieces[0], 1, total)
    assert post(client, record, pieces[0], 1, total).json()["missing"] == [2, 3]
    kept = list(Path(home / "form_parts").rglob("*-*"))
    assert kept and not any(b"Souad" in path.read_bytes() for path in kept if path.is_file())
    post(client, record, pieces[1], 2, total)
    assert post(client, record, pieces[2], 3, total).status_code == 201
    assert not any(path.is_file() for path in Path(home / "form_parts").rglob("*"))
    # the last answer was lost: the page is told what is missing, sends it all again, and it is stored once
    assert post(client, record, pieces[2], 3, total).json()["missing"] == [1, 2, 4]
    for number in (1, 2, 4):
        last = post(client, record, pieces[number - 1], number, total)
    assert last.status_code == 200
    assert Submission.objects.count() == 1


def test_parts_have_bounds(form, agent, monkeypatch):
    client, record = client_of(agent), uuid4()
    assert refusal_of(post(client, record, b"x" * (sealed_parts.PART_BYTES + 1))) == (413, "instruments.part_size")
    assert refusal_of(post(client, record, b"x", 3, 2)) == (422, "instruments.part_number")
    assert refusal_of(post(client, record, b"x", 0, 2)) == (422, "instruments.part_number")
    assert refusal_of(post(client, record, b"x", 1, 5000)) == (422, "instruments.part_number")
    for _ in range(20):
        assert post(client, uuid4(), b"x", 1, 2).status_code == 202
    assert refusal_of(post(client, uuid4(), b"x", 1, 2)) == (422, "instruments.parts_many")


def test_parts_that_nobody_goes_on_sending_are_forgotten(form, agent, home):
    client = client_of(agent)
    post(client, uuid4(), b"x", 1, 2)
    now = (next(Path(home / "form_parts").glob("*/*"))).stat().st_mtime
    assert sealed_parts.forget_abandoned(now=now + 3600) == 0
    assert sealed_parts.forget_abandoned(now=now + 8 * 86_400) == 1
    assert not list(Path(home / "form_parts").glob("*/*"))


def test_the_worker_keeps_the_shells_and_no_page_of_a_person(form):
    answer = Client().get("/fr/forms/worker.js")
    if answer.status_code == 404:
        pytest.skip("the front end is not built on this machine")
    assert answer["Content-Type"].startswith("text/javascript")
    shell = json.loads(re.match(rb"self\.MARSAD_FORMS = (.*);\n", answer.content)[1])
    assert set(shell["shells"].values()) == {f"/{code}/forms/shell/" for code, _ in settings.LANGUAGES}
    assert all(name.startswith("/static/build/") for name in shell["files"])


def test_the_manifest_opens_the_forms(form):
    said = Client().get("/ar/forms/manifest.webmanifest").json()
    assert (said["start_url"], said["scope"], said["dir"], said["display"]) == (
        "/ar/forms/",
        "/ar/forms/",
        "rtl",
        "standalone",
    )


def test_signing_out_clears_the_sites_data_and_spares_what_belongs_to_others(agent):
    client = client_of(agent)
    left = client.post("/fr/account/logout/")
    assert left["Clear-Site-Data"] == '"cache", "storage"'
    assert "Clear-Site-Data" not in client.get("/fr/account/login/")
    again = client_of(agent)
    assert again.post("/fr/account/logout/", {"keep-records": "1"})["Clear-Site-Data"] == '"cache"'
