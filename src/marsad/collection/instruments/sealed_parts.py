"""Large sealed records arrive in parts, each of them as sealed as the whole; they wait in a folder above the line."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings

from marsad.collection.instruments.sealed import LARGEST
from migstat.model.refusals import Refused

PART_BYTES = 1024 * 1024
MOST_PARTS = LARGEST // PART_BYTES + 1
_MOST_UNFINISHED = 20
_KEPT_SECONDS = 7 * 86_400


@dataclass(frozen=True)
class Arrival:
    """The parts of one record of one person, of which ``parts`` make the whole."""

    owner: str
    record: UUID
    parts: int

    @property
    def folder(self) -> Path:
        return parts_folder() / self.owner / str(self.record)

    def _place(self, part: int) -> Path:
        return self.folder / f"{part:03d}-{self.parts:03d}"

    def keep(self, part: int, content: bytes) -> None:
        """Keep one part, whole or not at all; the same part sent again takes its own place.

        Raises ``Refused`` for a part that is not one of these, too large, or one record too many.
        """
        if not 1 <= part <= self.parts <= MOST_PARTS:
            raise Refused("instruments.part_number", found="a part outside the record", remedy="send the record again")
        if len(content) > PART_BYTES:
            raise Refused("instruments.part_size", found=f"{len(content)} bytes", remedy=f"send {PART_BYTES} at most")
        self._demand_room()
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        place = self._place(part)
        unfinished = place.with_name(f".{place.name}.{os.getpid()}.{time.monotonic_ns()}")
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(place)

    def _demand_room(self) -> None:
        if self.folder.exists() or not self.folder.parent.exists():
            return
        if sum(1 for _ in self.folder.parent.iterdir()) >= _MOST_UNFINISHED:
            raise Refused(
                "instruments.parts_many", found="too many records that are not whole", remedy="send those first"
            )

    def missing(self) -> tuple[int, ...]:
        return tuple(part for part in range(1, self.parts + 1) if not self._place(part).exists())

    def whole(self) -> bytes:
        return b"".join(self._place(part).read_bytes() for part in range(1, self.parts + 1))

    def forget(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def parts_folder() -> Path:
    return Path(settings.ENVIRONMENT.home) / "form_parts"


def _abandoned(before: float) -> Iterator[Path]:
    for folder in parts_folder().glob("*/*"):
        if folder.is_dir() and folder.stat().st_mtime < before:
            yield folder


def forget_abandoned(*, now: float) -> int:
    """Remove what nobody has gone on sending for a week (``now`` in seconds): the device still has the whole record."""
    found = list(_abandoned(now - _KEPT_SECONDS))
    for folder in found:
        shutil.rmtree(folder, ignore_errors=True)
    return len(found)
