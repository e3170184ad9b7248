"""The public register of data use: what was agreed, delivered and refused; nothing about a person, and no draft."""

from __future__ import annotations

import csv
import io
import json
from datetime import date

import pytest
from django.test import Client

from agreements.made import AT, Cast, cast, drafted, in_force, step, terms
from marsad.audit.rules import System
from marsad.coordination.agreements import operations
from marsad.coordination.agreements.queries_register import register
from marsad.coordination.agreements.rules import DeliveryFact, Move
from marsad.observatory.page_cache import shelf

pytestmark = pytest.mark.django_db
CLOCK = System("test")


@pytest.fixture
def people() -> Cast:
    shelf.clear()
    return cast()


def delivered(number: str, state: str, period: str = "2026-01") -> None:
    fact = DeliveryFact(
        "camp-visits", "visits", "camp", number, state, date(2026, 2, 3), period, 41, file_format="secret"
    )
    operations.note_delivery(actor=CLOCK, at=AT, fact=fact)


def busy(people: Cast) -> None:
    in_force(people)
    drafted(people, terms(code="hidden-draft", dataflow="other"))
    for number, state in (("a", "accepted"), ("b", "refused"), ("c", "accepted_with_reservations")):
        delivered(number, state)
    delivered("d", "accepted", "2026-02")
    for kind, code in (("firewall", "camp-visits"), ("firewall", "camp-visits"), ("no_agreement", "")):
        operations.note_refusal(actor=CLOCK, at=AT, agreement=code, kind=kind)


def test_deliveries_are_counted_by_period_and_refusals_by_kind(people: Cast) -> None:
    busy(people)
    (entry,) = register(today=date(2026, 3, 1))
    counts = [(one.period, one.received, one.accepted, one.refused) for one in entry.deliveries]
    assert counts == [("2026-02", 1, 1, 0), ("2026-01", 3, 2, 1)]
    assert [(one.kind, one.count) for one in entry.refusals] == [("firewall", 2)]
    assert (entry.state, entry.since) == ("in_force", AT.date())
    assert register(today=date(2027, 6, 1))[0].state == "expired"


def test_an_agreement_that_ended_stays_in_the_register_and_one_never_in_force_does_not(people: Cast) -> None:
    version = in_force(people)
    step(people.coordinator, version, Move.END, reason="a reason for the parties alone")
    withdrawn = drafted(people, terms(code="never", dataflow="never"))
    step(people.partner, withdrawn, Move.WITHDRAW, reason="no")
    assert [one.agreement.code for one in register(today=AT.date())] == ["camp-visits"]


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_the_page_shows_the_agreement_and_tells_no_person(people: Cast, client: Client, language: str) -> None:
    busy(people)
    page = client.get(f"/{language}/data-use/").content.decode()
    assert 'data-agreement="camp-visits"' in page
    assert "D-W-123/2025" in page
    for secret in ("hidden-draft", "secret", people.partner.email, "family_name", ">41<"):
        assert str(secret) not in page


def test_the_files_hold_what_the_page_holds(people: Cast, client: Client) -> None:
    busy(people)
    lines = list(csv.DictReader(io.StringIO(client.get("/fr/data-use.csv").content.decode("utf-8-sig"))))
    assert [(line["period"], line["deliveries_received"], line["deliveries_accepted"]) for line in lines] == [
        ("2026-02", "1", "1"),
        ("2026-01", "3", "2"),
    ]
    told = json.loads(client.get("/en/data-use.json").content)
    assert told["refused_without_agreement"] == [{"kind": "no_agreement", "count": 1}]
    assert told["agreements"][0]["deliveries"][1] == {"period": "2026-01", "received": 3, "accepted": 2, "refused": 1}
    assert "hidden-draft" not in json.dumps(told)


def test_an_empty_register_says_so(people: Cast, client: Client) -> None:
    assert "empty-state" in client.get("/fr/data-use/").content.decode()
    assert json.loads(client.get("/fr/data-use.json").content)["agreements"] == []


def test_a_model_is_marked(people: Cast, client: Client) -> None:
    version = in_force(people)
    version.agreement.is_synthetic = True
    version.agreement.save()
    assert "Modèle" in client.get("/fr/data-use/").content.decode()
