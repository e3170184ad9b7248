"""Everything the environment may say, read in one place."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlparse

SOURCE = Path(__file__).resolve().parents[1]
REPOSITORY = SOURCE.parents[1]


@dataclass(frozen=True)
class Environment:
    """The settings of one installation. Every name is ``MARSAD_`` followed by the field's name in capitals."""

    home: Path
    city: Path
    public_only: bool
    database_url: str
    confidential_database_url: str
    secret_key: str
    hosts: tuple[str, ...]
    tiles_url: str
    debug: bool

    @classmethod
    def read(cls, variables: dict[str, str] | None = None) -> Environment:
        said = dict(os.environ if variables is None else variables)
        home = Path(said.get("MARSAD_HOME", REPOSITORY / "var")).resolve()
        return cls(
            home=home,
            city=Path(said.get("MARSAD_CITY", REPOSITORY / "cities" / "rabat")).resolve(),
            public_only=said.get("MARSAD_PUBLIC_ONLY", "") == "1",
            database_url=said.get("MARSAD_DATABASE_URL", f"sqlite:///{home / 'default.sqlite3'}"),
            confidential_database_url=said.get(
                "MARSAD_CONFIDENTIAL_DATABASE_URL", f"sqlite:///{home / 'confidential.sqlite3'}"
            ),
            secret_key=said.get("MARSAD_SECRET_KEY", ""),
            hosts=tuple(said.get("MARSAD_HOSTS", "localhost,127.0.0.1,[::1]").split(",")),
            tiles_url=said.get("MARSAD_TILES_URL", ""),
            debug=said.get("MARSAD_DEBUG", "") == "1",
        )


def database(url: str) -> dict[str, Any]:
    """Django's setting for ``sqlite:///path`` or ``postgresql://user:password@host:port/name?host=/socket``."""
    parts = urlparse(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path[1:] if parts.path.startswith("//") else parts.path),
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    if parts.scheme in {"postgres", "postgresql"}:
        options: dict[str, Any] = dict(parse_qsl(parts.query))
        host = options.pop("host", None) or parts.hostname or ""
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": host,
            "PORT": str(parts.port or ""),
            "OPTIONS": {"pool": {"min_size": 1, "max_size": 8}, **options},
        }
    raise ValueError(f"a database address starts with sqlite:/// or postgresql://, not {parts.scheme!r}")
