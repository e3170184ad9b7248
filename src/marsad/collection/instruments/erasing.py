"""A person who is erased is erased from the answers too: the submission goes whole, with its history and pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils import timezone

from marsad.audit.rules import System
from marsad.collection.erasure import erases, is_about
from marsad.collection.instruments import queries
from marsad.collection.instruments.models import Submission
from marsad.collection.instruments.operations_review import erase_submissions, opened
from marsad.collection.instruments.records import told
from marsad.collection.instruments.submission_xml import Entry
from marsad.collection.instruments.vault import Vault
from marsad.collection.queries_dataflows import dataflows_of


@erases("instruments")
def erase_answers(pseudonyms: Sequence[str]) -> int:
    """Delete the submissions that are about the person of these pseudonyms; returns how many."""
    wanted = frozenset(pseudonyms)
    candidates = Submission.objects.filter(pseudonyms__pseudonym__in=wanted).distinct().select_related("version")
    vault = Vault()
    found = [one.pk for one in candidates if _is_about(one, wanted, vault)]
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
    for revision in submission.revisions.order_by("-number"):
        yield opened(revision, vault)
    for other in submission.other_answers.all():
        yield Entry.from_mapping(vault.open_plain(other.sealed_answers, f"conflict:{other.pk}"))
