"""What submissions tell fieldwork: the outcome of a visit, the use of a coupon; and back, the weights of their rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from marsad.audit.rules import Actor
from marsad.collection.fieldwork import arrivals
from marsad.collection.fieldwork.queries import weights_by_pseudonym
from marsad.collection.instruments import queries
from marsad.collection.instruments.arrival import Arrival
from marsad.collection.instruments.models import Submission
from marsad.collection.instruments.rules import Move
from marsad.collection.pseudonyms import PSEUDONYM
from marsad.collection.queries_dataflows import collected_dataflow, identifying_columns
from migstat.model.structure import DataStructure, Role


def tell_fieldwork(*, actor: Actor, at: datetime, arrival: Arrival, submission: Submission) -> None:
    """Tell an open sample or network of what a submission says; call it inside the operation that stores it."""
    awaited = arrivals.awaited_dataflows()
    if not awaited:
        return
    flows = queries.definition_of(queries.content_of(arrival.version.pk)).dataflows
    values = arrival.entry.values
    told = arrivals.Arrival(
        submission.pk,
        tuple(flow for flow in flows if flow in awaited),
        values,
        submission.outcome,
        _day(values.get("day", ""), at.date()),
        _person(submission.agent),
    )
    arrivals.note_arrival(actor=actor, at=at, arrival=told)


def _day(said: str, today: date) -> date:
    """The day on which the form says that it was filled; today for a form that does not say."""
    try:
        return date.fromisoformat(said[:10])
    except ValueError:
        return today


def _person(audit_code: str) -> UUID | None:
    try:
        return UUID(audit_code.removeprefix("user:"))
    except ValueError:
        return None


def tell_of_review(*, actor: Actor, at: datetime, submission_id: UUID, move: Move) -> None:
    """A rejected interview no longer counts as one; opened again, it does."""
    if move is Move.REJECT:
        arrivals.withdraw_arrival(actor=actor, at=at, submission=submission_id)
    elif move in (Move.REOPEN, Move.EDIT):
        arrivals.restore_arrival(actor=actor, at=at, submission=submission_id)


def weigher(dataflow: str, structure: DataStructure) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Gives rows of a dataflow their weight, stratum and cluster, where a sample of it was weighted and has such columns.

    A row whose dwelling was not drawn has no weight: it is left unknown, not 0.
    """
    weights = weights_by_pseudonym(dataflow)
    names = [column.name for column in structure.with_role(Role.WEIGHT)]
    if not weights or not names:
        return lambda row: row
    (own, *_) = identifying_columns(collected_dataflow(dataflow))
    known = {column.name for column in structure.columns}

    def weighted(row: dict[str, Any]) -> dict[str, Any]:
        found = weights.get(row.get(own + PSEUDONYM) or "")
        if found is None:
            return row
        more = {"stratum": found.stratum, "cluster": found.cluster or None}
        return row | {names[0]: found.weight} | {name: value for name, value in more.items() if name in known}

    return weighted
