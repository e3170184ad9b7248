"""What the page of one delivery shows, put together for its template."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from types import MappingProxyType
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import QueryDict

from marsad.collection.deliveries import queries
from marsad.collection.deliveries.code_lists import names_of
from marsad.collection.deliveries.forms import AnswersForm, DecisionForm, MappingForm, ReadingForm
from marsad.collection.deliveries.labels import SEVERITY_LABELS, STATE_LABELS, row_of, words_of
from marsad.collection.deliveries.layout import Layout
from marsad.collection.deliveries.mapping import differences
from marsad.collection.deliveries.models import Delivery
from marsad.collection.deliveries.report_pages import counts_said, lines_of
from marsad.collection.deliveries.rules import MACHINE, TRANSITIONS, Move, State
from marsad.collection.deliveries.steps import opened
from marsad.coordination.agreements.queries import terms_of
from marsad.web.words import current_language
from migstat.model.refusals import Refused
from migstat.model.structure import DataStructure, Kind
from migstat.quality.findings import RULES, Severity

_PREVIEW_ROWS = 12
_REPORT_LINES = 100
_MOST_OPTIONS = 20_000
_FEWEST_QUESTIONS = 10
_DECISIONS = (Move.ACCEPT, Move.RESERVE, Move.RETURN, Move.REFUSE)


def is_under_way(found: Delivery) -> bool:
    return State(found.state) in MACHINE


def structure(found: Delivery) -> DataStructure | None:
    try:
        return terms_of(found.agreement).structure
    except Refused:
        return None


def mapping_parts(found: Delivery) -> dict[str, Any] | None:
    """What the form of the mapping is made from; None before the file was read."""
    known = structure(found)
    if known is None or found.layout is None:
        return None
    return {"structure": known, "layout": queries.layout_of(found), "mapping": queries.mapping_of(found)}


def question_parts(found: Delivery) -> dict[str, Any]:
    """The spellings that are asked, and the codes of their columns with their names; of a long list fewer at once."""
    questions = (found.report or {}).get("questions", [])
    known = structure(found)
    names: dict[str, dict[str, str]] = {}
    for name in {one["column"] for one in questions}:
        column = known.column(name) if known is not None else None
        if column is not None and column.kind is Kind.CODE:
            names[name] = names_of(column.codelist, current_language())
    most = max(_FEWEST_QUESTIONS, _MOST_OPTIONS // max([1, *map(len, names.values())]))
    return {"questions": questions[:most], "codes": names}


def listed(found: QuerySet[Delivery], said: QueryDict) -> dict[str, Any]:
    """A page of a list of deliveries, what it can be narrowed by, and what its next page keeps."""
    chosen = queries.Filter(*(said.get(name, "").strip()[:60] for name in ("agreement", "state", "period")))
    keep = said.copy()
    keep.pop("page", None)
    return {
        "page": Paginator(chosen.of(found), queries.PAGE).get_page(said.get("page")),
        "chosen": chosen, "agreements": queries.agreements_among(found),
        "states": [(one.value, STATE_LABELS[one]) for one in State if one is not State.ARRIVING],
        "keep": f"{keep.urlencode()}&" if keep else "",
    }  # fmt: skip


def _report(found: Delivery, known: DataStructure | None, said: Mapping[str, str]) -> dict[str, Any]:
    """A page of the kept findings, of all or of one severity; only these are put into words."""
    findings = (found.report or {}).get("findings", [])
    severity = said.get("severity", "")
    if severity in set(Severity):
        findings = [one for one in findings if RULES[one["rule"]] == severity]
    page = Paginator(findings, _REPORT_LINES).get_page(said.get("page"))
    counts = counts_said(found)
    return {
        "counts": counts, "page": page, "lines": lines_of(list(page), known), "severity": severity,
        "keep": f"severity={severity}&" if severity in set(Severity) else "",
        "severities": [(one.value, SEVERITY_LABELS[one]) for one in Severity if any(s == one for s, _, _ in counts)],
        "kept": len((found.report or {}).get("findings", [])), "all": sum(count for _, _, count in counts),
    }  # fmt: skip


def shown(found: Delivery, user: Any, said: Mapping[str, str] = MappingProxyType({}), **bound: Any) -> dict[str, Any]:
    """Everything on the page; ``said`` chooses a part of the report, ``bound`` are forms that came back with errors.

    Rows only to whose file it is.
    """
    state, own = State(found.state), queries.speaks_for(user, found.organisation)
    reviews = user.has_perm("deliveries.review")
    known = structure(found)
    context: dict[str, Any] = {
        "delivery": found,
        "under_way": is_under_way(found), "own": own, "reviews": reviews,
        "problem": words_of(found.problem["rule"]) if found.problem else "",
        "problem_row": row_of(found.problem["found"]) if found.problem else "",
        "withdrawable": own and TRANSITIONS[state, Move.WITHDRAW] is not None,
        **_report(found, known, said),
    }  # fmt: skip
    if own and state in (State.READ, State.CHECKED):
        context |= _to_confirm(found, known, state, bound)
    if own and state is State.CHECKED and (found.report or {}).get("questions"):
        answers = bound.get("answers") or AnswersForm(**question_parts(found))
        report = found.report or {}
        later = report.get("asked_later", 0) + len(report["questions"]) - len(answers.questions)
        context |= {"answers": answers, "asked_later": later}
    if reviews and state in (State.CHECKED, State.READ):
        moves = [move for move in _DECISIONS if TRANSITIONS[state, move] is not None]
        context["decision"] = bound.get("decision") or DecisionForm(moves=moves)
    return context


def _to_confirm(found: Delivery, known: DataStructure | None, state: State, bound: dict[str, Any]) -> dict[str, Any]:
    layout = queries.layout_of(found) if found.layout is not None else None
    context: dict[str, Any] = {
        "layout": layout, "reading": bound.get("reading") or ReadingForm(layout=layout, file_format=found.file_format)
    }  # fmt: skip
    parts = mapping_parts(found)
    if parts is None or layout is None or state is not State.READ:
        return context
    before = queries.latest_layout(found.agreement)
    return context | {
        "preview": _preview(found, layout),
        "mapping": bound.get("mapping") or MappingForm(**parts, language=current_language()),
        "structure": known,
        "spread": parts["mapping"].spread,
        "why": {one["column"]: one["why"] for one in found.proposals},
        "difference": differences(before.titles, [column.title for column in layout.columns]) if before else None,
    }


def _preview(found: Delivery, layout: Layout) -> list[tuple[int, list[Any]]]:
    """The first rows of the partner's own file, read from the sealed spool for this one page."""
    try:
        rows = opened(found).rows()
        wanted = ((number, row) for number, row in rows if number >= layout.data_from)
        places = [column.position for column in layout.columns]
        return [
            (number, [row[place] if place < len(row) else None for place in places])
            for number, row in islice(wanted, _PREVIEW_ROWS)
        ]
    except Refused:
        return []
