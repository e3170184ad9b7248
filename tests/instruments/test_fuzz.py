"""Malformed submissions by the thousand: each refused with a rule, or read; never anything else."""

from __future__ import annotations

import random
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from instruments.small_form import JPEG, compiled, filled
from marsad.collection.instruments import flows
from marsad.collection.instruments.labels import REFUSAL_LABELS
from marsad.collection.instruments.models import Submission
from marsad.collection.instruments.openrosa import parts_of
from marsad.collection.instruments.submission_xml import Places, entry_of, header_of, parse
from migstat.model.refusals import Refused

_PIECES = (
    b'<!DOCTYPE a [<!ENTITY b "bb">]>', b"<!ENTITY c SYSTEM 'file:///etc/passwd'>", b"&amp;", b"&xx;", b"\x00", b"\xff\xfe",
    b"<a>" * 40, b"</a>", b"<![CDATA[", b"]]>", b"<?php ?>", b"<!--", b"-->", b"<small>", b"\xed\xa0\x80", b"%s%n",
    b"<xi:include href='/etc/passwd'/>", b' xmlns:x="y"', "ليلى".encode(), b"<member>" * 3, b"'", b'"', b"<", b">",
    b'<?xml version="1.0" encoding="utf-7"?>', b"<rooms>9</rooms>", b"<orx:meta>", b"</orx:meta>",
)  # fmt: skip


def mutated(dice: random.Random) -> bytes:
    """A submission with one to six faults."""
    xml = filled("uuid:12345678-1234-1234-1234-123456789012")
    for _ in range(dice.randint(1, 6)):
        at, kind = dice.randrange(len(xml) + 1), dice.randrange(6)
        if kind == 0:
            xml = xml[:at] + dice.choice(_PIECES) + xml[at:]
        elif kind == 1:
            xml = xml[:at] + xml[at + dice.randint(1, 30) :]
        elif kind == 2:
            xml = xml[:at] + bytes(dice.randrange(256) for _ in range(dice.randint(1, 4))) + xml[at + 1 :]
        elif kind == 5:
            xml = dice.choice(_PIECES[:2]) + xml.removeprefix(b'<?xml version="1.0"?>')
        elif kind == 3:
            xml = xml[:at] * dice.randint(1, 3) + xml[at:]
        else:
            xml = xml.replace(
                dice.choice([b"small", b"rooms", b"meta", b"uuid:", b"1.0", b"instanceID"]), b"x" * dice.randint(0, 200)
            )
    return xml


def read(xml: bytes, places: Places) -> str:
    """The rule by which a submission is refused; empty for one that is read."""
    try:
        root = parse(xml)
        header_of(root)
        entry_of(root, places)
    except Refused as refusal:
        return refusal.rule
    return ""


def test_ten_thousand_malformed_submissions_are_refused_by_a_rule() -> None:
    dice, places = random.Random(20260105), flows.places(compiled().questions)
    rules = [read(mutated(dice), places) for _ in range(10_000)]
    refused = [rule for rule in rules if rule]
    assert len(refused) > 9_000
    assert set(refused) <= set(REFUSAL_LABELS)
    assert {"instruments.xml", "instruments.entities", "instruments.encoding", "instruments.too_deep"} <= set(refused)


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_refused_by_a_rule(content: bytes) -> None:
    assert read(content, Places(frozenset(), frozenset(), frozenset())) in REFUSAL_LABELS


@given(st.text(max_size=60), st.binary(max_size=300))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_body_is_parts_or_refused(kind: str, body: bytes) -> None:
    for content_type in (kind, "multipart/form-data; boundary=x"):
        with pytest.raises(Refused, match="multipart"):
            parts_of(content_type, body)


def test_a_billion_laughs_and_a_gigabyte_of_nothing_are_refused_at_once() -> None:
    laughs = '<!DOCTYPE l [<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    places = Places(frozenset(), frozenset(), frozenset())
    assert read((laughs + "]><l>&i;</l>").encode(), places) == "instruments.entities"
    assert read(b"<a>" * 200_000, places) == "instruments.too_deep"
    assert read(b" " * 2_000_001, places) == "instruments.too_large"


@pytest.mark.django_db(databases=["default", "confidential"])
def test_two_hundred_malformed_requests_leave_the_server_answering(phone: Client) -> None:
    dice = random.Random(11)
    names = (
        "roof.jpg",
        "../../etc/passwd",
        "a\x00b.jpg",
        "con",
        "<b>.jpg",
        "x" * 300 + ".jpg",
        "..jpg",
        "r\r\nX: y.jpg",
    )
    for number in range(200):
        file = SimpleUploadedFile("f.jpg", dice.choice([JPEG, b"", b"MZ", b"<svg/>"]), "image/jpeg")
        file._name = dice.choice(names)
        main = SimpleUploadedFile("s.xml", mutated(dice), "text/xml")
        parts = {"xml_submission_file": main} | ({"file": file} if number % 2 else {})
        answer = phone.post("/openrosa/submission", parts)
        assert answer.status_code in {201, 202, 400, 404, 409, 413}
        if answer.status_code >= 400:
            assert re.search(rb'rule="instruments\.[a-z_]+"', answer.content)
    before = Submission.objects.count()
    good = SimpleUploadedFile("s.xml", filled(), "text/xml")
    assert phone.post("/openrosa/submission", {"xml_submission_file": good}).status_code == 201
    assert Submission.objects.count() == before + 1
