"""The master key: from the environment or from a file outside the data folder. It wraps every other key and nothing else.

Wrapping is AES-256-GCM; the name of the wrapped key is authenticated with it, so that a key put in the place of another
does not open.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from migstat.model.refusals import Refused

LENGTH = 32
_NONCE = 12


@dataclass(frozen=True)
class MasterKey:
    """Thirty-two bytes that are never printed; ``fingerprint`` tells which key it is and nothing of it."""

    secret: bytes = field(repr=False)

    @property
    def fingerprint(self) -> str:
        return hmac.digest(self.secret, b"marsad: which master key is this", "sha256")[:8].hex()

    def wrap(self, key: bytes, name: str) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + AESGCM(self.secret).encrypt(nonce, key, name.encode())

    def unwrap(self, wrapped: bytes, name: str) -> bytes:
        """Raises ``Refused("keys.changed")`` where the wrapped key was changed or belongs to another name."""
        try:
            return AESGCM(self.secret).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], name.encode())
        except InvalidTag:
            raise Refused(
                "keys.changed", found="a wrapped key that was changed", remedy="bring the last sound backup back"
            ) from None


def written(master: MasterKey) -> str:
    """The key as it stands in the environment or in the file."""
    return base64.urlsafe_b64encode(master.secret).decode("ascii")


def read_words(words: str, *, where: str) -> MasterKey:
    """Raises ``Refused("keys.master_form")``; the words themselves are never repeated."""
    try:
        secret = base64.urlsafe_b64decode(words.strip().encode("ascii"))
    except (binascii.Error, UnicodeEncodeError, ValueError):
        secret = b""
    if len(secret) != LENGTH:
        raise Refused(
            "keys.master_form",
            found=f"no key of {LENGTH} bytes in {where}",
            remedy="give what `marsad master-key new` writes",
        )
    return MasterKey(secret)


def new_master() -> MasterKey:
    return MasterKey(os.urandom(LENGTH))


def key_file() -> Path:
    """Where the key stands when the environment does not give it: beside the home folder, never in it."""
    return Path(settings.ENVIRONMENT.master_key_file)


def next_file() -> Path:
    """Where the coming key stands while a rotation is under way."""
    return key_file().with_name(key_file().name + ".next")


def is_given() -> bool:
    """Whether the environment itself gives the key, so that no file is read, written or backed up."""
    return bool(settings.ENVIRONMENT.master_key)


def known_masters() -> list[MasterKey]:
    """The keys at hand, the one in use first; a second one only while a rotation is under way."""
    found = []
    if is_given():
        found.append(read_words(settings.ENVIRONMENT.master_key, where="MARSAD_MASTER_KEY"))
    for path in (key_file(), next_file()):
        if path.is_file():
            found.append(read_words(path.read_text(encoding="ascii", errors="replace"), where=path.name))
    return list(dict.fromkeys(found))


def write_file(path: Path, master: MasterKey) -> None:
    """Write a key where only its owner reads it, whole or not at all. An existing file is left as it is.

    Raises ``Refused("keys.master_place")`` where the place cannot be written or lies in the data folder.
    """
    home = Path(settings.ENVIRONMENT.home).resolve()
    if path.resolve().is_relative_to(home):
        raise Refused(
            "keys.master_place", found="a master key inside the data folder", remedy="set MARSAD_MASTER_KEY_FILE"
        )
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(written(master) + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(unfinished, path)
        except FileExistsError:
            return
    except OSError:
        raise Refused(
            "keys.master_place", found="no place for the master key", remedy="set MARSAD_MASTER_KEY_FILE or _KEY"
        ) from None
    finally:
        unfinished.unlink(missing_ok=True)
