"""Submissions written in groups: each with its own result, none answered before its commit, a failure undone alone."""

from __future__ import annotations

import threading
import time
from datetime import datetime
from types import SimpleNamespace

import pytest

from instruments.small_form import AT, filled, new_instance, published
from marsad.audit.events import record, writes
from marsad.audit.models import Event
from marsad.audit.queries import verify_chain
from marsad.audit.rules import Actor, System
from marsad.collection.instruments import queueing
from marsad.collection.instruments.arrival import read_arrival
from marsad.collection.instruments.models import Revision, Submission
from marsad.collection.instruments.operations import keep_submission
from marsad.collection.instruments.queueing import Waiting, write_group, written_in_groups
from marsad.collection.instruments.rules import Channel, Outcome, Receipt

AGENT = System("agent")


def waiting(xml: bytes) -> Waiting[Receipt]:
    arrival = read_arrival(actor=AGENT, at=AT, xml=xml, attachments={})
    return Waiting(lambda: keep_submission(actor=AGENT, at=AT, arrival=arrival, channel=Channel.OPENROSA))


@writes("test.undone", using="confidential")
def undone(*, actor: Actor, at: datetime) -> Receipt:
    Submission.objects.all().delete()
    record(actor=actor, action="test.undone", target="x", at=at)
    raise LookupError("this one alone")


@pytest.mark.django_db(databases=["default", "confidential"])
def test_a_group_is_stored_whole_but_for_the_one_that_fails() -> None:
    published()
    instance = new_instance()
    failing: Waiting[Receipt] = Waiting(lambda: undone(actor=AGENT, at=AT))
    group = [waiting(filled(instance)), failing, waiting(filled()), waiting(filled(instance))]
    write_group(group)
    outcomes = [one.result().outcome for one in group if one is not failing]
    assert outcomes == [Outcome.STORED, Outcome.STORED, Outcome.DUPLICATE]
    with pytest.raises(LookupError, match="this one alone"):
        failing.result()
    assert (Submission.objects.count(), Revision.objects.count()) == (2, 2)
    assert not Event.objects.filter(action="test.undone").exists()
    assert verify_chain().sound


@pytest.mark.django_db(databases=["default", "confidential"])
def test_where_the_commit_fails_everybody_is_told_and_nothing_is_stored() -> None:
    def dies() -> Receipt:
        raise KeyboardInterrupt

    published()
    group = [waiting(filled()), Waiting(dies)]
    with pytest.raises(KeyboardInterrupt):
        write_group(group)
    assert not Submission.objects.exists()
    for one in group:
        with pytest.raises(KeyboardInterrupt):
            one.result()


def test_those_who_wait_are_written_together(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    everybody_waits = threading.Event()

    def written(group: list[Waiting[int]]) -> None:
        everybody_waits.wait(10)
        sizes.append(len(group))
        for one in group:
            one.run()

    sqlite = {"confidential": SimpleNamespace(vendor="sqlite", in_atomic_block=False)}
    monkeypatch.setattr(queueing, "connections", sqlite)
    monkeypatch.setattr(queueing, "write_group", written)
    doubled = written_in_groups(lambda number: 2 * number)
    found: dict[int, int] = {}
    threads = [threading.Thread(target=lambda n=n: found.update({n: doubled(n)})) for n in range(40)]
    for thread in threads:
        thread.start()
    time.sleep(0.2)
    everybody_waits.set()
    for thread in threads:
        thread.join(10)
    assert found == {number: 2 * number for number in range(40)}
    assert sum(sizes) == 40
    assert 1 < max(sizes) <= queueing.LARGEST_GROUP
