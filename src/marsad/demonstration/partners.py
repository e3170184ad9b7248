"""Partners' lists on their whole road: an agreement negotiated and signed, a file sent, read, checked, accepted, frozen."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from marsad.collection.deliveries import operations_decisions as decisions
from marsad.collection.deliveries import queries
from marsad.collection.deliveries.operations_decisions import Decision
from marsad.collection.deliveries.operations_intake import Order, Spooled, receive
from marsad.collection.deliveries.rules import MACHINE, MOST_BYTES, Channel, State
from marsad.collection.deliveries.rules import Move as DeliveryMove
from marsad.collection.deliveries.spool import Spool
from marsad.collection.deliveries.steps import advance
from marsad.collection.queries_dataflows import collected_dataflow, structure_of
from marsad.coordination.agreements import operations as agreements
from marsad.coordination.agreements.queries import version_of
from marsad.coordination.agreements.rules import Move
from marsad.coordination.agreements.terms import RecipientClass, Terms
from marsad.demonstration.others import await_others
from marsad.demonstration.people import Cast
from marsad.demonstration.records import YEAR
from migstat.model import Refused, Text

PREFIX: Final = "demo-"
TITLE: Final = Text(
    fr="Démonstration : liste fictive d’une association",
    ar="عرض: لائحة مصطنعة لجمعية",
    en="Demonstration: made-up list of an association",
)
PURPOSE: Final = Text(
    fr="Montrer le chemin d’une livraison ; personne n’existe dans cette liste.",
    ar="إظهار مسار تسليم؛ لا أحد في هذه اللائحة موجود.",
    en="To show the road of a delivery; nobody in this list exists.",
)


def agreement_code(dataflow: str) -> str:
    return f"{PREFIX}{dataflow}"


def agreed(cast: Cast, dataflow: str, *, at: datetime) -> str:
    """A synthetic agreement in force on a dataflow, by the same moves as any other; returns its code."""
    partner, code = collected_dataflow(dataflow).partner, agreement_code(dataflow)
    terms = _terms(code, partner, dataflow, at)
    agreements.draft(actor=cast.officer, at=at, terms=terms, title=TITLE, is_synthetic=True)
    speaker = cast.partners[partner]
    for who, move in ((speaker, Move.AGREE), (cast.protection, Move.REVIEW)):
        agreements.move(actor=who, at=at, code=code, number=1, move=move)
    for who in (speaker, cast.coordinator):
        read = version_of(code, 1)
        agreements.sign(actor=who, at=at, code=code, number=1, checksum=read.checksum if read else "")
    agreements.move(actor=cast.coordinator, at=at, code=code, number=1, move=Move.ENFORCE)
    return code


def _terms(code: str, partner: str, dataflow: str, at: datetime) -> Terms:
    today = at.date()
    return Terms(
        code=code,
        organisation=partner,
        dataflow=dataflow,
        structure=structure_of(dataflow),
        purpose="statistics",
        legal_basis="public_task",
        authorisation_number="DEMONSTRATION",
        authorised_on=today,
        recipient_classes=frozenset({RecipientClass.MUNICIPALITY, RecipientClass.PUBLIC}),
        minimum_cell=5,
        frequency="yearly",
        due_days=30,
        breakdowns=(),
        quality_tests=("required", "codes"),
        retention_days=365,
        keeps_original=False,
        onward_sharing=False,
        starts_on=today - timedelta(days=1),
        ends_on=today + timedelta(days=365),
        reviewers=("data_protection_officer", "reviewer"),
        purpose_words=PURPOSE,
        basis_words=PURPOSE,
    )


def delivered(cast: Cast, dataflow: str, rows: Sequence[Mapping[str, Any]], *, at: datetime) -> UUID:
    """One list sent as a file, taken through every step, and frozen; returns the number of its snapshot.

    Raises ``Refused("demonstration.delivery")`` where a step does not end as it should.
    """
    code, partner = agreement_code(dataflow), collected_dataflow(dataflow).partner
    order = Order(code, partner, str(YEAR), f"{dataflow}.csv", Channel.PAGE)
    found = receive(actor=cast.partners[partner], at=at, order=order, spooled=_spooled(_file(rows)))
    advance(found.pk)
    found = _at(found.pk, State.READ)
    decisions.confirm_mapping(
        actor=cast.partners[partner], at=at, delivery_id=found.pk, mapping=queries.mapping_of(found)
    )
    advance(found.pk)
    _at(found.pk, State.CHECKED)
    decisions.decide(
        actor=cast.officer, at=at, delivery_id=found.pk,
        decision=Decision(DeliveryMove.RESERVE, "demonstration"),
    )  # fmt: skip
    advance(found.pk)
    found = _at(found.pk, State.ACCEPTED, State.ACCEPTED_WITH_RESERVATIONS)
    return UUID(str(found.snapshot))


def _at(delivery: UUID, *states: State) -> Any:
    await_others(lambda: (one := queries.delivery(delivery)) is None or State(one.state) not in MACHINE)
    found = queries.delivery(delivery)
    if found is None or State(found.state) not in states:
        state = found.state if found else "gone"
        raise Refused("demonstration.delivery", found=f"a delivery that is {state}", remedy="remove it and begin anew")
    return found


def _file(rows: Sequence[Mapping[str, Any]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("utf-8")


def _spooled(content: bytes) -> Spooled:
    number, key = uuid4(), Spool.new_key()
    size = Spool(queries.folder(), str(number), key).append([content], most=MOST_BYTES)
    return Spooled(number, key, size, hashlib.sha256(content).hexdigest())
