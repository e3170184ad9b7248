"""Reading the flows: what agreements promise, and what the register of deliveries saw."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from marsad.actors.models import Organisation
from marsad.coordination.agreements.models import Agreement, AgreementVersion, DeliveryReceipt
from marsad.coordination.agreements.queries import due_of, receipts, shown_version
from marsad.coordination.agreements.rules import CLOSED, OPEN, TAKEN
from marsad.coordination.flows.measures import Came, Due, Flow
from migstat.model.structure import Role

_DESCRIBING = frozenset({Role.QUASI_IDENTIFIER, Role.AREA, Role.ATTRIBUTE, Role.DIRECT_IDENTIFIER})


def agreed(*, synthetic: bool | None = None) -> list[Agreement]:
    """The agreements that were signed once, with their producers; of the demonstration, real, or all (None)."""
    found = Agreement.objects.select_related("organisation").prefetch_related("versions")
    if synthetic is not None:
        found = found.filter(is_synthetic=synthetic)
    return [one for one in found if any(version.state not in OPEN for version in one.versions.all())]


@dataclass(frozen=True)
class Promise:
    """An agreement that was signed once: its signed versions, its flow, and the organisation that stands for its party."""

    agreement: Agreement
    versions: tuple[AgreementVersion, ...]
    producer: Organisation
    flow: Flow


def promises(*, today: date) -> list[Promise]:
    """Every promised flow with everything that came of it; three queries, however many there are."""
    signed = AgreementVersion.objects.exclude(state__in=OPEN).select_related("agreement__organisation__merged_into")
    signed = signed.defer("text")  # the words that were signed are long, and nothing is measured in them
    by_agreement: dict[str, list[AgreementVersion]] = defaultdict(list)
    for version in signed.prefetch_related("steps").order_by("agreement_id", "number"):
        by_agreement[version.agreement_id].append(version)
    came: dict[str, list[DeliveryReceipt]] = defaultdict(list)
    for receipt in receipts() if by_agreement else ():
        came[receipt.agreement_id].append(receipt)
    return [_promise(versions, came[code], today) for code, versions in by_agreement.items()]


def _promise(versions: list[AgreementVersion], came: list[DeliveryReceipt], today: date) -> Promise:
    agreement, shown = versions[0].agreement, shown_version(versions)
    producer = agreement.organisation.merged_into or agreement.organisation
    due = due_of(agreement.code, versions, came, today)
    flow = Flow(
        producer=producer.code,
        dataflow=agreement.dataflow,
        agreement=agreement.code,
        promised=tuple(shown.terms.breakdowns) if shown else (),
        due=tuple(Due(one.period, one.due_on, one.received_on, one.state in TAKEN) for one in due),
        came=tuple(
            Came(
                one.received_on,
                one.state,
                one.rows,
                one.errors,
                tuple(one.breakdowns),
                one.file_format,
                one.hours,
                one.period,
            )
            for one in came
        ),
    )
    return Promise(agreement, tuple(versions), producer, flow)


def collected_columns(promised: Iterable[Promise]) -> list[tuple[str, str, frozenset[str]]]:
    """Producer, agreement and describing columns of every agreement that stands: to find what is collected twice."""
    found = []
    for one in promised:
        version = shown_version(one.versions)
        if version is None or version.state in CLOSED:
            continue
        columns = version.terms.structure.columns
        names = frozenset(column.name for column in columns if column.role in _DESCRIBING)
        found.append((one.producer.code, one.agreement.code, names))
    return found


def formalities_done(promised: Iterable[Promise], *, today: date) -> list[bool]:
    """For each real agreement in force today, whether its authorisation or declaration number is there."""
    return [
        bool(version.terms.authorisation_number)
        for one in promised
        if not one.agreement.is_synthetic
        for version in one.versions
        if version.state == "in_force" and version.starts_on <= today <= version.ends_on
    ]
