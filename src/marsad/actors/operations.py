"""Writes of the directory."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from marsad.actors.models import Membership, Organisation
from marsad.audit.events import record, writes
from marsad.audit.rules import Actor
from migstat.model.refusals import Refused


@writes("actors.join")
def add_membership(*, actor: Actor, at: datetime, user_id: UUID, organisation: str, function: str = "") -> Membership:
    """Let an account speak for an organisation. Raises ``Refused`` where the organisation is not known."""
    if not Organisation.objects.filter(code=organisation).exists():
        raise Refused("actors.unknown", found="an organisation that is not in the directory", remedy="choose one of it")
    membership, _ = Membership.objects.get_or_create(
        user_id=user_id,
        organisation_id=organisation,
        until=None,
        defaults={"function": function.strip(), "since": at.date()},
    )
    record(actor=actor, action="actors.join", target=f"organisation:{organisation}", at=at)
    return membership


@writes("actors.leave")
def end_membership(*, actor: Actor, at: datetime, membership_id: int) -> Membership:
    """End what an account may say for an organisation; its function is forgotten."""
    membership = Membership.objects.select_for_update().get(pk=membership_id, until=None)
    membership.until, membership.function = at.date(), ""
    membership.save()
    record(actor=actor, action="actors.leave", target=f"organisation:{membership.organisation_id}", at=at)
    return membership
