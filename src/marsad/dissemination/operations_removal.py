"""Taking the demonstration off for good: of synthetic editions alone, since nobody's figures are in them."""

from __future__ import annotations

from datetime import datetime

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor
from marsad.dissemination.models import Dataflow, Edition, Observation, Provenance, Staleness, Tombstone
from migstat.model import Origin, Refused


@writes("dissemination.remove_synthetic")
def remove_synthetic(*, actor: Actor, at: datetime, edition: Edition) -> None:
    """Delete a synthetic edition that was withdrawn, with its observations and its dataset where it has no other.

    Real editions never go. Raises ``Refused("edition.immutable")`` for one, or for an edition that still stands.
    """
    if edition.origin != Origin.SYNTHETIC or not Tombstone.objects.filter(edition=edition).exists():
        raise Refused("edition.immutable", found="an edition that stands", remedy="withdraw a synthetic one first")
    dataflow = edition.dataflow_id
    target = f"edition:{dataflow}/{edition.number}"[:80]
    Staleness.objects.filter(replaced_by=edition).update(replaced_by=None)
    for model in (Staleness, Provenance, Tombstone, Observation):
        model._default_manager.filter(edition=edition).delete()
    edition.publications.clear()
    Edition.objects.filter(pk=edition.pk).delete()
    Dataflow.objects.filter(pk=dataflow, from_pack=False, editions=None).delete()
    record(actor=actor, action="dissemination.remove_synthetic", target=target, at=at)
