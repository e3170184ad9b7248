"""The doctor finds what is wrong, says how to mend it, and its exit status tells."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection

from house.installation import marsad, prepared, python
from house.people import AT, person
from marsad.accounts.rules import Role
from marsad.audit.triggers import create_triggers, drop_triggers
from marsad.config import doctor, jobs
from marsad.config.doctor import Level
from marsad.work.operations import start_job

BOTH = ["default", "confidential"]


@pytest.fixture
def environment(settings: Any, tmp_path: Path) -> Any:
    """Settings of the test with a home of its own, to be changed at will."""

    def change(**fields: Any) -> None:
        settings.ENVIRONMENT = replace(django_settings.ENVIRONMENT, **fields)

    change(home=tmp_path)
    return change


def levels(check: Any) -> dict[str, Level]:
    return {finding.subject: finding.level for finding in check(AT)}


def test_every_finding_that_is_not_well_says_how_to_mend_it(environment: Any) -> None:
    for finding in doctor.secret_key(AT):
        assert finding.remedy


def test_the_secret_key_must_be_its_owners_alone(environment: Any, tmp_path: Path) -> None:
    assert levels(doctor.secret_key) == {"secret key": Level.FAULT}
    key = tmp_path / "secret_key"
    key.write_text("k")
    key.chmod(0o644)
    assert levels(doctor.secret_key) == {"secret key": Level.FAULT}
    key.chmod(0o600)
    assert levels(doctor.secret_key) == {"secret key": Level.OK}
    environment(secret_key="given")
    assert levels(doctor.secret_key) == {"secret key": Level.OK}


@pytest.mark.django_db(databases=BOTH)
def test_databases(environment: Any) -> None:
    found = levels(doctor.databases)
    assert found["database default"] is found["database confidential"] is Level.OK
    environment(confidential_database_url=django_settings.ENVIRONMENT.database_url)
    assert levels(doctor.databases)["databases"] is Level.FAULT


@pytest.mark.parametrize("alias", ["default", "confidential"])
@pytest.mark.django_db(databases=BOTH)
def test_a_database_file_must_be_its_owners_alone(alias: str, tmp_path: Path, monkeypatch: Any) -> None:
    file = tmp_path / f"{alias}.sqlite3"
    file.touch(0o644)
    monkeypatch.setattr(doctor, "database_files", lambda: {alias: file})
    assert next(one.level for one in doctor.databases(AT) if one.subject == f"database {alias}") is Level.FAULT
    file.chmod(0o600)
    assert levels(doctor.databases)[f"database {alias}"] is Level.OK


@pytest.mark.django_db
def test_the_audit_log_and_its_triggers() -> None:
    person(Role.MEMBER)
    assert levels(doctor.audit_log) == {"audit log": Level.OK}
    drop_triggers(connection)
    try:
        found = list(doctor.audit_log(AT))
        assert [finding.level for finding in found] == [Level.FAULT, Level.OK]
        with connection.cursor() as cursor:
            cursor.execute("UPDATE audit_event SET action = 'other'")
        assert [finding.level for finding in doctor.audit_log(AT)] == [Level.FAULT, Level.FAULT]
    finally:
        create_triggers(connection)


@pytest.mark.django_db
def test_the_administrator_is_missed_until_there_is_one() -> None:
    assert levels(doctor.people) == {"administrator": Level.WARNING}
    person(Role.ADMINISTRATOR)
    assert levels(doctor.people) == {"administrator": Level.OK}


def test_the_city_pack(environment: Any, tmp_path: Path) -> None:
    environment(city=tmp_path / "nowhere")
    assert levels(doctor.city_pack) == {"city pack": Level.FAULT}
    (tmp_path / "broken").mkdir()
    environment(city=tmp_path / "broken")
    assert levels(doctor.city_pack) == {"city pack": Level.FAULT}


def test_what_the_front_end_lacks(environment: Any, settings: Any, tmp_path: Path, monkeypatch: Any) -> None:
    settings.STATIC_ROOT = tmp_path
    monkeypatch.setattr(doctor.finders, "find", lambda name: None)
    monkeypatch.setattr(doctor, "SOURCE", tmp_path)
    assert levels(doctor.front_end) == {"front end": Level.FAULT, "fonts": Level.FAULT}


@pytest.mark.django_db
def test_waiting_work_is_seen() -> None:
    assert levels(doctor.background_work) == {"background work": Level.OK}
    assert jobs.verify_audit_chain
    start_job(actor=person(Role.MEMBER), at=AT, job="verify-audit-chain")
    late = list(doctor.background_work(AT.replace(year=2100)))
    assert [finding.level for finding in late] == [Level.WARNING]


def test_what_is_seen_from_outside(environment: Any, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["observatoire.example.org"]
    settings.DEBUG = True
    assert levels(doctor.outside) == {"e-mail": Level.WARNING, "https": Level.FAULT, "debug": Level.FAULT}
    environment(https=True, email_url="smtp://localhost")
    settings.DEBUG = False
    assert levels(doctor.outside) == {"proxy": Level.WARNING}
    environment(https=True, email_url="smtp://localhost", proxies=1)
    assert levels(doctor.outside) == {}


def test_a_database_that_is_away_is_a_finding(tmp_path: Path) -> None:
    done = marsad(tmp_path / "home", "doctor", MARSAD_CITY=str(tmp_path))
    assert done.returncode == 1
    assert "migrations wait" in done.stdout
    assert "marsad migrate" in done.stdout


def test_a_broken_chain_is_found_on_a_real_installation(tmp_path: Path) -> None:
    home = prepared(tmp_path / "home")
    tamper = """
from datetime import datetime, UTC
from django.db import connection
from marsad.accounts.operations import make_first_link
from marsad.audit.rules import System
from marsad.audit.triggers import drop_triggers
make_first_link(actor=System("test"), at=datetime(2026, 1, 5, tzinfo=UTC))
drop_triggers(connection)
connection.cursor().execute("UPDATE audit_event SET actor = 'system:other'")
"""
    assert python(home, tamper).returncode == 0
    done = marsad(home, "doctor", MARSAD_CITY=str(tmp_path))
    assert done.returncode == 1
    assert "the chain breaks at event 1 (audit.digest)" in done.stdout
