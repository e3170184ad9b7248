"""A person who is erased is erased from the answers too: the submission goes whole, with its history and pictures."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from marsad.audit.rules import System
from marsad.collection.erasure import erases, is_about
from marsad.collection.instruments import freezing, queries
from marsad.collection.instruments.models import Submission
from marsad.collection.instruments.operations_review import erase_submissions
from marsad.collection.instruments.vault import Vault
from marsad.collection.queries_dataflows import collected_dataflow, structure_of


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
    for code in queries.definition_of(submission.version).dataflows:
        flow = collected_dataflow(code)
        rows = freezing.rows_of(submission, code, structure_of(code), vault, with_consent=False)
        if any(is_about(flow, row, pseudonyms) for row in rows):
            return True
    return False
