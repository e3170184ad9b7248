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
    form_key: str
    master_key: str
    master_key_file: Path
    hosts: tuple[str, ...]
    https: bool
    proxies: int
    email_url: str
    email_from: str
    tiles_url: str
    engine: str
    engine_scratch: str
    debug: bool

    @classmethod
    def read(cls, variables: dict[str, str] | None = None) -> Environment:
        said = dict(os.environ if variables is None else variables)
        home = Path(said.get("MARSAD_HOME", REPOSITORY / "var")).resolve()
        public_only = said.get("MARSAD_PUBLIC_ONLY", "") == "1"
        return cls(
            home=home,
            city=Path(said.get("MARSAD_CITY", REPOSITORY / "cities" / "rabat")).resolve(),
            public_only=public_only,
            database_url=said.get("MARSAD_DATABASE_URL", f"sqlite:///{home / 'default.sqlite3'}"),
            confidential_database_url=""
            if public_only
            else said.get("MARSAD_CONFIDENTIAL_DATABASE_URL", f"sqlite:///{home / 'confidential.sqlite3'}"),
            secret_key="" if public_only else said.get("MARSAD_SECRET_KEY", ""),
            form_key="" if public_only else said.get("MARSAD_FORM_KEY", ""),
            master_key="" if public_only else said.get("MARSAD_MASTER_KEY", ""),
            master_key_file=Path(
                said.get("MARSAD_MASTER_KEY_FILE") or home.with_name(f"{home.name}.master_key")
            ).resolve(),
            hosts=tuple(said.get("MARSAD_HOSTS", "localhost,127.0.0.1,[::1]").split(",")),
            https=said.get("MARSAD_HTTPS", "") == "1",
            proxies=int(said.get("MARSAD_PROXIES", "0")),
            email_url=said.get("MARSAD_EMAIL_URL", ""),
            email_from=said.get("MARSAD_EMAIL_FROM", "marsad@localhost"),
            tiles_url=said.get("MARSAD_TILES_URL", ""),
            engine=said.get("MARSAD_ENGINE", "duckdb"),
            engine_scratch=said.get("MARSAD_ENGINE_SCRATCH", ""),
            debug=said.get("MARSAD_DEBUG", "") == "1",
        )


def database(url: str) -> dict[str, Any]:
    """Django's setting for ``sqlite:///path`` or ``postgresql://user:password@host:port/name?host=/socket``."""
    parts = urlparse(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path[1:] if parts.path.startswith("//") else parts.path),
            # Kept open: the last connection that closes copies the whole log into the file, at each request.
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                # FULL: what is acknowledged to a device or a person outlives a loss of power, and so does its event.
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
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


def mail(url: str, home: Path) -> dict[str, Any]:
    """Django's settings for ``smtp://user:password@host:port`` or ``smtps://...``; files under ``outbox`` when empty."""
    if not url:
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": str(home / "outbox"),
        }
    parts = urlparse(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError(f"an e-mail address of a server starts with smtp:// or smtps://, not {parts.scheme!r}")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp" and parts.hostname != "localhost",
        "EMAIL_TIMEOUT": 20,
    }
