"""The public process cannot look above the line of confidentiality: not import its code, not open its files."""

from __future__ import annotations

import importlib.abc
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

ABOVE = ("marsad.collection", "marsad.production", "marsad.release")
CONFIDENTIAL_NAMES = ("confidential", "snapshots", "secret_key")
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


def _stands_in(argument: object, closed: tuple[str, ...]) -> bool:
    if not isinstance(argument, str | bytes | os.PathLike):
        return False
    text = os.fsdecode(argument).removeprefix("file:").split("?")[0]
    return os.path.realpath(text).startswith(closed)


def _refuse_files(home: Path) -> None:
    closed = tuple(os.path.join(os.path.realpath(home), name) for name in CONFIDENTIAL_NAMES)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _FILE_EVENTS and any(_stands_in(argument, closed) for argument in arguments[:2]):
            raise PermissionError("a confidential file lies above the line; the public process does not open it")

    sys.addaudithook(hook)


def close_the_line(home: Path) -> None:
    """Shut everything above the line out of this process, for as long as it lives. Nothing can lift it again."""
    already = sorted(name for name in sys.modules if is_above(name))
    if already:
        raise AboveTheLine(f"{already[0]} was imported before the line was closed")
    if any(isinstance(finder, _Guard) for finder in sys.meta_path):
        return
    sys.meta_path.insert(0, _Guard())
    for name in ("MARSAD_CONFIDENTIAL_DATABASE_URL", "MARSAD_SECRET_KEY"):
        os.environ.pop(name, None)
    _refuse_files(home)
