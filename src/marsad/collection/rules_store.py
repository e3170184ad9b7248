"""The confidential store in plain values: what a snapshot comes from, its states, and the states of a broken glass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from migstat.model.refusals import Refused


class Sensitivity(StrEnum):
    """How much harm a leak of a row would do: the scale of the register of processing."""

    INTERNAL = "internal"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"


class KeyKind(StrEnum):
    """What a wrapped key is for: pseudonyms of one purpose, one snapshot, the original of one delivery."""

    PURPOSE = "purpose"
    SNAPSHOT = "snapshot"
    ORIGINAL = "original"


class SnapshotState(StrEnum):
    FROZEN = "frozen"
    ERASED = "erased"


class SnapshotMove(StrEnum):
    RETIRE = "retire"
    REPLACE = "replace"


SNAPSHOT_TRANSITIONS: Mapping[tuple[SnapshotState, SnapshotMove], SnapshotState | None] = {
    (SnapshotState.FROZEN, SnapshotMove.RETIRE): SnapshotState.ERASED,
    (SnapshotState.FROZEN, SnapshotMove.REPLACE): SnapshotState.ERASED,
    (SnapshotState.ERASED, SnapshotMove.RETIRE): None,
    (SnapshotState.ERASED, SnapshotMove.REPLACE): None,
}


def snapshot_reached(state: SnapshotState, move: SnapshotMove) -> SnapshotState:
    """The state after a move. Raises ``Refused("snapshot.move")`` where the table has none."""
    after = SNAPSHOT_TRANSITIONS[state, move]
    if after is None:
        raise Refused("snapshot.move", found=f"{move} of a snapshot that is {state}", remedy="choose a frozen one")
    return after


class ErasureState(StrEnum):
    UNDER_WAY = "under_way"
    CERTIFIED = "certified"


class ErasureRule(StrEnum):
    """Why something was erased: its retention ended, a person asked, or an older copy was brought back."""

    RETENTION = "retention"
    REQUEST = "request"
    RESTORE = "restore"


class GlassState(StrEnum):
    """A request to look at rows: asked, granted by a second person, refused, closed by hand, or past its hour."""

    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"
    CLOSED = "closed"
    EXPIRED = "expired"


class GlassMove(StrEnum):
    GRANT = "grant"
    REFUSE = "refuse"
    CLOSE = "close"
    EXPIRE = "expire"


GLASS_TRANSITIONS: Mapping[tuple[GlassState, GlassMove], GlassState | None] = {
    (state, move): None for state in GlassState for move in GlassMove
} | {
    (GlassState.ASKED, GlassMove.GRANT): GlassState.GRANTED,
    (GlassState.ASKED, GlassMove.REFUSE): GlassState.REFUSED,
    (GlassState.ASKED, GlassMove.CLOSE): GlassState.CLOSED,
    (GlassState.ASKED, GlassMove.EXPIRE): GlassState.EXPIRED,
    (GlassState.GRANTED, GlassMove.CLOSE): GlassState.CLOSED,
    (GlassState.GRANTED, GlassMove.EXPIRE): GlassState.EXPIRED,
}
# A look is for one matter of today: who needs another hour asks again, and the second person sees that it is again.
GLASS_LIFE = timedelta(minutes=60)
GLASS_ASKED_LIFE = timedelta(hours=24)
MOST_ROWS_OF_A_LOOK = 50
SHORTEST_REASON = 10
LOG_KEPT = timedelta(days=5 * 365)


def glass_reached(state: GlassState, move: GlassMove) -> GlassState:
    """The state after a move. Raises ``Refused("glass.move")`` where the table has none."""
    after = GLASS_TRANSITIONS[state, move]
    if after is None:
        raise Refused("glass.move", found=f"{move} of a request that is {state}", remedy="choose an open step")
    return after


def checked_reason(reason: str) -> str:
    """A reason of a look, trimmed. Raises ``Refused("access.reason")`` for one too short to say anything."""
    said = " ".join(reason.split())
    if len(said) < SHORTEST_REASON:
        raise Refused(
            "access.reason",
            found=f"a reason of {len(said)} characters",
            remedy=f"say in {SHORTEST_REASON} characters or more why the row is needed",
        )
    return said


@dataclass(frozen=True)
class Lineage:
    """What a snapshot was made of: identifiers of deliveries, and (instrument, version, count) of submissions."""

    deliveries: tuple[str, ...] = ()
    submissions: tuple[tuple[str, str | int, int], ...] = ()
    replaces: str = ""
    rows_erased: int = 0
    agreements: tuple[str, ...] = field(default=())

    def to_mapping(self) -> dict[str, Any]:
        """Plain data for a column of JSON; ``Lineage.from_mapping`` reads it back as the same lineage."""
        return {
            "deliveries": list(self.deliveries),
            "submissions": [list(one) for one in self.submissions],
            "replaces": self.replaces,
            "rows_erased": self.rows_erased,
            "agreements": list(self.agreements),
        }

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> Lineage:
        return cls(
            tuple(mapping.get("deliveries", ())),
            tuple((code, version, int(count)) for code, version, count in mapping.get("submissions", ())),
            str(mapping.get("replaces", "")),
            int(mapping.get("rows_erased", 0)),
            tuple(mapping.get("agreements", ())),
        )

    def checked(self) -> Lineage:
        """Raises ``Refused("snapshot.lineage")`` where a snapshot would come from nowhere."""
        if not self.deliveries and not self.submissions:
            raise Refused(
                "snapshot.lineage", found="neither a delivery nor a submission", remedy="say what the rows come from"
            )
        return self


def retention_ends(frozen_on: date, days: int) -> date:
    """The last day on which a snapshot may be kept.

    >>> retention_ends(date(2026, 1, 5), 365)
    datetime.date(2027, 1, 5)
    """
    if days < 1:
        raise Refused("collection.retention", found=f"a retention of {days} days", remedy="give one day or more")
    return frozen_on + timedelta(days=days)
