"""The public register of data use: who supplies what, why, on what basis, until when, and what was delivered or refused.

Nothing in it tells a person: no name, no file, no record, only what the parties signed and counts by period.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from marsad.coordination.agreements.models import Agreement, AgreementVersion, DeliveryReceipt, RefusalCount
from marsad.coordination.agreements.queries import sealed_terms, shown_version
from marsad.coordination.agreements.rules import STANDING, TAKEN, AgreementState, DeliveryState, Terms


@dataclass(frozen=True)
class PeriodCount:
    """Deliveries for one period: how many came, were accepted, returned or refused. ``period`` may be empty."""

    period: str
    received: int
    accepted: int
    refused: int


@dataclass(frozen=True)
class RefusedCount:
    kind: str
    count: int


@dataclass(frozen=True)
class Entry:
    """One agreement as the public sees it. ``state`` is that of the day the register is made."""

    agreement: Agreement
    terms: Terms
    state: AgreementState
    since: date
    deliveries: tuple[PeriodCount, ...]
    refusals: tuple[RefusedCount, ...]

    @property
    def delivered(self) -> int:
        return sum(one.received for one in self.deliveries)

    @property
    def refused(self) -> int:
        return sum(one.count for one in self.refusals)


def register(*, today: date) -> list[Entry]:
    """The agreements that are or were in force, those in force first, then by organisation. Drafts are nobody's business."""
    been = AgreementVersion.objects.filter(steps__state=AgreementState.IN_FORCE).distinct()
    by_agreement: dict[str, list[AgreementVersion]] = {}
    for version in been.select_related("agreement__organisation").prefetch_related("steps"):
        by_agreement.setdefault(version.agreement_id, []).append(version)
    delivered, refused = _delivered(), _refused()
    entries = [_entry(code, versions, delivered, refused, today) for code, versions in by_agreement.items()]
    return sorted(
        entries, key=lambda one: (one.state not in STANDING, one.agreement.organisation_id, one.agreement.code)
    )


def refused_without_agreement() -> tuple[RefusedCount, ...]:
    """What was refused where no agreement stood, by kind."""
    return _refused().get("", ())


def _entry(
    code: str,
    versions: list[AgreementVersion],
    delivered: dict[str, tuple[PeriodCount, ...]],
    refused: dict[str, tuple[RefusedCount, ...]],
    today: date,
) -> Entry:
    version = shown_version(versions)
    assert version is not None  # there is one: the agreement was found by it
    state = AgreementState(version.state)
    if state in STANDING and today > version.ends_on:
        state = AgreementState.EXPIRED
    first = min(step.at for one in versions for step in one.steps.all() if step.state == AgreementState.IN_FORCE)
    return Entry(
        version.agreement,
        sealed_terms(version),
        state,
        first.date(),
        delivered.get(code, ()),
        refused.get(code, ()),
    )


def _delivered() -> dict[str, tuple[PeriodCount, ...]]:
    """By agreement and period: received, accepted and refused deliveries."""
    rows: Iterable[tuple[str, str, str]] = DeliveryReceipt.objects.values_list("agreement_id", "period", "state")
    counts = Counter(rows)
    periods: dict[str, dict[str, list[int]]] = {}
    for (code, period, state), count in counts.items():
        found = periods.setdefault(code, {}).setdefault(period, [0, 0, 0])
        found[0] += count
        found[1] += count if state in TAKEN else 0
        found[2] += count if state in {DeliveryState.REFUSED, DeliveryState.RETURNED} else 0
    return {
        code: tuple(PeriodCount(period, *found[period]) for period in sorted(found, reverse=True))
        for code, found in periods.items()
    }


def _refused() -> dict[str, tuple[RefusedCount, ...]]:
    totals: Counter[tuple[str, str]] = Counter()
    for code, kind, count in RefusalCount.objects.values_list("agreement", "kind", "count"):
        totals[code, kind] += count
    found: dict[str, list[RefusedCount]] = {}
    for (code, kind), count in sorted(totals.items()):
        found.setdefault(code, []).append(RefusedCount(kind, count))
    return {code: tuple(counts) for code, counts in found.items()}
