"""Looking at rows: the only way by which a page shows one. A reason, a few rows, a line in the log, then the rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

import pyarrow as pa

from marsad.audit.rules import Actor
from marsad.collection.firewall import Matter, demand_of_account
from marsad.collection.operations_access import log_look
from marsad.collection.pseudonyms import BLOOM, SOUND
from marsad.collection.queries_dataflows import collected_dataflow
from marsad.collection.queries_snapshots import glass as glass_of
from marsad.collection.rules_store import MOST_ROWS_OF_A_LOOK, GlassState, checked_reason
from marsad.collection.snapshots import records_of, standing_snapshot
from migstat.model.refusals import Refused

# Who looks at rows as part of the daily work: reviewers of submissions, of deliveries and of doubtful links.
LOOKING = ("rows.look", "submissions.review", "deliveries.review", "linkage.review")


def _demand_person(actor: Any, permissions: Sequence[str]) -> None:
    asks = getattr(actor, "has_perm", None)
    if asks is None or not any(asks(permission) for permission in permissions):
        raise Refused("access.role", found="nobody whose work is to look", remedy="ask the data protection officer")


def look(
    *,
    actor: Actor,
    at: datetime,
    rows: Iterable[Mapping[str, Any]],
    reason: str,
    dataflow: str,
    subject: str = "",
    permission: str = "",
) -> list[Mapping[str, Any]]:
    """The rows that a page may show now, with a line in the access log that was written before.

    ``rows`` are mappings from column to value, at most fifty; ``reason`` says why, ``subject`` is a code such as
    ``"submission:<uuid>"``; ``permission`` narrows the roles to one. Raises ``Refused``: ``access.role`` for a part of the
    system or an account without the role, ``firewall.enforcement``, ``access.reason``, ``access.too_many``,
    ``collection.dataflow``.
    """
    _demand_person(actor, (permission,) if permission else LOOKING)
    demand_of_account(actor=actor, at=at, what=Matter.ROW)
    said = checked_reason(reason)
    flow = collected_dataflow(dataflow)
    shown = list(islice(rows, MOST_ROWS_OF_A_LOOK + 1))
    if len(shown) > MOST_ROWS_OF_A_LOOK:
        raise Refused(
            "access.too_many",
            found=f"more than {MOST_ROWS_OF_A_LOOK} rows",
            remedy="look at fewer rows; rows are never listed whole",
        )
    log_look(
        actor=actor,
        at=at,
        dataflow=flow.code,
        subject=subject or f"dataflow:{flow.code}",
        reason=said,
        columns=sorted({name for row in shown for name in row}),
        rows=len(shown),
    )
    return shown


def look_through_glass(
    *, actor: Actor, at: datetime, glass_id: UUID, first: int = 0, count: int = 1
) -> list[Mapping[str, Any]]:
    """Rows of a snapshot for who asked and was granted, as long as the grant lasts. Bloom filters and sounds are left out.

    Raises ``Refused``: ``glass.closed`` unless granted, ``glass.expired``, ``glass.other`` for anybody else.
    """
    glass = glass_of(glass_id)
    if glass is None or glass.state != GlassState.GRANTED:
        raise Refused("glass.closed", found="no grant", remedy="ask, and have a second person grant it")
    if at >= glass.expires_at:
        raise Refused("glass.expired", found="a grant past its time", remedy="ask again")
    if actor.audit_code != glass.asked_by:
        raise Refused("glass.other", found="another person's grant", remedy="ask for yourself")
    snapshot = standing_snapshot(glass.snapshot_id)
    return look(
        actor=actor,
        at=at,
        rows=_rows(records_of(snapshot), first, min(count, MOST_ROWS_OF_A_LOOK)),
        reason=glass.reason,
        dataflow=snapshot.dataflow_id,
        subject=f"look:{glass.pk}",
        permission="rows.look",
    )


def _rows(batches: Iterable[Any], first: int, count: int) -> Iterable[Mapping[str, Any]]:
    passed = 0
    for batch in batches:
        if passed + batch.num_rows > first:
            part = batch.slice(max(0, first - passed), count)
            kept = [name for name in part.schema.names if not name.endswith((BLOOM, SOUND))]
            found = pa.Table.from_batches([part]).select(kept).to_pylist()
            yield from found
            count -= len(found)
        passed += batch.num_rows
        if count <= 0:
            return
