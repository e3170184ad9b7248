"""Whether the sentence that an edition supported still stands when another takes its place."""

from __future__ import annotations

from marsad.catalogue import queries as catalogue
from marsad.dissemination.models import Edition, Publication
from marsad.observatory.findings import clause
from marsad.observatory.shown import shown

_LANGUAGE = "fr"


def finding_changes(old: Edition, new: Edition) -> bool | None:
    """Whether any sentence about the city reads differently with the new edition; None where none was ever shown.

    The sentences are those the pages compute: numbers, direction and comparability of what happened at home.
    """
    before, after = _first(old), _first(new)
    if before is None or after is None:
        return None
    indicators = set(old.observations.order_by().values_list("indicator_id", flat=True).distinct())
    return any(_sentence(code, before) != _sentence(code, after) for code in sorted(indicators))


def _first(edition: Edition) -> Publication | None:
    """The publication that showed an edition last."""
    return Publication.objects.filter(editions=edition).order_by("-published_at", "-id").first()


def _sentence(code: str, publication: Publication) -> str:
    indicator = catalogue.indicator(code)
    if indicator is None:
        return ""
    read = shown(publication, indicator, _LANGUAGE)
    return clause(read.change(read.home, read.key_or_default("")), indicator, _LANGUAGE)
