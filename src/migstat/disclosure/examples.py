"""A small table and policy for worked examples: invented figures, easy to check by hand."""

from __future__ import annotations

from migstat.disclosure.policy import DisclosurePolicy
from migstat.disclosure.primary import primary_suppression
from migstat.disclosure.secondary import Requirement, requirement_of
from migstat.disclosure.system import CellSystem, system_of
from migstat.model.tables import Dimension, Table, counted


def small_policy(**costs: object) -> DisclosurePolicy:
    """Counts of 1 to 3 are primary; an attacker must be left at least 1 on either side.

    >>> small_policy(by="log").costs.by
    'log'
    """
    return DisclosurePolicy.from_mapping(
        {
            "rules": {"minimum_frequency": {"threshold": 3, "zeros_disclosive": False}},
            "protection_interval": {"absolute": 1, "percent": 0, "width": 2, "from_p_percent": False},
            "attackers": {"own_contribution": False, "coalition": 1, "prior_percent": float("inf")},
            "costs": {"by": "value", "keep_margins": 1, "keep_published": 1, "withhold_zeros": False} | costs,
        }
    )


def small_table() -> Table:
    """Residents by area and sex: three areas of one city.

    >>> small_table().cell("RABAT", "_T").number
    84.0
    """
    area = Dimension.flat("AREA", ["AGDAL", "HASSAN", "SOUISSI"], total="RABAT")
    sex = Dimension.flat("SEX", ["F", "M"], total="_T")
    counts: dict[tuple[str, ...], float] = {
        ("AGDAL", "F"): 20,
        ("AGDAL", "M"): 15,
        ("HASSAN", "F"): 2,
        ("HASSAN", "M"): 9,
        ("SOUISSI", "F"): 8,
        ("SOUISSI", "M"): 30,
    }
    return Table.from_leaves(
        "residents-by-area-and-sex", counted("residents"), [area, sex], counts, coordinates={"PERIOD": "2024"}
    )


def small_system() -> CellSystem:
    """The linear system of the small table.

    >>> small_system().equations.shape
    (7, 12)
    """
    return system_of(small_table())


def small_requirement() -> Requirement:
    """What the small policy asks of the small table, when nothing has been published before.

    >>> float(small_requirement().width.sum())
    2.0
    """
    return requirement_of(small_system(), primary_suppression(small_table(), small_policy()))
