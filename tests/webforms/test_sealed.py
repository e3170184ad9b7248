"""A sealed record opens whole, for whom it was sealed, once it is exactly what the page wrote; anything else is refused."""

from __future__ import annotations

import os
import stat
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.webforms.browser_record import FILES, FOLDER, KEYS, LABEL, OWNER, RECORD, XML
from tests.webforms.sealing import content_of, seal

from marsad.collection.instruments import sealed
from migstat.model.refusals import Refused

BROWSER = (FOLDER / "sealed_by_browser.bin").read_bytes()
ANSWERS = [("record.xml", "text/xml", XML.encode())]


def opened(
    envelope: bytes, *, record: UUID = RECORD, owner: str = OWNER, keys: sealed.RecordKeys = KEYS
) -> sealed.OpenedRecord:
    return sealed.open_sealed(envelope, record=record, owner=owner, keys=keys)


def rule_of(envelope: bytes, **how: object) -> str:
    with pytest.raises(Refused) as refusal:
        opened(envelope, **how)  # type: ignore[arg-type]
    assert XML not in str(refusal.value)
    return refusal.value.rule


def label(**more: object) -> dict[str, object]:
    return {"v": 1, **LABEL, "key": KEYS.code, **more}


def made(content: bytes, **more: object) -> bytes:
    return seal(content, KEYS.point, label(**more))


def test_what_a_browser_sealed_opens_as_it_was():
    found = opened(BROWSER)
    assert (found.record, found.form, found.version) == (RECORD, "trial", "1")
    assert found.xml.decode() == XML
    assert found.attachments == {"roof.jpg": ("image/jpeg", FILES[1]["text"].encode())}


def test_nothing_of_the_person_or_the_form_stands_in_clear():
    for word in ("trial", "سعاد", "roof", "picture"):
        assert word.encode() not in BROWSER


@pytest.mark.parametrize("place", [0, 4, 10, 60, 200, 260, 300, -1])
def test_one_changed_bit_is_refused(place):
    changed = bytearray(BROWSER)
    changed[place] ^= 1
    assert rule_of(bytes(changed)).startswith("instruments.sealed_")


@pytest.mark.parametrize("length", [0, 3, 8, 100, 230, len(BROWSER) - 17, len(BROWSER) - 1])
def test_a_record_that_was_cut_off_is_refused(length):
    assert rule_of(BROWSER[:length]) in {"instruments.sealed_shape", "instruments.sealed_changed"}


def test_a_record_with_something_behind_it_is_refused():
    assert rule_of(BROWSER + b"\x00") == "instruments.sealed_changed"


def test_somebody_elses_record_is_refused_and_so_is_another_name():
    assert rule_of(BROWSER, owner="0" * 32) == "instruments.sealed_owner"
    assert rule_of(BROWSER, record=uuid4()) == "instruments.sealed_owner"


def test_a_record_for_another_installation_is_refused():
    other = sealed.read_keys(sealed.new_key())
    assert rule_of(BROWSER, keys=other) == "instruments.sealed_key"
    # under our key's name, but sealed to another key
    assert rule_of(seal(content_of(ANSWERS), other.point, label())) == "instruments.sealed_changed"


def test_an_older_key_still_opens_what_it_sealed():
    newer = sealed.read_keys(sealed.new_key())
    both = sealed.RecordKeys((*newer.private, *KEYS.private))
    assert both.code == newer.code
    assert opened(BROWSER, keys=both).xml.decode() == XML


def test_a_label_moved_to_another_record_does_not_open_it():
    mine = made(content_of(ANSWERS), record=str(uuid4()))
    start = mine.index(b"{")
    end = mine.index(b"}") + 1
    length = end - start
    theirs = BROWSER[8 : BROWSER.index(b"}") + 1]
    moved = mine[:4] + len(theirs).to_bytes(4, "big") + theirs + mine[8 + length :]
    assert rule_of(moved) == "instruments.sealed_changed"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xff\xff\xff",
        b"\x00\x00\x00\x02[]",
        content_of([]),
        content_of([("other.xml", "text/xml", b"<x/>")]),
        content_of([*ANSWERS, *ANSWERS]),
        content_of([(f"f{number}", "x", b"") for number in range(60)]),
        content_of(ANSWERS) + b"more",
        content_of(ANSWERS)[:-1],
    ],
)
def test_a_sealed_content_that_is_no_record_is_refused(content):
    assert rule_of(made(content)) == "instruments.sealed_content"


@pytest.mark.parametrize("more", [{"v": 2}, {"owner": 7}, {"record": None}, {"key": []}])
def test_a_label_of_another_kind_is_refused(more):
    assert rule_of(made(content_of(ANSWERS), **more)) == "instruments.sealed_shape"


def test_a_label_that_nests_without_end_is_refused():
    deep = b"MSF1" + (1000).to_bytes(4, "big") + b"[" * 1000 + b"\x00" * 200
    assert rule_of(deep) == "instruments.sealed_shape"


def test_the_largest_record_has_a_bound(monkeypatch):
    monkeypatch.setattr(sealed, "LARGEST", 100)
    assert rule_of(BROWSER) == "instruments.sealed_size"


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=600))
def test_any_bytes_are_refused_and_never_an_accident(noise):
    assert rule_of(noise).startswith("instruments.sealed_")


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(BROWSER) - 1), st.binary(min_size=1, max_size=40))
def test_any_piece_put_over_another_is_refused(place, piece):
    changed = BROWSER[:place] + piece + BROWSER[place + len(piece) :]
    if changed != BROWSER:
        assert rule_of(changed).startswith("instruments.sealed_")


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_any_content_that_is_sealed_as_it_should_be_is_a_record_or_refused(content):
    assert rule_of(made(content)) == "instruments.sealed_content"


@settings(max_examples=40, deadline=None)
@given(
    st.binary(max_size=2000),
    st.dictionaries(st.from_regex(r"[a-z]{1,8}\.jpg", fullmatch=True), st.binary(max_size=300), max_size=4),
)
def test_what_is_sealed_comes_out_the_same(xml, attachments):
    files = [("record.xml", "text/xml", xml), *((name, "image/jpeg", body) for name, body in attachments.items())]
    found = opened(made(content_of(files)))
    assert found.xml == xml
    assert {name: body for name, (_, body) in found.attachments.items()} == attachments


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path, monkeypatch):
    monkeypatch.setattr(sealed, "key_file", lambda: tmp_path / "new" / "form_key")
    first, second = sealed.record_keys(), sealed.record_keys()
    assert first.point == second.point
    assert len(first.point) == 65
    path = tmp_path / "new" / "form_key"
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["form_key"]


@pytest.mark.parametrize("text", [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_key_that_is_none_is_refused_without_repeating_it(text):
    with pytest.raises(Refused) as refusal:
        sealed.read_keys(text)
    assert refusal.value.rule == "instruments.form_key"


def test_two_keys_stand_one_after_the_other():
    one, other = sealed.new_key(), sealed.new_key()
    keys = sealed.read_keys(one + other)
    assert keys.code == sealed.read_keys(one).code
    assert keys.named(sealed.read_keys(other).code) is not None
    assert keys.named("0" * 16) is None


def test_a_person_is_the_same_owner_on_every_visit_and_has_secrets_of_their_own():
    assert sealed.owner_code("a") == sealed.owner_code("a") != sealed.owner_code("b")
    assert sealed.drafts_secret("a") != sealed.drafts_secret("b")
    assert len(sealed.drafts_secret("a")) == 32
