"""What has to stand before the first page is served: databases, words, static files, the city. One command does it all."""

from __future__ import annotations

import fcntl
import hashlib
import io
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import CommandError, call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from marsad.audit.queries import first_digest
from marsad.config.environment import SOURCE
from marsad.config.texts import compile_texts

_log = logging.getLogger(__name__)


def pending_migrations(alias: str) -> int:
    """How many migrations a database still waits for."""
    executor = MigrationExecutor(connections[alias])
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def cache_table_stands() -> bool:
    return settings.CACHES["default"]["LOCATION"] in connections["default"].introspection.table_names()


def migrate_databases() -> None:
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
    for place in (settings.ENVIRONMENT.city, SOURCE / "observatory", SOURCE / "catalogue"):
        for path in place.rglob("*"):
            if path.is_file() and path.suffix not in {".pyc", ".mo"}:
                yield str(path.relative_to(place.parent)), path


def _unless_done(name: str, fingerprint: str, work: Callable[[], object]) -> bool:
    marker = Path(settings.ENVIRONMENT.home) / f"{name}.done"
    if marker.exists() and marker.read_text(encoding="ascii") == fingerprint:
        return False
    work()
    marker.write_text(fingerprint, encoding="ascii")
    return True


def collect_static() -> bool:
    """Collect and compress the static files when any changed."""
    fingerprint = _fingerprint(_static_files())
    return _unless_done("static", fingerprint, lambda: call_command("collectstatic", interactive=False, verbosity=0))


def load_city_now(report: Callable[[int, int | None, str], None] = lambda done, total, step: None) -> str:
    """Load the city pack and return the last line of what the command says changed."""
    report(0, None, "city.load")
    said = io.StringIO()
    call_command("load_city", stdout=said)
    lines = [line for line in said.getvalue().splitlines() if line.strip()]
    return lines[-1].strip() if lines else ""


def load_city_if_changed() -> bool:
    """Load the city pack when it, or the code that reads it, changed since this database last had it.

    A pack with problems stops the first start; later the city as it was loaded before goes on being served.
    """
    database = f"{settings.ENVIRONMENT.database_url} {first_digest()}"
    name = f"city-{hashlib.sha256(database.encode()).hexdigest()[:16]}"
    try:
        return _unless_done(name, _fingerprint(_pack_files()), load_city_now)
    except CommandError:
        if not first_digest():
            raise
        _log.warning("the city pack has problems (marsad check-city lists them); the city as last loaded is served")
        return False


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
