"""What a definition may not say, and that all of it is said at once."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from indicators.specification import BASE, CODELISTS, FEMALE, ROWS, SCHEMAS, SEX
from marsad.production.engines import Engine, EngineName, engine_of, installed_engine
from marsad.production.ibis_engine import evaluation
from migstat.indicators import Indicator, Statistic, reference_engine
from migstat.model import MeasureKind, Refused

OVER = {"dataflow": "population", "kind": "stock"}
MEAN = {"statistic": "mean", "value": "income"}

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown field": ({"wheer": []}, "indicator.field"),
    "an unknown statistic": ({"statistic": "mode"}, "indicator.vocabulary"),
    "an unknown kind": ({"kind": "level"}, "indicator.vocabulary"),
    "an unknown base": ({"base": "everybody"}, "indicator.vocabulary"),
    "an empty code": ({"code": " "}, "indicator.field"),
    "a code that is a number": ({"code": 7}, "indicator.form"),
    "conditions that are no list": ({"where": {"column": "sex"}}, "indicator.form"),
    "no test": ({"where": [{"column": "sex"}]}, "indicator.condition"),
    "two tests": ({"where": [{"column": "age", "above": 1, "below": 3}]}, "indicator.condition"),
    "an unknown test": ({"where": [{"column": "sex", "like": "F%"}]}, "indicator.definition"),
    "no column": ({"where": [{"equals": 3}]}, "indicator.field"),
    "an empty column": ({"where": [{"column": "", "equals": 3}]}, "indicator.field"),
    "not that is no truth": ({"where": [{**FEMALE, "not": "yes"}]}, "indicator.form"),
    "missing that is false": ({"where": [{"column": "sex", "missing": False}]}, "indicator.condition"),
    "in with one value": ({"where": [{"column": "sex", "in": "F"}]}, "indicator.condition"),
    "in with none": ({"where": [{"column": "sex", "in": []}]}, "indicator.condition"),
    "in with several kinds": ({"where": [{"column": "sex", "in": ["F", 1]}]}, "indicator.condition"),
    "equals a list": ({"where": [{"column": "sex", "equals": ["F"]}]}, "indicator.condition"),
    "equals nothing that is known": ({"where": [{"column": "age", "equals": float("nan")}]}, "indicator.condition"),
    "equals a text that no column holds": ({"where": [{"column": "sex", "equals": "F\0"}]}, "indicator.condition"),
    "in with a number of too many digits": ({"where": [{"column": "age", "in": [20, 2**63]}]}, "indicator.condition"),
    "above a text": ({"where": [{"column": "sex", "above": "F"}]}, "indicator.condition"),
    "above a truth": ({"where": [{"column": "sex", "above": True}]}, "indicator.condition"),
    "between three": ({"where": [{"column": "age", "between": [1, 2, 3]}]}, "indicator.condition"),
    "between in the wrong order": ({"where": [{"column": "age", "between": [3, 1]}]}, "indicator.condition"),
    "between a day and a number": (
        {"where": [{"column": "on", "between": [date(2024, 1, 1), 5]}]},
        "indicator.condition",
    ),
    "a share without part": ({"statistic": "share"}, "indicator.part"),
    "a count with part": ({"part": [FEMALE]}, "indicator.part"),
    "a rate without denominator": ({"statistic": "rate"}, "indicator.denominator"),
    "a count with denominator": ({"denominator": OVER}, "indicator.denominator"),
    "a denominator that is no table": ({"statistic": "rate", "denominator": "population"}, "indicator.form"),
    "a denominator without kind": ({"statistic": "rate", "denominator": {"dataflow": "population"}}, "indicator.field"),
    "a mean without value": ({"statistic": "mean"}, "indicator.value"),
    "a count with value": ({"value": "income"}, "indicator.value"),
    "a rate with value": ({"statistic": "rate", "denominator": OVER, "value": "income"}, "indicator.value"),
    "per nothing": ({"statistic": "share", "part": [FEMALE], "per": 0}, "indicator.per"),
    "per a fraction": ({"statistic": "share", "part": [FEMALE], "per": 0.5}, "indicator.form"),
    "a mean per hundred": ({**MEAN, "per": 100}, "indicator.per"),
    "a frequency beside a value": ({**MEAN, "frequency": "age"}, "indicator.frequency"),
    "a frequency beside a contributor": ({"contributor": "person", "frequency": "age"}, "indicator.frequency"),
    "a flow of what runs": ({"period": {"since": "on", "until": "until"}}, "indicator.kind"),
    "a period of nothing": ({"period": {}}, "indicator.period"),
    "half a period": ({"kind": "stock", "period": {"since": "on"}}, "indicator.period"),
    "two ways of dating": (
        {"kind": "stock", "period": {"column": "on", "since": "on", "until": "until"}},
        "indicator.period",
    ),
    "a period that is no table": ({"period": "on"}, "indicator.form"),
    "no such period": ({"period": {"column": "on"}, "periods": ["soon"]}, "period.form"),
    "periods that overlap": ({"period": {"column": "on"}, "periods": ["2024", "2024-Q1"]}, "indicator.periods"),
    "several periods of rows without dates": ({"periods": ["2023", "2024"]}, "indicator.periods"),
    "columns of no dimension": ({"columns": {"sex": "gender"}}, "indicator.columns"),
    "no such code list": ({"by": [{"column": "sex", "codelist": "sexes"}]}, "indicator.codelist"),
    "codes twice over": ({"by": [{"column": "sex", "codelist": "sex", "codes": ["F"]}]}, "indicator.by"),
    "no codes": ({"by": [{"column": "sex"}]}, "indicator.by"),
    "codes that are numbers": ({"by": [{"column": "age", "codes": [1, 2]}]}, "indicator.by"),
    "a code twice": ({"by": [{"column": "sex", "codes": ["F", "F"]}]}, "codes.twice"),
    "level 0": ({"by": [{"column": "area", "codelist": "area", "level": 0}]}, "indicator.level"),
    "under no code": ({"by": [{"column": "area", "codelist": "area", "under": "R9"}]}, "indicator.by"),
    "a dimension twice": ({"by": [SEX, {**SEX, "column": "other"}]}, "indicator.dimension"),
    "a dimension called as periods are": ({"by": [{**SEX, "dimension": "PERIOD"}]}, "indicator.dimension"),
    "no such estimator": ({"estimator": "guess"}, "indicator.estimator"),
}


@pytest.mark.parametrize(("changes", "rule"), WRONG.values(), ids=WRONG.keys())
def test_a_definition_built_wrong_is_refused(changes: dict[str, Any], rule: str) -> None:
    with pytest.raises(Refused) as refused:
        Indicator.from_mapping({**BASE, **changes}, CODELISTS)
    assert refused.value.rule == rule
    assert refused.value.remedy


@pytest.mark.parametrize("field", ["code", "version", "indicator", "statistic", "kind", "unit", "base", "dataflow"])
def test_every_needed_field_is_asked_for(field: str) -> None:
    without = {name: value for name, value in BASE.items() if name != field}
    with pytest.raises(Refused, match=f"no {field} in the definition"):
        Indicator.from_mapping(without)


def test_all_reasons_come_at_once() -> None:
    wrong = {**BASE, "statistic": "rate", "per": 0, "value": "income", "part": [FEMALE], "weigth": "w"}
    with pytest.raises(Refused) as of_reading:
        Indicator.from_mapping({**wrong, "base": "all"})
    assert of_reading.value.rule == "indicator.definition"
    assert all(word in of_reading.value.found for word in ("weigth", "all"))
    del wrong["weigth"]
    with pytest.raises(Refused) as of_meaning:
        Indicator.from_mapping(wrong)
    assert all(rule in of_meaning.value.found for rule in ("part", "denominator", "value", "per"))


def test_an_indicator_is_frozen_and_checked_however_it_is_built() -> None:
    indicator = Indicator.from_mapping(BASE)
    with pytest.raises(FrozenInstanceError):
        indicator.per = 3  # type: ignore[misc]
    with pytest.raises(Refused, match=r"indicator\.part"):
        replace(indicator, statistic=Statistic.SHARE)
    with pytest.raises(Refused, match=r"indicator\.kind"):
        replace(indicator, kind=MeasureKind.STOCK)


EVALUATED: dict[str, tuple[dict[str, Any], str]] = {
    "no such column": ({"where": [{"column": "gender", "equals": "F"}]}, "indicator.column"),
    "no such dataflow": ({"dataflow": "births"}, "indicator.source"),
    "no periods": ({"period": {"column": "on"}}, "indicator.periods"),
    "an estimator": ({"estimator": "rds_ii"}, "engine.lacks"),
    "several of them": ({"estimator": "rds_ii", "dataflow": "births"}, "indicator.definition"),
    "a text against a number": ({"where": [{"column": "sex", "equals": 1}]}, "indicator.type"),
    "a number against a text": ({"where": [{"column": "age", "in": ["20"]}]}, "indicator.type"),
    "a day against a number": ({"where": [{"column": "on", "above": 3}]}, "indicator.type"),
    "truth is no number": ({"where": [{"column": "employed", "equals": 1}]}, "indicator.type"),
    "the mean of a text": ({"statistic": "mean", "value": "sex"}, "indicator.type"),
    "codes that are fractions": ({"by": [{"column": "income", "codes": ["1"]}]}, "indicator.type"),
    "a code that the list has not": ({"by": [{"column": "sex", "codes": ["F"]}]}, "indicator.code"),
    "a code coarser than the level": (
        {"dataflow": "coarse", "by": [{"column": "area", "codelist": "area"}]},
        "indicator.code",
    ),
    "dated by a fraction": ({"period": {"column": "income"}, "periods": ["2024"]}, "indicator.type"),
    "a stock at several dates": (
        {"kind": "stock", "period": {"column": "on"}, "periods": ["2024"]},
        "indicator.stock_dates",
    ),
    "an amount below 0": ({"dataflow": "coarse", **MEAN, "value": "below"}, "indicator.amount"),
    "a weight below 0": ({"dataflow": "coarse", "weight": "below"}, "indicator.amount"),
    "an amount without end": ({"dataflow": "coarse", **MEAN, "value": "endless"}, "indicator.amount"),
    "a part of a unit": ({"dataflow": "coarse", "frequency": "half"}, "indicator.frequency"),
}
COARSE = [{"area": "R1", "below": -1.0, "endless": float("inf"), "half": 0.5}]


@pytest.mark.parametrize(("changes", "rule"), EVALUATED.values(), ids=EVALUATED.keys())
def test_engines_refuse_alike_what_the_rows_cannot_give(changes: dict[str, Any], rule: str) -> None:
    indicator = Indicator.from_mapping({**BASE, **changes}, CODELISTS)
    tables = {name: pa.Table.from_pylist(rows, schema=SCHEMAS[name]) for name, rows in ROWS.items()}
    for engine in (
        lambda: reference_engine.evaluation(indicator, {**ROWS, "coarse": COARSE}),
        lambda: evaluation(indicator, {**tables, "coarse": pa.Table.from_pylist(COARSE)}, Engine()),
    ):
        with pytest.raises(Refused) as refused:
            engine()
        assert refused.value.rule == rule


def test_no_refusal_repeats_a_value_of_a_row() -> None:
    secret = [{"sex": "Fatima", "age": 3}]
    indicator = Indicator.from_mapping({**BASE, "by": [SEX]}, CODELISTS)
    with pytest.raises(Refused) as refused:
        reference_engine.evaluation(indicator, {"people": secret})
    assert "Fatima" not in str(refused.value)


def test_an_engine_is_named_by_the_environment() -> None:
    assert engine_of("duckdb") == engine_of("") == Engine(EngineName.DUCKDB)
    assert engine_of("spark://127.0.0.1:7077", scratch="rows").scratch == "rows"
    assert installed_engine().name is EngineName.DUCKDB
    for written in ("sqlite", "spark://", "spark://host", "http://host:1", "SPARK://host:1"):
        with pytest.raises(Refused, match=r"engine\.address"):
            engine_of(written)
