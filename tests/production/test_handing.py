"""What leaves production: shares with their parts, codes that nobody knows, the same bytes from every database."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from marsad.production.handing import concerns, marked_cells
from marsad.production.results import Result, placed, without_unknown_codes
from marsad.production.stored_tables import checksum
from migstat.indicators import Indicator, reference_engine
from migstat.model import Refused
from migstat.model.tables import Dimension, Table, counted
from release.bundles import POLICY

DEFINITION = {
    "code": "EDU", "version": "1", "indicator": "CTX-EDU-01", "statistic": "share", "kind": "stock", "unit": "percent",
    "base": "municipal", "per": 100, "dataflow": "visits", "part": [{"column": "schooled", "equals": True}],
    "period": {"column": "period"}, "by": [{"column": "sex", "codes": ["F", "M"], "dimension": "sex"}],
}  # fmt: skip


def share(women: int, men: int, unknown: int = 0) -> Result:
    rows = [
        {"period": "2026", "sex": sex, "schooled": place % 2 == 0}
        for sex, count in (("F", women), ("M", men), (None, unknown))
        for place in range(count)
    ]
    found = reference_engine.evaluation(Indicator.from_mapping(DEFINITION).over("2026"), {"visits": rows})
    return Result(placed(found.table, "04.421"), "municipal", {}, parts=found.parts)


def test_a_share_is_withheld_wherever_a_part_of_it_is():
    assert marked_cells(share(40, 60), POLICY) == []
    marked = {codes[0] for codes in marked_cells(share(4, 60), POLICY)}
    assert "F" in marked
    assert len(marked) > 1  # the other cell too, or the whole: from these the small one would be reckoned


def test_the_parts_of_a_share_are_not_needed_where_no_rule_counts_people():
    rules = {**POLICY, "rules": {"marked_cells": {"cells": [["F"]]}}}
    assert marked_cells(share(4, 60), rules) == []


def test_codes_that_are_not_known_stay_inside():
    kept = without_unknown_codes(share(40, 60, 7).table)
    assert kept.dimensions[0].codes == ("_T", "F", "M")
    sex = Dimension.flat("sex", ["F", "_U"], total="_T")
    table = Table.from_leaves("t", counted("STK-01"), [sex], {("F",): 7, ("_U",): 2})
    with pytest.raises(Refused, match=r"production\.unknown_codes"):
        without_unknown_codes(table)
    assert without_unknown_codes(replace(table, dimensions=(Dimension.from_parents("sex", dict.fromkeys(sex.codes)),),
                                         measure=replace(table.measure, additive=False))).dimensions[0].codes == ("_T", "F")  # fmt: skip


def test_a_table_without_areas_is_about_the_whole_city():
    assert placed(share(40, 60).table, "04.421").coordinates["AREA"] == "04.421"


def test_what_a_database_gives_back_has_the_same_checksum():
    """PostgreSQL writes numbers in its own way: no zero below zero, no exponents."""
    result = replace(share(40, 60), report={"least": -0.0, "most": 3e22, "few": 1e-9, "array": np.array([2.0])})
    stored = result.to_json()
    assert checksum(json.loads(json.dumps(stored))) == checksum(stored)
    assert stored["report"] == {"least": 0.0, "most": 30000000000000000000000, "few": 1e-9, "array": [2.0]}
    assert str(stored["report"]["least"]) == "0.0"


def test_only_what_gives_concern_travels_as_a_note():
    told = [
        {"statement": {"en": name}, "concern": concern} for name, concern in (("a", True), ("b", False), ("a", True))
    ]
    assert concerns([replace(share(9, 9), report={"diagnostics": told})]) == [{"en": "a"}]
