"""The report of a delivery in the reader's words: for its page, for the workbook, for the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from marsad.collection.deliveries import queries
from marsad.collection.deliveries.labels import ROW_LABELS, RULE_LABELS, SEVERITY_LABELS
from marsad.collection.deliveries.models import Delivery
from marsad.collection.deliveries.steps import opened
from marsad.collection.deliveries.workbook import MOST_ROWS, ReportLine, ReportWords, marked_workbook, report_workbook
from marsad.web.words import current_language
from migstat.model.refusals import Refused
from migstat.model.structure import DataStructure
from migstat.quality.findings import RULES, Severity


def column_said(structure: DataStructure | None, name: str) -> str:
    """The column's label in the reader's language, or its name."""
    if structure is None:
        return name
    try:
        label = structure.column(name).label
    except Refused:
        return name
    return label.in_language(current_language()) if label is not None else name


def report_lines(found: Delivery, structure: DataStructure | None) -> list[ReportLine]:
    """The kept findings of the last check, in words."""
    findings: Sequence[dict[str, Any]] = (found.report or {}).get("findings", ())
    return [_line(one, structure) for one in findings]


def _line(one: dict[str, Any], structure: DataStructure | None) -> ReportLine:
    severity = RULES[one["rule"]]
    problem, remedy = (str(words) for words in RULE_LABELS[one["rule"]])
    values = one["values"]
    added = _added(values)
    if added:
        problem = f"{problem} ({added})"
    if values.get("proposals"):
        remedy = f"{remedy} {_('Is it %(codes)s?') % {'codes': ', '.join(values['proposals'])}}"
    found = str(ROW_LABELS.get(one["found"], one["found"])) if one["rule"] == "quality.set_aside" else one["found"]
    return ReportLine(
        severity.value, str(SEVERITY_LABELS[severity]), one["row"], one["position"], column_said(structure, one["column"]),
        problem, found, remedy,
    )  # fmt: skip


def _added(values: dict[str, Any]) -> str:
    """What the words of a rule add of the case: the sum that was expected, the row before, the bounds."""
    if "expected" in values:
        return _("expected: %(expected)s") % values
    if "before" in values:
        return f"{values['before']} → {values['now']}"
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
