"""Submissions one after the other on SQLite: a lock of the system wakes who waits at once, where SQLite would sleep and try."""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.db import connections

P = ParamSpec("P")
R = TypeVar("R")


def one_after_another(function: Callable[P, R]) -> Callable[P, R]:
    """Let threads and processes of an installation on SQLite take turns; PostgreSQL writes side by side."""

    @wraps(function)
    def in_turn(*args: P.args, **kwargs: P.kwargs) -> R:
        if connections["confidential"].vendor != "sqlite":
            return function(*args, **kwargs)
        home = Path(settings.ENVIRONMENT.home)
        home.mkdir(parents=True, exist_ok=True)
        with (home / "submissions.lock").open("a", encoding="ascii") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            return function(*args, **kwargs)

    return in_turn
