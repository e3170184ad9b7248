"""The machine's steps on a delivery, each written with the state it leads to: read, checked, stored, refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor
from marsad.collection.deliveries.checking import CheckResult
from marsad.collection.deliveries.facts import note_fact, tell
from marsad.collection.deliveries.layout import Layout
from marsad.collection.deliveries.mapping import MappingProposal
from marsad.collection.deliveries.models import Delivery, KnownLayout
from marsad.collection.deliveries.queries import folder, structure_digest
from marsad.collection.deliveries.rules import ACCEPTED, RETURNED_KEPT, Move, State, reached
from marsad.collection.keys import shred_key
from marsad.collection.rules_store import KeyKind
from migstat.model.refusals import Refused
from migstat.model.structure import DataStructure
from migstat.quality.findings import Severity


def held(delivery_id: UUID) -> Delivery:
    """The delivery, locked until the operation ends."""
    return Delivery.objects.select_for_update().get(pk=delivery_id)


def take(found: Delivery, move: Move, *, at: datetime) -> None:
    """Take a step of the table; a decision notes its time, and what it means for the waiting file."""
    found.state = reached(State(found.state), move)
    found.attempts, found.done, found.total = 0, 0, None
    state = State(found.state)
    if state in (State.REFUSED, State.WITHDRAWN) or (state in ACCEPTED and found.file_until is None):
        shred_key(KeyKind.ORIGINAL, str(found.pk))
        found.file_destroyed_at = at
    if state is State.RETURNED:
        found.file_until = at + RETURNED_KEPT
    if state in (State.REFUSED, State.WITHDRAWN, State.RETURNED) or state in ACCEPTED:
        found.decided_at = found.decided_at or at


def settle(
    found: Delivery, action: str, *, actor: Actor, at: datetime, details: Mapping[str, Any] | None = None
) -> Delivery:
    """Save, tell below the line, notify, and leave the event of the operation; a file without key goes after that."""
    found.save()
    if found.file_destroyed_at is not None:
        sealed = folder() / f"{found.pk}.spool"
        transaction.on_commit(lambda: sealed.unlink(missing_ok=True), using="confidential")
    note_fact(found, actor=actor, at=at)
    tell(found, actor=actor, at=at)
    said = {"state": str(found.state), "agreement": found.agreement} | dict(details or {})
    record(actor=actor, action=action, target=found.audit_target, at=at, details=said)
    return found


@writes("deliveries.read", using="confidential")
def note_read(
    *,
    actor: Actor,
    at: datetime,
    delivery_id: UUID,
    layout: Layout,
    proposal: MappingProposal,
    remembered: bool,
) -> Delivery:
    """The file is read: keep its layout and the proposed mapping; a remembered layout is mapped at once."""
    found = held(delivery_id)
    take(found, Move.READ, at=at)
    found.layout, found.mapping = layout.to_mapping(), proposal.mapping.to_mapping()
    found.proposals = [dict(one.__dict__) for one in proposal.proposals]
    found.file_format, found.problem, found.report, found.remembered = layout.file_format, None, None, remembered
    if remembered:
        take(found, Move.MAP, at=at)
    return settle(found, "deliveries.read", actor=actor, at=at, details={"remembered": remembered})


@writes("deliveries.unread", using="confidential")
def note_problem(*, actor: Actor, at: datetime, delivery_id: UUID, problem: Refused) -> Delivery:
    """The file could not be read as it was understood: back to the page where that can be corrected."""
    found = held(delivery_id)
    take(found, Move.READ, at=at)
    found.problem = {"rule": problem.rule, "found": problem.found}
    return settle(found, "deliveries.unread", actor=actor, at=at, details={"rule": problem.rule})


@writes("deliveries.check", using="confidential")
def note_checked(*, actor: Actor, at: datetime, delivery_id: UUID, result: CheckResult) -> Delivery:
    """Keep the report of the check. A layout that a person confirmed is remembered from now on."""
    found = held(delivery_id)
    take(found, Move.CHECK, at=at)
    found.report, found.rows, found.errors = result.to_mapping(), result.rows, result.errors
    found.questions = result.tally.count_of(Severity.QUESTION)
    found.profile = result.profile.to_mapping()
    details = {"rows": found.rows, "errors": found.errors, "questions": found.questions}
    return settle(found, "deliveries.check", actor=actor, at=at, details=details)


@writes("deliveries.store", using="confidential")
def note_stored(
    *, actor: Actor, at: datetime, delivery_id: UUID, snapshot: UUID, rows: int, keep_until: datetime | None
) -> Delivery:
    """The rows are frozen: the delivery is accepted, and its file destroyed unless the agreement keeps originals."""
    found = held(delivery_id)
    found.snapshot, found.stored_rows, found.file_until = snapshot, rows, keep_until
    take(found, Move.STORE, at=at)
    return settle(found, "deliveries.store", actor=actor, at=at, details={"rows": rows})


@writes("deliveries.refuse", using="confidential")
def refuse(*, actor: Actor, at: datetime, delivery_id: UUID, problem: Refused) -> Delivery:
    """Refuse what may not or cannot be taken in, with the rule that says why; its file is destroyed."""
    found = held(delivery_id)
    take(found, Move.REFUSE, at=at)
    found.problem = {"rule": problem.rule, "found": problem.found}
    return settle(found, "deliveries.refuse", actor=actor, at=at, details={"rule": problem.rule})


def remember_layout(
    found: Delivery,
    layout: Layout,
    structure: DataStructure,
    *,
    actor: Actor,
    at: datetime,
    answers_of: Mapping[str, Any],
) -> None:
    """For use inside an operation: keep a confirmed layout for the next delivery of this agreement."""
    KnownLayout.objects.update_or_create(
        agreement=found.agreement,
        signature=layout.signature,
        structure=structure_digest(structure),
        defaults={
            "titles": [column.title for column in layout.columns],
            "mapping": dict(answers_of),
            "choices": {"layout": found.choices.get("layout", {}), "doubts": layout.doubts},
            "confirmed_at": at,
            "confirmed_by": actor.audit_code,
        },
    )
