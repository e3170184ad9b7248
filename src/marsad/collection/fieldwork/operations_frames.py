"""Frames come in whole; agents are named by codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor
from marsad.collection.fieldwork.frame_files import UnitRow, checksum_of
from marsad.collection.fieldwork.models import Agent, Frame, FrameUnit
from marsad.collection.fieldwork.rules import UnitKind
from marsad.collection.fieldwork.sealing import LocatorSeal
from migstat.model.refusals import Refused

_AT_ONCE = 2_000


@dataclass(frozen=True)
class FrameDetails:
    code: str
    title: str
    kind: UnitKind
    is_synthetic: bool = False


@writes("fieldwork.load_frame", using="confidential")
def load_frame(*, actor: Actor, at: datetime, details: FrameDetails, rows: Sequence[UnitRow]) -> Frame:
    """Keep a list as the next version of its frame; what leads to a dwelling is sealed before it is written.

    Raises ``Refused``: ``fieldwork.frame_same`` where the latest version lists the same, ``fieldwork.frame_kind`` where it
    lists another kind of unit or real units among invented ones.
    """
    checksum = checksum_of(details.kind, rows)
    last = Frame.objects.filter(code=details.code).order_by("-version").first()
    if last is not None and last.checksum == checksum:
        raise Refused("fieldwork.frame_same", found="the list that stands already", remedy="draw from that version")
    if last is not None and (last.kind != details.kind or last.is_synthetic != details.is_synthetic):
        raise Refused("fieldwork.frame_kind", found="another kind of frame", remedy="give it a code of its own")
    frame = Frame.objects.create(
        code=details.code,
        version=last.version + 1 if last else 1,
        kind=details.kind,
        title=details.title,
        is_synthetic=details.is_synthetic,
        units=len(rows),
        checksum=checksum,
        loaded_at=at,
        loaded_by=actor.audit_code,
    )
    _list_units(frame, rows)
    record(
        actor=actor,
        action="fieldwork.load_frame",
        target=f"frame:{frame.code}:{frame.version}",
        at=at,
        details={"units": len(rows), "checksum": checksum[:16]},
    )
    return frame


def _list_units(frame: Frame, rows: Sequence[UnitRow]) -> None:
    seal = LocatorSeal() if any(row.locator for row in rows) else None
    for start in range(0, len(rows), _AT_ONCE):
        FrameUnit.objects.bulk_create(
            FrameUnit(
                frame=frame,
                position=position,
                code=row.code,
                area=row.area,
                stratum=row.stratum,
                block=row.block,
                size=row.size,
                sealed_locator=seal.seal(row.locator, f"frame:{frame.pk}:{row.code}") if seal and row.locator else None,
            )
            for position, row in enumerate(rows[start : start + _AT_ONCE], start)
        )


@writes("fieldwork.enter_agent", using="confidential")
def enter_agent(*, actor: Actor, at: datetime, code: str, person: UUID | None, since: date) -> Agent:
    """Name an agent by a code. Raises ``Refused("fieldwork.agent_twice")`` for a code or an account that has one."""
    try:
        with transaction.atomic(using="confidential"):
            agent = Agent.objects.create(code=code, person=person, since=since)
    except IntegrityError:
        raise Refused(
            "fieldwork.agent_twice", found="a code or an account that stands already", remedy="choose another"
        ) from None
    record(actor=actor, action="fieldwork.enter_agent", target=f"agent:{code}", at=at)
    return agent


@writes("fieldwork.end_agent", using="confidential")
def end_agent(*, actor: Actor, at: datetime, code: str, until: date) -> Agent:
    """Let an agent's work end on a day. What was assigned stays so until somebody else is given it.

    Raises ``Refused("fieldwork.agent")`` for an unknown code.
    """
    agent = Agent.objects.select_for_update().filter(pk=code).first()
    if agent is None:
        raise Refused("fieldwork.agent", found="an unknown agent", remedy="choose one of the list")
    agent.until = until
    agent.save(update_fields=["until"])
    record(actor=actor, action="fieldwork.end_agent", target=f"agent:{code}", at=at)
    return agent
