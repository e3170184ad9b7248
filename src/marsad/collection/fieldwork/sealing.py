"""How a dwelling is found, at rest: AES-256-GCM (NIST SP 800-38D) under a key of the store, bound to its frame and code."""

from __future__ import annotations

import hmac
import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from marsad.collection.keys import keys_for
from migstat.model.refusals import Refused

_PURPOSE: Final = "fieldwork"
_NONCE: Final = 12


class LocatorSeal:
    """Seals and opens the words that lead to a dwelling; ``place`` names the frame and the unit."""

    def __init__(self) -> None:
        secret = keys_for(_PURPOSE).pseudonym
        self._cipher = AESGCM(hmac.digest(secret, b"marsad: ways to dwellings", "sha256"))

    def seal(self, words: str, place: str) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, words.encode(), place.encode())

    def open(self, sealed: bytes | memoryview, place: str) -> str:
        """Raises ``Refused("fieldwork.seal")`` for another key, another unit or a changed text."""
        held = bytes(sealed)
        try:
            return self._cipher.decrypt(held[:_NONCE], held[_NONCE:], place.encode()).decode()
        except InvalidTag:
            raise Refused(
                "fieldwork.seal", found="a sealed text that does not open", remedy="restore it with its key"
            ) from None
