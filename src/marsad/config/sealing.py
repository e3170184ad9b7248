"""Sealing a file with a passphrase: scrypt for the key, AES-256-GCM piece by piece, so that no file is too large.

Each piece is bound to its place and to whether it is the last one (the STREAM construction of Hoang, Reyhanitabar,
Rogaway and Vizár, "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", CRYPTO 2015), so pieces
cannot be reordered, dropped or cut off unseen.
"""

from __future__ import annotations

import os
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from migstat.model.refusals import Refused

MAGIC = b"MARSAD-SEALED-1\n"
_PIECE = 1 << 20
_TAG = 16


def _cipher(passphrase: str, salt: bytes) -> AESGCM:
    return AESGCM(Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(passphrase.encode()))


def _nonce(prefix: bytes, number: int, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([last])


def is_sealed(source: BinaryIO) -> bool:
    """Whether a file begins as a sealed one; the place of reading is left at the beginning."""
    begins = source.read(len(MAGIC)) == MAGIC
    source.seek(0)
    return begins


def seal(source: BinaryIO, target: BinaryIO, passphrase: str) -> None:
    """Write ``source`` to ``target``, readable only with the passphrase."""
    salt, prefix = os.urandom(16), os.urandom(7)
    cipher = _cipher(passphrase, salt)
    target.write(MAGIC + salt + prefix)
    piece, number = source.read(_PIECE), 0
    while True:
        following = source.read(_PIECE)
        target.write(cipher.encrypt(_nonce(prefix, number, not following), piece, MAGIC))
        if not following:
            return
        piece, number = following, number + 1


def unseal(source: BinaryIO, target: BinaryIO, passphrase: str) -> None:
    """Write what was sealed. Raises ``Refused("backup.seal")`` for another passphrase or a changed file."""
    source.seek(len(MAGIC))
    cipher, prefix = _cipher(passphrase, source.read(16)), source.read(7)
    piece, number = source.read(_PIECE + _TAG), 0
    while True:
        following = source.read(_PIECE + _TAG)
        try:
            target.write(cipher.decrypt(_nonce(prefix, number, not following), piece, MAGIC))
        except InvalidTag:
            raise Refused(
                "backup.seal", found="another passphrase, or a file that was changed", remedy="check both"
            ) from None
        if not following:
            return
        piece, number = following, number + 1
