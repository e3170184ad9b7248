"""A person who is erased is erased from files that wait or are kept, too: they are sealed whole, so they go whole."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from marsad.audit.rules import System
from marsad.collection.deliveries.models import Delivery
from marsad.collection.deliveries.operations_retention import destroy_file
from marsad.collection.deliveries.operations_steps import refuse
from marsad.collection.deliveries.rules import OPEN, State
from marsad.collection.deliveries.steps import opened, reading_of
from marsad.collection.deliveries.storing import every_row
from marsad.collection.erasure import erases, is_about
from marsad.collection.keys import keys_for
from marsad.collection.pseudonyms import PSEUDONYM, Pseudonymiser
from marsad.collection.queries_dataflows import collected_dataflow
from marsad.coordination.agreements.queries import terms_of
from migstat.model.refusals import Refused
from migstat.model.structure import Role

_ACTOR = System("erasure")


@erases("deliveries")
def erase_waiting_files(pseudonyms: Sequence[str]) -> int:
    """Destroy every waiting or kept file that holds a row about the person; returns how many rows went with their files.

    A delivery that is not decided yet is refused, with a reason that names nobody. A file that cannot be read any more as
    it was understood may hold the person too: it goes as well.
    """
    erased = 0
    for found in Delivery.objects.filter(file_destroyed_at=None, layout__isnull=False, mapping__isnull=False):
        problem = Refused("deliveries.erased", found="a row about an erased person", remedy="send it without the row")
        try:
            rows = _rows_about(found, frozenset(pseudonyms))
            if not rows:
                continue
            erased += rows
        except Refused as unreadable:
            if unreadable.rule.startswith("keys."):
                raise
            problem = unreadable
        if State(found.state) in OPEN:
            refuse(actor=_ACTOR, at=timezone.now(), delivery_id=found.pk, problem=problem)
        else:
            destroy_file(actor=_ACTOR, at=timezone.now(), delivery_id=found.pk)
    return erased


def _rows_about(found: Delivery, pseudonyms: frozenset[str]) -> int:
    flow, terms = collected_dataflow(found.dataflow), terms_of(found.agreement)
    named = [column.name + PSEUDONYM for column in terms.structure.with_role(Role.DIRECT_IDENTIFIER)]
    if not named:
        return 0
    pseudonymiser = Pseudonymiser(terms.structure, flow.purpose, keys_for(flow.purpose))
    about = 0
    for batch in every_row(reading_of(found, terms, opened(found)), pseudonymiser):
        held = batch.select([name for name in named if name in batch.schema.names])
        about += sum(is_about(flow, row, pseudonyms) for row in held.to_pylist())
    return about
