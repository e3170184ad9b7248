"""The door for machines: tokens, one request, parts that are resumed, problems; nothing for who has no token."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from deliveries.delivery_cases import GOOD_ROWS, csv_bytes, stage
from house.people import client_of
from marsad.collection.deliveries.models import Delivery, SendingToken
from marsad.collection.deliveries.operations_tokens import issue_token
from marsad.coordination.agreements.models import RefusalCount

pytestmark = pytest.mark.django_db(databases=["default", "confidential"], transaction=True)
GOOD = csv_bytes(GOOD_ROWS)


def door(people) -> tuple[Client, str]:
    issued = issue_token(
        actor=people.partner, at=timezone.now(), agreement="camp-visits", organisation="camp", label="server"
    )
    return Client(headers={"authorization": f"Bearer {issued.secret}"}), issued.secret


def send(client: Client, content: bytes = GOOD, agreement: str = "camp-visits", **more: str):
    given = {"file": SimpleUploadedFile("a.csv", content), "period": "2026-01"} | more
    return client.post(f"/api/deliveries/{agreement}/", given)


def test_a_machine_sends_once_and_is_told_when_it_sends_again(home: Path) -> None:
    client, secret = door(stage())
    assert not SendingToken.objects.filter(digest=secret).exists()
    first, second = send(client), send(client)
    assert (first.status_code, second.status_code) == (201, 200)
    assert (first.json()["state"], second.json()["already"], second.json()["id"]) == ("read", True, first.json()["id"])
    assert Delivery.objects.count() == 1
    told = client.get(first["Location"])
    assert told.status_code == 200 and told.json()["sha256"] == hashlib.sha256(GOOD).hexdigest()


def test_parts_are_resumed_where_they_ended(home: Path) -> None:
    client, _ = door(stage())
    begun = client.post("/api/deliveries/camp-visits/uploads/", json.dumps({"name": "a.csv", "period": "2026-01"}),
                        content_type="application/json")  # fmt: skip
    assert begun.status_code == 201
    where = begun["Location"]

    def part(offset: int, content: bytes):
        return client.generic(
            "PATCH", where, content, "application/octet-stream", headers={"upload-offset": str(offset)}
        )

    assert part(0, GOOD[:100])["Upload-Offset"] == "100"
    wrong = part(50, GOOD[50:])
    assert (wrong.status_code, wrong["Upload-Offset"], wrong.json()["rule"]) == (409, "100", "deliveries.offset")
    assert client.get(where)["Upload-Offset"] == "100"
    assert part(100, GOOD[100:])["Upload-Offset"] == str(len(GOOD))
    bad = client.post(f"{where}complete/", json.dumps({"sha256": "0" * 64}), content_type="application/json")
    assert (bad.status_code, bad.json()["rule"]) == (422, "deliveries.digest")
    for _ in range(2):
        done = client.post(
            f"{where}complete/",
            json.dumps({"sha256": hashlib.sha256(GOOD).hexdigest()}),
            content_type="application/json",
        )
        assert (done.status_code, done.json()["state"]) == (201, "read")
    assert Delivery.objects.count() == 1


def test_problems_are_problem_documents(home: Path) -> None:
    people = stage()
    client, _ = door(people)
    assert send(Client()).status_code == 401
    strange = send(client, agreement="other")
    assert (strange.status_code, strange["Content-Type"], strange.json()["status"]) == (
        403,
        "application/problem+json",
        403,
    )
    assert RefusalCount.objects.get(kind="deliveries.not_party").count == 1
    assert client.get("/api/deliveries/camp-visits/").status_code == 405
    assert client.post("/api/deliveries/camp-visits/", {"period": "2026-01"}).json()["rule"] == "deliveries.no_file"
    assert client.post("/api/deliveries/camp-visits/uploads/", "[", content_type="application/json").status_code == 400
    assert send(client, period="soon").json()["rule"] == "period.form"
    token = SendingToken.objects.get()
    client_of(people.partner).post(f"/fr/deliveries/tokens/{token.pk}/revoke/")
    assert send(client).status_code == 401


def test_a_token_is_shown_once(home: Path) -> None:
    people = stage()
    page = client_of(people.partner)
    made = page.post("/fr/deliveries/tokens/", {"agreement": "camp-visits", "label": "serveur"}).content.decode()
    assert "msd_" in made
    assert "msd_" not in page.get("/fr/deliveries/tokens/").content.decode()
