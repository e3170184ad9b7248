"""What stands of the demonstration: its names, its snapshots, and whether it is whole."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from marsad.audit.rules import System
from marsad.collection.models import Snapshot
from marsad.coordination.agreements.queries import agreement_of
from marsad.demonstration.partners import agreement_code
from marsad.demonstration.people import cast_numbers
from marsad.release.queries import requests_let_go
from migstat.model import Text

ACTOR: Final = System("demonstration")
LISTS: Final = ("caritas-services", "foo-services", "gadem-cases")
INSTRUMENT: Final = "demonstration"
# The runs whose tables two reviewers let go: a definition, a survey, and the size of a hidden population.
PUBLISHED: Final = ("births", "survey", "mse")
REASON: Final = Text(
    fr="Démonstration : ville fictive, personne n’y existe",
    ar="عرض: مدينة مصطنعة لا أحد فيها موجود",
    en="Demonstration: a made-up city, nobody in it exists",
)


class Standing(StrEnum):
    """How much of the demonstration is there."""

    NOTHING = "nothing"
    PIECES = "pieces"
    WHOLE = "whole"


def standing() -> Standing:
    """Whole once its people let go the last of its editions; anything less is what a building that broke off left."""
    people = cast_numbers()
    if len(requests_let_go(people)) >= len(PUBLISHED):
        return Standing.WHOLE
    is_there = bool(people or snapshots_of_demonstration() or any(map(agreement_of, map(agreement_code, LISTS))))
    return Standing.PIECES if is_there else Standing.NOTHING


def snapshots_of_demonstration() -> list[Snapshot]:
    """The snapshots that a demonstration made: under its agreements, or of its own questionnaire."""
    wanted = {agreement_code(dataflow) for dataflow in LISTS}
    return [
        one
        for one in Snapshot.objects.filter(is_synthetic=True)
        if wanted & set(one.lineage.get("agreements", ()))
        or any(entry[0] == INSTRUMENT for entry in one.lineage.get("submissions", ()))
    ]
