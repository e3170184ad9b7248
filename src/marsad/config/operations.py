"""Writes of the installation itself: that it was backed up and brought back."""

from __future__ import annotations

from datetime import datetime

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor


@writes("installation.backup")
def note_backup(*, actor: Actor, at: datetime, digest: str, sealed: bool) -> None:
    """Leave in the log that a copy of everything was taken, and the digest that tells which."""
    record(
        actor=actor, action="installation.backup", target=f"archive:{digest[:16]}", at=at, details={"sealed": sealed}
    )


@writes("installation.restore")
def note_restore(*, actor: Actor, at: datetime, digest: str) -> None:
    """Leave in the log, as the first event after it, that the installation was brought back from a copy."""
    record(actor=actor, action="installation.restore", target=f"archive:{digest[:16]}", at=at)
