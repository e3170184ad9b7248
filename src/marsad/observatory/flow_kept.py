"""The flows as all pages read them: worked out once, as long as nothing in them changes."""

from __future__ import annotations

from django.utils import timezone

from marsad.dissemination.models import Publication
from marsad.observatory.flow_book import FlowBook
from marsad.observatory.page_cache import shelf


def book_of(publication: Publication) -> FlowBook:
    """The flows of a publication as they stand today."""
    return shelf.worked_out(("flows", publication.pk), lambda: FlowBook(publication, timezone.localdate()))
