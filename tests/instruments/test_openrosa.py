"""The protocol as devices speak it: lists, forms, media, submissions, and who may."""

from __future__ import annotations

import gzip
import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from instruments.small_form import AT, JPEG, compiled, definition, filled, new_instance
from marsad.accounts.models import RoleGrant
from marsad.audit.rules import System
from marsad.collection.instruments import digest
from marsad.collection.instruments.digest import Counted
from marsad.collection.instruments.models import Device, Submission, Version
from marsad.collection.instruments.operations_devices import Issued, revoke_device
from marsad.collection.instruments.operations_versions import add_version, close_version, publish_version
from marsad.collection.instruments.rules import LIMITS

pytestmark = pytest.mark.django_db(databases=["default", "confidential"])
LIST = "{http://openrosa.org/xforms/xformsList}"
MANIFEST = "{http://openrosa.org/xforms/xformsManifest}"


def main_part(xml: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("submission.xml", xml, "text/xml")


def send(client: Client, xml: bytes, path: str = "/openrosa/submission", **files: bytes):
    parts = {name: SimpleUploadedFile(f"{name}.jpg", content, "image/jpeg") for name, content in files.items()}
    return client.post(path, {"xml_submission_file": main_part(xml), **parts})


def rule_of(answer) -> str:
    return re.search(rb'rule="([^"]+)"', answer.content)[1].decode()


def test_the_list_names_each_form_with_its_version_hash_and_address(phone: Client) -> None:
    answer = phone.get("/openrosa/formList", headers={"accept-language": "ar"})
    assert answer.status_code == 200
    assert answer["X-OpenRosa-Version"] == "1.0"
    assert answer["Date"]
    assert answer["Content-Type"].startswith("text/xml")
    [form] = ElementTree.fromstring(answer.content)
    said = {child.tag.removeprefix(LIST): child.text for child in form}
    assert (said["formID"], said["version"], said["name"]) == ("small", "1", "Small ar")
    assert "manifestUrl" not in said
    fetched = phone.get(said["downloadUrl"])
    assert fetched.content.startswith(b"<?xml")
    import hashlib

    assert said["hash"] == f"md5:{hashlib.md5(fetched.content).hexdigest()}"
    assert phone.get("/openrosa/forms/small.xml").content == fetched.content


def test_the_token_may_stand_in_the_path(issued: Issued, client: Client) -> None:
    answer = client.get(f"/openrosa/{issued.token}/formList")
    assert answer.status_code == 200
    address = re.search(rb"<downloadUrl>([^<]+)<", answer.content)[1].decode()
    assert f"/openrosa/{issued.token}/forms/small/1.xml" in address
    assert client.get(address).status_code == 200
    assert send(client, filled(), f"/openrosa/{issued.token}/submission").status_code == 201


def test_a_form_with_media_has_a_manifest(phone: Client) -> None:
    draft = add_version(
        actor=System("test"), at=AT, form=compiled("2"), definition=definition(), media={"map.png": b"\x89PNG picture"}
    )
    publish_version(actor=System("test"), at=AT, version_id=draft.pk)
    listed = phone.get("/openrosa/formList").content.decode()
    manifest = phone.get(re.search(r"<manifestUrl>([^<]+)<", listed)[1])
    [file] = ElementTree.fromstring(manifest.content)
    assert file.find(f"{MANIFEST}filename").text == "map.png"
    answer = phone.get(file.find(f"{MANIFEST}downloadUrl").text)
    assert (answer.content, answer["Content-Type"]) == (b"\x89PNG picture", "image/png")
    assert phone.get("/openrosa/forms/small/2/media/none.png").status_code == 404


def test_head_says_how_much_may_be_sent(phone: Client) -> None:
    answer = phone.head("/openrosa/submission")
    assert answer.status_code == 204
    assert int(answer["X-OpenRosa-Accept-Content-Length"]) == LIMITS.request
    assert answer["Location"].endswith("/openrosa/submission")
    assert phone.get("/openrosa/submission").status_code == 405


def test_a_submission_in_parts_is_202_until_it_is_whole(phone: Client) -> None:
    xml = filled(home="<roof>roof.jpg</roof>")
    assert send(phone, xml).status_code == 202
    answer = send(phone, xml, roof=JPEG)
    assert answer.status_code == 201
    assert ElementTree.fromstring(answer.content)[0].get("nature") == "submit_success"
    assert send(phone, xml).status_code == 201
    submission = Submission.objects.get()
    assert (submission.missing, submission.attachments.count()) == (0, 1)


def test_a_submission_may_come_as_plain_xml(phone: Client) -> None:
    assert phone.post("/openrosa/submission", filled(), content_type="text/xml").status_code == 201


def test_a_compressed_submission_is_read_within_the_limit(phone: Client) -> None:
    packed = {kind: phone.generic("POST", "/openrosa/submission", body, "text/xml", HTTP_CONTENT_ENCODING=kind) for kind, body in
              (("gzip", gzip.compress(filled())), ("br", b"x"), ("identity", filled()))}  # fmt: skip
    assert [answer.status_code for answer in packed.values()] == [201, 415, 201]
    assert rule_of(packed["br"]) == "instruments.content_encoding"
    bomb = gzip.compress(b"<small>" + b" " * LIMITS.request)
    for body, status in ((bomb, 413), (gzip.compress(filled())[:-9], 415)):
        answer = phone.generic("POST", "/openrosa/submission", body, "text/xml", HTTP_CONTENT_ENCODING="gzip")
        assert answer.status_code == status


def test_other_answers_of_a_known_instance_are_a_conflict(phone: Client) -> None:
    instance = new_instance()
    assert send(phone, filled(instance)).status_code == 201
    answer = send(phone, filled(instance, rooms="9"))
    assert (answer.status_code, rule_of(answer)) == (409, "instruments.conflict")


def test_late_answers_to_the_version_before_are_taken_and_closed_ones_are_not(phone: Client, form: Version) -> None:
    draft = add_version(actor=System("test"), at=AT, form=compiled("2"), definition=definition())
    publish_version(actor=System("test"), at=AT, version_id=draft.pk)
    assert send(phone, filled(version="1")).status_code == 201
    close_version(actor=System("test"), at=AT, version_id=form.pk)
    answer = send(phone, filled(version="1"))
    assert (answer.status_code, rule_of(answer)) == (403, "instruments.closed_version")


@pytest.mark.parametrize(
    ("xml", "status", "rule"),
    [
        (b"", 400, "instruments.xml"),
        (b"not xml", 400, "instruments.xml"),
        (filled()[:-9], 400, "instruments.xml"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 400, "instruments.entities"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', 400, "instruments.entities"),
        (b"<a>" * 30 + b"</a>" * 30, 400, "instruments.too_deep"),
        (b"<a>" + b"<b/>" * 20_001 + b"</a>", 400, "instruments.too_deep"),
        (filled().decode().encode("utf-16"), 400, "instruments.encoding"),
        (b'<?xml version="1.0" encoding="latin-1"?><a>\xe9</a>', 400, "instruments.encoding"),
        (filled(rooms="\x00"), 400, "instruments.encoding"),
        (filled(rooms="9" * 20_001), 413, "instruments.too_large"),
        (b"<a>" + b" " * LIMITS.answers + b"</a>", 413, "instruments.too_large"),
        (filled("x"), 400, "instruments.no_instance"),
        (filled("uuid:one two three"), 400, "instruments.no_instance"),
        (filled(form="small' or 1=1"), 400, "instruments.no_form"),
        (filled(form="other"), 404, "instruments.unknown_form"),
        (filled(version=""), 400, "instruments.no_version"),
        (filled(version="99"), 404, "instruments.unknown_version"),
        (filled(home="<secret>1</secret>"), 400, "instruments.unknown_question"),
        (filled(home="<rooms>4</rooms>"), 400, "instruments.answer_twice"),
        (filled("uuid:aaaaaaaa", meta="<deprecatedID>uuid:aaaaaaaa</deprecatedID>"), 400, "instruments.deprecated"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(phone: Client, xml: bytes, status: int, rule: str) -> None:
    answer = send(phone, xml)
    assert (answer.status_code, rule_of(answer)) == (status, rule)
    assert not Submission.objects.exists()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "multipart/form-data"),
        (b"--x--", "multipart/form-data; boundary=x"),
        (b"{}", "application/json"),
        (b'--x\r\nContent-Disposition: form-data; name="other"\r\n\r\n1\r\n--x--', "multipart/form-data; boundary=x"),
        (b"\xff\xfe", "multipart/form-data; boundary=" + "y" * 200),
    ],
)
def test_a_body_of_another_shape_is_refused(phone: Client, body: bytes, kind: str) -> None:
    answer = phone.generic("POST", "/openrosa/submission", body, kind)
    assert (answer.status_code, rule_of(answer)) == (400, "instruments.multipart")


def test_a_request_beyond_the_limit_is_refused_before_it_is_read(phone: Client) -> None:
    answer = phone.generic(
        "POST", "/openrosa/submission", b"", "multipart/form-data; boundary=x", CONTENT_LENGTH=str(LIMITS.request + 1)
    )
    assert answer.status_code == 413


def test_a_path_in_a_file_name_leads_nowhere(phone: Client) -> None:
    file = SimpleUploadedFile("roof.jpg", JPEG, "image/jpeg")
    file._name = "../../roof.jpg"
    xml = filled(home="<roof>../../roof.jpg</roof>")
    answer = phone.post("/openrosa/submission", {"xml_submission_file": main_part(xml), "roof": file})
    assert (answer.status_code, rule_of(answer)) == (400, "instruments.attachment_name")


def test_who_does_not_say_who_sends_is_challenged(form: Version, client: Client) -> None:
    for path in ("/openrosa/formList", "/openrosa/forms/small.xml", "/openrosa/wrong-token/formList"):
        answer = client.get(path)
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"].startswith('Digest realm="Marsad", qop="auth"')
    assert client.post("/openrosa/submission", headers={"authorization": "Token nobody"}).status_code == 401
    assert client.head("/openrosa/submission").status_code == 401


def answered(challenge: str, issued: Issued, path: str, *, password: str = "", count: int = 1) -> str:
    nonce = re.search(r'nonce="([^"]+)"', challenge)[1]
    half = digest.secret_half(issued.device.username, password or issued.password)
    proof = digest._md5(f"{half}:{nonce}:{count:08x}:abc:auth:{digest._md5(f'GET:{path}')}")
    return (
        f'Digest username="{issued.device.username}", realm="Marsad", nonce="{nonce}", uri="{path}", qop=auth, '
        f'nc={count:08x}, cnonce="abc", response="{proof}", algorithm=MD5'
    )


def test_digest_opens_once_for_each_count_and_address(issued: Issued, client: Client) -> None:
    path = "/openrosa/formList"
    challenge = client.get(path)["WWW-Authenticate"]
    first = answered(challenge, issued, path)
    assert client.get(path, headers={"authorization": first}).status_code == 200
    again = client.get(path, headers={"authorization": first})
    assert again.status_code == 401
    assert "stale=true" in again["WWW-Authenticate"]
    assert client.get(path, headers={"authorization": answered(challenge, issued, path, count=3)}).status_code == 200
    assert client.get(path, headers={"authorization": answered(challenge, issued, path, count=2)}).status_code == 200
    elsewhere = answered(challenge, issued, path, count=4)
    assert client.get("/openrosa/forms/small.xml", headers={"authorization": elsewhere}).status_code == 401
    wrong = answered(challenge, issued, path, count=5, password="guessed")
    assert client.get(path, headers={"authorization": wrong}).status_code == 401


def test_an_old_or_foreign_nonce_is_not_taken(issued: Issued, client: Client, settings) -> None:
    path = "/openrosa/formList"
    old = digest.challenge(datetime.now(UTC) - digest.NONCE_LIFE - timedelta(seconds=1), settings.SECRET_KEY)
    answer = client.get(path, headers={"authorization": answered(old, issued, path)})
    assert (answer.status_code, "stale=true" in answer["WWW-Authenticate"]) == (401, True)
    foreign = digest.challenge(datetime.now(UTC), "another secret")
    answer = client.get(path, headers={"authorization": answered(foreign, issued, path)})
    assert (answer.status_code, "stale=true" in answer["WWW-Authenticate"]) == (401, False)


def test_counts_of_a_nonce_are_taken_once_in_any_order() -> None:
    import random

    dice = random.Random(7)
    counted, seen = Counted(), set()
    for _ in range(3000):
        count = max(1, counted.highest + dice.randint(-70, 4))
        after = counted.after(count)
        fresh = count not in seen and count > counted.highest - digest.WINDOW - 1
        assert (after is not None) == fresh, (counted, count)
        if after:
            counted = after
            seen.add(count)


def test_a_revoked_or_expired_device_is_refused(issued: Issued, phone: Client) -> None:
    assert phone.get("/openrosa/formList").status_code == 200
    Device.objects.update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert phone.get("/openrosa/formList").status_code == 403
    Device.objects.update(expires_at=datetime.now(UTC) + timedelta(days=1))
    revoke_device(actor=System("test"), at=AT, device_id=issued.device.pk)
    answer = phone.get("/openrosa/formList")
    assert (answer.status_code, rule_of(answer)) == (403, "instruments.device_closed")


def test_each_request_asks_whether_the_person_may_still_fill_forms(phone: Client) -> None:
    RoleGrant.objects.update(revoked_at=datetime.now(UTC))
    answer = send(phone, filled())
    assert (answer.status_code, rule_of(answer)) == (403, "instruments.device_person")
    assert not Submission.objects.exists()


def test_secrets_are_not_kept_as_they_are(issued: Issued) -> None:
    device = Device.objects.get()
    kept = " ".join(str(value) for value in vars(device).values()) + repr(issued)
    assert issued.token not in kept
    assert issued.password not in kept
    assert digest.secret_half(device.username, issued.password).encode() not in bytes(device.sealed_ha1)
