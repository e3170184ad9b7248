"""What has to stand before the first page is served: databases, words, static files, the city. One command does it all."""

from __future__ import annotations

import fcntl
import hashlib
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import CommandError, call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from marsad.audit.queries import first_digest
from marsad.audit.rules import System
from marsad.config.environment import SOURCE
from marsad.config.texts import compile_texts
from marsad.observatory.citypack.pack import read_pack
from marsad.observatory.citypack.problems import PackHasProblems
from marsad.observatory.operations import load_city

_log = logging.getLogger(__name__)


def pending_migrations(alias: str) -> int:
    """How many migrations a database still waits for."""
    executor = MigrationExecutor(connections[alias])
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def cache_table_stands() -> bool:
    return settings.CACHES["default"]["LOCATION"] in connections["default"].introspection.table_names()


def database_files() -> dict[str, Path]:
    """The files of the databases that are SQLite, by alias. Both hold persons' data: accounts are below the line."""
    return {
        alias: Path(setting["NAME"])
        for alias, setting in settings.DATABASES.items()
        if "sqlite3" in setting["ENGINE"] and "memory" not in str(setting["NAME"])
    }


def _keep_to_owner(path: Path) -> None:
    """SQLite gives its side files the permissions of the database file, so these are set before it is opened."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    for ending in ("", "-wal", "-shm"):
        file = path.with_name(path.name + ending)
        if file.exists():
            file.chmod(0o600)


def _keep_messages_to_owner() -> None:
    """Where messages are written to files, these hold the links of invitations and of new passwords."""
    folder = getattr(settings, "EMAIL_FILE_PATH", None)
    if folder and not settings.PUBLIC_ONLY:
        Path(folder).mkdir(parents=True, exist_ok=True)
        Path(folder).chmod(0o700)


def migrate_databases() -> None:
    """Bring both databases up to date, and make the table of the shared cache."""
    for file in database_files().values():
        _keep_to_owner(file)
    _keep_messages_to_owner()
    for alias in settings.DATABASES:
        if pending_migrations(alias):
            call_command("migrate", database=alias, interactive=False, verbosity=0)
    if not cache_table_stands():
        call_command("createcachetable", database="default", verbosity=0)


def _fingerprint(files: Iterator[tuple[str, Path]]) -> str:
    digest = hashlib.sha256()
    for name, path in sorted(files):
        status = path.stat()
        digest.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _static_files() -> Iterator[tuple[str, Path]]:
    for finder in get_finders():
        for name, storage in finder.list([]):
            yield name, Path(storage.path(name))


def _pack_files() -> Iterator[tuple[str, Path]]:
    """The pack and the code that reads it: a change of either loads it again."""
    for place in (settings.ENVIRONMENT.city, SOURCE / "observatory", SOURCE / "catalogue", SOURCE / "collection"):
        for path in place.rglob("*"):
            if path.is_file() and path.suffix not in {".pyc", ".mo"}:
                yield str(path.relative_to(place.parent)), path


def _is_done(marker: Path, fingerprint: str) -> bool:
    return marker.exists() and marker.read_text(encoding="ascii") == fingerprint


def collect_static() -> bool:
    """Collect and compress the static files when any changed."""
    marker, fingerprint = Path(settings.ENVIRONMENT.home) / "static.done", _fingerprint(_static_files())
    if _is_done(marker, fingerprint):
        return False
    call_command("collectstatic", interactive=False, verbosity=0)
    marker.write_text(fingerprint, encoding="ascii")
    return True


def load_city_now(report: Callable[[int, int | None, str], None] = lambda done, total, step: None) -> str:
    """Load the city pack and say in a few words what changed. Raises PackHasProblems and changes nothing for a bad pack."""
    report(0, None, "city.read")
    pack = read_pack(settings.ENVIRONMENT.city)
    load_above_the_line = _collected_in_step(settings.ENVIRONMENT.city)
    loaded = load_city(
        pack=pack,
        actor=System("load-city"),
        at=timezone.now(),
        progress=lambda step, done, total: report(done, total, f"city.{step}"),
    )
    load_above_the_line()
    changed = sum(len(one.added) + len(one.changed) + len(one.removed) for one in loaded.changes)
    return f"{loaded.publication}: {changed} changes, {loaded.observations_added} observations added"


def _collected_in_step(root: Path) -> Callable[[], object]:
    """What brings the collected dataflows in step; their files are read at once, so that a bad one changes nothing."""
    if settings.PUBLIC_ONLY or not (root / "collected").is_dir():
        return lambda: None
    from marsad.collection.collected_pack import read_collected
    from marsad.collection.instruments.pack import load_instruments
    from marsad.collection.instruments.pack import read_pack as read_instruments
    from marsad.collection.operations_dataflows import load_collected

    read_collected(root)
    read_instruments(root)

    def load() -> None:
        load_collected(actor=System("load-city"), at=timezone.now(), root=root)
        load_instruments(actor=System("load-city"), at=timezone.now(), root=root, warn=_log.warning)

    return load


def _city_marker() -> Path:
    """The first event tells this database from any other, so another one at the same address is loaded anew."""
    database = f"{settings.ENVIRONMENT.database_url} {first_digest()}"
    return Path(settings.ENVIRONMENT.home) / f"city-{hashlib.sha256(database.encode()).hexdigest()[:16]}.done"


def load_city_if_changed() -> bool:
    """Load the city pack when it, or the code that reads it, changed since this database last had it.

    A pack with problems stops the first start; later the city as it was loaded before goes on being served.
    """
    fingerprint = _fingerprint(_pack_files())
    if _is_done(_city_marker(), fingerprint):
        return False
    try:
        load_city_now()
    except PackHasProblems as problems:
        if not first_digest():
            raise CommandError(f"{problems}: marsad check-city lists them") from None
        _log.warning("the city pack has problems (marsad check-city lists them); the city as last loaded is served")
        return False
    _city_marker().write_text(fingerprint, encoding="ascii")
    return True


@contextmanager
def one_at_a_time(home: Path) -> Iterator[None]:
    """Two processes that start together prepare one after the other."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "prepare.lock").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


STEPS: tuple[tuple[str, Callable[[], object]], ...] = (
    ("words of the interface", compile_texts),
    ("databases", migrate_databases),
    ("static files", collect_static),
    ("city pack", load_city_if_changed),
)
