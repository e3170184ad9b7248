"""A person who is erased is erased here too: their coupon and their dwelling are met by nobody any more."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from django.utils import timezone

from marsad.audit.rules import System
from marsad.collection.erasure import erases
from marsad.collection.fieldwork.operations_retention import forget_pseudonyms


@erases("fieldwork")
def erase_links(pseudonyms: Sequence[str]) -> int:
    """Cut what ties a case or a place in a chain to the person of these pseudonyms; returns how many were cut.

    The place itself stays, with its number and its wave: without it the chains of others would fall apart.
    """
    unknown = [f"erased-{uuid4().hex}" for _ in pseudonyms]
    return forget_pseudonyms(
        actor=System("erasure"), at=timezone.now(), pseudonyms=tuple(pseudonyms), replacements=tuple(unknown)
    )
