"""A person who is erased is gone from what was stored of deliveries and from the files that wait; others stay."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone

from collection.store_cases import ACTOR, granted_request
from deliveries.delivery_cases import GOOD_ROWS, csv_bytes, sent, stage
from marsad.collection.deliveries import operations_decisions as decisions
from marsad.collection.deliveries import queries
from marsad.collection.deliveries.models import Delivery
from marsad.collection.deliveries.operations_retention import sweep_files
from marsad.collection.deliveries.rules import Move, State
from marsad.collection.deliveries.steps import advance
from marsad.collection.erasure import erase_pseudonym
from marsad.collection.keys import keys_for
from marsad.collection.pseudonyms import pseudonym_of
from marsad.collection.queries_snapshots import frozen_snapshots
from marsad.collection.snapshots import read_table
from migstat.model.refusals import Refused
from migstat.model.structure import Kind

pytestmark = pytest.mark.django_db(databases=["default", "confidential"])
AMINATA = (("Diallo", Kind.TEXT), ("Aminata", Kind.TEXT), ("1990-05-04", Kind.DATE))


def checked(people, rows: list[list[str]], period: str) -> Delivery:
    found = sent(people, csv_bytes(rows), period=period)
    advance(found.pk)
    found.refresh_from_db()
    if found.state == State.READ:
        decisions.confirm_mapping(
            actor=people.partner, at=timezone.now(), delivery_id=found.pk, mapping=queries.mapping_of(found)
        )
        advance(found.pk)
    return Delivery.objects.get(pk=found.pk)


def dated(rows: list[list[str]], month: str) -> list[list[str]]:
    return [GOOD_ROWS[0], *([*row[:6], f"2026-{month}-03"] for row in rows)]


def test_a_person_is_erased_from_snapshots_and_waiting_files_of_deliveries(home: Path) -> None:
    people = stage()
    first = checked(people, GOOD_ROWS, "2026-01")
    decisions.decide(
        actor=people.officer, at=timezone.now(), delivery_id=first.pk, decision=decisions.Decision(Move.ACCEPT)
    )
    advance(first.pk)
    first.refresh_from_db()
    waiting = checked(people, dated(GOOD_ROWS[1:3], "02"), "2026-02")
    lacking = checked(people, [GOOD_ROWS[0], [*GOOD_ROWS[1][:6], ""], [*GOOD_ROWS[2][:6], "2026-03-01"]], "2026-03")
    without = checked(people, dated(GOOD_ROWS[2:], "04"), "2026-04")
    assert {one.state for one in (waiting, lacking, without)} == {State.CHECKED}

    keys = keys_for("services")
    hers = [found for value, kind in AMINATA if (found := pseudonym_of(value, kind, keys))]
    certificate = erase_pseudonym(actor=ACTOR, at=timezone.now(), request=granted_request(), pseudonyms=hers)

    assert (certificate.counts["snapshots"], certificate.counts["deliveries"]) == (1, 2)
    [snapshot] = frozen_snapshots()
    assert str(snapshot.replaces_id) == str(first.snapshot)
    table = read_table(snapshot.pk, actor=people.officer, at=timezone.now(), purpose="services")
    assert table.num_rows == 2
    assert not set(hers) & {one for column in table.columns for one in column.to_pylist() if isinstance(one, str)}
    for gone in (waiting, lacking):
        gone.refresh_from_db()
        assert (gone.state, gone.problem["rule"]) == (State.REFUSED, "deliveries.erased")
        assert gone.file_destroyed_at is not None
        with pytest.raises(Refused, match=r"keys\.erased"):
            queries.spool_of(gone)
    without.refresh_from_db()
    assert (without.state, without.file_destroyed_at) == (State.CHECKED, None)
    sweep_files(now=timezone.now())
    assert [path.stem for path in (home / "deliveries").glob("*.spool")] == [str(without.pk)]
