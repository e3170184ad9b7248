"""Every family of studies runs through to a table of estimates whose intervals travel with it, and finds the truth."""

from __future__ import annotations

import pytest

from marsad.production.results import ESTIMATED, Result
from marsad.production.stored_tables import checksum
from marsad.production.studies.catalogue import STUDIES, assumptions_of, estimated
from migstat.model import Refused
from production.made_up import HIDDEN, KEY, SHARE, city, definition, lists, network, settings, survey, table


def given(study: str, **more):
    """Settings and rows of each study on the made-up city."""
    if study == "survey":
        return settings(study, **definition("HOU-04"), sample="sample", **more), {"sample": survey()}
    if study == "rds":
        chosen = {
            "indicator": SHARE,
            "sample": "sample",
            "trait": "worked_last_week",
            "category": "no",
            "replicates": 60,
        }
        return settings(study, **(chosen | more)), {"sample": network()}
    if study == "mse":
        names = [{"step": name, "name": name} for name in lists()]
        return settings(study, indicator=HIDDEN, lists=names, key=KEY, by="sex", **more), lists()
    if study == "sae":
        known = {
            "CTX-EMP-02": {
                f"04.421.01.{n}": v for n, v in zip(("01", "03", "05", "06", "09"), (9, 21, 18, 7, 20), strict=False)
            }
        }
        return settings(study, **definition("HOU-04"), sample="sample", covariates=known, **more), {"sample": survey()}
    if study == "flows":
        chosen = {
            "method": "residual", "indicator": HIDDEN, "sample": "sample", "register": "register", "key": KEY,
            "statuses": ["REG", "RES"], "missed": 0.1, "missed_error": 0.05,
        }  # fmt: skip
        return settings(study, **(chosen | more)), {"sample": survey(), "register": table(city().desk_register())}
    parts = [{**definition("HOU-04"), "weight": 1}, {**definition("HOU-03"), "weight": 2}]
    index = {"code": "STK-11", "unit": "index_0_1", "kind": "stock", "base": "municipal"}
    return settings(study, indicator=index, parts=parts, sample="sample", **more), {"sample": survey()}


@pytest.mark.parametrize("study", STUDIES)
def test_a_study_gives_a_table_of_estimates_twice_the_same(study):
    chosen, rows = given(study)
    result = estimated(chosen, rows, seed=7)
    valued = {codes for codes, cell in result.table.cells() if cell.is_value}
    assert valued and valued == set(result.intervals)
    for codes, (low, high) in result.intervals.items():
        assert low <= result.table.cell(*codes).number + 1e-9 and result.table.cell(*codes).number <= high + 1e-9
    assert result.status == ESTIMATED and result.method is not None
    assert result.report["assumptions"] and result.report["reference"] and result.report["sensitivity"]
    assert result.table.contributors is not None
    again = estimated(chosen, rows, seed=7)
    assert checksum(again.to_json()) == checksum(result.to_json())
    assert checksum(Result.from_json(result.to_json()).to_json()) == checksum(result.to_json())


@pytest.mark.parametrize("study", STUDIES)
def test_no_study_runs_before_every_assumption_is_confirmed(study):
    chosen, rows = given(study)
    confirmed = [one for one in chosen["confirmed"] if one != chosen["confirmed"][0]]
    with pytest.raises(Refused, match=r"production\.assumptions"):
        estimated(chosen | {"confirmed": confirmed}, rows, seed=7)


def test_the_lists_find_how_many_people_there_are():
    chosen, rows = given("mse")
    result = estimated(chosen, rows, seed=1)
    low, high = result.intervals["_T",]
    assert low <= len(city().hidden) <= high
    assert len(result.report["models"]) >= 4
    assert {line["aic"] != line["bic"] for line in result.report["models"]} == {True}


def test_the_doubt_of_a_linkage_is_in_the_interval():
    chosen, rows = given("mse")
    plain = estimated(chosen | {"by": ""}, rows, seed=1)
    names = [one["name"] for one in chosen["lists"]]
    members = [{tuple(row[name] for name in KEY) for row in rows[name].to_pylist()} for name in names]

    def drawn(lost: int) -> list[float]:
        """Counts by capture history when so many people of the first list were not linked."""
        people = sorted(set().union(*members))
        counts = [0.0] * 8
        for place, person in enumerate(people):
            mask = sum((person in members[at]) << at for at in range(3))
            split = place % 40 < lost and mask & 1 and mask > 1
            for one in (1, mask - 1) if split else (mask,):
                counts[one] += 1
        return counts

    draws = {"linkage": "a", "lists": names, "counts": [drawn(lost) for lost in (0, 1, 2, 3, 4)]}
    linked = estimated(chosen | {"by": "", "method": "mse_linkage", "draws": draws}, rows, seed=1)
    low, high = linked.intervals["_T",]
    assert linked.table.cell("_T").number > plain.table.cell("_T").number
    assert low < len(city().hidden) * 1.2 and high > len(city().hidden)
    assert linked.report["facts"]["draws"] == 5
    assert linked.report["facts"]["unnamed"] is None  # nobody counted rows without a key: that is not 0
    assert len(linked.report["models"]) == linked.report["facts"]["models_tried"] > 1
    with pytest.raises(Refused, match=r"production\.draws"):
        estimated(chosen | {"method": "mse_linkage"}, rows, seed=1)


def test_the_survey_finds_the_share_of_tenants():
    chosen, rows = given("survey")
    result = estimated(chosen, rows, seed=1)
    homes = city().city.households
    inside = homes.area != 5  # Touarga is no part of the commune's arrondissements
    truth = 100 * float(homes.tenant[inside].mean())
    low, high = result.intervals["04.421.01.0",]
    assert low <= truth <= high


def test_a_net_departure_is_no_table():
    less = survey().slice(0, survey().num_rows // 2)
    chosen, _ = given("flows")
    chosen |= {"method": "net_vital_statistics", "start": "start", "end": "end", "births": "births", "deaths": 3.0}
    rows = {"start": survey(), "end": less, "births": table(city().births())}
    with pytest.raises(Refused, match=r"production\.negative"):
        estimated(chosen, rows, seed=1)
    rows["start"], rows["end"] = less, survey()
    arrived = estimated(chosen, rows, seed=1)
    assert arrived.table.cell("_T").number > 0


def test_every_method_of_a_study_is_an_estimator_of_the_registry():
    for study in STUDIES.values():
        for method in study.methods:
            assert assumptions_of(method), method


def test_lists_without_the_key_are_refused():
    chosen, rows = given("mse")
    with pytest.raises(Refused, match=r"production\.key"):
        estimated(chosen | {"key": ["phone__pseudonym"]}, rows, seed=1)
