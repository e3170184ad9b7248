"""Answers and attachments at rest: AES-256-GCM under a key of the store, each bound to the row it stands in.

NIST SP 800-38D: a fresh 96-bit nonce for each sealing, the row's own name as additional data, so that a sealed text
that is moved to another row does not open there.
"""

from __future__ import annotations

import hmac
import json
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from marsad.collection.keys import keys_for
from migstat.model.refusals import Refused

_PURPOSE = "submissions"
_NONCE = 12


class Vault:
    """Seals and opens; ``place`` names the row, for example ``"revision:<uuid>"``."""

    def __init__(self) -> None:
        secret = keys_for(_PURPOSE).pseudonym
        self._cipher = AESGCM(hmac.digest(secret, b"marsad: sealed answers", "sha256"))
        self._tag = hmac.digest(secret, b"marsad: content of answers", "sha256")

    def seal(self, content: bytes, place: str) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, content, place.encode())

    def open(self, sealed: bytes | memoryview, place: str) -> bytes:
        """Raises ``Refused("instruments.seal")`` for another key, another row or a changed text."""
        try:
            return self._cipher.decrypt(bytes(sealed[:_NONCE]), bytes(sealed[_NONCE:]), place.encode())
        except InvalidTag:
            raise Refused(
                "instruments.seal", found="a sealed text that does not open", remedy="restore it with its key"
            ) from None

    def seal_plain(self, plain: Any, place: str) -> bytes:
        return self.seal(json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode(), place)

    def open_plain(self, sealed: bytes | memoryview, place: str) -> Any:
        return json.loads(self.open(sealed, place))

    def fingerprint(self, content: bytes) -> str:
        """Tells whether two contents are the same; without the key nothing can be tried against it."""
        return hmac.digest(self._tag, content, "sha256").hex()
