"""What happened at a drawn dwelling: noted, struck out where it was wrong, and what becomes of the case then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor
from marsad.collection.fieldwork.dispositions import OUTCOMES, final_disposition, is_final
from marsad.collection.fieldwork.models import Case, Visit
from marsad.collection.fieldwork.operations_samples import demand_open
from marsad.collection.fieldwork.rules import CASE_TRANSITIONS, CaseMove, CaseState, reached
from migstat.model.refusals import Refused


@dataclass(frozen=True)
class VisitNote:
    """A visit as it is told: its day, its outcome by AAPOR's code, who was there, the interview it gave."""

    on: date
    disposition: str
    agent: str = ""
    submission: UUID | None = None


def _locked(case_id: int) -> Case:
    found = Case.objects.select_for_update().select_related("sample").filter(pk=case_id).first()
    if found is None:
        raise Refused("fieldwork.case", found="an unknown case", remedy="choose one of the list")
    return found


@writes("fieldwork.note_visit", using="confidential")
def note_visit(*, actor: Actor, at: datetime, case_id: int, note: VisitNote) -> Case:
    """Note a visit. The case takes the disposition that says most of all its visits, and closes where nobody need go again.

    Raises ``Refused``: ``fieldwork.case``, ``fieldwork.not_open``, ``fieldwork.disposition``, ``fieldwork.day`` for a day that
    is not there yet or before the draw, ``fieldwork.move`` for a unit in reserve.
    """
    case = _locked(case_id)
    demand_open(case.sample)
    if note.disposition not in OUTCOMES:
        raise Refused("fieldwork.disposition", found="an unknown outcome", remedy="choose one of the list")
    if not case.sample.drawn_at.date() <= note.on <= at.date():
        raise Refused("fieldwork.day", found="a day before the draw or to come", remedy="give the day of the visit")
    case.state = reached(CASE_TRANSITIONS, CaseState(case.state), CaseMove.ATTEMPT)
    Visit.objects.create(
        case=case,
        number=case.history.count() + 1,
        on=note.on,
        agent=note.agent or case.agent_id or "",
        disposition=note.disposition,
        submission=note.submission,
        noted_at=at,
        noted_by=actor.audit_code,
    )
    _follow(case)
    record(
        actor=actor,
        action="fieldwork.note_visit",
        target=f"sample:{case.sample_id}",
        at=at,
        details={"case": case.pk, "visits": case.visits, "state": case.state},
    )
    return case


def _follow(case: Case) -> None:
    """Bring a case in step with its visits."""
    standing = list(case.history.filter(struck_at=None).order_by("on", "number").values_list("disposition", "on"))
    codes = [code for code, _ in standing]
    case.disposition, case.visits = final_disposition(codes), len(codes)
    case.last_on = max((day for _, day in standing), default=None)
    state = CaseState(case.state)
    if is_final(codes, case.sample.most_visits) and state is not CaseState.CLOSED:
        state = reached(CASE_TRANSITIONS, state, CaseMove.CLOSE)
    elif not is_final(codes, case.sample.most_visits) and state is CaseState.CLOSED:
        state = reached(CASE_TRANSITIONS, state, CaseMove.REOPEN)
    case.state = state
    case.save(update_fields=["disposition", "visits", "last_on", "state"])


@writes("fieldwork.strike_visit", using="confidential")
def strike_visit(*, actor: Actor, at: datetime, visit_id: int, reason: str) -> Case:
    """Strike out a visit that was noted wrongly: it stays readable and no longer counts.

    Raises ``Refused``: ``fieldwork.reason``, ``fieldwork.visit`` for one that does not stand, ``fieldwork.not_open``.
    """
    if not reason.strip():
        raise Refused("fieldwork.reason", found="a correction without its reason", remedy="say why")
    visit = Visit.objects.filter(pk=visit_id, struck_at=None).first()
    if visit is None:
        raise Refused("fieldwork.visit", found="no such visit", remedy="look at the page again")
    case = _locked(visit.case_id)
    demand_open(case.sample)
    visit.struck_at, visit.struck_for = at, reason.strip()[:200]
    visit.save(update_fields=["struck_at", "struck_for"])
    _follow(case)
    record(
        actor=actor,
        action="fieldwork.strike_visit",
        target=f"sample:{case.sample_id}",
        at=at,
        details={"case": case.pk, "visits": case.visits, "state": case.state},
    )
    return case


@writes("fieldwork.move_case", using="confidential")
def move_case(*, actor: Actor, at: datetime, case_id: int, move: CaseMove) -> Case:
    """Close a case without a further visit, or open it again for one more.

    Raises ``Refused``: ``fieldwork.case``, ``fieldwork.not_open``, ``fieldwork.move``.
    """
    case = _locked(case_id)
    demand_open(case.sample)
    if move not in (CaseMove.CLOSE, CaseMove.REOPEN):
        raise Refused("fieldwork.move", found=f"{move} by hand", remedy="close the case, or open it again")
    case.state = reached(CASE_TRANSITIONS, CaseState(case.state), move)
    case.save(update_fields=["state"])
    record(
        actor=actor,
        action="fieldwork.move_case",
        target=f"sample:{case.sample_id}",
        at=at,
        details={"case": case.pk, "move": move.value},
    )
    return case
