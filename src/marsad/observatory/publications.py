"""Which publication a request asks for: the one named in its address, or the latest."""

from __future__ import annotations

from typing import Final

from django.http import Http404, HttpRequest

from marsad.dissemination.models import Publication
from marsad.dissemination.queries import current_publication, publication

# Set inside this process when the site is written as files, never by a reader: the publication that pages without a
# number show, or an empty text for the latest.
EXPORTED: Final = "marsad.exported"
# Where a page for everybody carries the latest publication, looked up for the shelf of pages.
LATEST: Final = "latest_publication"


def publication_of(request: HttpRequest) -> Publication:
    """The publication of this page. Raises Http404 before a city is loaded, or for a number never published."""
    resolved = request.resolver_match
    number = (resolved.kwargs.get("publication") if resolved else None) or request.META.get(EXPORTED)
    found = publication(number) if number else getattr(request, LATEST, None) or current_publication()
    if found is None:
        raise Http404("publication")
    return found
