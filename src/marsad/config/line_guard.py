"""The public process cannot look above the line of confidentiality: not import its code, not open its files."""

from __future__ import annotations

import importlib.abc
import os
import sqlite3
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import unquote

from django.db.backends.signals import connection_created

ABOVE = ("marsad.collection", "marsad.production", "marsad.release", "marsad.demonstration")
# Archives hold both databases and the key, messages hold the links of invitations.
CONFIDENTIAL_NAMES = (
    "confidential",
    "snapshots",
    "deliveries",
    "erasures",
    "secret_key",
    "form_key",
    "form_parts",
    "backups",
    "outbox",
    ".marsad-backup",
    ".marsad-restore",
)
_FILE_EVENTS = frozenset(
    {"open", "sqlite3.connect", "os.listdir", "os.scandir", "os.rename", "os.link", "shutil.copyfile"}
)


class AboveTheLine(ImportError):
    """Something asked the public process for what lies above the line."""


def is_above(module: str) -> bool:
    """
    >>> is_above("marsad.collection.models"), is_above("marsad.collections"), is_above("marsad.catalogue")
    (True, False, False)
    """
    return any(module == name or module.startswith(f"{name}.") for name in ABOVE)


class _Guard(importlib.abc.MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if is_above(fullname):
            raise AboveTheLine(
                f"{fullname} lies above the line of confidentiality; the public process has no part in it"
            )
        return None


def _path_of(text: str) -> str:
    """The path that SQLite opens for an address: ``file://localhost/a%62?mode=ro`` is ``/ab``.

    >>> _path_of("file://localhost/a%62?mode=ro"), _path_of("file:b"), _path_of("/a%62")
    ('/ab', 'b', '/a%62')
    """
    if not text.startswith("file:"):
        return text
    address = text.removeprefix("file:").split("?")[0].split("#")[0]
    if address.startswith("//"):
        address = "/" + address[2:].partition("/")[2]
    return unquote(address)


def _stands_in(argument: object, home: str, closed: tuple[str, ...]) -> bool:
    """A relative path may be meant from the home folder too: an opened folder stands for the current one."""
    if not isinstance(argument, str | bytes | os.PathLike):
        return False
    path = _path_of(os.fsdecode(argument))
    return any(os.path.realpath(one).startswith(closed) for one in (path, os.path.join(home, path)))


def _refuse_files(home: Path) -> None:
    real = os.path.realpath(home)
    # The master key stands beside the home folder, or where the environment says.
    keys = (f"{real}.master_key", os.environ.pop("MARSAD_MASTER_KEY_FILE", ""))
    closed = tuple(os.path.join(real, name) for name in CONFIDENTIAL_NAMES)
    closed += tuple(os.path.realpath(key) for key in keys if key)
    # Held by the hook itself: it goes on listening while the process ends and its modules are taken apart.
    watched, stands_in = _FILE_EVENTS, _stands_in

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in watched and any(stands_in(argument, real, closed) for argument in arguments[:2]):
            raise PermissionError("a confidential file lies above the line; the public process does not open it")

    sys.addaudithook(hook)


def _refuse_attachments(sender: object, connection: Any, **_: Any) -> None:
    """SQLite opens what is attached by itself, past every hook of Python."""
    if connection.vendor == "sqlite":
        connection.connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)


def close_the_line(home: Path) -> None:
    """Shut everything above the line out of this process, for as long as it lives. Nothing can lift it again."""
    already = sorted(name for name in sys.modules if is_above(name))
    if already:
        raise AboveTheLine(f"{already[0]} was imported before the line was closed")
    if any(isinstance(finder, _Guard) for finder in sys.meta_path):
        return
    sys.meta_path.insert(0, _Guard())
    for name in ("MARSAD_CONFIDENTIAL_DATABASE_URL", "MARSAD_SECRET_KEY", "MARSAD_MASTER_KEY", "MARSAD_FORM_KEY"):
        os.environ.pop(name, None)
    _refuse_files(home)
    connection_created.connect(_refuse_attachments, dispatch_uid="line of confidentiality")
