"""Reading the log: whether its chain holds, and its events page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from marsad.audit.models import ChainHead, Event
from marsad.audit.rules import FIRST_LINK


@dataclass(frozen=True)
class Verdict:
    """What the verification of the chain found: ``rule`` and ``sequence`` say where it breaks first."""

    sound: bool
    events: int
    rule: str = ""
    sequence: int = 0


def verify_chain(report: Callable[[int, int], None] = lambda done, total: None) -> Verdict:
    """Read every event in order and compute its digest anew. ``report(done, total)`` is told how far it is.

    Finds a changed event (``audit.digest``), a missing one (``audit.gap``) and a cut end (``audit.head``).
    """
    before = head()
    total = Event.objects.count()
    sequence, digest, met = 0, FIRST_LINK, before == (0, FIRST_LINK)
    for event in Event.objects.order_by("sequence").iterator(chunk_size=2000):
        if event.sequence != sequence + 1 or event.previous != digest:
            return Verdict(False, total, "audit.gap", event.sequence)
        if event.link().digest() != event.digest:
            return Verdict(False, total, "audit.digest", event.sequence)
        sequence, digest = event.sequence, event.digest
        met = met or before == (sequence, digest)
        if sequence % 1000 == 0:
            report(sequence, total)
    # Writers go on meanwhile: the head as it was must be met on the way, and the head as it is reaches to the end.
    if not met or head()[0] < sequence:
        return Verdict(False, total, "audit.head", sequence)
    report(total, total)
    return Verdict(True, sequence)


def head() -> tuple[int, str]:
    """Number and digest of the newest event, as the chain keeps them."""
    return ChainHead.objects.filter(pk=1).values_list("sequence", "digest").first() or (0, FIRST_LINK)


def events(
    *, action: str = "", actor: str = "", since: date | None = None, until: date | None = None
) -> QuerySet[Event]:
    """The newest first, those of an action (or its beginning), an actor and between two days, both included."""
    found = Event.objects.order_by("-sequence")
    if action:
        found = found.filter(action__startswith=action)
    if actor:
        found = found.filter(actor=actor)
    if since:
        found = found.filter(at__date__gte=since)
    if until:
        found = found.filter(at__date__lte=until)
    return found


def digest_at(sequence: int) -> str:
    """The digest of one event; empty where there is none of this number."""
    return Event.objects.filter(sequence=sequence).values_list("digest", flat=True).first() or ""


def known_actions() -> list[str]:
    return list(Event.objects.order_by("action").values_list("action", flat=True).distinct())


def first_digest() -> str:
    """The digest of the first event, which tells one installation's database from another's; empty before any write."""
    return Event.objects.order_by("sequence").values_list("digest", flat=True).first() or ""


def newest_write(apps: Iterable[str]) -> QuerySet[Event, int]:
    """Number of the newest event of any of some apps (``"actors"``), for a question that asks other things as well.

    It grows with their writes; there is none before the first.
    """
    ranges = [Q(action__gte=f"{app}.", action__lt=f"{app}/") for app in apps]
    return Event.objects.filter(reduce(or_, ranges)).order_by("-sequence").values_list("sequence", flat=True)[:1]
