"""HTTP Digest (RFC 7616, with MD5 as ODK Collect and KoboCollect answer it): challenges, signed nonces, answers.

The passwords are random and long, so that MD5's weakness against guessing does not matter here; the stored half of each is
sealed. A nonce says when it was made and is signed, so that none has to be kept before it is used.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import unquote, urlparse

REALM = "Marsad"
NONCE_LIFE = timedelta(minutes=30)
WINDOW = 60
_PAIR = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.){0,2000})"|([^\s",]{1,200}))')
_NEEDED = frozenset({"username", "realm", "nonce", "uri", "response", "nc", "cnonce", "qop"})
_COUNT = re.compile(r"[0-9a-fA-F]{8}")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def secret_half(username: str, password: str) -> str:
    """What the server keeps of a password (HA1)."""
    return _md5(f"{username}:{REALM}:{password}")


@dataclass(frozen=True)
class Answer:
    """What a client answered to a challenge."""

    username: str
    nonce: str
    uri: str
    response: str
    nc: str
    cnonce: str
    qop: str

    @property
    def count(self) -> int:
        return int(self.nc, 16)

    def fits(self, ha1: str, method: str) -> bool:
        """Whether the response proves the password for this method and address."""
        proof = _md5(f"{ha1}:{self.nonce}:{self.nc}:{self.cnonce}:{self.qop}:{_md5(f'{method}:{self.uri}')}")
        return hmac.compare_digest(proof, self.response.lower())

    def is_for(self, path: str) -> bool:
        """Whether it was made for this address; a proxy may have spelled the same signs in another way."""
        parts = urlparse(self.uri)
        said = parts.path + (f"?{parts.query}" if parts.query else "")
        return unquote(said) == unquote(path)


def read_answer(header: str) -> Answer | None:
    """The answer in an ``Authorization`` header; None for another scheme or one that lacks a part."""
    scheme, _, rest = header.partition(" ")
    if scheme.lower() != "digest" or len(header) > 4000:
        return None
    said = {name.lower(): quoted or plain for name, quoted, plain in _PAIR.findall(rest)}
    right = said.get("realm") == REALM and said.get("qop") == "auth" and said.get("algorithm", "MD5").upper() == "MD5"
    if not said.keys() >= _NEEDED or not right or not _COUNT.fullmatch(said["nc"]):
        return None
    return Answer(*(said[name] for name in ("username", "nonce", "uri", "response", "nc", "cnonce", "qop")))


def _signature(words: bytes, secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"marsad: nonce" + words, "sha256")[:16]


def new_nonce(at: datetime, secret: str) -> str:
    words = int(at.timestamp()).to_bytes(8, "big") + os.urandom(8)
    return base64.urlsafe_b64encode(words + _signature(words, secret)).decode().rstrip("=")


def nonce_made_at(nonce: str, secret: str) -> datetime | None:
    """When a nonce of ours was made; None for one that is not ours."""
    try:
        raw = base64.urlsafe_b64decode(nonce + "=" * (-len(nonce) % 4))
    except ValueError:
        return None
    words, signature = raw[:16], raw[16:]
    if len(raw) != 32 or not hmac.compare_digest(signature, _signature(words, secret)):
        return None
    from datetime import UTC

    return datetime.fromtimestamp(int.from_bytes(words[:8], "big"), UTC)


def challenge(at: datetime, secret: str, *, stale: bool = False) -> str:
    """The ``WWW-Authenticate`` header; ``stale`` tells the client to try again with the new nonce, without asking."""
    ending = ", stale=true" if stale else ""
    return f'Digest realm="{REALM}", qop="auth", algorithm=MD5, nonce="{new_nonce(at, secret)}"{ending}'


@dataclass(frozen=True)
class Counted:
    """Which counts of a nonce were used: the highest, and a bit for each of the sixty before it."""

    highest: int = 0
    window: int = 0

    def after(self, count: int) -> Counted | None:
        """The same with one more count; None where it was used before or is too old to know."""
        if count > self.highest:
            moved = count - self.highest
            kept = (self.window << moved | 1 << (moved - 1)) if self.highest and moved <= WINDOW else 0
            return Counted(count, kept & (1 << WINDOW) - 1)
        place = self.highest - count - 1
        if count < 1 or place < 0 or place >= WINDOW or self.window >> place & 1:
            return None
        return Counted(self.highest, self.window | 1 << place)
