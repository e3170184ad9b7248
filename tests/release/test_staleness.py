"""What moved in a source reaches every request, edition and page that rests on it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client

from house.people import client_of
from marsad.audit.rules import System
from marsad.dissemination.models import Publication, Staleness
from marsad.dissemination.queries import current_publication, staleness_of
from marsad.dissemination.rules import StaleFor
from marsad.notices.models import Notice
from marsad.observatory.page_cache import shelf
from marsad.release import operations, operations_publish, queries
from marsad.release.operations_staleness import source_moved
from marsad.release.rules import Refusal, StepRefused
from release.bundles import AT, COUNTS, approved, bundled, dossier, published, requested, residents, snapshot, words

pytestmark = pytest.mark.django_db(databases=["default", "confidential"])
SYSTEM = System("test")
LATER = AT + timedelta(days=5)
REVISED = {**COUNTS, ("04.421.01.07", "M"): 42.0}


def moved(cause=StaleFor.SOURCE_CORRECTED, id="snap-1"):
    return source_moved(actor=SYSTEM, at=LATER, snapshot=id, cause=cause)


def page(address):
    shelf.clear()
    return Client().get(address)


def test_a_corrected_source_reaches_requests_editions_pages_and_owners(small_city, author, reviewers):
    edition, _ = published(author, reviewers)
    waiting = approved(author, reviewers, dataflow="second")
    untouched = requested(author, [bundled(snapshots=(snapshot("other"),))], dataflow="third")
    assert moved() == 2
    waiting.refresh_from_db()
    untouched.refresh_from_db()
    assert (waiting.state, untouched.state) == ("demoted", "draft")
    assert queries.signatures(waiting).count() == 0
    assert [mark.cause for mark in staleness_of(edition)] == ["source_corrected"]
    assert Notice.objects.filter(kind="release.stale", to=f"user:{author.pk}", closed_at=None).count() == 1
    for address in ("/fr/indicators/STK-01/", "/fr/why/STK-01/04.421/?period=2024"):
        assert 'data-stale="source_corrected"' in page(address).content.decode()
    for address in (
        "/fr/embed/STK-01/change/",
        "/fr/why/STK-01/",
        "/fr/areas/04.421/",
        "/fr/datasets/",
        "/fr/indicators/",
    ):
        assert "data-stale" in page(address).content.decode(), address


def test_a_demoted_request_needs_tables_computed_anew(small_city, author, reviewers):
    waiting = approved(author, reviewers)
    moved()
    with pytest.raises(StepRefused) as refused:
        operations.submit_request(actor=author, at=LATER, request_id=waiting.pk)
    assert refused.value.refusals == {Refusal.STALE}
    fresh = [bundled(snapshots=(snapshot("snap-2"),))]
    operations.revise_request(actor=author, at=LATER, request_id=waiting.pk, tables=fresh, dossier=dossier())
    assert operations.submit_request(actor=author, at=LATER, request_id=waiting.pk).state == "submitted"


def test_told_twice_it_is_done_once(small_city, author, reviewers):
    edition, _ = published(author, reviewers)
    moved()
    moved()
    assert staleness_of(edition).count() == 1
    assert Notice.objects.filter(kind="release.stale").count() == 1
    assert queries.told_of("snapshot:snap-1")
    moved(StaleFor.ROWS_ERASED)
    assert {mark.cause for mark in staleness_of(edition)} == {"source_corrected", "rows_erased"}


def test_old_and_new_values_travel_once_the_new_ones_are_released(small_city, author, reviewers):
    published(author, reviewers)
    number = current_publication().number
    moved()
    mark = Staleness.objects.get()
    assert (mark.changes, mark.replaced_by, mark.finding_changes) == ([], None, None)
    table = bundled(residents(REVISED), snapshots=(snapshot("snap-2"),))
    second, _ = published(author, reviewers, [table], at=LATER, vintage="2026-11", reason=words("Corrected"))
    mark.refresh_from_db()
    assert mark.replaced_by == second
    assert {
        "indicator": "STK-01",
        "area": "04.421",
        "period": "2024",
        "key": "",
        "old": 84.0,
        "new": 96.0,
    } in mark.changes
    assert mark.finding_changes is True
    assert not staleness_of(second).exists()
    old = page(f"/en/e/{number}/indicators/STK-01/").content.decode()
    assert "96 now" in old.replace("</bdi>", "").replace('<bdi class="number">', "")
    assert "What is said of the city changes." in old


def test_a_revision_elsewhere_leaves_the_finding_as_it_was(small_city, author, reviewers):
    """A move between two places of the city: cells change, the sentence about the city does not."""
    published(author, reviewers)
    swapped = {**COUNTS, ("04.421.01.05", "M"): 25.0, ("04.421.01.07", "M"): 20.0}
    table = bundled(residents(swapped), snapshots=(snapshot("snap-2"),))
    published(author, reviewers, [table], at=LATER, vintage="2026-11")
    mark = Staleness.objects.get()
    assert (mark.cause, mark.finding_changes) == ("estimate_revised", False)
    assert mark.changes


def test_withheld_values_never_travel(small_city, author, reviewers):
    """The old table withholds a cell that the new one shows, and the other way round: neither value is told."""
    published(author, reviewers)
    more = {**COUNTS, ("04.421.01.06", "F"): 777.0, ("04.421.01.05", "F"): 2.0}
    table = bundled(residents(more), snapshots=(snapshot("snap-2"),))
    published(author, reviewers, [table], at=LATER, vintage="2026-11")
    told = {(one["area"], one["key"]) for mark in Staleness.objects.all() for one in mark.changes}
    assert not told & {("04.421.01.06", "sex=F"), ("04.421.01.05", "sex=F")}


def test_a_citation_of_an_old_edition_still_gives_the_old_number(small_city, author, reviewers):
    published(author, reviewers)
    number = current_publication().number
    before = page(f"/fr/e/{number}/indicators/STK-01/data.csv").content
    table = bundled(residents(REVISED), snapshots=(snapshot("snap-2"),))
    published(author, reviewers, [table], at=LATER, vintage="2026-11")
    assert page(f"/fr/e/{number}/indicators/STK-01/data.csv").content == before
    assert page("/fr/indicators/STK-01/data.csv").content != before


def test_figures_are_frozen_with_an_edition(small_city, author, reviewers):
    from marsad.figures.models import Figure

    figure = Figure.objects.filter(indicator="STK-01").first() or Figure.objects.first()
    Figure.objects.filter(pk=figure.pk).update(indicator="STK-01")
    edition, _ = published(author, reviewers)
    number = current_publication().number
    Figure.objects.filter(pk=figure.pk).update(publisher="Somebody else since")
    assert figure.publisher in {one["publisher"] for one in edition.provenance.figures}
    assert "Somebody else since" not in page(f"/fr/e/{number}/indicators/STK-01/").content.decode()
    assert "Somebody else since" in page("/fr/indicators/STK-01/").content.decode()


def test_a_withdrawn_edition_leaves_a_tombstone_everywhere(small_city, author, reviewers):
    edition, request = published(author, reviewers)
    number = current_publication().number
    why = words("A delivery was counted twice")
    operations_publish.withdraw_edition(actor=reviewers[0], at=LATER, request_id=request.pk, reason=why)
    for address in ("/fr/indicators/STK-01/", f"/fr/e/{number}/indicators/STK-01/", "/fr/datasets/residents/"):
        answer = page(address).content.decode()
        assert why.fr in answer, address
        assert ">84<" not in answer
    csv = page(f"/fr/datasets/residents/{edition.number}.csv")
    assert csv.status_code == 410
    assert why.fr in csv.content.decode()
    assert page(f"/fr/e/{number}/indicators/STK-01/data.csv").content.decode().count("residents") == 0
    assert not Publication.objects.order_by("-id").first().editions.filter(pk=edition.pk).exists()
    with pytest.raises(StepRefused):
        operations_publish.withdraw_edition(actor=reviewers[0], at=LATER, request_id=request.pk, reason=why)


def test_the_chain_can_be_followed_both_ways(small_city, author, reviewers):
    published(author, reviewers)
    answer = json.loads(page("/fr/why/STK-01/04.421/chain.json?period=2024").content)
    assert answer["number"]["value"] == 84
    assert answer["edition"]["number"] == "2026-1"
    assert answer["release"]["snapshots"][0]["id"] == "snap-1"
    assert answer["release"]["deliveries"][0]["rows"] == "<100"
    hidden = json.loads(page("/fr/why/STK-01/04.421.01.06/chain.json?period=2024&part=sex%3DF").content)
    assert (hidden["number"]["value"], hidden["number"]["state"], hidden["number"]["conf_status"]) == (
        None,
        "withheld",
        "C",
    )
    back = page("/fr/rests-on/snapshot/snap-1/").content.decode()
    assert "/fr/why/STK-01/" in back
    assert page("/fr/rests-on/snapshot/nothing/").status_code == 404
    assert page("/fr/rests-on/person/snap-1/").status_code == 404
    assert page("/fr/why/STK-01/04.421/?period=1999").status_code == 404


def test_an_adopted_number_says_source_vintage_licence_and_checksum(small_city):
    answer = json.loads(page("/fr/why/FLW-02/MAR/chain.json?period=2023").content)
    assert answer["release"] is None
    assert answer["source"]["licence"]
    assert "sha256" in answer["source"]
    assert page("/ar/why/FLW-02/MAR/?period=2023").status_code == 200


def test_no_name_and_no_author_reach_the_public(small_city, author, reviewers):
    edition, _ = published(author, reviewers)
    chain = json.dumps(
        {field.attname: getattr(edition.provenance, field.attname) for field in edition.provenance._meta.fields}
    )
    for person in (author, *reviewers):
        assert str(person.pk) not in chain
        assert person.email not in chain


def test_synthetic_editions_say_so_on_every_page_and_file(small_city, author, reviewers):
    published(author, reviewers, is_synthetic=True, dataflow="demo")
    for address in (
        "/fr/indicators/STK-01/", "/ar/why/STK-01/04.421/?period=2024", "/fr/why/STK-01/", "/fr/datasets/",
        "/ar/areas/04.421/", "/fr/indicators/", "/fr/themes/stocks/", "/fr/rests-on/run/run-1/",
    ):  # fmt: skip
        assert "data-synthetic" in page(address).content.decode(), address
    assert "synthetic" in page("/en/indicators/STK-01/data.csv").content.decode()
    number = Publication.objects.latest("pk").number
    for address in (
        f"/cite/en/e/{number}/indicators/STK-01.bib", "/cite/en/datasets/demo/2026-1.txt", "/feeds/en/releases.rss",
        "/calendar/en.ics", "/catalogue.ttl", "/data/demo/2026-1/jsonstat.json?lang=en", "/api/v1/dataflows",
        "/data/demo/2026-1/jsonstat/STK-01.json?lang=en",
    ):  # fmt: skip
        assert "(synthetic data)" in page(address).getvalue().decode().replace("\r\n ", ""), address
    svg = [
        one for one in ("change", "bars", "map", "lines") if page(f"/en/indicators/STK-01/{one}.svg").status_code == 200
    ]
    assert svg
    assert "Synthetic data" in page(f"/en/indicators/STK-01/{svg[0]}.svg").content.decode()
    desk = client_of(author)
    assert desk.get("/fr/release/").status_code == 200
