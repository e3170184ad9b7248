"""Tokens with which a machine of an organisation sends under one agreement: shown once, kept as a digest, revocable."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from marsad.accounts.rules import token_digest
from marsad.actors.queries import codes_of
from marsad.audit.events import record, writes
from marsad.audit.rules import Actor
from marsad.collection.deliveries import queries
from marsad.collection.deliveries.models import SendingToken
from migstat.model.refusals import Refused

TOKEN_LIFE = timedelta(days=365)


@dataclass(frozen=True)
class IssuedToken:
    """The secret, which nobody can show again, and its row."""

    secret: str
    token: SendingToken


@writes("deliveries.issue_token", using="confidential")
def issue_token(*, actor: Any, at: datetime, agreement: str, organisation: str, label: str) -> IssuedToken:
    """Make a token for an agreement in force of one's own organisation. Raises ``Refused("deliveries.not_party")``."""
    if organisation not in codes_of(actor):
        raise Refused("deliveries.not_party", found="another organisation than one's own", remedy="choose your own")
    terms = queries.demand_terms(agreement, organisation, today=timezone.localdate(at))
    secret = f"msd_{secrets.token_urlsafe(32)}"
    token = SendingToken.objects.create(
        agreement=terms.code,
        organisation=terms.organisation,
        label=label.strip()[:80],
        digest=token_digest(secret),
        made_at=at,
        made_by=actor.audit_code,
        expires_on=min(timezone.localdate(at) + TOKEN_LIFE, terms.ends_on),
    )
    record(
        actor=actor, action="deliveries.issue_token", target=token.audit_code, at=at, details={"agreement": terms.code}
    )
    return IssuedToken(secret, token)


@writes("deliveries.revoke_token", using="confidential")
def revoke_token(*, actor: Any, at: datetime, token_id: int) -> None:
    """End a token of one's own organisation, now. Ending it again changes nothing."""
    mine = codes_of(actor)
    token = SendingToken.objects.select_for_update().filter(pk=token_id, organisation__in=mine).first()
    if token is None:
        raise Refused("deliveries.not_party", found="a token of another organisation", remedy="end your own")
    token.revoked_at = token.revoked_at or at
    token.save(update_fields=["revoked_at"])
    record(actor=actor, action="deliveries.revoke_token", target=token.audit_code, at=at)


def note_use(token: SendingToken, *, actor: Actor, at: datetime) -> None:
    """The last time a token was used, for the page that lists them; no fact about the world, so no event."""
    SendingToken.objects.filter(pk=token.pk).update(used_at=at)
