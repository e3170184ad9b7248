"""The pages: a partner sends, confirms and answers; an officer decides; who may not, does not see."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from agreements.made import step as agreement_step
from deliveries.delivery_cases import AT, GOOD_ROWS, csv_bytes, stage
from house.people import client_of, person
from marsad.accounts.rules import Role
from marsad.actors.models import Organisation
from marsad.actors.operations import add_membership
from marsad.audit.rules import System
from marsad.collection.deliveries.models import Delivery
from marsad.collection.deliveries.rules import State
from marsad.coordination.agreements.models import AgreementVersion
from marsad.coordination.agreements.queries_register import register
from marsad.coordination.agreements.rules import Move as AgreementMove
from marsad.coordination.agreements.templatetags.agreement_words import refusal_kind_words

pytestmark = pytest.mark.django_db(databases=["default", "confidential"], transaction=True)


def posted(client: Client, content: bytes, name: str = "visites.csv", **more: str):
    given = {"agreement": "camp-visits", "period": "2026-01", "file": SimpleUploadedFile(name, content)} | more
    return client.post("/fr/deliveries/send/", given)


def mapped(client: Client, found: Delivery):
    """Confirm the proposal as the page shows it."""
    said = {f"column_{name}": str(place) for name, place in found.mapping["sources"].items()}
    said |= {f"system_{name}": system for name, system in found.mapping["systems"].items()}
    said |= {f"constant_{name}": value for name, value in found.mapping["constants"].items()}
    return client.post(f"/fr/deliveries/{found.pk}/confirm/", said)


def test_a_partner_sends_confirms_and_answers_and_the_officer_decides(home: Path) -> None:
    people = stage()
    partner, officer = client_of(people.partner), client_of(people.officer)
    rows = [*GOOD_ROWS, ["", "X", "1990-01-01", "Niger", "=1+1(", "135", "2026-01-14"]]
    sent = posted(partner, csv_bytes(rows))
    assert sent.status_code == 302
    found = Delivery.objects.get()
    page = partner.get(sent["Location"])
    assert page.status_code == 200
    assert "Diallo" in page.content.decode()
    assert "Diallo" not in officer.get(sent["Location"]).content.decode()
    assert mapped(partner, found).status_code == 302
    found.refresh_from_db()
    assert found.state == State.CHECKED
    page = partner.get(sent["Location"]).content.decode()
    assert "Niger" in page and "NGA" in page
    number = next(place for place, one in enumerate(found.report["questions"]) if one["found"] == "Niger")
    partner.post(f"/fr/deliveries/{found.pk}/answer/", {f"answer_{number}": "NER"})
    found.refresh_from_db()
    assert found.questions == 0
    refused = officer.post(f"/fr/deliveries/{found.pk}/decide/", {"move": "return", "reason": ""})
    assert refused.status_code == 422
    assert (
        officer.post(f"/fr/deliveries/{found.pk}/decide/", {"move": "return", "reason": "Âge 135."}).status_code == 302
    )
    book = load_workbook(io.BytesIO(partner.get(f"/fr/deliveries/{found.pk}/report.xlsx").content))
    rows_sheet = book.worksheets[1]
    assert rows_sheet["A2"].value == "Diallo"
    assert rows_sheet["F5"].comment is not None
    assert rows_sheet["E5"].value == "'=1+1("
    own = load_workbook(io.BytesIO(officer.get(f"/fr/deliveries/{found.pk}/report.xlsx").content))
    assert len(own.worksheets) == 1
    assert "Diallo" not in str([cell.value for row in own.worksheets[0].iter_rows() for cell in row])
    corrected = posted(partner, csv_bytes([*GOOD_ROWS, ["Sow", "X", "1990-01-01", "NER", "04.421.01.05", "35", "2026-01-14"]]),
                       corrects=str(found.pk))  # fmt: skip
    again = Delivery.objects.get(corrects=found)
    assert (again.remembered, again.state, again.errors) == (True, State.CHECKED, 0)
    assert officer.post(f"{corrected['Location']}decide/", {"move": "accept", "reason": ""}).status_code == 302
    again.refresh_from_db()
    assert (again.state, again.stored_rows) == (State.ACCEPTED, 4)


def test_another_organisation_sees_nothing_and_changes_nothing(home: Path) -> None:
    people = stage()
    posted(client_of(people.partner), csv_bytes(GOOD_ROWS))
    found = Delivery.objects.get()
    Organisation.objects.create(code="other", kind="association", name_fr="Autre", name_ar="أخرى", name_en="Other")
    stranger = person(Role.PARTNER, email="stranger@example.org")
    add_membership(actor=System("test"), at=AT, user_id=stranger.pk, organisation="other")
    client = client_of(stranger)
    for page in ("", "report.xlsx"):
        assert client.get(f"/fr/deliveries/{found.pk}/{page}").status_code == 404
    for step in ("correct", "confirm", "answer", "withdraw"):
        assert client.post(f"/fr/deliveries/{found.pk}/{step}/").status_code == 404
        assert client_of(people.officer).post(f"/fr/deliveries/{found.pk}/{step}/").status_code == 404
    assert client.post(f"/fr/deliveries/{found.pk}/decide/", {"move": "accept"}).status_code == 403
    assert "visites" not in client.get("/fr/deliveries/").content.decode()
    assert posted(client, csv_bytes(GOOD_ROWS)).status_code == 422


@pytest.mark.parametrize("route", ["", "send/", "queue/", "tokens/"])
def test_who_may_open_the_pages(home: Path, route: str, client: Client) -> None:
    people = stage()
    assert client.get(f"/fr/deliveries/{route}").status_code == 302
    assert client_of(person(Role.MEMBER)).get(f"/fr/deliveries/{route}").status_code == 403
    assert client_of(people.officer).get(f"/fr/deliveries/{route}").status_code == 200
    assert client_of(people.partner).get(f"/fr/deliveries/{route}").status_code == (403 if route == "queue/" else 200)


def test_a_form_without_its_secret_is_refused_and_leaves_nothing(home: Path) -> None:
    people = stage()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(people.partner, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert posted(strict, csv_bytes(GOOD_ROWS)).status_code == 403
    assert not Delivery.objects.exists()


def test_a_form_of_nothing_is_answered(home: Path) -> None:
    assert client_of(stage().partner).post("/fr/deliveries/send/").status_code == 422


def test_a_page_open_since_before_the_suspension_delivers_nothing_and_is_counted(home: Path) -> None:
    people = stage()
    version = AgreementVersion.objects.get()
    agreement_step(
        people.coordinator, version, AgreementMove.SUSPEND, at=timezone.now(), reason="the authorisation is examined"
    )
    answer = posted(client_of(people.partner), csv_bytes(GOOD_ROWS))
    assert answer.status_code == 422
    assert not Delivery.objects.exists()
    (entry,) = register(today=timezone.localdate())
    assert [(one.kind, one.count) for one in entry.refusals] == [("deliveries.not_in_force", 1)]
    assert refusal_kind_words(entry.refusals[0].kind) != refusal_kind_words("unheard-of")
    assert refusal_kind_words("firewall.enforcement") != refusal_kind_words("firewall.unknown")
    outsider = person(Role.PARTNER, email="outsider@example.org")
    assert posted(client_of(outsider), csv_bytes(GOOD_ROWS)).status_code == 422
    assert register(today=timezone.localdate())[0].refused == 1


def test_a_wrong_reading_is_corrected_on_the_page(home: Path) -> None:
    people = stage()
    partner = client_of(people.partner)
    posted(partner, csv_bytes([["Liste", "des", "visites", "", "", "", ""], *GOOD_ROWS]))
    found = Delivery.objects.get()
    partner.post(f"/fr/deliveries/{found.pk}/correct/", {"heading_first": "1", "heading_last": "1"})
    found.refresh_from_db()
    assert found.layout["heading_first"] == 1
    partner.post(f"/fr/deliveries/{found.pk}/correct/", {"heading_first": "2", "heading_last": "2"})
    found.refresh_from_db()
    assert found.layout["heading_first"] == 2
    partner.post(f"/fr/deliveries/{found.pk}/withdraw/")
    found.refresh_from_db()
    assert found.state == State.WITHDRAWN
    assert not list((home / "deliveries").glob("*")) or found.file_destroyed_at is not None
