"""A linkage from asking to closing: background work, review by two, looks logged, erasure, and nothing that names anybody."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.apps import apps
from django.test import Client

from collection.store_cases import AT, dataflow
from house.people import client_of, person
from linkage.city_lists import STRUCTURE, CityLists
from marsad.accounts.models import User
from marsad.accounts.rules import Role, holders
from marsad.audit.models import Event
from marsad.audit.rules import System
from marsad.collection.keys import keys_for
from marsad.collection.models import AccessEntry
from marsad.collection.pseudonyms import Pseudonymiser
from marsad.collection.snapshots import Lineage, freeze
from marsad.production.linkage import operations, queries
from marsad.production.linkage.draws import capture_draws, model_rows, pairs_of
from marsad.production.linkage.erasing import erase_affected
from marsad.production.linkage.jobs import link_lists
from marsad.production.linkage.models import Linkage, LinkedPairs, PairVerdict, ReviewPair
from marsad.production.linkage.rules import LinkageMove, LinkageState, Verdict
from migstat.model import Refused

pytestmark = pytest.mark.django_db(databases=["default", "confidential"])
ACTOR = System("test")
USES = ["indicators", "linkage"]


def quiet(done: int, total: int | None = None, step: str = "") -> None:
    """A report that nobody reads."""


def freeze_list(code: str, table: Any, purpose: str = "service-statistics", **more: Any) -> str:
    structure = {**STRUCTURE.to_mapping(), "code": code}
    known = ["family_name", "given_name", "birth_date"]
    dataflow(code, structure=structure, purpose=purpose, identified_by=known, uses=USES, **more)
    stored = Pseudonymiser(STRUCTURE, purpose, keys_for(purpose)).apply(table)
    batches = stored.to_batches() or [pa.RecordBatch.from_pylist([], schema=stored.schema)]
    made = freeze(actor=ACTOR, at=AT, dataflow=code, batches=batches, lineage=Lineage((f"d-{code}",)))
    return str(made.pk)


@pytest.fixture
def asked(home: Path, lists: CityLists) -> Linkage:
    snapshots = [freeze_list(name, table.slice(0, 250)) for name, table in lists.plain.items()]
    return operations.ask_linkage(
        actor=ACTOR, at=AT, snapshots=snapshots, one_record_each=("list0", "list1", "list2"), review_size=12, seed=3
    )


@pytest.fixture
def linked(asked: Linkage) -> Linkage:
    assert link_lists(quiet) == "1 linkages done"
    found = queries.linkage_of(asked.pk)
    assert found is not None
    return found


def statistician(number: int = 1) -> User:
    return person(Role.STATISTICIAN, email=f"statistician{number}@example.org")


def test_the_whole_road(linked: Linkage, lists: CityLists, caplog: pytest.LogCaptureFixture) -> None:
    """Linked in the background, reviewed by two people page after page, closed, drawn for the estimates."""
    caplog.set_level(logging.DEBUG)
    first, second = statistician(1), statistician(2)
    one, other = client_of(first), client_of(second)
    assert linked.state == LinkageState.LINKED
    assert len(linked.model_digest) == 64
    assert linked.counts["persons"] < sum(linked.counts["records"])
    assert linked.reviewed.count() == 12
    year = next(row for row in model_rows(linked) if row["sign"] == "year")
    assert 0.01 < year["u"] < 0.2
    address = f"/en/linkages/{linked.pk}/"
    pages = [one.get("/fr/linkages/").content.decode(), one.get(address).content.decode()]
    looks = AccessEntry.objects.filter(kind="look").count()
    page = one.get(f"{address}review/")
    pages.append(page.content.decode())
    assert 1 <= AccessEntry.objects.filter(kind="look").count() - looks <= 2
    assert AccessEntry.objects.filter(kind="look", subject=f"linkage:{linked.pk}").exists()
    pair = page.context["pair"]
    assert pair.number == 0
    assert pair.twice
    for client, verdict in ((one, "match"), (other, "no_match")):
        answer = client.post(f"{address}decide/", {"number": 0, "verdict": verdict}, follow=True)
        assert answer.status_code == 200
    again = one.post(f"{address}decide/", {"number": 0, "verdict": "match"})
    assert again.status_code == 409
    pages.append(again.content.decode())
    assert queries.progress(linked).agreement.pairs == 1
    assert queries.decided(linked) == {}
    other.post(f"{address}take-back/")
    other.post(f"{address}decide/", {"number": 0, "verdict": "match"})
    assert queries.decided(linked) == {pair.place: Verdict.MATCH}
    assert pairs_of(linked).log_odds[pair.place] == pytest.approx(6.9)
    tables = capture_draws(linked.pk, draws=3, seed=5)
    assert [table.counts.tolist() for table in tables] == [
        table.counts.tolist() for table in capture_draws(linked.pk, draws=3, seed=5)
    ]
    assert tables[0].lists == ("list0", "list1", "list2")
    assert one.post(f"{address}close/").status_code == 302
    assert one.post(f"{address}decide/", {"number": 1, "verdict": "match"}).status_code == 409
    assert one.post(f"{address}reopen/").status_code == 302
    assert_nobody_is_named(lists, [*pages, caplog.text, everything_kept()])


def everything_kept() -> str:
    """Every column of every table of the app, and the audit log, as text."""
    rows = [list(model._default_manager.values_list()) for model in apps.get_app_config("linkage").get_models()]
    for pairs in LinkedPairs.objects.all():
        rows.append([bytes(pairs.content).decode("latin-1")])
    rows.append([event.details for event in Event.objects.all()])
    return json.dumps(rows, default=str, ensure_ascii=False)


def assert_nobody_is_named(lists: CityLists, channels: list[str]) -> None:
    """Canaries: no name of the lists, no pseudonym, no sound and no filter stands in any channel."""
    secrets: set[str] = set()
    for name, table in lists.plain.items():
        for row in table.slice(0, 250).to_pylist():
            secrets |= {str(row[column]) for column in ("family_name", "given_name", "birth_date") if row[column]}
        stored = Pseudonymiser(STRUCTURE, "service-statistics", keys_for("service-statistics")).apply(
            table.slice(0, 250)
        )
        for column in stored.column_names:
            if "__" in column:
                values = stored.column(column).to_pylist()
                secrets |= {one.decode("latin-1") if isinstance(one, bytes) else one for one in values if one}
        assert name not in secrets
    # short given names are pieces of many words, so names count where they are long enough to stand for themselves
    telling = [secret for secret in secrets if len(secret) >= 6]
    assert len(telling) > 1000
    for channel in channels:
        assert [secret for secret in telling if secret in channel] == []


def test_a_review_gives_each_pair_once_and_every_fifth_to_two(linked: Linkage) -> None:
    people = [statistician(number) for number in (1, 2)]
    given = {user.audit_code: 0 for user in people}
    for user in people:
        while (pair := queries.next_pair(linked, user.audit_code)) is not None:
            operations.decide_pair(actor=user, at=AT, linkage_id=linked.pk, number=pair.number, verdict=Verdict.UNSURE)
            given[user.audit_code] += 1
    twice = linked.reviewed.filter(twice=True).count()
    assert list(given.values()) == [12, twice]
    assert queries.progress(linked).done == queries.progress(linked).pairs == 12
    assert queries.progress(linked, people[1].audit_code).mine == twice
    third = statistician(3)
    with pytest.raises(Refused, match=r"linkage\.decided"):
        operations.decide_pair(actor=third, at=AT, linkage_id=linked.pk, number=0, verdict=Verdict.MATCH)
    with pytest.raises(Refused, match=r"linkage\.none"):
        operations.take_back(actor=third, at=AT, linkage_id=linked.pk)
    with pytest.raises(Refused, match=r"linkage\.pair"):
        operations.decide_pair(actor=third, at=AT, linkage_id=linked.pk, number=99, verdict=Verdict.MATCH)


def test_what_cannot_be_linked_is_refused_or_fails_with_its_reason(home: Path, lists: CityLists) -> None:
    table = lists.plain["list0"].slice(0, 60)
    one, other = freeze_list("a-list", table), freeze_list("b-list", table, purpose="another-purpose")
    made_up = freeze_list("c-list", table, is_synthetic=True, authorisation_number="", authorised_on=None)
    nobody = freeze_list("d-list", table.slice(0, 0))

    def ask(*snapshots: str, size: int = 5) -> Linkage:
        return operations.ask_linkage(actor=ACTOR, at=AT, snapshots=snapshots, review_size=size)

    for snapshots, rule in (
        ((one,), "lists"),
        ((one, one), "lists"),
        ((one, other), "purposes"),
        ((one, made_up), "mixed"),
    ):
        with pytest.raises(Refused, match=rf"linkage\.{rule}"):
            ask(*snapshots)
    with pytest.raises(Refused, match=r"linkage\.review_size"):
        ask(one, nobody, size=5000)
    empty = ask(one, nobody)
    assert link_lists(quiet) == "0 linkages done"
    empty.refresh_from_db()
    assert (empty.state, empty.failed_for) == (LinkageState.FAILED, "linkage.empty")
    client = client_of(statistician())
    assert 'data-state="failed"' in client.get(f"/fr/linkages/{empty.pk}/").content.decode()
    assert f"/fr/linkages/{empty.pk}/" in client.get("/fr/linkages/").content.decode()
    with pytest.raises(Refused, match=r"linkage\.not_linked"):
        capture_draws(empty.pk)
    operations.move_linkage(actor=ACTOR, at=AT, linkage_id=empty.pk, move=LinkageMove.AGAIN)
    with pytest.raises(Refused, match=r"linkage\.move"):
        operations.move_linkage(actor=ACTOR, at=AT, linkage_id=empty.pk, move=LinkageMove.ERASE)


def test_a_linkage_goes_with_the_rows_it_rests_on(linked: Linkage) -> None:
    user = statistician()
    operations.decide_pair(actor=user, at=AT, linkage_id=linked.pk, number=1, verdict=Verdict.MATCH)
    assert erase_affected(actor=ACTOR, at=AT, snapshots=["another"]) == 0
    assert erase_affected(actor=ACTOR, at=AT, snapshots=[linked.lists[1]["snapshot"]]) == 1
    linked.refresh_from_db()
    assert (linked.state, linked.counts) == (LinkageState.ERASED, {})
    assert not LinkedPairs.objects.exists()
    assert not ReviewPair.objects.exists()
    assert not PairVerdict.objects.exists()
    assert client_of(user).get(f"/fr/linkages/{linked.pk}/review/").status_code == 200
    assert erase_affected(actor=ACTOR, at=AT, snapshots=[linked.lists[1]["snapshot"]]) == 0


@pytest.mark.parametrize(
    "role", [Role.STATISTICIAN, Role.DATA_OFFICER, Role.REVIEWER, Role.ADMINISTRATOR, Role.PARTNER]
)
def test_only_who_reviews_linkages_opens_them(home: Path, role: Role) -> None:
    may = role in holders("linkage.review")
    client = client_of(person(role))
    assert (client.get("/fr/linkages/").status_code == 200) is may
    assert (client.post("/fr/linkages/", {"seed": 1}).status_code == 422) is may
    unknown = "/fr/linkages/00000000-0000-0000-0000-000000000000/"
    for page in ("", "review/"):
        assert client.get(unknown + page).status_code == (404 if may else 403)
    for step in ("decide", "take-back", "close", "reopen", "again"):
        answer = client.post(f"{unknown}{step}/", {"number": 1, "verdict": "match"})
        assert answer.status_code == (404 if may else 403)


def test_who_is_not_signed_in_is_sent_away(client: Client) -> None:
    assert client.get("/ar/linkages/").status_code == 302


def test_the_form_asks_and_says_what_is_wrong(home: Path, lists: CityLists) -> None:
    table = lists.plain["list0"].slice(0, 30)
    snapshots = [freeze_list(code, table) for code in ("a-list", "b-list")]
    client = client_of(statistician())
    bad = client.post("/en/linkages/", {"snapshots": snapshots[:1], "review_size": 5, "seed": 1})
    assert bad.status_code == 409
    assert "Choose one snapshot of each of two lists or more." in bad.content.decode()
    good = client.post(
        "/en/linkages/", {"snapshots": snapshots, "one_record_each": ["a-list"], "review_size": 5, "seed": 1}
    )
    made = Linkage.objects.get()
    assert good["Location"] == f"/en/linkages/{made.pk}/"
    assert made.one_record_each == ["a-list"]
    assert client.get(good["Location"]).status_code == 200
