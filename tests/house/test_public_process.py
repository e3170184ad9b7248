"""The public process: nothing above the line can be imported, opened or reached in it. Tried in real processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from house.installation import environment, prepared, python, served, status
from marsad.config.environment import Environment
from marsad.config.line_guard import is_above

PUBLIC = {"MARSAD_PUBLIC_ONLY": "1"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepared(tmp_path_factory.mktemp("public") / "home")


def test_nothing_above_the_line_is_imported(home: Path) -> None:
    code = """
import importlib, sys
from django.apps import apps
for name in ("collection", "collection.models", "collection.queries", "production", "release", "release.models"):
    try:
        importlib.import_module(f"marsad.{name}")
    except ImportError as refused:
        assert type(refused).__name__ == "AboveTheLine", repr(refused)
    else:
        raise SystemExit(f"{name} was imported")
assert not [name for name in sys.modules if name.startswith(("marsad.collection", "marsad.production", "marsad.release"))]
assert not {"collection", "account", "mfa", "usersessions"} & {app.label for app in apps.get_app_configs()}
print("closed")
"""
    done = python(home, code, **PUBLIC)
    assert done.stdout == "closed\n", done.stderr


def test_no_confidential_database_key_or_address_is_known(home: Path) -> None:
    secret = "postgresql://marsad:hidden-word@db/confidential"
    code = """
import os
from django.conf import settings
from django.db import connections
assert list(connections) == ["default"], list(connections)
assert "hidden-word" not in repr(os.environ) + repr(settings.DATABASES) + repr(settings.ENVIRONMENT)
assert settings.SECRET_KEY != "the-key-of-the-house"
print("unknown")
"""
    told = {"MARSAD_CONFIDENTIAL_DATABASE_URL": secret, "MARSAD_SECRET_KEY": "the-key-of-the-house"}
    done = python(home, code, **PUBLIC, **told)
    assert done.stdout == "unknown\n", done.stderr


def test_no_confidential_file_is_opened(home: Path) -> None:
    assert (home / "confidential.sqlite3").exists()
    code = """
import os, pathlib, sqlite3
from django.conf import settings
home = settings.ENVIRONMENT.home
os.chdir(home)
(home / "link").unlink(missing_ok=True)
(home / "link").symlink_to(home / "confidential.sqlite3")
tries = {
    "open": lambda: open(home / "confidential.sqlite3", "rb"),
    "relative": lambda: open("./x/../confidential.sqlite3", "rb"),
    "link": lambda: open(home / "link", "rb"),
    "os.open": lambda: os.open("confidential.sqlite3-wal", os.O_RDONLY),
    "bytes": lambda: pathlib.Path(os.fsdecode(os.fsencode(home) + b"/confidential.sqlite3")).read_bytes(),
    "sqlite": lambda: sqlite3.connect(home / "confidential.sqlite3"),
    "sqlite uri": lambda: sqlite3.connect(f"file:{home}/confidential.sqlite3?mode=ro", uri=True),
    "sqlite uri in percents": lambda: sqlite3.connect(f"file:{home}/confidenti%61l.sqlite3?mode=ro", uri=True),
    "sqlite uri with a host": lambda: sqlite3.connect(f"file://localhost{home}/confidential.sqlite3?mode=ro", uri=True),
    "key": lambda: (home / "secret_key").read_text(),
    "from an opened folder": lambda: (os.chdir("/"), os.open("secret_key", os.O_RDONLY, dir_fd=os.open(home, os.O_RDONLY))),
    "archives": lambda: os.listdir(home / "backups"),
    "messages": lambda: (home / "outbox" / "one.log").read_text(),
}
os.makedirs("x", exist_ok=True)
for name, attempt in tries.items():
    try:
        attempt()
    except PermissionError:
        pass
    else:
        raise SystemExit(f"{name} was opened")
assert (home / "default.sqlite3").read_bytes()
print("closed")
"""
    (home / "secret_key").write_text("the key of the full process")
    (home / "backups").mkdir(exist_ok=True)
    (home / "outbox").mkdir(exist_ok=True)
    (home / "outbox" / "one.log").write_text("a link")
    done = python(home, code, **PUBLIC)
    assert done.stdout == "closed\n", done.stderr


def test_no_confidential_file_is_attached_to_an_open_database(home: Path) -> None:
    code = """
from django.conf import settings
from django.db import DatabaseError, connection
with connection.cursor() as cursor:
    cursor.execute("SELECT count(*) FROM django_migrations")
    try:
        cursor.execute("ATTACH %s AS above", [str(settings.ENVIRONMENT.home / "confidential.sqlite3")])
    except DatabaseError as refused:
        assert "too many attached" in str(refused), refused
    else:
        raise SystemExit("the confidential database was attached")
print("closed")
"""
    done = python(home, code, **PUBLIC)
    assert done.stdout == "closed\n", done.stderr


def test_it_serves_without_confidential_file_and_without_routes_of_accounts(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with served(home, "--public", "--no-load") as (address, log, _process):
        assert status(f"{address}/") == 302
        for route in ("account/login/", "account/", "audit/", "requests/", "work/"):
            assert status(f"{address}/fr/{route}") == 404
        assert "public pages alone" in log.read_text()
        assert "invitation" not in log.read_text()
    assert not list(home.glob("confidential*"))
    assert not (home / "secret_key").exists()


def test_the_environment_of_the_public_process_is_read_without_secrets() -> None:
    said = {"MARSAD_PUBLIC_ONLY": "1", "MARSAD_SECRET_KEY": "k", "MARSAD_CONFIDENTIAL_DATABASE_URL": "sqlite:///x"}
    read = Environment.read(said)
    assert (read.secret_key, read.confidential_database_url) == ("", "")
    assert Environment.read({}).confidential_database_url.endswith("confidential.sqlite3")


@pytest.mark.parametrize(
    ("module", "above"),
    [("marsad.release", True), ("marsad.production.ibis_engine", True), ("marsad.released", False), ("marsad", False)],
)
def test_what_lies_above(module: str, above: bool) -> None:
    assert is_above(module) is above


def test_a_test_process_does_not_inherit_this_ones_settings(tmp_path: Path) -> None:
    assert {name for name in environment(tmp_path) if name.startswith("MARSAD_")} == {"MARSAD_HOME"}
