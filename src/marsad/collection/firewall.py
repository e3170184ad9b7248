"""Who may receive what: rows leave for nobody, and who enforces the law on foreigners gets what everybody can read.

The purpose of the observatory is statistics and services. A recipient of class enforcement (police, border, immigration
control) is refused every row and every cell that is not published, whoever asks on its behalf; each refusal is counted, and
the count is public.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone

from marsad.actors.queries import codes_of
from marsad.audit.rules import Actor
from marsad.coordination.agreements.operations import note_refusal
from marsad.coordination.agreements.queries import enforcement_agreement, refusal_counts
from marsad.coordination.agreements.rules import RecipientClass
from migstat.model.refusals import Refused


class Matter(StrEnum):
    """What may be asked for: a row, a cell that is not published (however well protected), or what is published."""

    ROW = "row"
    CELL = "cell"
    PUBLISHED = "published"


# Complete: every class and every matter has its line, and nobody receives a row. Looks inside the municipality are no
# receiving: they stand in marsad.collection.access, with a reason and a log.
RECEIVES: Mapping[tuple[RecipientClass, Matter], bool] = {
    (recipient, matter): matter is Matter.PUBLISHED for recipient in RecipientClass for matter in Matter
} | {
    (RecipientClass.MUNICIPALITY, Matter.CELL): True,
    (RecipientClass.PARTNER, Matter.CELL): True,
    (RecipientClass.RESEARCH, Matter.CELL): True,
}


def may_receive(recipient: str, what: str) -> bool:
    """Whether a class of recipients may receive a matter; an unknown class or matter receives nothing.

    >>> may_receive("enforcement", "row"), may_receive("enforcement", "cell"), may_receive("enforcement", "published")
    (False, False, True)
    >>> may_receive("research", "cell"), may_receive("municipality", "row"), may_receive("stranger", "published")
    (True, False, False)
    """
    try:
        return RECEIVES[RecipientClass(str(recipient)), Matter(str(what))]
    except ValueError:
        return False


def demand(*, actor: Actor, at: datetime, recipient: str, what: str, agreement: str = "") -> None:
    """Let a matter through to a class of recipients, or count the refusal and raise ``Refused("firewall.<class>")``.

    Call it at the door, outside any transaction: a refusal that undoes its own count would not be counted.
    """
    if may_receive(recipient, what):
        return
    known = recipient if recipient in set(RecipientClass) else "unknown"
    note_refusal(actor=actor, at=at, agreement=agreement, kind=f"firewall.{known}")
    raise Refused(
        f"firewall.{known}",
        found=f"a {what if what in set(Matter) else 'matter'} asked for a recipient of class {known}",
        remedy="use what is published; rows and unpublished cells do not leave",
    )


def demand_of_account(*, actor: Any, at: datetime, what: str) -> None:
    """Let an account see a matter, unless it acts for a body that receives for law enforcement.

    Parts of the system are no recipients. Raises and counts as ``demand`` does.
    """
    if not getattr(actor, "is_authenticated", False):
        return
    agreement = enforcement_agreement(codes_of(actor))
    if agreement:
        demand(actor=actor, at=at, recipient=RecipientClass.ENFORCEMENT, what=what, agreement=agreement)


def demand_cells(request: HttpRequest) -> None:
    """For pages that show cells before they are published: 403 for whoever acts for law enforcement, and it is counted."""
    try:
        demand_of_account(actor=request.user, at=timezone.now(), what=Matter.CELL)
    except Refused as refusal:
        raise PermissionDenied(refusal.rule) from None


def public_refusal_counts() -> dict[str, int]:
    """How often the firewall refused, by kind, over all months. Counts alone: they stand on public pages."""
    counts: dict[str, int] = {}
    for one in refusal_counts().filter(kind__startswith="firewall."):
        counts[one.kind] = counts.get(one.kind, 0) + one.count
    return counts
