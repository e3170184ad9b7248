"""Run in a process of its own, in a prepared home: processes that are really killed at every step of a delivery.

Each action runs in a child that dies by SIGKILL at a named point; a later child does what the worker does next.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "marsad.config.settings"
import django

django.setup()

from datetime import timedelta  # noqa: E402

from django.db import connections  # noqa: E402
from django.utils import timezone  # noqa: E402

from deliveries.delivery_cases import GOOD_ROWS, csv_bytes, sent, stage  # noqa: E402
from marsad.collection import snapshots  # noqa: E402
from marsad.collection.deliveries import (  # noqa: E402
    facts,
    jobs,
    operations_intake,
    operations_steps,
    queries,
    spool,
    steps,
    typed_rows,
)
from marsad.collection.deliveries import operations_decisions as decisions  # noqa: E402
from marsad.collection.deliveries.models import Delivery  # noqa: E402
from marsad.collection.deliveries.operations_decisions import Decision  # noqa: E402
from marsad.collection.deliveries.rules import Move, State  # noqa: E402
from marsad.collection.models import Snapshot  # noqa: E402
from marsad.config import jobs as registered  # noqa: E402, F401
from marsad.coordination.agreements.models import DeliveryReceipt  # noqa: E402


def in_child(act: Callable[[], Any]) -> int:
    """Run in a process of its own; returns the signal that ended it, 0 for none."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        act()
        connections.close_all()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def dies_at(
    owner: Any, name: str, *, call: int = 1, after: bool = False
) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """The action with a function that kills the process at its nth call, before or after doing its work."""

    def wrap(act: Callable[[], Any]) -> Callable[[], Any]:
        def killed() -> None:
            real, seen = getattr(owner, name), [0]

            def deadly(*args: Any, **kwargs: Any) -> Any:
                seen[0] += 1
                if seen[0] == call and not after:
                    os.kill(os.getpid(), signal.SIGKILL)
                done = real(*args, **kwargs)
                if seen[0] == call and after:
                    os.kill(os.getpid(), signal.SIGKILL)
                return done

            setattr(owner, name, deadly)
            act()

        return killed

    return wrap


def work() -> None:
    """What the worker does once the lease of the dead process has run out."""
    Delivery.objects.exclude(claimed_until=None).update(claimed_until=timezone.now() - timedelta(seconds=1))
    jobs.advance_deliveries(lambda done, total=None, step="": None)


def wait_for(state: State) -> Delivery:
    found = Delivery.objects.exclude(state=State.ARRIVING).get()
    assert found.state == state, found.state
    return found


def main() -> None:
    people = stage()
    typed_rows.TypedRows.__init__.__kwdefaults__["batch_rows"] = 100  # type: ignore[index]
    rows = [GOOD_ROWS[0]] + [
        [f"Nom{n}", f"P{n}", "1990-05-04", "GIN", "04.421.01.05", str(n % 90), "2026-01-12"] for n in range(350)
    ]
    content = csv_bytes(rows)
    killed: dict[str, int] = {}

    def attempt(point: str, owner: Any, name: str, act: Callable[[], Any], **how: Any) -> None:
        killed[point] = in_child(dies_at(owner, name, **how)(act))

    send = lambda: sent(people, content)  # noqa: E731
    attempt("upload: a piece", spool.SpoolWriter, "_flush", send, after=True)
    attempt("upload: before the row", operations_intake, "make_key", send)
    attempt("upload: before the commit", operations_intake, "record", send)
    attempt("upload: after the event", operations_intake, "record", send, after=True)
    assert Delivery.objects.count() == 0
    assert in_child(send) == 0
    number = Delivery.objects.get().pk
    advance = lambda: steps.advance(number)  # noqa: E731
    attempt("read: layout", steps, "recognise_layout", advance, after=True)
    attempt("read: before the commit", operations_steps, "record", work)
    assert in_child(work) == 0
    wait_for(State.READ)
    confirm = lambda: decisions.confirm_mapping(  # noqa: E731
        actor=people.partner,
        at=timezone.now(),
        delivery_id=number,
        mapping=queries.mapping_of(queries.delivery(number)),
    )
    attempt("confirm: before the fact", facts, "note_delivery", confirm)
    wait_for(State.READ)
    assert in_child(confirm) == 0
    attempt("check: third batch", typed_rows.TypedRows, "_typed", work, call=3)
    attempt("check: before the commit", operations_steps, "record", work)
    assert in_child(work) == 0
    wait_for(State.CHECKED)
    accept = lambda: decisions.decide(  # noqa: E731
        actor=people.officer, at=timezone.now(), delivery_id=number, decision=Decision(Move.ACCEPT)
    )
    attempt("accept: before the commit", operations_steps, "record", accept)
    wait_for(State.CHECKED)
    assert in_child(accept) == 0
    attempt("store: second batch", typed_rows.TypedRows, "_typed", work, call=2)
    attempt("store: files written", snapshots, "enter_snapshot", work)
    attempt("store: frozen, not noted", operations_steps, "note_stored", work)
    attempt("store: before the commit", operations_steps, "record", work)
    assert Snapshot.objects.count() == 0
    attempt("store: noted, not ended", steps, "freeze", work, after=True)
    assert Snapshot.objects.count() == 1
    assert in_child(work) == 0
    found = wait_for(State.ACCEPTED)
    assert in_child(work) == 0
    snapshot = Snapshot.objects.get()
    assert (found.snapshot, snapshot.rows, found.stored_rows) == (snapshot.pk, 350, 350)
    receipt = DeliveryReceipt.objects.get()
    again = ""
    try:
        sent(people, content)
    except Exception as told:
        again = type(told).__name__
    left = sorted(path.name for path in queries.folder().glob("*") if path.name == f"{number}.spool")
    print(json.dumps({"killed": killed, "state": found.state, "receipt": receipt.state, "again": again, "left": left}))


if __name__ == "__main__":
    sys.exit(main())
