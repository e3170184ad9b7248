"""A person who is erased is erased from the answers too: the submission goes whole, with its history and pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final
from uuid import UUID

from django.utils import timezone

from marsad.audit.rules import System
from marsad.collection.erasure import erases, is_about
from marsad.collection.instruments import queries, queries_review
from marsad.collection.instruments.models import Pseudonym, Submission
from marsad.collection.instruments.operations_review import erase_submissions, opened
from marsad.collection.instruments.records import told
from marsad.collection.instruments.submission_xml import Entry
from marsad.collection.instruments.vault import Vault
from marsad.collection.queries_dataflows import dataflows_of

# A frequent name has thousands of namesakes, and each is opened.
_AT_ONCE: Final = 200


@erases("instruments")
def erase_answers(pseudonyms: Sequence[str]) -> int:
    """Delete the submissions that are about the person of these pseudonyms; returns how many."""
    wanted = frozenset(pseudonyms)
    named = Pseudonym.objects.filter(pseudonym__in=wanted).order_by().values_list("submission", flat=True).distinct()
    candidates, vault = list(named), Vault()
    found: list[UUID] = []
    for first in range(0, len(candidates), _AT_ONCE):
        part = queries_review.with_answers(candidates[first : first + _AT_ONCE])
        found += [one.pk for one in part if _is_about(one, wanted, vault)]
    if found:
        erase_submissions(actor=System("erasure"), at=timezone.now(), submissions=found)
    return len(found)


def _is_about(submission: Submission, pseudonyms: frozenset[str], vault: Vault) -> bool:
    """Whether any of the answers names the person: as they stand, as they stood before, or in conflict with them."""
    definition = queries.definition_of(submission.version)
    flows = dataflows_of(definition.dataflows)
    return any(
        is_about(flows[records.dataflow], row, pseudonyms)
        for entry in _entries(submission, vault)
        for records in definition.records
        for row in told(records, entry)
    )


def _entries(submission: Submission, vault: Vault) -> Iterator[Entry]:
    for revision in submission.revisions.all():
        yield opened(revision, vault)
    for other in submission.other_answers.all():
        yield Entry.from_mapping(vault.open_plain(other.sealed_answers, f"conflict:{other.pk}"))
