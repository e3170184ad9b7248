"""Run in an installation of its own: work that is killed (SIGKILL) at each of its steps, and what stands afterwards.

It is killed before each step and after the last one, in a process of its own that is forked here; then the store is looked at, the
daily work is done, and the same work is done again to its end. Prints one line of JSON for each death.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import signal
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pyarrow as pa
from django.db import connections

from marsad.audit.queries import verify_chain
from marsad.collection import erasure
from marsad.collection.erasure import erase_past_retention, erase_pseudonym, reap_folders, resume_erasures
from marsad.collection.keys import keys_for
from marsad.collection.models import Certificate, Snapshot, WrappedKey
from marsad.collection.pseudonyms import pseudonym_of
from marsad.collection.queries_snapshots import frozen_snapshots
from marsad.collection.snapshots import read_table
from marsad.collection.store_folder import standing, store

sys.path.insert(0, os.environ["STORE_CASES"])
from collection.store_cases import ACTOR, AT, dataflow, frozen, granted_request, people
from migstat.model.structure import Kind

FREEZE = (
    "snapshots.store_folder.begin",
    "snapshots.write_records",
    "snapshots.files_of",
    "snapshots._read_back",
    "snapshots.store_folder.finish",
    "snapshots.enter_snapshot",
)
ERASE = (
    "erasure.begin_erasure",
    "erasure.note_erased",
    "erasure._rows_about",
    "erasure.write",
    "erasure.replace_snapshot",
    "erasure._remove_files",
    "erasure.erase_in_place",
    "erasure.certify_erasure",
)
RETAIN = ("erasure.retire_snapshot", "erasure._remove_files")
LATER = AT + timedelta(hours=2)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def deaths_of(steps: tuple[str, ...]) -> list[tuple[str, bool]]:
    """Before each step, which is after the one before it, and after the last."""
    return [*((step, False) for step in steps), (steps[-1], True)]


def kill_at(step: str, after: bool) -> None:
    *path, name = f"marsad.collection.{step}".split(".")
    place: Any = importlib.import_module(".".join(path[:3]))
    for part in path[3:]:
        place = getattr(place, part)
    real = getattr(place, name)

    def killed(*args: Any, **kwargs: Any) -> Any:
        if after:
            real(*args, **kwargs)
        die()

    setattr(place, name, killed)


def in_a_process_that_dies(step: str, after: bool, work: Any) -> bool:
    connections.close_all()
    child = os.fork()
    if child == 0:
        kill_at(step, after)
        work()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def readable() -> list[list[int]]:
    """The visits of each snapshot that can be seen, all of which open whole."""
    return sorted(
        read_table(one.pk, actor=ACTOR, at=AT, purpose="indicators").column("visits").to_pylist()
        for one in frozen_snapshots()
    )


def begin_anew() -> None:
    """Few snapshots keep the looks at all of them short."""
    reap_folders(at=datetime.now(tz=UTC) + timedelta(hours=2))
    WrappedKey.objects.filter(kind="snapshot").delete()
    Snapshot.objects.update(replaces=None)
    Snapshot.objects.all().delete()
    shutil.rmtree(store())


def tell(step: str, after: bool, died: bool, **more: Any) -> None:
    folders = sorted(folder.name for folder, _ in standing())
    rows = sorted(str(one.pk) for one in frozen_snapshots())
    print(json.dumps({"step": step, "after": after, "died": died, "tidy": folders == rows, **more}))


def freezing() -> None:
    for number, (step, after) in enumerate(deaths_of(FREEZE)):
        begin_anew()
        frozen(people(90, 1), delivery="another")
        delivery, before = f"d-{number}", readable()
        died = in_a_process_that_dies(
            step, after, lambda number=number, delivery=delivery: frozen(people(number, 3), delivery=delivery)
        )
        seen = readable()
        reap_folders(at=datetime.now(tz=UTC) + timedelta(hours=2))
        frozen(people(number, 3), delivery=delivery)
        whole = seen in (before, sorted([*before, [number, number + 1, number + 2]]))
        tell(step, after, died, whole=whole, once=readable() == sorted([*before, [number, number + 1, number + 2]]))


def erasing() -> None:
    kept = store().parent / "submissions.txt"

    @erasure.erases("submissions")
    def erase_own(pseudonyms: Any) -> int:
        count = len(kept.read_text())
        kept.write_text("")
        return count

    for number, (step, after) in enumerate(deaths_of(ERASE)):
        begin_anew()
        kept.write_text("xx")
        frozen(people(10 * number, 3), delivery=f"e-{number}")
        card = pseudonym_of(f"R {10 * number:06d}", Kind.TEXT, keys_for("services"))
        request, before, issued = granted_request(), readable(), Certificate.objects.count()
        work = partial(erase_pseudonym, actor=ACTOR, at=AT, request=request, pseudonyms=[str(card)])
        died = in_a_process_that_dies(step, after, work)
        with_person, without = [10 * number, 10 * number + 1, 10 * number + 2], [10 * number + 1, 10 * number + 2]
        whole = readable() in (before, sorted([*(one for one in before if one != with_person), without]))
        resume_erasures(actor=ACTOR, at=AT)
        certificate = work()
        reap_folders(at=datetime.now(tz=UTC) + timedelta(hours=2))
        tell(
            step,
            after,
            died,
            whole=whole,
            once=Certificate.objects.count() == issued + 1 and certificate.counts["snapshots"] == 1,
            erased=with_person not in readable() and without in readable() and kept.read_text() == "",
        )


def retaining() -> None:
    for number, (step, after) in enumerate(deaths_of(RETAIN)):
        frozen(people(number, 3), delivery=f"r-{number}")
        past = AT + timedelta(days=31)
        issued = Certificate.objects.count()
        died = in_a_process_that_dies(step, after, lambda past=past: erase_past_retention(actor=ACTOR, at=past))
        erase_past_retention(actor=ACTOR, at=past)
        reap_folders(at=datetime.now(tz=UTC) + timedelta(hours=2))
        tell(step, after, died, whole=readable() == [], once=Certificate.objects.count() == issued + 1)


if __name__ == "__main__":
    pa.set_cpu_count(1)
    dataflow()
    retaining()
    freezing()
    erasing()
    print(json.dumps({"chain": verify_chain().sound, "snapshots": Snapshot.objects.count()}))
