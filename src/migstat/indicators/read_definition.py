"""Definitions from plain values, as TOML gives them: every field known, every reason to refuse told at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from migstat.indicators.breakdowns import Breakdown, code_breakdown, flat_codelist
from migstat.indicators.indicator import Indicator
from migstat.indicators.vocabulary import Condition, PeriodColumns, Plain, Scale, Selection, Statistic, Test, scale_of
from migstat.model import Codelist, MeasureKind, Period, PopulationBase, Refused

_SELECTION = {"dataflow", "where", "value", "weight", "frequency", "contributor", "period", "columns"}
_OWN = {"code", "version", "indicator", "statistic", "kind", "unit", "base", "part", "denominator", "by", "per"}
_FIELDS = _SELECTION | _OWN | {"periods", "estimator"}
_NEEDED = {"code", "version", "indicator", "statistic", "kind", "unit", "base", "dataflow"}
_BY = {"column", "dimension", "codelist", "codes", "level", "under"}
_Word = TypeVar("_Word", bound=StrEnum)


def read_definition(
    mapping: Mapping[str, Any], codelists: Mapping[str, Codelist]
) -> tuple[Indicator | None, list[Refused]]:
    """The definition, or every reason why there is none."""
    reading = _Reading(codelists)
    parts = reading.definition(mapping)
    if reading.refusals:
        return None, reading.refusals
    try:
        return Indicator(**parts), []
    except Refused as refused:
        return None, [refused]


class _Reading:
    """Reads on after each fault, so that its author sees all of them together."""

    def __init__(self, codelists: Mapping[str, Codelist]) -> None:
        self.codelists = codelists
        self.refusals: list[Refused] = []

    def refuse(self, rule: str, found: str, remedy: str) -> None:
        self.refusals.append(Refused(f"indicator.{rule}", found=found, remedy=remedy))

    def definition(self, mapping: Mapping[str, Any]) -> dict[str, Any]:
        self.fields(mapping, _FIELDS, _NEEDED, "the definition")
        kind = self.word(MeasureKind, mapping.get("kind", MeasureKind.STOCK), "kind")
        return {
            "code": self.text(mapping, "code"),
            "version": self.text(mapping, "version"),
            "indicator": self.text(mapping, "indicator"),
            "statistic": self.word(Statistic, mapping.get("statistic", Statistic.COUNT), "statistic"),
            "kind": kind,
            "unit": self.text(mapping, "unit"),
            "base": self.word(PopulationBase, mapping.get("base", PopulationBase.OTHER), "base"),
            "rows": self.selection(mapping, kind, "the definition"),
            "part": self.conditions(mapping.get("part", []), "part"),
            "denominator": self.denominator(mapping.get("denominator")),
            "by": tuple(axis for each in self.tables(mapping.get("by", []), "by") if (axis := self.axis(each))),
            "per": self.whole(mapping, "per", 1),
            "periods": self.periods(mapping.get("periods", [])),
            "estimator": self.estimator(self.text(mapping, "estimator")),
        }

    def fields(self, mapping: Mapping[str, Any], allowed: set[str], needed: set[str], where: str) -> None:
        for name in sorted(needed - mapping.keys()):
            self.refuse("field", f"no {name} in {where}", "fill it in")
        for name in sorted(mapping.keys() - allowed):
            self.refuse("field", f"the field {name} in {where}", f"use only {', '.join(sorted(allowed))}")

    def text(self, mapping: Mapping[str, Any], name: str) -> str:
        written = mapping.get(name, "")
        if not isinstance(written, str):
            self.refuse("form", f"{name} that is no text", "write it in quotation marks")
            return ""
        return written

    def whole(self, mapping: Mapping[str, Any], name: str, absent: int) -> int:
        written = mapping.get(name, absent)
        if isinstance(written, bool) or not isinstance(written, int):
            self.refuse("form", f"{name} that is no whole number", "write a whole number")
            return absent
        return written

    def word(self, vocabulary: type[_Word], written: Any, name: str) -> _Word:
        try:
            return vocabulary(written)
        except ValueError:
            self.refuse("vocabulary", f"{name} {written!r}", f"use one of {', '.join(vocabulary)}")
            return next(iter(vocabulary))

    def tables(self, written: Any, name: str) -> Sequence[Mapping[str, Any]]:
        if isinstance(written, list | tuple) and all(isinstance(each, Mapping) for each in written):
            return written
        self.refuse("form", f"{name} that is no list of tables", f"write [[{name}]] before each")
        return ()

    def selection(self, mapping: Mapping[str, Any], kind: MeasureKind, where: str) -> Selection:
        columns = mapping.get("columns", {})
        if not isinstance(columns, Mapping) or not all(isinstance(name, str) for name in columns.values()):
            self.refuse("form", f"columns of {where}", "write dimension = column")
            columns = {}
        return Selection(
            self.text(mapping, "dataflow"),
            kind,
            self.conditions(mapping.get("where", []), "where"),
            self.text(mapping, "value"),
            self.text(mapping, "weight"),
            self.text(mapping, "frequency"),
            self.text(mapping, "contributor"),
            self.period(mapping.get("period")),
            dict(columns),
        )

    def denominator(self, written: Any) -> Selection | None:
        if written is None:
            return None
        if not isinstance(written, Mapping):
            self.refuse("form", "a denominator that is no table", "write [denominator] before its fields")
            return None
        self.fields(written, _SELECTION | {"kind"}, {"dataflow", "kind"}, "the denominator")
        kind = self.word(MeasureKind, written.get("kind", MeasureKind.STOCK), "kind of the denominator")
        return self.selection(written, kind, "the denominator")

    def period(self, written: Any) -> PeriodColumns | None:
        if written is None:
            return None
        if not isinstance(written, Mapping):
            self.refuse("form", "a period that is no table", "write [period] before its fields")
            return None
        self.fields(written, {"column", "since", "until"}, set(), "the period")
        return PeriodColumns(self.text(written, "column"), self.text(written, "since"), self.text(written, "until"))

    def periods(self, written: Any) -> tuple[Period, ...]:
        if not isinstance(written, list | tuple):
            self.refuse("form", "periods that are no list", "write a list of periods")
            return ()
        found = []
        for each in written:
            try:
                found.append(Period.parse(str(each)))
            except Refused as refused:
                self.refusals.append(refused)
        return tuple(found)

    def conditions(self, written: Any, name: str) -> tuple[Condition, ...]:
        return tuple(one for each in self.tables(written, name) if (one := self.condition(each, name)))

    def condition(self, written: Mapping[str, Any], name: str) -> Condition | None:
        tests = [test for test in Test if test.value in written]
        self.fields(written, {"column", "not", *Test}, {"column"}, name)
        negated, column = written.get("not", False), self.text(written, "column")
        if not isinstance(negated, bool):
            self.refuse("form", f"not in {name} that is neither true nor false", "write not = true")
        if len(tests) != 1:
            self.refuse("condition", f"{len(tests)} tests of {column or 'a column'}", f"give one of {', '.join(Test)}")
            return None
        test, asked = tests[0], written[tests[0].value]
        if test is Test.MISSING and asked is not True:
            self.refuse("condition", f"missing of {column} that is not true", "write missing = true, with not = true")
        several = test in (Test.IN, Test.BETWEEN)
        if several != isinstance(asked, list | tuple):
            self.refuse("condition", f"{test} of {column}", "give a list to in and between, and one value otherwise")
            return None
        values = () if test is Test.MISSING else tuple(_plain(value) for value in (asked if several else [asked]))
        return Condition(column, test, values, negated is True)

    def axis(self, written: Mapping[str, Any]) -> Breakdown | None:
        self.fields(written, _BY, {"column"}, "by")
        column, listed, under = (self.text(written, name) for name in ("column", "codelist", "under"))
        if bool(listed) == ("codes" in written):
            self.refuse("by", f"the codes of {column}", "name a codelist, or write the codes")
            return None
        if listed and listed not in self.codelists:
            self.refuse("codelist", f"the code list {listed!r}", "name a code list that exists")
            return None
        if under and (not listed or under not in self.codelists[listed]):
            self.refuse("by", f"under {under!r} of {column}", "name a code of the code list")
            return None
        id = self.text(written, "dimension") or listed or column
        level = self.whole(written, "level", 0) if "level" in written else None
        try:
            codes = self.codelists[listed] if listed else self._codes(id, written["codes"])
            return code_breakdown(id, column, codes, level=level, under=under)
        except Refused as refused:
            self.refusals.append(refused)
            return None

    def _codes(self, id: str, written: Any) -> Codelist:
        if (
            not isinstance(written, list | tuple)
            or not written
            or any(scale_of(each) is not Scale.TEXT for each in written)
        ):
            raise Refused("indicator.by", found=f"codes of {id}", remedy="write a list of codes as texts")
        return flat_codelist(id, list(written))

    def estimator(self, name: str) -> str:
        if name:
            from migstat.estimation.registry import methods

            if name not in methods():
                self.refuse("estimator", f"the estimator {name!r}", "name an estimator of migstat.estimation")
        return name


def _plain(value: Any) -> Plain:
    plain: Plain = value.date() if isinstance(value, datetime) else value
    return date.fromisoformat(plain.isoformat()) if isinstance(plain, date) else plain
