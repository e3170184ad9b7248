"""What the end of the audit chain was, noted outside the database: a log that is cut at its end or written anew is seen.

The chain shows a change inside it. Whoever writes to the database can still take the newest events away with their head, or
compute the whole chain again; the notes in the home folder, one line a day and one for each backup, contradict such a log.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from marsad.audit.queries import digest_at, head

_NAME = "audit.witness"


def note(home: Path) -> None:
    """Note where the chain ends now, unless it ends where the last note says."""
    sequence, digest = head()
    if sequence and (sequence, digest) not in set(_notes(home)):
        descriptor = os.open(home / _NAME, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "a", encoding="ascii") as file:
            file.write(f"{sequence} {digest}\n")


def contradicted(home: Path) -> int | None:
    """The first noted event that the log no longer holds as it was noted; None where the log agrees with every note."""
    return next((sequence for sequence, digest in sorted(_notes(home)) if digest_at(sequence) != digest), None)


def begin_anew(home: Path) -> None:
    """After an archive is brought back: earlier notes speak of another log. They are put aside, not deleted."""
    file = home / _NAME
    if file.exists():
        file.replace(file.with_name(f"{_NAME}.before-restore"))


def _notes(home: Path) -> Iterator[tuple[int, str]]:
    file = home / _NAME
    if not file.exists():
        return
    for line in file.read_text(encoding="ascii").splitlines():
        sequence, _, digest = line.partition(" ")
        if sequence.isdecimal():
            yield int(sequence), digest
