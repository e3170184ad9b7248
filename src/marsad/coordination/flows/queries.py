"""Reading the flows: what agreements promise, and what the register of deliveries saw."""

from __future__ import annotations

from datetime import date

from marsad.coordination.agreements.models import Agreement
from marsad.coordination.agreements.queries import due_deliveries, receipts, shown_version
from marsad.coordination.agreements.rules import CLOSED, OPEN
from marsad.coordination.flows.measures import Came, Due, Flow
from migstat.model.structure import Role

_DESCRIBING = frozenset({Role.QUASI_IDENTIFIER, Role.AREA, Role.ATTRIBUTE, Role.DIRECT_IDENTIFIER})


def agreed(*, synthetic: bool | None = None) -> list[Agreement]:
    """The agreements that were signed once, with their producers; of the demonstration, real, or all (None)."""
    found = Agreement.objects.select_related("organisation").prefetch_related("versions")
    if synthetic is not None:
        found = found.filter(is_synthetic=synthetic)
    return [one for one in found if any(version.state not in OPEN for version in one.versions.all())]


def producer_of(agreement: Agreement) -> str:
    """The organisation that stands for whoever promised: the one that its entry was merged into, where it was."""
    return agreement.organisation.merged_into_id or agreement.organisation_id


def flow_of(agreement: Agreement, *, today: date) -> Flow:
    """One agreement as a promised flow with everything that came."""
    version = shown_version([one for one in agreement.versions.all() if one.state not in OPEN])
    due = due_deliveries(agreement.code, today)
    return Flow(
        producer=producer_of(agreement),
        dataflow=agreement.dataflow,
        agreement=agreement.code,
        promised=tuple(version.terms.breakdowns) if version else (),
        due=tuple(Due(one.period, one.due_on, one.received_on) for one in due),
        came=tuple(
            Came(one.received_on, one.state, one.rows, one.errors, tuple(one.breakdowns), one.file_format, one.hours)
            for one in receipts(agreement.code)
        ),
    )


def flows(*, today: date, synthetic: bool | None = None) -> list[Flow]:
    """Every promised flow."""
    return [flow_of(one, today=today) for one in agreed(synthetic=synthetic)]


def collected_columns() -> list[tuple[str, str, frozenset[str]]]:
    """Producer, agreement and describing columns of every real agreement that stands: to find what is collected twice."""
    found = []
    for agreement in agreed(synthetic=False):
        version = shown_version(agreement.versions.all())
        if version is None or version.state in CLOSED:
            continue
        columns = version.terms.structure.columns
        names = frozenset(column.name for column in columns if column.role in _DESCRIBING)
        found.append((producer_of(agreement), agreement.code, names))
    return found


def formalities_done(*, today: date) -> list[bool]:
    """For each agreement in force today, whether its authorisation or declaration number is there."""
    found = []
    for agreement in agreed(synthetic=False):
        for version in agreement.versions.all():
            if version.state == "in_force" and version.starts_on <= today <= version.ends_on:
                found.append(bool(version.terms.authorisation_number))
    return found
