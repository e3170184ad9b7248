"""The secret key of the installation: given by the environment, or made once and kept where only its owner reads it."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def kept_secret_key(home: Path) -> str:
    """The key in ``home/secret_key``, made when it is not there. Two processes that start together get the same one."""
    path = home / "secret_key"
    home.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(64))
    return path.read_text(encoding="ascii").strip()
