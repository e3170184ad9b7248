"""Every feature of a definition, once, as rows in and cells out: each engine runs all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa

from migstat.indicators import Indicator
from migstat.model import Code, Codelist, Text


def codelist(id: str, parents: Mapping[str, str | None]) -> Codelist:
    return Codelist(id, tuple(Code(code, Text(code, code, code), parent) for code, parent in parents.items()))


CODELISTS = {
    "sex": codelist("sex", {"_T": None, "F": "_T", "M": "_T"}),
    "area": codelist(
        "area",
        {"MAR": None, "R1": "MAR", "R2": "MAR", "R1A": "R1", "R1B": "R1", "R2A": "R2", "R1A1": "R1A", "R1A2": "R1A"},
    ),
    "level": codelist("level", {"primary": None, "secondary": None}),
}

PEOPLE = pa.schema(
    [
        ("person", pa.string()),
        ("sex", pa.string()),
        ("area", pa.string()),
        ("level", pa.string()),
        ("age", pa.int64()),
        ("income", pa.float64()),
        ("weight", pa.float64()),
        ("employed", pa.bool_()),
        ("on", pa.date32()),
        ("month", pa.string()),
        ("until", pa.date32()),
    ]
)
POPULATION = pa.schema(
    [
        ("gender", pa.string()),
        ("area", pa.string()),
        ("year", pa.int32()),
        ("persons", pa.int64()),
        ("rooms", pa.float64()),
    ]
)
SCHEMAS = {"people": PEOPLE, "population": POPULATION}


def person(*values: Any) -> dict[str, Any]:
    return dict(zip(PEOPLE.names, values, strict=True))


ROWS: dict[str, list[dict[str, Any]]] = {
    "people": [
        person("a", "F", "R1A1", "primary", 20, 1000.0, 1.5, True, date(2024, 1, 5), "2024-01", date(2024, 6, 1)),
        person("b", "M", "R1A2", "secondary", 31, 2500.0, 2.25, False, date(2024, 2, 29), "2024-02", None),
        person("a", "F", "R1B", "primary", 20, 400.1, 0.5, True, date(2024, 4, 1), "2024-Q2", date(2025, 1, 1)),
        person("c", "F", "R2A", None, 64, None, 3.0, None, date(2024, 12, 31), "2024", None),
        person("d", None, "R2A", "primary", None, 0.0, 1.0, False, date(2025, 1, 1), "2025-01-01", date(2025, 3, 1)),
        person(None, "M", None, "secondary", 17, 9999.99, 0.3, True, None, None, None),
        person(None, "_T", "MAR", None, 45, 123.456, 0.1, None, date(2024, 7, 14), "2024-07", date(2024, 7, 14)),
        person("e", "M", "R1A1", "primary", 0, float("nan"), None, True, date(2023, 12, 31), "2023", date(2024, 1, 1)),
        person("f", "M", "R1B", "secondary", 31, 2500.0, 0.0, True, date(2024, 3, 3), "2024-03", None),
        person("g", "F", "R1A1", "primary", 33, 250.0, 4.0, False, date(2024, 9, 9), "2024-09", None),
    ],
    "population": [
        {"gender": "F", "area": "R1", "year": 2024, "persons": 40, "rooms": 10.5},
        {"gender": "M", "area": "R1", "year": 2024, "persons": 60, "rooms": 4.5},
        {"gender": "F", "area": "R2", "year": 2024, "persons": 0, "rooms": 0.0},
        {"gender": "M", "area": "R2", "year": 2025, "persons": 7, "rooms": None},
        {"gender": None, "area": "R2", "year": None, "persons": None, "rooms": 1.0},
    ],
}

BASE = {
    "code": "case",
    "version": "1",
    "indicator": "STK-01",
    "statistic": "count",
    "kind": "flow",
    "unit": "persons",
    "base": "registered",
    "dataflow": "people",
}
SEX = {"column": "sex", "codelist": "sex"}
AREA = {"column": "area", "codelist": "area"}
FEMALE = {"column": "sex", "equals": "F"}


@dataclass(frozen=True)
class Case:
    """A definition (what differs from ``BASE``), its periods, and cells by their codes: a number, or a state's name."""

    name: str
    changes: Mapping[str, Any]
    cells: Mapping[tuple[str, ...], float | str]
    periods: tuple[str, ...] = ()
    contributors: Mapping[tuple[str, ...], int] = field(default_factory=dict)
    unknown: int | None = None
    undated: int = 0

    @property
    def mapping(self) -> dict[str, Any]:
        return {**BASE, **self.changes}

    @property
    def indicator(self) -> Indicator:
        return Indicator.from_mapping(self.mapping, CODELISTS).over(*self.periods)


def counted(**condition: Any) -> dict[str, Any]:
    return {"where": [{**condition}]}


CASES = [
    Case("everybody", {}, {(): 10}, contributors={(): 10}),
    Case("equals text", counted(column="sex", equals="F"), {(): 4}, unknown=1),
    Case("not equals", {"where": [{"column": "sex", "equals": "F", "not": True}]}, {(): 5}, unknown=1),
    Case("equals number", counted(column="age", equals=31), {(): 2}, unknown=1),
    Case("equals a fraction", counted(column="income", equals=400.1), {(): 1}, unknown=2),
    Case("equals truth", counted(column="employed", equals=True), {(): 5}, unknown=2),
    Case("equals a day", counted(column="on", equals=date(2024, 2, 29)), {(): 1}, unknown=1),
    Case("in texts", {"where": [{"column": "area", "in": ["R1B", "R2A"]}]}, {(): 4}, unknown=1),
    Case("not in numbers", {"where": [{"column": "age", "in": [20, 31], "not": True}]}, {(): 5}, unknown=1),
    Case("above", counted(column="age", above=31), {(): 3}, unknown=1),
    Case("below", counted(column="income", below=1000.0), {(): 4}, unknown=2),
    Case("below a day", counted(column="on", below=date(2024, 1, 5)), {(): 1}, unknown=1),
    Case("between", counted(column="age", between=[17, 31]), {(): 5}, unknown=1),
    Case("between days", counted(column="on", between=[date(2024, 1, 5), date(2024, 4, 1)]), {(): 4}, unknown=1),
    Case("missing", counted(column="income", missing=True), {(): 2}, unknown=0),
    Case("not missing", {"where": [{"column": "income", "missing": True, "not": True}]}, {(): 8}, unknown=0),
    Case(
        "several conditions at once: no wins over not known",
        {"where": [{"column": "age", "above": 18}, {"column": "employed", "equals": True}, FEMALE]},
        {(): 2},
        unknown=1,
    ),
    Case(
        "nobody is 0",
        {"where": [{"column": "age", "above": 100}, {"column": "age", "missing": True, "not": True}]},
        {(): 0},
        contributors={(): 0},
    ),
    Case("by sex, with the whole and the unknown", {"by": [SEX]}, {("_T",): 10, ("F",): 4, ("M",): 4, ("_U",): 2}),
    Case(
        "a list without whole gets one",
        {"by": [{"column": "level", "codelist": "level"}]},
        {("_T",): 10, ("primary",): 5, ("secondary",): 3, ("_U",): 2},
    ),
    Case(
        "codes of the definition",
        {"by": [{"column": "employed", "codes": ["true", "false"]}]},
        {("_T",): 10, ("true",): 5, ("false",): 3, ("_U",): 2},
    ),
    Case(
        "numbers as codes",
        {"by": [{"column": "age", "codes": ["0", "17", "20", "31", "33", "45", "64"]}]},
        {("_T",): 10, ("20",): 2, ("64",): 1, ("_U",): 1},
    ),
    Case(
        "every level of a list",
        {"by": [AREA]},
        {
            ("MAR",): 10,
            ("R1",): 6,
            ("R1A",): 4,
            ("R1A1",): 3,
            ("R1A2",): 1,
            ("R1B",): 2,
            ("R2",): 2,
            ("R2A",): 2,
            ("_U",): 2,
        },
    ),
    Case("rolled up to a level", {"by": [{**AREA, "level": 1}]}, {("MAR",): 10, ("R1",): 6, ("R2",): 2, ("_U",): 2}),
    Case(
        "under one code, elsewhere left out",
        {"by": [{**AREA, "under": "R1", "level": 1}]},
        {("R1",): 7, ("R1A",): 4, ("R1B",): 2, ("_U",): 1},
    ),
    Case(
        "two dimensions",
        {"by": [SEX, {**AREA, "level": 1}]},
        {("_T", "MAR"): 10, ("F", "R1"): 3, ("M", "R1"): 3, ("_U", "R2"): 1, ("M", "_U"): 1, ("_U", "_U"): 1},
    ),
    Case(
        "weighted",
        {"weight": "weight", "by": [SEX]},
        {("_T",): 12.65, ("F",): 9.0, ("M",): 2.55, ("_U",): 1.1},
        contributors={("_T",): 8, ("M",): 2},
        unknown=1,
    ),
    Case(
        "contributors are people, not rows",
        {"contributor": "person", "by": [SEX]},
        {("_T",): 10, ("F",): 4},
        contributors={("_T",): 7 + 1, ("F",): 3, ("M",): 4, ("_U",): 2},
    ),
    Case("a year of days", {"period": {"column": "on"}}, {(): 7}, ("2024",), undated=1),
    Case("a quarter of days", {"period": {"column": "on"}}, {(): 3}, ("2024-Q1",), undated=1),
    Case(
        "several periods of a flow add up",
        {"period": {"column": "on"}},
        {("2024-Q1/2024-Q2",): 4, ("2024-Q1",): 3, ("2024-Q2",): 1},
        ("2024-Q1", "2024-Q2"),
        undated=1,
    ),
    Case(
        "periods with a gap",
        {"period": {"column": "on"}, "by": [SEX]},
        {("_T", "_T"): 7, ("2023", "_T"): 1, ("2025", "_U"): 1},
        ("2023", "2024-Q1", "2024-Q2", "2024-12", "2025"),
        undated=1,
    ),
    Case("periods written as text", {"period": {"column": "month"}}, {(): 6 + 1}, ("2024",), undated=1),
    Case("too coarse to tell", {"period": {"column": "month"}}, {(): 1}, ("2024-01",), undated=2),
    Case(
        "a stock of what runs on the last day of a period",
        {"kind": "stock", "period": {"since": "on", "until": "until"}},
        {("2023",): 1, ("2024-Q1",): 3, ("2025",): 4},
        ("2023", "2024-Q1", "2025"),
        undated=1,
    ),
    Case(
        "a stock is never summed over periods",
        {
            "kind": "stock",
            "where": [{"column": "on", "in": [date(2024, 1, 5), date(2025, 1, 1)]}],
            "period": {"column": "on"},
        },
        {("2024",): 1, ("2025",): 1},
        ("2024", "2025"),
        undated=1,
    ),
    Case(
        "share",
        {"statistic": "share", "unit": "percent", "per": 100, "part": [FEMALE]},
        {(): 400 / 9},
        contributors={(): 4},
        unknown=1,
    ),
    Case(
        "weighted share by area",
        {
            "statistic": "share",
            "part": [{"column": "employed", "equals": True}],
            "weight": "weight",
            "by": [{**AREA, "level": 1}],
        },
        {("MAR",): 2.3 / 9.55, ("R1",): 2.0 / 8.25, ("R2",): 0.0, ("_U",): 1.0},
        contributors={("MAR",): 3, ("R1",): 2, ("R2",): 1, ("_U",): 1},
    ),
    Case(
        "a share of nobody does not apply, of the unknown is missing",
        {"statistic": "share", "part": [{"column": "employed", "equals": True}], "where": [FEMALE], "by": [AREA]},
        {("R1B",): 1.0, ("R1A2",): "not_applicable", ("R2A",): "missing", ("_U",): "not_applicable"},
    ),
    Case(
        "mean",
        {"statistic": "mean", "value": "income", "by": [SEX]},
        {("_T",): (1000 + 2500 + 400.1 + 9999.99 + 123.456 + 2500 + 250) / 8, ("_U",): 61.728},
        contributors={("_T",): 8, ("_U",): 2},
        unknown=2,
    ),
    Case(
        "weighted mean",
        {"statistic": "mean", "value": "income", "weight": "weight", "by": [SEX]},
        {("F",): (1500 + 200.05 + 1000) / 6.0, ("M",): (2500 * 2.25 + 9999.99 * 0.3) / 2.55},
        contributors={("F",): 3, ("M",): 2},
    ),
    Case(
        "mean of what people have several of",
        {"statistic": "mean", "value": "income", "contributor": "person", "where": [FEMALE]},
        {(): 1650.1 / 3},
        contributors={(): 2},
    ),
    Case("median, odd", {"statistic": "median", "value": "age", "where": [FEMALE]}, {(): 26.5}),
    Case(
        "median by area",
        {"statistic": "median", "value": "income", "by": [AREA]},
        {("MAR",): 700.05, ("R1",): 1000.0, ("R1A",): 1000.0, ("R2",): 0.0, ("R1A2",): 2500.0},
        contributors={("MAR",): 8, ("R2",): 1},
    ),
    Case(
        "weighted median",
        {"statistic": "median", "value": "income", "weight": "weight", "by": [SEX]},
        {("_T",): 250.0, ("F",): 250.0, ("M",): 2500.0},
    ),
    Case(
        "median by period, its whole too",
        {"statistic": "median", "value": "age", "period": {"column": "on"}, "by": [SEX]},
        {("2024-Q1/2024-Q2", "_T"): 25.5, ("2024-Q1", "M"): 31.0, ("2024-Q2", "M"): "not_applicable"},
        ("2024-Q1", "2024-Q2"),
        undated=1,
    ),
    Case(
        "rate over another dataflow, whose rows are counts",
        {
            "statistic": "rate",
            "per": 1000,
            "by": [SEX, {**AREA, "level": 1}],
            "denominator": {
                "dataflow": "population",
                "kind": "stock",
                "frequency": "persons",
                "columns": {"sex": "gender"},
            },
        },
        {
            ("F", "R1"): 75.0,
            ("_T", "R1"): 60.0,
            ("F", "R2"): "not_applicable",
            ("M", "R2"): 0.0,
            ("_U", "R2"): "missing",
            ("_T", "MAR"): 10_000 / 107,
        },
        contributors={("F", "R1"): 3, ("M", "R2"): 7, ("_T", "MAR"): 10},
    ),
    Case(
        "rate over periods, over a stock without dates",
        {
            "statistic": "rate",
            "per": 100,
            "period": {"column": "on"},
            "denominator": {"dataflow": "population", "kind": "stock", "frequency": "persons"},
        },
        {("2024-Q1",): 300 / 107, ("2024-Q2",): 100 / 107, ("2024-Q1/2024-Q2",): 400 / 107},
        ("2024-Q1", "2024-Q2"),
        undated=1,
    ),
    Case(
        "rate over a stock of each year: no sum over the years",
        {
            "statistic": "rate",
            "per": 100,
            "period": {"column": "on"},
            "denominator": {
                "dataflow": "population",
                "kind": "stock",
                "frequency": "persons",
                "period": {"column": "year"},
            },
        },
        {("2024",): 7.0, ("2025",): 100 / 7},
        ("2024", "2025"),
        undated=2,
    ),
    Case(
        "ratio of amounts",
        {
            "statistic": "ratio",
            "value": "income",
            "by": [{**AREA, "level": 1}],
            "denominator": {"dataflow": "population", "kind": "stock", "value": "rooms"},
        },
        {("R1",): 6650.1 / 15, ("R2",): 0.0, ("MAR",): 16773.546 / 16},
        contributors={("R1",): 2, ("R2",): 1},
    ),
    Case(
        "ratio within one dataflow, counts of people below",
        {
            "statistic": "ratio",
            "where": [FEMALE],
            "denominator": {
                "dataflow": "people",
                "kind": "flow",
                "where": [{"column": "sex", "equals": "M"}],
                "contributor": "person",
            },
        },
        {(): 4 / 4},
        contributors={(): 4},
    ),
    Case(
        "a numerator that is not known makes the rate missing",
        {
            "statistic": "rate",
            "where": [{"column": "age", "above": 100}],
            "by": [SEX],
            "denominator": {"dataflow": "people", "kind": "flow"},
        },
        {("F",): 0.0, ("_U",): "missing"},
    ),
    Case(
        "nobody known, some unknown: a count is missing, not 0",
        {"where": [{"column": "age", "above": 100}], "by": [SEX]},
        {("F",): 0.0, ("_U",): "missing", ("_T",): "missing"},
    ),
]
