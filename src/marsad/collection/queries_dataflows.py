"""Reading the collected dataflows: why, on what ground and in which columns the municipality holds rows on persons."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import QuerySet

from marsad.collection.models import CollectedDataflow
from migstat.model.refusals import Refused
from migstat.model.structure import DataStructure, Role


def collected_dataflows() -> QuerySet[CollectedDataflow]:
    return CollectedDataflow.objects.all()


def collected_dataflow(code: str) -> CollectedDataflow:
    """The governance of a dataflow. Raises ``Refused("collection.dataflow")`` for a code that the pack does not have."""
    return dataflows_of([code])[code]


def dataflows_of(codes: Collection[str]) -> dict[str, CollectedDataflow]:
    """Several dataflows by their codes, in one query and in the order of the codes. Raises as ``collected_dataflow``."""
    found = CollectedDataflow.objects.in_bulk(list(codes))
    if not found.keys() >= set(codes):
        raise Refused(
            "collection.dataflow",
            found="a collected dataflow that is not in the city pack",
            remedy="describe it in collected/ first: purpose, legal basis, retention",
        )
    return {code: found[code] for code in codes}


def demand_authorised(dataflow: CollectedDataflow) -> CollectedDataflow:
    """The dataflow, where rows of it may be taken in: it has its CNDP number (law 09-08, article 12), or is a demonstration.

    Raises ``Refused("collection.authorisation")``.
    """
    if not dataflow.is_synthetic and not (dataflow.authorisation_number.strip() and dataflow.authorised_on):
        raise Refused(
            "collection.authorisation",
            found=f"no authorisation number of {dataflow.code}",
            remedy="enter the number and the day of the CNDP's authorisation in the city pack before anything is collected",
        )
    return dataflow


def collecting(code: str) -> CollectedDataflow:
    """A dataflow whose collection may start. Raises ``Refused``: ``collection.dataflow``, ``collection.authorisation``."""
    return demand_authorised(collected_dataflow(code))


def structure_of(code: str) -> DataStructure:
    """The columns of a dataflow. Raises ``Refused("collection.dataflow")``."""
    return DataStructure.from_mapping(collected_dataflow(code).structure)


def identifying_columns(dataflow: CollectedDataflow) -> tuple[str, ...]:
    """The direct identifiers that together tell one person from another: those named by the pack, or all of them."""
    structure = DataStructure.from_mapping(dataflow.structure)
    every = tuple(column.name for column in structure.with_role(Role.DIRECT_IDENTIFIER))
    return tuple(dataflow.identified_by) or every
