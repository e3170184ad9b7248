"""A policy says everything or is refused."""

from __future__ import annotations

import math
from typing import Any

import pytest

from migstat.disclosure.policy import DisclosurePolicy
from migstat.model import Refused


def mapping() -> dict[str, Any]:
    return {
        "rules": {
            "minimum_frequency": {"threshold": 3, "zeros_disclosive": False},
            "dominance": {"n": 1, "k": 75},
            "p_percent": {"p": 10, "coalition": 1},
            "share_of_one_group": {"dimension": "SEX", "share": 0.95},
            "few_contributors": {"fewer_than": 3},
            "marked_cells": {"cells": [["RABAT", "F"]]},
        },
        "protection_interval": {"absolute": 1, "percent": 0, "width": 2, "from_p_percent": False},
        "attackers": {"own_contribution": False, "coalition": 1, "prior_percent": math.inf},
        "costs": {"by": "value", "keep_margins": 1, "keep_published": 1, "withhold_zeros": False},
    }


def test_a_whole_policy_is_read() -> None:
    assert len(DisclosurePolicy.from_mapping(mapping()).rules) == 6


PLACES = [
    (),
    ("rules",),
    *[("rules", name) for name in mapping()["rules"]],
    *[(name,) for name in ("protection_interval", "attackers", "costs")],
]


@pytest.mark.parametrize("place", PLACES)
def test_an_unknown_name_is_refused_everywhere(place: tuple[str, ...]) -> None:
    rules = mapping()
    at = rules
    for name in place:
        at = at[name]
    at["treshold"] = 1
    with pytest.raises(Refused, match=r"policy\.unknown"):
        DisclosurePolicy.from_mapping(rules)


@pytest.mark.parametrize("place", [place for place in PLACES if place != ("rules",)])
def test_a_missing_name_is_refused_everywhere(place: tuple[str, ...]) -> None:
    for name in list(_at(mapping(), place)):
        rules = mapping()
        del _at(rules, place)[name]
        with pytest.raises(Refused, match=r"policy\.missing"):
            DisclosurePolicy.from_mapping(rules)


def _at(rules: dict[str, Any], place: tuple[str, ...]) -> dict[str, Any]:
    for name in place:
        rules = rules[name]
    return rules


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("rules", "minimum_frequency", "threshold"), 0),
        (("rules", "minimum_frequency", "threshold"), "3"),
        (("rules", "minimum_frequency", "zeros_disclosive"), 0),
        (("rules", "dominance", "k"), 101),
        (("rules", "p_percent", "coalition"), True),
        (("protection_interval", "width"), -1),
        (("attackers", "coalition"), 0),
        (("attackers", "prior_percent"), math.nan),
        (("costs", "by"), "none"),
        (("costs", "keep_margins"), 0),
    ],
)
def test_a_value_out_of_range_is_refused(place: tuple[str, ...], value: object) -> None:
    rules = mapping()
    _at(rules, place[:-1])[place[-1]] = value
    with pytest.raises(Refused, match="policy"):
        DisclosurePolicy.from_mapping(rules)


def test_no_protection_is_not_a_policy() -> None:
    rules = mapping()
    rules["protection_interval"] = {"absolute": 0, "percent": 0, "width": 0, "from_p_percent": False}
    with pytest.raises(Refused, match="no_protection"):
        DisclosurePolicy.from_mapping(rules)
    rules = mapping() | {"rules": {}}
    with pytest.raises(Refused, match="no_rules"):
        DisclosurePolicy.from_mapping(rules)
