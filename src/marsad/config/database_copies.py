"""Copies of one database: SQLite through its online backup, PostgreSQL through pg_dump and pg_restore."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from django.db import connections

from migstat.model.refusals import Refused

Report = Callable[[int, int], None]
SUFFIX = {"sqlite": "sqlite3", "postgresql": "pgdump"}
_PAGES = 2000


def member_name(alias: str) -> str:
    """The name of a database's copy in an archive: its kind can be read from it."""
    return f"{alias}.{SUFFIX[connections[alias].vendor]}"


def holds_tables(alias: str) -> bool:
    """Whether a database has been set up already."""
    with connections[alias].cursor() as cursor:
        return "django_migrations" in connections[alias].introspection.table_names(cursor)


def copy_out(alias: str, target: Path, report: Report) -> None:
    """Write a consistent copy of a database while it goes on being used. ``report(done, total)`` counts pages or 1."""
    settings = connections[alias].settings_dict
    if connections[alias].vendor == "sqlite":
        _copy_sqlite(Path(settings["NAME"]), target, report)
        return
    _postgresql("pg_dump", settings, "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")
    report(1, 1)


def _copy_sqlite(source: Path, target: Path, report: Report) -> None:
    address = f"{source.resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=20)) as read, closing(sqlite3.connect(target)) as written:
        read.backup(written, pages=_PAGES, progress=lambda status, left, total: report(total - left, total))


def copy_in(alias: str, source: Path) -> None:
    """Put a copy in the place of a database. The SQLite file that stood there is kept beside it."""
    connection = connections[alias]
    settings = connection.settings_dict
    connection.close()
    if connection.vendor == "sqlite":
        _replace_sqlite(Path(settings["NAME"]), source)
        return
    close_pool = getattr(connection, "close_pool", None)
    if close_pool:
        close_pool()
    options = ("--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error")
    _postgresql("pg_restore", settings, *options, str(source))


def _replace_sqlite(target: Path, source: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    for ending in ("", "-wal", "-shm"):
        standing = target.with_name(target.name + ending)
        if standing.exists():
            standing.replace(target.with_name(f"{target.name}.before-restore{ending}"))
    incoming = target.with_name(target.name + ".incoming")
    shutil.copyfile(source, incoming)
    incoming.chmod(0o600)
    incoming.replace(target)


def _postgresql(program: str, settings: dict[str, Any], *options: str) -> None:
    found = shutil.which(program)
    if not found:
        raise Refused("backup.program", found=f"no {program}", remedy="install PostgreSQL's client programs")
    where = {"--host": settings["HOST"], "--port": settings["PORT"], "--username": settings["USER"]}
    flags = [f"{flag}={value}" for flag, value in where.items() if value]
    database = [f"--dbname={settings['NAME']}"]
    environment = {**os.environ, "PGPASSWORD": settings["PASSWORD"] or ""}
    done = subprocess.run([found, *flags, *database, *options], env=environment, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        raise Refused("backup.program", found=f"{program}: {done.stderr.strip()[:300]}", remedy="mend it and try again")
