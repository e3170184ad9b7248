"""What a filled questionnaire says of fieldwork: the outcome of a visit, the use of a coupon. Called where it is received.

Dwellings and coupons are met by their pseudonyms, as the questionnaire holds them; what fits no open sample and no open
network is left alone, because a submission is never refused for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from marsad.audit.rules import Actor
from marsad.collection.fieldwork import queries
from marsad.collection.fieldwork.dispositions import outcome_of_answer
from marsad.collection.fieldwork.models import Case, Network, Sample, Visit
from marsad.collection.fieldwork.operations_coupons import CouponAnswers, note_recruitment
from marsad.collection.fieldwork.operations_visits import VisitNote, note_visit, strike_visit
from marsad.collection.fieldwork.rules import CaseState, NetworkState, SampleState
from marsad.collection.pseudonyms import PSEUDONYM
from marsad.collection.queries_dataflows import collected_dataflow, identifying_columns
from migstat.model.refusals import Refused

_GIVEN = ("coupon_1", "coupon_2", "coupon_3")
_REVISED, _REJECTED = "replaced by a corrected answer", "rejected in review"


@dataclass(frozen=True)
class Arrival:
    """A submission as fieldwork sees it: its dataflows, its answers after pseudonyms, the code of its outcome."""

    submission: UUID
    dataflows: tuple[str, ...]
    values: Mapping[str, str]
    outcome: str
    on: date
    person: UUID | None = None


def note_arrival(*, actor: Actor, at: datetime, arrival: Arrival) -> None:
    """Note what a submission that was received, or corrected by its device, says of the cases and coupons of its dataflows.

    Call it inside the operation that stores the submission: both stand or fall together.
    """
    for dataflow in arrival.dataflows:
        for sample in Sample.objects.filter(dataflow=dataflow, state=SampleState.OPEN):
            _note_case(actor, at, sample, arrival)
        for network in Network.objects.filter(dataflow=dataflow, state=NetworkState.OPEN):
            _note_coupon(actor, at, network, arrival)


def _note_case(actor: Actor, at: datetime, sample: Sample, arrival: Arrival) -> None:
    (column, *_) = identifying_columns(collected_dataflow(sample.dataflow))
    pseudonym = arrival.values.get(column + PSEUDONYM, "")
    code = outcome_of_answer(arrival.outcome)
    if not pseudonym or code is None:
        return
    case = Case.objects.filter(sample=sample, pseudonym=pseudonym).exclude(state=CaseState.RESERVE).first()
    if case is None:
        return
    _strike(actor, at, arrival.submission, _REVISED)
    day = min(max(arrival.on, sample.drawn_at.date()), at.date())
    agent = queries.agent_code_of(arrival.person)
    note_visit(actor=actor, at=at, case_id=case.pk, note=VisitNote(day, code, agent, arrival.submission))


def _note_coupon(actor: Actor, at: datetime, network: Network, arrival: Arrival) -> None:
    own = arrival.values.get("coupon" + PSEUDONYM, "")
    size = arrival.values.get("network_size", "")
    given = tuple(arrival.values[name + PSEUDONYM] for name in _GIVEN if arrival.values.get(name + PSEUDONYM))
    if not own:
        return
    degree = int(size) if size.isascii() and size.isdigit() and len(size) < 6 else None
    answers = CouponAnswers(own, given, degree, arrival.submission)
    try:
        with transaction.atomic(using="confidential"):
            note_recruitment(actor=actor, at=at, network_code=network.pk, answers=answers)
    except Refused:
        # A coupon that may not be used leaves the interview as it is; a reviewer sees that it stands in no chain.
        return


def withdraw_arrival(*, actor: Actor, at: datetime, submission: UUID) -> int:
    """A reviewer rejected a submission: the visit it told of no longer counts. Returns how many were struck."""
    return _strike(actor, at, submission, _REJECTED)


def restore_arrival(*, actor: Actor, at: datetime, submission: UUID) -> int:
    """The review of a rejected submission was opened again: its visit counts once more. Returns how many are back."""
    struck = Visit.objects.filter(submission=submission, struck_for=_REJECTED, case__sample__state=SampleState.OPEN)
    last = struck.order_by("-number").select_related("case").first()
    if last is None or Visit.objects.filter(submission=submission, struck_at=None).exists():
        return 0
    note = VisitNote(last.on, last.disposition, last.agent, submission)
    note_visit(actor=actor, at=at, case_id=last.case_id, note=note)
    return 1


def _strike(actor: Actor, at: datetime, submission: UUID, reason: str) -> int:
    standing = Visit.objects.filter(
        submission=submission, struck_at=None, case__sample__state=SampleState.OPEN
    ).values_list("pk", flat=True)
    for visit in list(standing):
        strike_visit(actor=actor, at=at, visit_id=visit, reason=reason)
    return len(standing)


def awaited_dataflows() -> frozenset[str]:
    """The dataflows of which an open sample or an open network waits for submissions: one question to the database."""
    samples = Sample.objects.filter(state=SampleState.OPEN).exclude(dataflow="").order_by().values_list("dataflow")
    networks = Network.objects.filter(state=NetworkState.OPEN).order_by().values_list("dataflow")
    return frozenset(code for (code,) in samples.union(networks))
