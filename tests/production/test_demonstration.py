"""The made-up city on the whole road: Delivery, Submission -> Snapshot -> Table -> ReleasedTable -> Edition -> page; and gone again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from django.utils import timezone

from city_fixtures import rabat
from marsad.accounts.models import User
from marsad.audit.models import Event
from marsad.audit.rules import System
from marsad.collection.deliveries.models import Delivery
from marsad.collection.models import CollectedDataflow, Snapshot, WrappedKey
from marsad.collection.operations_dataflows import load_collected
from marsad.collection.operations_removal import remove_synthetic_snapshot
from marsad.config.management.commands.serve import _is_new, begin_demonstration
from marsad.coordination.agreements.models import Agreement, DeliveryReceipt
from marsad.demonstration import road
from marsad.demonstration.records import MadeUpCity
from marsad.demonstration.removal import remove_demonstration
from marsad.demonstration.road import demonstrate
from marsad.demonstration.standing import LISTS, PUBLISHED, REASON, Standing, standing
from marsad.dissemination.models import Dataflow, Edition, Observation, Provenance, Tombstone
from marsad.dissemination.operations_removal import remove_synthetic
from marsad.notices.models import Notice
from marsad.observatory import city as city_records
from marsad.observatory.operations import load_city
from marsad.observatory.page_cache import shelf
from marsad.production.linkage.models import Linkage
from marsad.production.linkage.operations import ask_linkage
from marsad.production.models import Run, StepResult
from marsad.release.models import Competence, LedgerRecord, ReleaseRequest
from marsad.work.models import Progress
from migstat.model import Refused
from production.small_runs import unheard

__all__ = ["rabat"]
RABAT = Path(__file__).resolve().parents[2] / "cities" / "rabat"


def test_the_same_seed_makes_the_same_city_and_nobody_in_it_is_real():
    first, again = MadeUpCity.of(7, 0.03), MadeUpCity.of(7, 0.03)
    assert first.partner_lists() == again.partner_lists()
    written = {row["family_name"] for rows in first.partner_lists().values() for row in rows}
    assert any(name[0] > "\u0600" for name in written) and any(name[0] < "\u0600" for name in written)
    assert first.network_sample(40) == again.network_sample(40)
    assert {row["coupon"][:3] for row in first.network_sample(40)} == {"SYN"}
    with pytest.raises(Refused, match=r"demonstration\.scale"):
        MadeUpCity.of(7, 0.001)


@pytest.mark.django_db(databases=["default", "confidential"])
def test_the_first_start_asks_for_one_where_the_pack_has_room_for_it():
    assert _is_new()
    assert not begin_demonstration()
    assert not Progress.objects.exists()
    load_collected(actor=System("test"), at=timezone.now(), root=RABAT)
    assert begin_demonstration()
    assert [one.job for one in Progress.objects.all()] == ["demonstrate"]


@pytest.mark.django_db(databases=["default", "confidential"], transaction=True)
def test_the_whole_road_and_nothing_of_it_left(rabat, settings, home, client, monkeypatch):
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, city=RABAT)
    city_records.city.cache_clear()
    kept = {code: flow for code, flow in rabat.dataflows.items() if code.startswith("unsd")}
    load_city(
        pack=replace(rabat, dataflows=kept, cases={}, figures={}, tags={}, indicator_tags=[]),
        actor=System("test"), at=timezone.now(),
    )  # fmt: skip
    load_collected(actor=System("test"), at=timezone.now(), root=RABAT)
    shelf.clear()
    editions = set(Edition.objects.values_list("pk", flat=True))
    with monkeypatch.context() as broken:
        broken.setattr(road, "frozen_records", lambda **given: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            demonstrate(now=timezone.now, report=unheard, scale=0.05)
    assert standing() is Standing.PIECES and Agreement.objects.count() == Snapshot.objects.count() == 3
    steps = []
    made = demonstrate(now=timezone.now, report=lambda *said: steps.append(said), scale=0.05)
    assert [done for done, _total, _step in steps] == list(range(steps[-1][1] + 1)) and standing() is Standing.WHOLE
    assert (made.snapshots, made.runs, made.editions) == (7, 7, 3)
    assert {run.state for run in Run.objects.all()} == {"done"}
    [linkage] = Linkage.objects.all()
    found = sum(count for low, _high, count in linkage.counts["histogram"] if low >= 0.5)
    assert linkage.state == "linked" and 20 < found < min(linkage.counts["records"]) * 3
    for model in (Run, Snapshot, ReleaseRequest, Delivery, Agreement):
        assert set(model._default_manager.values_list("is_synthetic", flat=True)) == {True}, model
    new = Edition.objects.exclude(pk__in=editions)
    assert new.count() == len(PUBLISHED)
    assert set(new.values_list("origin", flat=True)) == {"synthetic"}
    people = new.get(observations__indicator="STK-08")
    [size] = Observation.objects.filter(edition=people)
    assert size.low < size.value < size.high and size.status == "E"
    chain = Provenance.objects.get(edition=people)
    assert len(chain.deliveries) == 3 and chain.agreements == sorted(f"demo-{one}" for one in (
        "caritas-services", "foo-services", "gadem-cases"))  # fmt: skip
    assert chain.method_en
    page = client.get("/en/indicators/STK-08/").content.decode()
    assert "synthetic" in page.lower()
    with pytest.raises(Refused, match=r"demonstration\.stands"):
        demonstrate(now=timezone.now, report=unheard, scale=0.05)

    lists = [str(one.pk) for one in Snapshot.objects.filter(dataflow__in=LISTS)]
    ask_linkage(actor=System("test"), at=timezone.now(), snapshots=lists, one_record_each=[], review_size=0, seed=1)
    gone = remove_demonstration(at=timezone.now())
    assert standing() is Standing.NOTHING
    assert (gone.releases, gone.runs, gone.snapshots) == (3, 7, 7)
    left = (
        Linkage,
        Run,
        StepResult,
        Snapshot,
        ReleaseRequest,
        LedgerRecord,
        Delivery,
        DeliveryReceipt,
        Agreement,
        Tombstone,
    )
    for model in left:
        assert not model._default_manager.exists(), model
    assert not WrappedKey.objects.exclude(kind="purpose").exists()
    assert set(Edition.objects.values_list("pk", flat=True)) == editions
    assert not Observation.objects.filter(edition__origin="synthetic").exists()
    assert not Dataflow.objects.filter(from_pack=False).exists()
    assert not User.objects.filter(email__isnull=False).exists()
    assert not Competence.objects.filter(revoked_at=None).exists()
    assert not Notice.objects.filter(closed_at=None).exists()
    assert not list((home / "snapshots").rglob("*.parquet"))
    assert Event.objects.filter(action="dissemination.remove_synthetic").count() == 3
    shelf.clear()
    assert client.get("/en/indicators/STK-08/").status_code == 200
    assert remove_demonstration(at=timezone.now()).snapshots == 0
    city_records.city.cache_clear()


@pytest.mark.django_db(databases=["default", "confidential"])
def test_only_what_is_synthetic_can_be_removed(small_city, home):
    edition = Edition.objects.order_by("pk").first()
    with pytest.raises(Refused, match=r"edition\.immutable"):
        remove_synthetic(actor=System("test"), at=timezone.now(), edition=edition)
    assert Edition.objects.filter(pk=edition.pk).exists()
    from production.small_runs import frozen, store

    store()
    snapshot = frozen()
    with pytest.raises(Refused, match=r"snapshot\.real"):
        remove_synthetic_snapshot(actor=System("test"), at=timezone.now(), snapshot_id=snapshot.pk)
    assert CollectedDataflow.objects.exists() and REASON.en
