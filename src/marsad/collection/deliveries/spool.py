"""The place where an uploaded file waits: encrypted piece by piece with a key of its own, never plain on the disk.

The key lives in the confidential database as long as the delivery is not decided. Once it is destroyed, what is left of
the file, also in old copies of the folder, cannot be read by anybody. Each piece is sealed with AES-256-GCM under its
number and the delivery's, so that pieces can neither be exchanged nor moved to another delivery.
"""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from migstat.model.refusals import Refused

PIECE = 1024 * 1024
_LENGTH = struct.Struct(">I")
_TAG = 16


class Spool:
    """One waiting file, by the number of its delivery and its key."""

    def __init__(self, folder: Path, delivery: str, key: bytes) -> None:
        self.path = folder / f"{delivery}.spool"
        self._delivery = delivery.encode()
        self._cipher = AESGCM(key)

    @staticmethod
    def new_key() -> bytes:
        return AESGCM.generate_key(bit_length=256)

    def seal(self, number: int, piece: bytes) -> bytes:
        return self._cipher.encrypt(number.to_bytes(12, "big"), piece, self._delivery)

    def writer(self, *, most: int) -> SpoolWriter:
        """Adds to the end of the file; what a crash left half written is cut off first."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return SpoolWriter(self, most)

    def append(self, pieces: Iterable[bytes], *, most: int) -> int:
        """Add to the end; returns how many bytes the file has then. Raises ``Refused("deliveries.too_large")``."""
        with self.writer(most=most) as writer:
            for piece in pieces:
                writer.write(piece)
        return writer.size

    def repair(self) -> tuple[int, int]:
        """Cut off a piece that was not written whole; returns the number of whole pieces and of bytes they hold."""
        number, size, end = 0, 0, 0
        if not self.path.exists():
            return 0, 0
        with self.path.open("r+b") as file:
            while (head := file.read(_LENGTH.size)) and len(head) == _LENGTH.size:
                (length,) = _LENGTH.unpack(head)
                if length < _TAG or length > PIECE + _TAG or file.seek(0, os.SEEK_END) < end + _LENGTH.size + length:
                    break
                end += _LENGTH.size + length
                number, size = number + 1, size + length - _TAG
                file.seek(end)
            file.truncate(end)
        return number, size

    def pieces(self) -> Iterator[bytes]:
        """The file from its beginning, one piece after another. Raises ``Refused("deliveries.spool")`` when altered or gone."""
        try:
            with self.path.open("rb") as file:
                number = 0
                while head := file.read(_LENGTH.size):
                    sealed = file.read(_LENGTH.unpack(head)[0])
                    yield self._cipher.decrypt(number.to_bytes(12, "big"), sealed, self._delivery)
                    number += 1
        except (InvalidTag, struct.error, FileNotFoundError):
            raise Refused(
                "deliveries.spool", found="a waiting file that is gone or altered", remedy="send it again"
            ) from None

    def opened(self) -> BinaryIO:
        """The file as a stream that can be read once."""
        return io.BufferedReader(_Pieces(self.pieces()), 256 * 1024)

    def destroy(self) -> None:
        self.path.unlink(missing_ok=True)


class _Pieces(io.RawIOBase):
    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        view = memoryview(buffer).cast("B")
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = piece
        taken = self._left[: len(view)]
        view[: len(taken)] = taken
        self._left = self._left[len(taken) :]
        return len(taken)


class SpoolWriter:
    """Seals what is written to it piece by piece; once closed without an error, all of it is on the disk."""

    def __init__(self, spool: Spool, most: int) -> None:
        self._spool, self._most = spool, most
        self._number, self.size = spool.repair()
        self._file = spool.path.open("ab")
        os.chmod(spool.path, 0o600)
        self._held = bytearray()

    def __enter__(self) -> SpoolWriter:
        return self

    def __exit__(self, kind: object, *rest: object) -> None:
        if kind is None:
            self._flush(len(self._held))
            self._file.flush()
            os.fsync(self._file.fileno())
        self._file.close()

    def abandon(self) -> None:
        """Close and remove what was written."""
        self._file.close()
        self._spool.destroy()

    def write(self, piece: bytes) -> None:
        self.size += len(piece)
        if self.size > self._most:
            raise Refused(
                "deliveries.too_large", found=f"more than {self._most // 2**20} MiB", remedy="send it in parts"
            )
        self._held += piece
        while len(self._held) >= PIECE:
            self._flush(PIECE)

    def _flush(self, length: int) -> None:
        if length:
            sealed = self._spool.seal(self._number, bytes(self._held[:length]))
            self._file.write(_LENGTH.pack(len(sealed)) + sealed)
            del self._held[:length]
            self._number += 1
