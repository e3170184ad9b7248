"""Coupons: printed, given, used once, run out, void; chains, waves, diagnostics, the snapshot; nobody named."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction

from collection.store_cases import home_of
from fieldwork.cases import AT, CHAINS, LATER, TEST, dataflow, dice, network
from marsad.audit.models import Event
from marsad.collection.fieldwork import queries_networks
from marsad.collection.fieldwork.diagnostics import diagnose
from marsad.collection.fieldwork.erasing import erase_links
from marsad.collection.fieldwork.freezing import freeze_recruitment
from marsad.collection.fieldwork.models import Coupon, Network, Participant
from marsad.collection.fieldwork.operations_coupons import (
    CouponAnswers,
    expire_coupons,
    give_coupons,
    move_coupon,
    move_network,
    note_recruitment,
    print_coupons,
    redeem_coupon,
    void_batch,
)
from marsad.collection.fieldwork.operations_retention import forget_old_fieldwork
from marsad.collection.fieldwork.rules import CouponMove, NetworkMove
from marsad.collection.keys import keys_for
from marsad.collection.pseudonyms import pseudonym_of
from marsad.collection.snapshots import read_table
from migstat.model import Refused
from migstat.model.structure import Kind

pytestmark = pytest.mark.django_db(databases=["default", "confidential"])


def printed(number: int = 1, *, seeds: bool = False, choose=None) -> tuple[str, ...]:
    choose = choose or dice()
    batch = print_coupons(actor=TEST, at=AT, network_code="spring", number=number, seeds=seeds, choose=choose)
    return batch.codes


def redeem(code: str, at=AT) -> Participant:
    return redeem_coupon(actor=TEST, at=at, network_code="spring", typed=code)


def give(number: int, *codes: str, degree: int | None = None) -> Participant:
    return give_coupons(actor=TEST, at=AT, network_code="spring", number=number, typed=codes, degree=degree)


def refused(rule: str, call) -> None:
    with pytest.raises(Refused, match=rule), transaction.atomic(using="confidential"):
        call()


def test_a_coupon_is_good_once_after_it_was_given_until_its_last_day() -> None:
    network()
    choose = dice()
    (seed,), stock = printed(seeds=True, choose=choose), printed(6, choose=choose)
    first = redeem(f" {seed.lower()} ")
    assert (first.number, first.wave, first.recruiter) == (1, 0, None)
    refused("coupon.used", lambda: redeem(seed))
    refused("coupon.not_issued", lambda: redeem(stock[0]))
    refused("coupon.mistyped", lambda: redeem("BBBB000053"))
    refused("coupon.unknown", lambda: redeem("BBBB000052"))
    give(1, *stock[:2], degree=9)
    refused("coupon.too_many", lambda: give(1, *stock[2:4]))
    refused("coupon.not_printed", lambda: give(1, stock[0]))
    second = redeem(stock[0], AT + timedelta(days=30))
    assert (second.number, second.wave, second.recruiter.number) == (2, 1, 1)
    refused("coupon.expired", lambda: redeem(stock[1], AT + timedelta(days=31)))
    assert expire_coupons(actor=TEST, at=AT + timedelta(days=31)) == 1
    refused("coupon.expired", lambda: redeem(stock[1]))
    late = AT + timedelta(days=40)
    move_coupon(actor=TEST, at=late, network_code="spring", typed=stock[1], move=CouponMove.EXTEND)
    assert redeem(stock[1], late).recruiter.number == 1
    move_coupon(actor=TEST, at=AT, network_code="spring", typed=stock[2], move=CouponMove.VOID)
    refused("coupon.not_printed", lambda: give(2, stock[2]))
    assert void_batch(actor=TEST, at=AT, network_code="spring", batch=2) == 3
    assert queries_networks.coupons_by_state("spring") == {
        "printed": 0, "issued": 0, "redeemed": 3, "expired": 0, "void": 4,
    }  # fmt: skip


def test_no_number_is_kept_and_no_event_holds_one() -> None:
    network()
    codes = printed(20, seeds=True)
    redeem(codes[0])
    held = set(Coupon.objects.values_list("pseudonym", flat=True))
    assert not held & {code.lower() for code in codes} | held & set(codes)
    assert pseudonym_of(codes[0], Kind.TEXT, keys_for("survey")) in held
    assert not any(code in str(event.details) + event.target for event in Event.objects.all() for code in codes)


def test_chains_end_at_the_last_wave_and_with_the_network() -> None:
    network(last_wave=1, coupons_each=2)
    choose = dice()
    (seed,), stock = printed(seeds=True, choose=choose), printed(4, choose=choose)
    redeem(seed)
    give(1, stock[0])
    redeem(stock[0])
    refused("coupon.last_wave", lambda: give(2, stock[1]))
    refused("fieldwork.participant", lambda: give(9, stock[1]))
    move_network(actor=TEST, at=AT, network_code="spring", move=NetworkMove.CLOSE)
    refused("fieldwork.network_closed", lambda: give(1, stock[1]))
    refused("fieldwork.coupon_number", lambda: (move_network(
        actor=TEST, at=AT, network_code="spring", move=NetworkMove.REOPEN), printed(501)))  # fmt: skip


def test_an_interview_uses_its_coupon_and_gives_others() -> None:
    network()
    choose = dice()
    seeds, stock = printed(1, seeds=True, choose=choose), printed(3, choose=choose)
    own, *given = [pseudonym_of(code, Kind.TEXT, keys_for("survey")) for code in (*seeds, *stock)]
    answers = CouponAnswers(own, tuple(given[:2]), 12, uuid4())
    for _ in range(2):
        found = note_recruitment(actor=TEST, at=AT, network_code="spring", answers=answers)
        assert (found.number, found.degree, found.given.count()) == (1, 12, 2)
    refused(
        "coupon.used",
        lambda: note_recruitment(actor=TEST, at=AT, network_code="spring", answers=CouponAnswers(own, (), 3, uuid4())),
    )
    assert redeem(stock[0]).recruiter.number == 1


def grown(people: int = 40) -> Network:
    """Two seeds, each person gives two coupons, all of which come back: 7 and 9 others are known in turn."""
    made = network()
    choose = dice()
    seeds, stock = printed(2, seeds=True, choose=choose), list(printed(people, choose=choose))
    waiting = list(seeds)
    for number in range(1, people + 1):
        redeem(waiting.pop(0))
        given = [stock.pop(0) for _ in range(min(2, len(stock)))]
        give(number, *given, degree=7 + 2 * (number % 2))
        waiting += given
    return made


def test_chains_waves_and_diagnostics_of_the_library() -> None:
    grown()
    roots = queries_networks.chains("spring")
    assert [root.number for root in roots] == [1, 2]
    assert sum(root.size for root in roots) == 40
    lines = queries_networks.waves("spring")
    assert [line.people for line in lines] == [2, 4, 8, 16, 10]
    assert (lines[0].coupons_given, lines[0].coupons_used) == (4, 4)
    recruitment, rows = queries_networks.recruitment_of("spring")
    assert recruitment.wave.tolist() == [row.wave for row in rows]
    found = diagnose(recruitment, ["a" if row.number % 3 else "b" for row in rows])
    assert [line.name for line in found.convergence] == ["a", "b"]
    assert found.convergence[0].sizes == (2, 6, 14, 30, 40)
    for place in range(5):
        assert sum(line.shares[place] for line in found.convergence) == pytest.approx(1)
    assert len(found.bottleneck) == 2
    assert found.homophily is not None
    with pytest.raises(Refused, match="one_category"):
        diagnose(recruitment, ["a"] * 40)


def test_a_degree_that_is_not_known_is_asked_for_and_never_zero() -> None:
    network()
    redeem(printed(1, seeds=True)[0])
    with pytest.raises(Refused, match=r"rds\.degree_unknown"):
        queries_networks.recruitment_of("spring")
    assert queries_networks.recruitment_table("spring").column("network_size").to_pylist() == [None]


def test_chains_become_a_snapshot_that_meets_the_interviews(settings, tmp_path) -> None:
    with home_of(settings, tmp_path):
        grown(8)
        columns = [
            {"name": "coupon", "role": "direct_identifier", "kind": "text"},
            {"name": "recruiter_coupon", "role": "direct_identifier", "kind": "text"},
            {"name": "seed", "role": "attribute", "kind": "boolean"},
            {"name": "wave", "role": "measure", "kind": "integer"},
            {"name": "network_size", "role": "measure", "kind": "integer"},
            {"name": "site", "role": "attribute", "kind": "text"},
            {"name": "period", "role": "period", "kind": "text"},
        ]
        dataflow({"code": "rds-recruitment", "version": "1", "unit": "person", "columns": columns})
        snapshot = freeze_recruitment(actor=TEST, at=LATER, network_code="spring")
        table = read_table(snapshot.pk, actor=TEST, at=LATER, purpose="estimation")
    assert table.num_rows == 8
    rows = table.to_pylist()
    own = {row["coupon__pseudonym"] for row in rows}
    assert {row["recruiter_coupon__pseudonym"] for row in rows if not row["seed"]} <= own
    assert {row["recruiter_coupon__pseudonym"] for row in rows if row["seed"]} == {None}


def test_a_person_goes_and_the_chain_stays_until_the_network_is_forgotten() -> None:
    grown(8)
    coupon = Coupon.objects.filter(holder__number=2).get()
    assert erase_links([coupon.pseudonym]) == 1
    assert Participant.objects.get(number=2).degree is None
    assert sum(root.size for root in queries_networks.chains("spring")) == 8
    move_network(actor=TEST, at=AT, network_code="spring", move=NetworkMove.CLOSE)
    assert forget_old_fieldwork(actor=TEST, at=AT + timedelta(days=364)) == 0
    assert forget_old_fieldwork(actor=TEST, at=AT + timedelta(days=366)) == 1
    assert not (Network.objects.exists() or Coupon.objects.exists() or Participant.objects.exists())


def test_small_categories_are_taken_together() -> None:
    import pyarrow as pa

    table = pa.table({"coupon__pseudonym": [f"c{n}" for n in range(9)], "sex": ["F"] * 6 + ["M"] * 2 + [None]})
    found = queries_networks.categories_by_coupon(table, "sex")
    assert sorted(set(found.values())) == ["*", "f"]
    assert len(found) == 8
    assert CHAINS["columns"][0]["name"] == "coupon"
