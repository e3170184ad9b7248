"""What persons decide on a delivery: how it is read, which column holds what, what a spelling means, whether it is taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from marsad.audit.events import writes
from marsad.audit.rules import Actor
from marsad.collection.deliveries import queries
from marsad.collection.deliveries.code_lists import code_indices
from marsad.collection.deliveries.mapping import ColumnMapping, checked_mapping, demand_settled
from marsad.collection.deliveries.models import Delivery
from marsad.collection.deliveries.operations_steps import held, remember_layout, settle, take
from marsad.collection.deliveries.rules import Move, State, acceptable, demand_undecided, with_reason
from migstat.model.refusals import Refused
from migstat.quality.plain_words import cleaned


@dataclass(frozen=True)
class Decision:
    """A move of the data officer or of the partner, with its reason."""

    move: Move
    reason: str = ""


@writes("deliveries.correct", using="confidential")
def correct_reading(*, actor: Actor, at: datetime, delivery_id: UUID, choices: Mapping[str, Any]) -> Delivery:
    """Say how the file is to be read; the machine then reads it anew. Raises ``Refused("deliveries.move")``."""
    found = held(delivery_id)
    take(found, Move.CORRECT, at=at)
    found.choices = dict(choices) | {"corrected": True}
    found.report, found.problem, found.errors, found.questions = None, None, 0, 0
    return settle(found, "deliveries.correct", actor=actor, at=at)


@writes("deliveries.map", using="confidential")
def confirm_mapping(*, actor: Actor, at: datetime, delivery_id: UUID, mapping: ColumnMapping) -> Delivery:
    """Confirm which column holds what, and remember it. Raises ``Refused``: ``deliveries.unmapped``,
    ``deliveries.position``, ``deliveries.doubtful`` while a reading is in doubt that only a person can settle.
    """
    found = held(delivery_id)
    layout = queries.layout_of(found)
    terms = queries.demand_terms(found.agreement, found.organisation, today=timezone.localdate(at))
    mapping = checked_mapping(mapping, terms.structure, layout)
    demand_settled(mapping, terms.structure, layout)
    return _mapped(found, mapping, terms.structure, layout, "deliveries.map", actor=actor, at=at)


@writes("deliveries.answer", using="confidential")
def answer_codes(
    *, actor: Actor, at: datetime, delivery_id: UUID, answers: Mapping[str, Mapping[str, str]]
) -> Delivery:
    """Say what spellings mean; the answers are remembered with the layout. An unknown code is refused."""
    found = held(delivery_id)
    layout = queries.layout_of(found)
    terms = queries.demand_terms(found.agreement, found.organisation, today=timezone.localdate(at))
    mapping = queries.mapping_of(found)
    indices = code_indices(terms.structure)
    said: dict[str, dict[str, str]] = {column: dict(ones) for column, ones in mapping.answers.items()}
    for column, ones in answers.items():
        known = {code.id for code in indices[terms.structure.column(column).codelist].codes}
        if not set(ones.values()) <= known:
            raise Refused(
                "deliveries.codelist", found="a code that the list does not have", remedy="choose one of the list"
            )
        said.setdefault(column, {}).update({cleaned(spelling): code for spelling, code in ones.items()})
    mapping = ColumnMapping(mapping.sources, mapping.constants, mapping.spread, mapping.systems, said)
    return _mapped(found, mapping, terms.structure, layout, "deliveries.answer", actor=actor, at=at)


def _mapped(
    found: Delivery, mapping: ColumnMapping, structure: Any, layout: Any, action: str, *, actor: Actor, at: datetime
) -> Delivery:
    take(found, Move.MAP, at=at)
    found.mapping, found.problem = mapping.to_mapping(), None
    remember_layout(found, layout, structure, actor=actor, at=at, answers_of=mapping.to_mapping())
    return settle(found, action, actor=actor, at=at)


@writes("deliveries.decide", using="confidential")
def decide(*, actor: Actor, at: datetime, delivery_id: UUID, decision: Decision) -> Delivery:
    """Accept, accept with reservations, return, refuse or withdraw. A delivery to be stored is stored by the machine.

    Raises ``Refused``: ``deliveries.move``, ``deliveries.reason``, ``deliveries.questions``, ``deliveries.errors``,
    ``deliveries.not_in_force``.
    """
    found = held(delivery_id)
    demand_undecided(State(found.state), decision.move)
    reason = with_reason(decision.move, decision.reason)
    if decision.move in (Move.ACCEPT, Move.RESERVE):
        acceptable(decision.move, errors=found.errors, questions=found.questions)
        queries.demand_terms(found.agreement, found.organisation, today=timezone.localdate(at))
    take(found, decision.move, at=at)
    found.reason, found.decided_by, found.decided_at = reason, actor.audit_code, at
    return settle(found, "deliveries.decide", actor=actor, at=at, details={"move": decision.move.value})
