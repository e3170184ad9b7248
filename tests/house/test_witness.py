"""A log whose end was cut, or that was computed anew, is contradicted by the notes outside the database."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection

from house.people import AT, person
from marsad.accounts.rules import Role
from marsad.audit.models import ChainHead, Event
from marsad.audit.queries import verify_chain
from marsad.audit.rules import FIRST_LINK, Link
from marsad.audit.triggers import create_triggers, drop_triggers
from marsad.config import doctor, jobs, witness
from marsad.config.doctor import Level
from migstat.model.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(settings: Any, tmp_path: Path) -> Path:
    settings.ENVIRONMENT = replace(django_settings.ENVIRONMENT, home=tmp_path)
    person(Role.MEMBER)
    jobs.verify_audit_chain(lambda *_: None)
    return tmp_path


def execute(*statements: tuple[str, list[object]]) -> None:
    """What somebody with the database's password can do, past every model and trigger."""
    drop_triggers(connection)
    with connection.cursor() as cursor:
        for statement, values in statements:
            cursor.execute(statement, values)
    create_triggers(connection)


def is_contradicted() -> bool:
    return any(one.level is Level.FAULT and "noted" in one.found for one in doctor.audit_log(AT))


def test_a_log_that_grows_agrees_with_its_notes(home: Path) -> None:
    person(Role.PLANNER)
    jobs.verify_audit_chain(lambda *_: None)
    assert witness.contradicted(home) is None
    assert len((home / "audit.witness").read_text().splitlines()) == 2
    assert stat.S_IMODE((home / "audit.witness").stat().st_mode) == 0o600
    assert not is_contradicted()


def test_the_same_end_is_noted_once(home: Path) -> None:
    witness.note(home)
    assert len((home / "audit.witness").read_text().splitlines()) == 1


def test_a_cut_end_with_its_head_moved_back_is_found(home: Path) -> None:
    last = Event.objects.last()
    assert last is not None
    execute(
        ("DELETE FROM audit_event WHERE sequence = %s", [last.sequence]),
        ("UPDATE audit_chainhead SET sequence = %s, digest = %s", [last.sequence - 1, last.previous]),
    )
    assert verify_chain().sound, "the chain alone cannot tell"
    assert is_contradicted()
    with pytest.raises(Refused, match=r"audit\.witness"):
        jobs.verify_audit_chain(lambda *_: None)


def test_a_chain_computed_anew_is_found(home: Path) -> None:
    previous, statements = FIRST_LINK, []
    for event in Event.objects.order_by("sequence"):
        link = Link(event.sequence, event.at, "user:nobody", event.action, event.target, event.details, previous)
        values: list[object] = ["user:nobody", previous, link.digest(), event.sequence]
        statements.append(("UPDATE audit_event SET actor = %s, previous = %s, digest = %s WHERE sequence = %s", values))
        previous = link.digest()
    execute(*statements, ("UPDATE audit_chainhead SET digest = %s", [previous]))
    assert verify_chain().sound, "the chain alone cannot tell"
    assert is_contradicted()


def test_an_emptied_log_is_found(home: Path) -> None:
    execute(("DELETE FROM audit_event", []), ("DELETE FROM audit_chainhead", []))
    assert ChainHead.objects.count() == 0
    assert verify_chain().sound, "the chain alone cannot tell"
    assert is_contradicted()


def test_a_log_that_was_brought_back_begins_its_notes_anew(home: Path) -> None:
    witness.begin_anew(home)
    assert witness.contradicted(home) is None
    assert (home / "audit.witness.before-restore").exists()
    witness.begin_anew(home)
    witness.note(home)
    assert witness.contradicted(home) is None
