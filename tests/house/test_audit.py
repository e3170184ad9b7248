"""The audit log: one event per write, chained, append-only."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction

import marsad
from marsad.audit.events import OPERATIONS, record, writes
from marsad.audit.models import ChainHead, Event
from marsad.audit.queries import verify_chain
from marsad.audit.rules import System
from marsad.audit.triggers import create_triggers, drop_triggers, standing_triggers
from migstat.model.refusals import Refused

AT = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
ACTOR = System("test")


@writes("test.write")
def write(*, actor: System, at: datetime, events: int = 1, details: dict[str, object] | None = None) -> None:
    for number in range(events):
        record(actor=actor, action="test.write", target=f"thing:{number}", at=at, details=details)  # type: ignore[arg-type]


def append(count: int) -> None:
    for _ in range(count):
        write(actor=ACTOR, at=AT)


@pytest.mark.django_db
def test_each_event_carries_the_digest_of_the_one_before() -> None:
    append(3)
    first, second, third = Event.objects.all()
    assert second.previous == first.digest
    assert third.previous == second.digest
    assert verify_chain().sound


@pytest.mark.django_db
@pytest.mark.parametrize("events", [0, 2])
def test_an_operation_leaves_exactly_one_event(events: int) -> None:
    with pytest.raises(Refused, match=r"audit\.one_event"):
        write(actor=ACTOR, at=AT, events=events)
    assert not Event.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "details",
    [
        {"who": "Aïcha B."},
        {"mail": "a@example.org"},
        {"share": 0.5},
        {"Bad Key": 1},
        {"names": ["two words"]},
        {"x": {"y": 1}},
    ],
)
def test_details_hold_no_words_about_a_person(details: dict[str, object]) -> None:
    with pytest.raises(Refused, match=r"audit\.details") as refused:
        write(actor=ACTOR, at=AT, details=details)
    assert "Aïcha" not in str(refused.value)


@pytest.mark.django_db
def test_no_event_outside_an_operation_nor_without_a_time_zone() -> None:
    with pytest.raises(Refused, match=r"audit\.outside"):
        record(actor=ACTOR, action="test.write", target="x", at=AT)
    with pytest.raises(Refused, match=r"audit\.clock"):
        write(actor=ACTOR, at=datetime(2026, 1, 5))  # noqa: DTZ001


@pytest.mark.django_db
def test_neither_the_model_nor_the_database_changes_an_event() -> None:
    append(1)
    event = Event.objects.get()
    event.action = "other"
    for change in (event.save, event.delete, Event.objects.all().delete, lambda: Event.objects.update(action="other")):
        with pytest.raises(Refused, match=r"audit\.append_only"):
            change()
    assert standing_triggers(connection) == 2
    for statement in ("UPDATE audit_event SET action = 'other'", "DELETE FROM audit_event"):
        with pytest.raises(DatabaseError, match="append_only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert Event.objects.get().action == "test.write"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("tampering", "rule"),
    [
        ("UPDATE audit_event SET actor = 'system:other' WHERE sequence = 2", "audit.digest"),
        ("DELETE FROM audit_event WHERE sequence = 2", "audit.gap"),
        ("DELETE FROM audit_event WHERE sequence = 3", "audit.head"),
        ("DELETE FROM audit_chainhead", "audit.head"),
    ],
)
def test_verification_finds_what_was_tampered_with(tampering: str, rule: str) -> None:
    append(3)
    drop_triggers(connection)
    try:
        with connection.cursor() as cursor:
            cursor.execute(tampering)
        verdict = verify_chain()
    finally:
        create_triggers(connection)
    assert not verdict.sound
    assert verdict.rule == rule


@pytest.mark.django_db
def test_an_empty_log_is_sound_and_a_failed_write_leaves_nothing() -> None:
    assert verify_chain().sound
    append(1)
    with pytest.raises(Refused):
        write(actor=ACTOR, at=AT, events=2)
    assert ChainHead.objects.get().sequence == 1
    append(1)
    assert verify_chain().events == 2


def test_an_operation_is_keyword_only_and_given_actor_and_at() -> None:
    with pytest.raises(TypeError, match="by name"):
        writes("x")(lambda actor, at: None)

    def no_clock(*, actor: System) -> None: ...

    with pytest.raises(TypeError, match="actor and at"):
        writes("x")(no_clock)


def rooms_of_operations() -> list[str]:
    found = pkgutil.walk_packages(marsad.__path__, "marsad.")
    return sorted(module.name for module in found if module.name.endswith(".operations"))


def test_there_are_operations_to_walk() -> None:
    assert "marsad.accounts.operations" in rooms_of_operations()


@pytest.mark.parametrize("room", rooms_of_operations())
def test_every_public_function_of_operations_is_an_operation(room: str) -> None:
    module = importlib.import_module(room)
    public = [
        f"{room}.{name}"
        for name, value in inspect.getmembers(module, inspect.isfunction)
        if not name.startswith("_") and value.__module__ == room
    ]
    assert public
    assert [name for name in public if name not in OPERATIONS] == []
