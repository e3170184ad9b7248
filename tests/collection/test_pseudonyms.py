"""Pseudonyms and filters: the same person is the same, under another purpose another; the plain value is gone."""

from __future__ import annotations

import base64
import hmac
from datetime import date
from functools import reduce
from operator import or_
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collection.store_cases import BOTH, STRUCTURE, people, pseudonymised
from marsad.audit.models import Event
from marsad.collection.bloom import BITS, BYTES, HASHES, BloomEncoder, bigrams, similarity
from marsad.collection.keys import Keys, keys_for
from marsad.collection.models import WrappedKey
from marsad.collection.pseudonyms import Pseudonymiser, pseudonym_of, stored_columns
from marsad.collection.spelling import one_spelling
from migstat.model.refusals import Refused
from migstat.model.structure import DataStructure, Kind

KEYS = Keys.of("services", b"s" * 32)
OTHER = Keys.of("statistics", b"o" * 32)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("El-Amrani", "EL AMRÂNI"),
        ("  ben  ali ", "Ben Ali"),
        ("O’Connor", "o'connor"),
        ("أحمد", "احمد"),
        ("إبراهيم", "ابراهيم"),
        ("آمنة", "امنه"),
        ("مُحَمَّد", "محمد"),
        ("هدى", "هدي"),
        ("مؤمن", "مومن"),
        ("عائشة", "عايشه"),
        ("عبد الله", "عبدالله"),
        ("محـــمد", "محمد"),
        ("٠٦٦١ ٢٢", "0661-22"),
        ("Ｄｉａｌｌｏ", "diallo"),
        ("Œuvrard", "OEUVRARD"),
        ("ﻣﺤﻤﺪ", "محمد"),
    ],
)
def test_spellings_that_mean_the_same_are_the_same(one: str, other: str) -> None:
    assert one_spelling(one) == one_spelling(other) != ""


def test_names_that_differ_stay_apart() -> None:
    assert len({one_spelling(name) for name in ("Diallo", "Dialo", "محمد", "حمد", "علي", "عالي")}) == 6
    assert [one_spelling(empty) for empty in ("", " - ", "ـ", "؟")] == ["", "", "", ""]


@given(st.text(max_size=30))
def test_a_spelling_is_reached_at_once(text: str) -> None:
    assert one_spelling(one_spelling(text)) == one_spelling(text)


def test_a_pseudonym_is_the_hmac_of_the_spelling() -> None:
    digest = hmac.digest(KEYS.pseudonym, b"text:elamrani", "sha256")[:20]
    assert pseudonym_of("El Amrani", Kind.TEXT, KEYS) == base64.b32encode(digest).decode().lower()
    assert pseudonym_of("El Amrani", Kind.TEXT, OTHER) != pseudonym_of("El Amrani", Kind.TEXT, KEYS)
    assert pseudonym_of("?", Kind.TEXT, KEYS) is None
    assert "s" * 8 not in repr(KEYS)
    assert KEYS.pseudonym != KEYS.bloom


def test_direct_identifiers_are_replaced_and_the_rest_stays() -> None:
    table = Pseudonymiser(STRUCTURE, "services", KEYS).apply(people(count=3))
    assert tuple(table.column_names) == stored_columns(STRUCTURE)
    assert table.column("visits").to_pylist() == [0, 1, 2]
    assert table.column("card__pseudonym").to_pylist() == [
        pseudonym_of(f"R {number:06d}", Kind.TEXT, KEYS) for number in range(3)
    ]
    assert table.column("born__pseudonym").to_pylist()[0] == pseudonym_of("1990-01-01", Kind.DATE, KEYS)
    encoder = BloomEncoder(KEYS.bloom)
    assert table.column("name__bloom").to_pylist()[1] == encoder.encode(one_spelling("Fatima Zahra 1"))
    assert table.column("born__bloom").to_pylist()[0] == encoder.encode("19900101", placed=True)


def test_the_same_person_in_two_dataflows_meets_under_one_purpose_alone() -> None:
    columns = [{"name": "family", "role": "direct_identifier", "kind": "text"}]
    elsewhere = DataStructure.from_mapping({"code": "e", "version": "1", "unit": "person", "columns": columns})
    here = Pseudonymiser(STRUCTURE, "services", KEYS).apply(pa.table({"name": ["Aïcha BENNANI"]}))
    there = Pseudonymiser(elsewhere, "services", KEYS).apply(pa.table({"family": ["aicha bennani"]}))
    apart = Pseudonymiser(elsewhere, "statistics", OTHER).apply(pa.table({"family": ["aicha bennani"]}))
    assert here.column("name__pseudonym") == there.column("family__pseudonym")
    assert here.column("name__bloom") == there.column("family__bloom")
    assert here.column("name__pseudonym") != apart.column("family__pseudonym")
    assert here.column("name__bloom") != apart.column("family__bloom")


def test_what_is_empty_stays_empty_and_kinds_of_arrow_come_to_one() -> None:
    make = Pseudonymiser(STRUCTURE, "services", KEYS).apply
    nothing = make(pa.table({"name": pa.array([None, "", "--"], pa.string()), "born": pa.nulls(3)}))
    assert set(nothing.column("name__pseudonym").to_pylist()) == {None}
    assert set(nothing.column("name__bloom").to_pylist()) == {None}
    assert make(people(count=0)).num_rows == 0
    numbers = make(pa.table({"card": [7.0, None]})).column("card__pseudonym").to_pylist()
    assert numbers == [pseudonym_of("7", Kind.TEXT, KEYS), None]
    days = make(pa.table({"born": pa.array([date(1990, 4, 30)])})).column("born__pseudonym")
    assert days == make(pa.table({"born": ["1990-04-30"]})).column("born__pseudonym")
    with pytest.raises(Refused, match=r"pseudonyms\.number"):
        make(pa.table({"card": [7.5]}))
    with pytest.raises(Refused, match=r"pseudonyms\.purpose"):
        Pseudonymiser(STRUCTURE, "statistics", KEYS)


def test_filters_are_near_for_near_names_and_far_for_far_ones() -> None:
    encoder = BloomEncoder(KEYS.bloom)
    near = [("mohammed", "mohamed"), ("diallo", "dialo"), ("bennani", "benani"), ("fatimazahra", "fatimazehra")]
    far = [("mohammed", "fatima"), ("diallo", "bennani"), ("traore", "keita"), ("elamrani", "ouedraogo")]

    def score(pair: tuple[str, str]) -> float:
        return similarity(encoder.encode(pair[0]), encoder.encode(pair[1]))

    assert min(map(score, near)) > 0.7 > 0.45 > max(map(score, far))
    assert score(("diallo", "diallo")) == 1
    assert similarity(bytes(BYTES), bytes(BYTES)) == 0


def one_by_one(encoder: BloomEncoder, text: str, *, placed: bool = False) -> bytes:
    """The bits of a text before the noise, bigram after bigram."""
    bits = [int.from_bytes(encoder._bits(bigram), "big") for bigram in bigrams(text, placed=placed)]
    return reduce(or_, bits).to_bytes(BYTES, "big")


def test_the_noise_turns_over_one_bit_in_sixty_four() -> None:
    encoder = BloomEncoder(KEYS.bloom)
    texts = [f"name{number}" for number in range(400)]
    clean = np.frombuffer(b"".join(one_by_one(encoder, text) for text in texts), np.uint8).reshape(-1, BYTES)
    turned = np.unpackbits(clean ^ encoder.encode_all(texts)).mean()
    assert abs(turned - 1 / 64) < 4 * np.sqrt(1 / 64 / (400 * BITS))
    most = np.unpackbits(clean, axis=1).sum(axis=1)
    assert all(bits <= HASHES * len(bigrams(text)) for bits, text in zip(most, texts, strict=True))


@pytest.mark.parametrize("placed", [False, True])
def test_many_texts_at_once_have_the_filters_that_each_has_alone(placed: bool) -> None:
    encoder = BloomEncoder(KEYS.bloom)
    texts = [
        "",
        "a",
        "فاطمه",
        "diallo",
        "19900430",
        "diallo",
        "\U0001f600x",
        *(f"nom{number}" * 3 for number in range(5_000)),
    ]
    together = encoder.encode_all(texts, placed=placed)
    for place in (*range(8), 4_095, 4_096, len(texts) - 1):
        assert together[place].tobytes() == encoder.encode(texts[place], placed=placed)
        alone = np.frombuffer(one_by_one(encoder, texts[place], placed=placed), np.uint8)
        assert np.unpackbits(alone ^ together[place]).sum() < BITS / 16
    assert encoder.encode_all([]).shape == (0, BYTES)


@pytest.mark.django_db(databases=BOTH)
def test_keys_of_a_purpose_are_made_once_and_kept_wrapped(home: Path) -> None:
    first, again, other = keys_for("services"), keys_for("services"), keys_for("statistics")
    assert first == again != other
    assert Event.objects.filter(action="collection.make_key").count() == 2
    assert first.pseudonym not in bytes(WrappedKey.objects.get(name="services").wrapped)
    assert pseudonymised(people(count=1)).num_rows == 1
    for purpose in ("", "two words", "x" * 61):
        with pytest.raises(Refused, match=r"collection\.purpose"):
            keys_for(purpose)
