"""A run as its page shows it: steps in words, tables with names for codes, pictures as plain geometry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from marsad.catalogue.models import Area, Code, Indicator
from marsad.production import queries
from marsad.production.comparing import Comparison, compared
from marsad.production.labels import CAUSES, FACTS, METHODS, PICTURES, STUDIES, line_words, words_of
from marsad.production.models import Run
from marsad.production.results import AREA, Result
from marsad.production.rules import StepKind
from marsad.web import numbers
from marsad.web.words import current_language

_WIDTH: Final = 640
_LEFT: Final = 210
_RIGHT: Final = 40
_ROW: Final = 30
_SHOWN: Final = 200
_DRAWN: Final = 60
_WHOLE: Final = "_T"


@dataclass(frozen=True)
class Whisker:
    """One line of a picture: where its words, its value and the ends of its interval stand."""

    words: str
    told: str
    y: float
    x: float
    x_low: float
    x_high: float


@dataclass(frozen=True)
class Picture:
    """Values with their intervals, or a line of points, on one axis from nothing to ``most``."""

    title: str
    width: int
    height: int
    whiskers: tuple[Whisker, ...] = ()
    line: str = ""
    most: str = ""
    left: int = _LEFT


@dataclass(frozen=True)
class Line:
    """One line of a table of the page."""

    words: str
    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Shown:
    """One result of a run with all that its page says of it."""

    step: str
    title: str
    decimals: int
    result: Result
    cells: tuple[tuple[Line, str, int | None], ...]
    more: int
    method: str
    meaning: str
    facts: tuple[tuple[str, Any], ...]
    diagnostics: tuple[Mapping[str, Any], ...]
    pictures: tuple[Picture, ...]
    sensitivity: tuple[Line, ...]
    ranks: tuple[Line, ...]
    comparison: Comparison | None
    causes: tuple[str, ...]
    moved: tuple[Line, ...]


@dataclass(frozen=True)
class ShownStep:
    name: str
    kind: str
    state: str
    after: tuple[str, ...]
    words: str
    digest: str


def shown_results(run: Run) -> list[Shown]:
    """Every result of a run, in the reader's language."""
    found = []
    for step, result in queries.results(run).items():
        comparison = compared(result, queries.lineage_of(run, step), synthetic=run.is_synthetic)
        found.append(_shown(step, result, comparison))
    return found


def _shown(step: str, result: Result, comparison: Comparison | None) -> Shown:
    names = _names(result)
    language = current_language()
    report = result.report
    cells = [_cell(result, row, names) for row in range(min(len(result.table), _SHOWN))]
    meaning = report.get("meaning", {})
    code = result.table.measure.indicator
    known = Indicator.objects.filter(pk=code).first()
    decimals = known.decimals if known else 1
    return Shown(
        step,
        getattr(known, f"name_{language}") if known else code,
        decimals,
        result,
        tuple(cells),
        max(0, len(result.table) - _SHOWN),
        words_of(METHODS, report["method"]) if report.get("method") else "",
        meaning.get(language, ""),
        tuple((words_of(FACTS, name), value) for name, value in report.get("facts", {}).items() if value is not None),
        tuple(
            {**one, "words": one["statement"][language], "written": _diagnostic(one["value"])}
            for one in report.get("diagnostics", ())
        ),
        tuple(_picture(one, names, decimals) for one in report.get("pictures", ())),
        tuple(_sensitivity_line(o, names) for o in report.get("sensitivity", ())),
        tuple(Line(names.get(o["label"], o["label"]), o["rank"], o["low"], o["high"]) for o in report.get("ranks", ())),
        comparison,
        tuple(words_of(CAUSES, one) for one in comparison.causes) if comparison else (),
        _moved(comparison, names),
    )


def _sensitivity_line(stored: Mapping[str, Any], names: Mapping[str, str]) -> Line:
    words = " ".join(names.get(part, part) for part in line_words(stored["label"]).split(" "))
    return Line(words, stored["value"], stored["low"], stored["high"])


def _moved(comparison: Comparison | None, names: Mapping[str, str]) -> tuple[Line, ...]:
    if comparison is None:
        return ()
    return tuple(
        Line(f"{names.get(one.area, one.area)} {_part_words(one.part, names)} {one.period}".strip(), one.difference,
             one.before, one.after)
        for one in comparison.moved[:_SHOWN]
    )  # fmt: skip


def _part_words(part: str, names: Mapping[str, str]) -> str:
    return ", ".join(names.get(one.partition("=")[2], one) for one in part.split(";") if one)


def _names(result: Result) -> dict[str, str]:
    """Words for the codes of a table: areas and codes of the catalogue, and the whole."""
    language = current_language()
    codes = {code for axis in result.table.dimensions for code in axis.codes}
    codes |= {result.table.coordinates.get(AREA, "")}
    field = f"name_{language}"
    lists = [axis.id.lower() for axis in result.table.dimensions if axis.id != AREA]
    known = dict(Code.objects.filter(codelist__in=lists, code__in=codes).values_list("code", field))
    known |= dict(Area.objects.filter(pk__in=codes).values_list("pk", field))
    return {_WHOLE: _("All"), "_U": _("Not known"), **known}


def _cell(result: Result, row: int, names: Mapping[str, str]) -> tuple[Line, str, int | None]:
    table = result.table
    codes = table.codes_at(row)
    cell = table.cell_at(row)
    ends = result.intervals.get(codes)
    words = ", ".join(names.get(code, code) for code in codes)
    line = Line(words, cell.number if cell.is_value else None, *(ends or (None, None)))
    people = None if table.contributors is None else int(table.contributors[row])
    return line, cell.state.value, people


def _picture(stored: Mapping[str, Any], names: Mapping[str, str], decimals: int) -> Picture:
    title = words_of(PICTURES, stored.get("label", ""))
    if stored["kind"] == "series":
        return _curve(title, stored["points"], decimals)
    return _whiskers(title, [row for row in stored["rows"] if row["value"] is not None], names, decimals)


def _whiskers(title: str, rows: Sequence[Mapping[str, Any]], names: Mapping[str, str], decimals: int) -> Picture:
    """Values as dots with their intervals as lines, on an axis that begins at nothing; of hundreds the first, which it says."""
    if len(rows) > _DRAWN:
        title = _("%(title)s (the first %(drawn)d of %(all)d)") % {"title": title, "drawn": _DRAWN, "all": len(rows)}
        rows = rows[:_DRAWN]
    most = max((max(row["value"], row["high"] or row["value"]) for row in rows), default=1.0) or 1.0
    scale = (_WIDTH - _LEFT - _RIGHT) / most
    lines = []
    for place, row in enumerate(rows):
        low = row["value"] if row["low"] is None else row["low"]
        high = row["value"] if row["high"] is None else row["high"]
        words = ", ".join(names.get(code, code) for code in row["label"].split("/"))
        lines.append(
            Whisker(
                words, _told(row, decimals), _ROW * place + 22.0, round(_LEFT + row["value"] * scale, 1),
                round(_LEFT + low * scale, 1), round(_LEFT + high * scale, 1),
            )
        )  # fmt: skip
    return Picture(title, _WIDTH, _ROW * len(rows) + 34, tuple(lines), "", _written(most, decimals))


def _curve(title: str, points: Sequence[Sequence[float]], decimals: int) -> Picture:
    """A line of (people, value) from left to right; the axis begins at nothing."""
    if not points:
        return Picture(title, _WIDTH, 40)
    widest, most = max(x for x, _ in points) or 1.0, max(y for _, y in points) or 1.0
    left, height = 60, 160
    spots = [
        f"{round(left + (_WIDTH - left - _RIGHT) * x / widest, 1)},{round(10 + (height - 10) * (1 - y / most), 1)}"
        for x, y in points
    ]
    return Picture(title, _WIDTH, height + 34, (), " ".join(spots), _written(most, decimals), left)


def shown_steps(run: Run) -> list[ShownStep]:
    """The graph of a run, step after step, with what each takes from."""
    plan = run.graph
    found = []
    for step in queries.steps_of(run):
        planned = plan.step(step.name)
        said = planned.settings
        words = _step_words(planned.kind, said)
        found.append(ShownStep(step.name, step.kind, step.state, planned.after, words.strip(), step.digest[:12]))
    return found


def _step_words(kind: StepKind, said: Mapping[str, Any]) -> str:
    if kind is StepKind.READ:
        return f"{said['dataflow']} {said['period']}".strip()
    family = words_of(STUDIES, said["study"]) if said.get("study") else ""
    return " ".join(part for part in (family, said.get("code", "")) if part)


def _told(row: Mapping[str, Any], decimals: int) -> str:
    """The value of a dot in words, with the ends of its interval."""
    value = _written(row["value"], decimals)
    if row["low"] is None:
        return value
    return f"{value} [{_written(row['low'], decimals)} – {_written(row['high'], decimals)}]"


def _written(value: float, decimals: int) -> str:
    return numbers.number(value, current_language(), decimals)


def _diagnostic(value: Any) -> str:
    """The value of a diagnostic, short: numbers to three figures behind the point, several of them in a row."""
    if isinstance(value, list):
        return ", ".join(filter(None, map(_diagnostic, value)))
    if isinstance(value, bool) or value is None:
        return ""
    return numbers.number(round(value, 3), current_language()) if isinstance(value, int | float) else str(value)
