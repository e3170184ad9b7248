"""The report of a delivery in the reader's words: for its page, for the workbook, for the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from marsad.collection.deliveries import queries
from marsad.collection.deliveries.code_lists import names_of
from marsad.collection.deliveries.labels import ROW_LABELS, RULE_LABELS, SEVERITY_LABELS
from marsad.collection.deliveries.models import Delivery
from marsad.collection.deliveries.steps import opened
from marsad.collection.deliveries.workbook import MOST_ROWS, ReportLine, ReportWords, marked_workbook, report_workbook
from marsad.web.words import current_language
from migstat.model.refusals import Refused
from migstat.model.structure import DataStructure, Kind, Role
from migstat.quality.findings import RULES, Severity

Names = Mapping[str, Mapping[str, str]]
_AREA = "area "


def column_said(structure: DataStructure | None, name: str) -> str:
    """The column's label in the reader's language, or its name."""
    if structure is None:
        return name
    if name == "rows":
        return _("Rows")
    try:
        label = structure.column(name).label
    except Refused:
        return name
    return label.in_language(current_language()) if label is not None else name


def report_lines(found: Delivery, structure: DataStructure | None) -> list[ReportLine]:
    """The kept findings of the last check, in words."""
    return lines_of((found.report or {}).get("findings", ()), structure)


def lines_of(findings: Sequence[dict[str, Any]], structure: DataStructure | None) -> list[ReportLine]:
    """Some findings in words."""
    names = _names(structure) if any(_tells_codes(one) for one in findings) else {}
    return [_line(one, structure, names) for one in findings]


def _tells_codes(one: Mapping[str, Any]) -> bool:
    told_area = one["rule"] == "quality.area_missing" or one["column"].startswith(_AREA)
    return told_area or bool(one["values"].get("proposals"))


def _names(structure: DataStructure | None) -> Names:
    """The names of the codes of each coded column; those of areas under the empty name too."""
    coded = [column for column in structure.columns if column.kind is Kind.CODE] if structure is not None else []
    names = {column.name: names_of(column.codelist, current_language()) for column in coded}
    areas = [names[column.name] for column in coded if column.role is Role.AREA]
    return names | {"": areas[0] if areas else {}}


def _code_said(code: str, names: Mapping[str, str]) -> str:
    return f"{names[code]} ({code})" if names.get(code) else code


def _where(one: Mapping[str, Any], structure: DataStructure | None, names: Names) -> str:
    if one["rule"] == "quality.area_missing" or one["column"].startswith(_AREA):
        return _code_said(one["column"].removeprefix(_AREA), names.get("", {}))
    return column_said(structure, one["column"])


def _line(one: dict[str, Any], structure: DataStructure | None, names: Names) -> ReportLine:
    severity = RULES[one["rule"]]
    problem, remedy = (str(words) for words in RULE_LABELS[one["rule"]])
    values = one["values"]
    added = _added(values)
    if added:
        problem = f"{problem} ({added})"
    if values.get("proposals"):
        comma = "، " if get_language_bidi() else ", "
        proposed = [_code_said(code, names.get(one["column"], {})) for code in values["proposals"]]
        remedy = f"{remedy} {_('Is it %(codes)s?') % {'codes': comma.join(proposed)}}"
    found = str(ROW_LABELS.get(one["found"], one["found"])) if one["rule"] == "quality.set_aside" else one["found"]
    return ReportLine(
        severity.value, str(SEVERITY_LABELS[severity]), one["row"], one["position"], _where(one, structure, names),
        problem, found, remedy,
    )  # fmt: skip


def _added(values: dict[str, Any]) -> str:
    """What the words of a rule add of the case: the sum that was expected, the row before, the bounds."""
    if "expected" in values:
        return _("expected: %(expected)s") % values
    if "before" in values:
        arrow = "←" if get_language_bidi() else "→"
        return f"{values['before']} {arrow} {values['now']}"
    if "first" in values:
        return _("first in row %(first)s") % values
    bounds = [f"{values[name]:g}" for name in ("minimum", "maximum") if name in values]
    said = " – ".join(bounds)
    return _("bounds: %(bounds)s") % {"bounds": said} if bounds else ""


def counts_said(found: Delivery) -> list[tuple[str, str, int]]:
    """Each rule that was broken: its severity, its words, how often."""
    counts = (found.report or {}).get("counts", {})
    ordered = sorted(counts, key=lambda rule: (list(Severity).index(RULES[rule]), list(RULES).index(rule)))
    return [(RULES[rule].value, str(RULE_LABELS[rule][0]), counts[rule]) for rule in ordered]


def report_words() -> ReportWords:
    headings = [_("Severity"), _("Row"), _("Column"), _("Content"), _("What is wrong"), _("Found"), _("What to do")]
    only = _("Only the rows with a finding; the first column is their number in your file.")
    return ReportWords(_("Report"), headings, only, get_language_bidi())


def report_file(found: Delivery, structure: DataStructure | None, *, with_rows: bool) -> bytes:
    """The report as a workbook; with the partner's own rows as long as the file waits."""
    lines = report_lines(found, structure)
    if not with_rows or found.file_destroyed_at is not None:
        return report_workbook(lines, report_words())
    source = opened(found)
    layout = queries.layout_of(found)
    return marked_workbook(layout.sheet, source.rows(), lines, report_words(), whole=found.rows <= MOST_ROWS)
