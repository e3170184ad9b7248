"""Writers at the same time: every event lands, and the chain stays one chain."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection

from house.installation import prepared, python
from marsad.audit.events import record, writes
from marsad.audit.models import Event
from marsad.audit.queries import verify_chain
from marsad.audit.rules import System

AT = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


@writes("test.concurrent")
def write(*, actor: System, at: datetime) -> None:
    record(actor=actor, action="test.concurrent", target="thing:1", at=at)


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
def test_four_writers_make_one_chain() -> None:
    faults: list[BaseException] = []

    def writer(number: int) -> None:
        try:
            for _ in range(10):
                write(actor=System(f"writer-{number}"), at=AT)
        except BaseException as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=writer, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert Event.objects.count() == 40
    assert verify_chain().sound


@pytest.mark.django_db(transaction=True)
def test_a_test_with_real_transactions_leaves_the_log_empty_and_closed() -> None:
    write(actor=System("test"), at=AT)
    assert Event.objects.count() == 1


def test_four_writers_of_one_sqlite_file_make_one_chain(tmp_path: Path) -> None:
    code = """
import threading
from datetime import UTC, datetime
from django.db import connection
from marsad.audit.events import record, writes
from marsad.audit.queries import verify_chain
from marsad.audit.rules import System

@writes("test.concurrent")
def write(*, actor, at):
    record(actor=actor, action="test.concurrent", target="thing:1", at=at)

def writer(number):
    for _ in range(10):
        write(actor=System(f"writer-{number}"), at=datetime(2026, 1, 5, tzinfo=UTC))
    connection.close()

threads = [threading.Thread(target=writer, args=(number,)) for number in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
verdict = verify_chain()
print(verdict.sound, verdict.events)
"""
    done = python(prepared(tmp_path / "home"), code)
    assert done.stdout == "True 40\n", done.stderr
