"""A person who is erased is erased from files that wait or are kept, too: they are sealed whole, so they go whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from marsad.audit.rules import System
from marsad.collection.deliveries.models import Delivery
from marsad.collection.deliveries.operations_retention import destroy_file
from marsad.collection.deliveries.operations_steps import refuse
from marsad.collection.deliveries.rules import OPEN, State
from marsad.collection.deliveries.steps import opened, reading_of
from marsad.collection.deliveries.storing import every_row
from marsad.collection.erasure import erases, finds_before, is_about
from marsad.collection.keys import keys_for
from marsad.collection.operations_erasure import Eraser
from marsad.collection.pseudonyms import PSEUDONYM, Pseudonymiser
from marsad.collection.queries_dataflows import collected_dataflow
from marsad.coordination.agreements.queries import terms_of
from migstat.model.refusals import Refused
from migstat.model.structure import Role

_ACTOR = System("erasure")


@dataclass(frozen=True)
class _Seen:
    """What a file was found to hold of the person, read with one mapping; ``problem`` where it could not be read."""

    mapping: Any
    rows: int = 0
    problem: Refused | None = None


@erases("deliveries")
def erase_waiting_files(pseudonyms: Sequence[str]) -> int:
    """Destroy every waiting or kept file that holds a row about the person; returns how many rows went with their files.

    A delivery that is not decided yet is refused, with a reason that names nobody. A file that cannot be read any more as
    it was understood may hold the person too: it goes as well.
    """
    return _erase(frozenset(pseudonyms), {})


@finds_before("deliveries")
def find_in_files(pseudonyms: Sequence[str]) -> Eraser:
    """Read every file, which may take minutes, before the database is locked; what came or changed meanwhile is read then."""
    wanted = frozenset(pseudonyms)
    seen = {found.pk: _look(found, wanted) for found in _files().iterator(chunk_size=20)}
    return lambda _: _erase(wanted, seen)


def _files() -> QuerySet[Delivery]:
    return Delivery.objects.filter(file_destroyed_at=None, layout__isnull=False, mapping__isnull=False).defer("report")


def _look(found: Delivery, pseudonyms: frozenset[str]) -> _Seen:
    try:
        return _Seen(found.mapping, _rows_about(found, pseudonyms))
    except Refused as unreadable:
        if unreadable.rule.startswith("keys."):
            # A file that was destroyed while others were read is read no more, and not missed.
            if not _files().filter(pk=found.pk).exists():
                return _Seen(found.mapping)
            raise
        return _Seen(found.mapping, problem=unreadable)


def _erase(pseudonyms: frozenset[str], seen: Mapping[UUID, _Seen]) -> int:
    erased = 0
    for found in list(_files()):
        looked = seen.get(found.pk)
        if looked is None or looked.mapping != found.mapping:
            looked = _look(found, pseudonyms)
        if not looked.rows and looked.problem is None:
            continue
        erased += looked.rows
        problem = looked.problem or Refused(
            "deliveries.erased", found="a row about an erased person", remedy="send it without the row"
        )
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
