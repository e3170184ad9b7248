"""The pages of the store: who opens them, what they show, and that no row leaves by any route."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
import pytest
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from collection.store_cases import ACTOR, AT, BOTH, dataflow, frozen, granted_request
from house.people import client_of, person
from marsad.accounts.models import User
from marsad.accounts.rules import ROLES, Role, holders
from marsad.audit.models import Event
from marsad.collection.firewall import RECEIVES, Matter, demand, may_receive, public_refusal_counts
from marsad.collection.keys import keys_for
from marsad.collection.models import BrokenGlass, Certificate, Snapshot
from marsad.collection.pseudonyms import pseudonym_of
from marsad.collection.queries_snapshots import frozen_snapshots
from marsad.coordination.agreements.rules import RecipientClass
from migstat.model.refusals import Refused
from migstat.model.structure import Kind

pytestmark = pytest.mark.django_db(databases=BOTH)
CANARY = "zqcanaryzq"
NUMBER = 918273645


def canaries() -> Snapshot:
    table = pa.table({"card": [f"{CANARY} 7"], "name": [CANARY], "sex": [f"{CANARY}-sex"], "visits": [NUMBER]})
    return frozen(table)


def traces() -> tuple[bytes, ...]:
    pseudonym = pseudonym_of(f"{CANARY} 7", Kind.TEXT, keys_for("services"))
    assert pseudonym
    return CANARY.encode(), str(NUMBER).encode(), f"{NUMBER:,}".encode(), pseudonym.encode()


def addresses(snapshot: Snapshot) -> Iterator[str]:
    """Every address of the full process that can be written with what a reader may know."""
    known = {
        "snapshot_id": snapshot.pk, "code": "visits", "uuid": snapshot.pk, "pk": snapshot.pk, "dataflow": "visits",
        "number": 1, "edition": "visits", "glass_id": uuid4(), "request_id": uuid4(), "delivery_id": uuid4(),
    }  # fmt: skip

    def walk(patterns: list[URLPattern | URLResolver], spaces: tuple[str, ...]) -> Iterator[tuple[str, URLPattern]]:
        for one in patterns:
            if isinstance(one, URLResolver):
                yield from walk(one.url_patterns, (*spaces, one.namespace) if one.namespace else spaces)
            elif one.name:
                yield ":".join((*spaces, one.name)), one

    for name, pattern in walk(get_resolver("marsad.config.urls").url_patterns, ()):
        wanted = {key: known.get(key, "visits") for key in pattern.pattern.converters}
        try:
            yield reverse(name, kwargs=wanted)
        except NoReverseMatch:
            continue


PAGES = {
    "/fr/store/": ("privacy.manage", "production.run"),
    "/fr/store/dataflows/visits/": ("privacy.manage", "production.run"),
    "/fr/store/log/": ("privacy.manage",),
    "/fr/store/certificates/": ("privacy.manage",),
    "/fr/store/looks/": ("rows.look", "rows.second"),
}


@pytest.mark.parametrize("role", [role for role, rules in ROLES.items() if rules.account])
def test_each_role_opens_its_pages_and_no_other(home: Path, role: Role) -> None:
    dataflow()
    snapshot = frozen()
    pages = PAGES | {f"/fr/store/snapshots/{snapshot.pk}/": ("privacy.manage", "production.run")}
    client = client_of(person(role))
    opened = {page for page in pages if client.get(page).status_code == 200}
    assert opened == {page for page, wanted in pages.items() if any(role in holders(one) for one in wanted)}


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_the_officers_way_through_a_look(home: Path, language: str) -> None:
    dataflow()
    snapshot = canaries()
    first = client_of(person(Role.DATA_PROTECTION_OFFICER, email="one@example.org"))
    second = client_of(person(Role.DATA_PROTECTION_OFFICER, email="two@example.org"))
    begin = f"/{language}/store"
    refused = first.post(f"{begin}/snapshots/{snapshot.pk}/ask/", {"reason": "no"}, follow=True)
    assert not BrokenGlass.objects.exists()
    assert refused.status_code == 200
    first.post(f"{begin}/snapshots/{snapshot.pk}/ask/", {"reason": "a total that does not add up"})
    glass = BrokenGlass.objects.get()
    page = f"{begin}/looks/{glass.pk}/"
    assert first.post(page, {"move": "grant"}).status_code == 409
    assert first.post(page, {"first": "1", "count": "1"}).status_code == 409
    assert second.post(page, {"move": "nonsense"}).status_code == 409
    assert second.post(page, {"move": "grant"}).status_code == 302
    assert CANARY not in first.get(page).content.decode()
    shown = first.post(page, {"first": "1", "count": "1"})
    assert f"{CANARY}-sex" in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert second.post(page, {"first": "1", "count": "1"}).status_code == 409
    assert "data-entry" in first.get(f"{begin}/log/").content.decode()
    assert "a total that does not add up" in first.get(f"{begin}/log/").content.decode()
    assert "data-entry" in first.get(f"{begin}/log/?dataflow=visits").content.decode()
    [looked] = User.objects.filter(email="one@example.org")
    kept = f"kind=look&who={looked.audit_code}&since=2020-01-01&until=2099-01-01"
    assert "data-entry" in first.get(f"{begin}/log/?{kept}").content.decode()
    for none in ("kind=read", "since=2099-01-01", "until=2020-01-01"):
        assert "data-entry" not in first.get(f"{begin}/log/?{none}").content.decode(), none
    assert first.get(f"{begin}/log/?since=yesterday&dataflow=none").status_code == 200
    assert first.post(page, {"move": "close"}).status_code == 302
    assert first.post(page, {"first": "1", "count": "1"}).status_code == 409
    for missing in ("looks", "snapshots"):
        assert first.get(f"{begin}/{missing}/{uuid4()}/").status_code == 404
    assert first.get(f"{begin}/certificates/E-2020-1/").status_code == 404
    assert first.get(f"{begin}/dataflows/none/").status_code == 404


def test_the_officer_erases_a_persons_rows(home: Path) -> None:
    dataflow()
    snapshot = canaries()
    officer = client_of(person(Role.DATA_PROTECTION_OFFICER))
    request = granted_request()
    page = f"/en/store/requests/{request.pk}/erase/"
    assert page in officer.get(f"/en/requests/{request.pk}/").content.decode()
    pseudonym = traces()[-1].decode()
    assert officer.post(page, {"pseudonyms": "  "}).status_code == 200
    assert officer.post(page, {"pseudonyms": f"{pseudonym} Diallo"}).status_code == 200
    assert not Certificate.objects.exists()
    done = officer.post(page, {"pseudonyms": f"{pseudonym}\n"}, follow=True)
    assert 'data-sound="yes"' in done.content.decode()
    assert Certificate.objects.get().counts["snapshots"] == 1
    assert frozen_snapshots().get().replaces_id == snapshot.pk
    listed = officer.get("/en/store/certificates/").content.decode()
    assert Certificate.objects.get().number in listed
    assert officer.get(f"/en/store/requests/{uuid4()}/erase/").status_code == 404


def test_no_row_leaves_by_any_route_or_log(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    dataflow(uses=["indicators"])
    snapshot = canaries()
    caplog.set_level(logging.DEBUG)
    asked = sorted(set(addresses(snapshot)))
    assert len(asked) > 60
    assert any("/store/" in one for one in asked)
    seen = 0
    clients = [client_of(person(role)) for role in (Role.STATISTICIAN, Role.DATA_PROTECTION_OFFICER)]
    for client in clients:
        client.raise_request_exception = False
        for address in asked:
            if "logout" in address or "/static/" in address:
                continue
            answer = client.get(address)
            body = b"".join(getattr(answer, "streaming_content", [])) if answer.streaming else answer.content
            assert not [trace for trace in traces() if trace in body], address
            seen += answer.status_code == 200
    assert seen > 20
    assert not [one for one in traces() if one.decode() in caplog.text]
    assert not [one for one in traces() if one.decode() in str(list(Event.objects.values_list("target", "details")))]


@pytest.mark.parametrize("recipient", RecipientClass)
@pytest.mark.parametrize("matter", Matter)
def test_every_class_and_matter_is_decided(recipient: RecipientClass, matter: Matter) -> None:
    assert (recipient, matter) in RECEIVES
    assert may_receive(recipient, Matter.PUBLISHED)
    assert not may_receive(recipient, Matter.ROW)
    if recipient in (RecipientClass.ENFORCEMENT, RecipientClass.PUBLIC):
        assert not may_receive(recipient, Matter.CELL)


def test_a_refusal_is_counted_and_the_count_is_public() -> None:
    assert public_refusal_counts() == {}
    for matter in (Matter.ROW, Matter.CELL, Matter.ROW):
        with pytest.raises(Refused, match=r"firewall\.enforcement"):
            demand(actor=ACTOR, at=AT, recipient="enforcement", what=matter)
    with pytest.raises(Refused, match=r"firewall\.unknown") as refused:
        demand(actor=ACTOR, at=AT, recipient="the neighbours", what="everything")
    assert "neighbours" not in str(refused.value)
    demand(actor=ACTOR, at=AT, recipient="enforcement", what="published")
    assert public_refusal_counts() == {"firewall.enforcement": 3, "firewall.unknown": 1}
