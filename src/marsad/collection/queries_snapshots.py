"""Reading what stands on the store: snapshots, looks, broken glasses, certificates. No rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Count, Max, Min, Q, QuerySet, Sum
from django.utils import timezone

from marsad.accounts.queries import accounts
from marsad.collection.models import AccessEntry, BrokenGlass, Certificate, CollectedDataflow, Erasure, Snapshot
from marsad.collection.rules_store import ErasureState, GlassState, SnapshotState


def snapshots(dataflow: str = "") -> QuerySet[Snapshot]:
    """The snapshots, the latest first, of one dataflow or of all."""
    found = Snapshot.objects.select_related("dataflow")
    return found.filter(dataflow_id=dataflow) if dataflow else found


def frozen_snapshots(dataflow: str = "") -> QuerySet[Snapshot]:
    return snapshots(dataflow).filter(state=SnapshotState.FROZEN)


def snapshot(snapshot_id: UUID | str) -> Snapshot | None:
    try:
        wanted = UUID(str(snapshot_id))
    except ValueError:
        return None
    return snapshots().filter(pk=wanted).first()


def past_their_retention(day: date) -> QuerySet[Snapshot]:
    """The snapshots that still stand after the last day on which they may be kept."""
    return frozen_snapshots().filter(retention_until__lt=day)


@dataclass(frozen=True)
class LogFilter:
    """Which lines of the access log are wanted: every empty word takes all; both days are included."""

    dataflow: str = ""
    subject: str = ""
    kind: str = ""
    who: str = ""
    since: date | None = None
    until: date | None = None


def access_log(wanted: LogFilter) -> QuerySet[AccessEntry]:
    """The lines of the log, the latest first; ``who`` is the audit code of a person or of the system's work."""
    found = AccessEntry.objects.all()
    for name in ("dataflow", "subject", "kind"):
        if getattr(wanted, name):
            found = found.filter(**{name: getattr(wanted, name)})
    if wanted.who:
        found = found.filter(actor=wanted.who)
    if wanted.since:
        found = found.filter(at__gte=_midnight(wanted.since))
    if wanted.until:
        found = found.filter(at__lt=_midnight(wanted.until + timedelta(days=1)))
    return found


def readers() -> list[tuple[str, str]]:
    """Who stands in the log: audit codes with the names of persons, in the order of these; a name is never asked by."""
    codes = list(AccessEntry.objects.order_by().values_list("actor", flat=True).distinct())
    names = names_of(codes)
    return sorted(((code, names.get(code, code)) for code in codes), key=lambda one: one[1].casefold())


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def glasses() -> QuerySet[BrokenGlass]:
    return BrokenGlass.objects.select_related("snapshot", "snapshot__dataflow")


def glass(glass_id: UUID) -> BrokenGlass | None:
    return glasses().filter(pk=glass_id).first()


def glasses_to_expire(now: datetime) -> QuerySet[BrokenGlass]:
    return glasses().filter(state__in=(GlassState.ASKED, GlassState.GRANTED), expires_at__lte=now)


def names_of(codes: Iterable[str]) -> dict[str, str]:
    """The names of the accounts behind audit codes, for who keeps the store; parts of the system have none."""
    numbers = {code.removeprefix("user:") for code in codes if code.startswith("user:")}
    return {user.audit_code: str(user) for user in accounts().filter(pk__in=numbers)}


def certificates() -> QuerySet[Certificate]:
    return Certificate.objects.all()


def certificate(number: str) -> Certificate | None:
    return Certificate.objects.filter(pk=number).first()


def erasures_under_way() -> QuerySet[Erasure]:
    return Erasure.objects.filter(state=ErasureState.UNDER_WAY)


@dataclass(frozen=True)
class Processing:
    """One line of the register of processing: what is held, how much, until when, and how often it was looked at."""

    dataflow: CollectedDataflow
    snapshots: int
    rows: int
    first_erasure: date | None
    last_erasure: date | None
    readings: int
    looks: int


def _readings() -> Mapping[str, tuple[int, int]]:
    counted = AccessEntry.objects.values("dataflow").annotate(
        readings=Count("id", filter=Q(kind="read")), looks=Count("id", filter=Q(kind="look"))
    )
    return {one["dataflow"]: (one["readings"], one["looks"]) for one in counted.order_by()}


def register_of_processing() -> list[Processing]:
    """Every collected dataflow with what is held of it now, in the order of the codes."""
    frozen = Q(snapshots__state=SnapshotState.FROZEN)
    flows = CollectedDataflow.objects.annotate(
        held=Count("snapshots", filter=frozen),
        held_rows=Sum("snapshots__rows", filter=frozen, default=0),
        first=Min("snapshots__retention_until", filter=frozen),
        last=Max("snapshots__retention_until", filter=frozen),
    ).order_by("code")
    readings = _readings()
    return [
        Processing(flow, flow.held, flow.held_rows, flow.first, flow.last, *readings.get(flow.code, (0, 0)))
        for flow in flows
    ]
