"""The public register of data use, made from the agreements: as a page, as CSV and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from marsad.coordination.agreements import shown
from marsad.coordination.agreements.queries_register import Entry, RefusedCount, refused_without_agreement, register
from marsad.observatory.page_cache import public_page
from marsad.observatory.views_downloads import csv_lines
from marsad.web.words import current_language, said

PER_PAGE: Final = 20
COLUMNS: Final = (
    "agreement",
    "title",
    "organisation",
    "organisation_name",
    "dataflow",
    "state",
    "purpose",
    "purpose_words",
    "legal_basis",
    "legal_basis_words",
    "authorisation_number",
    "authorised_on",
    "recipients",
    "minimum_count",
    "retention_days",
    "onward_sharing",
    "in_force_since",
    "starts_on",
    "ends_on",
    "period",
    "deliveries_received",
    "deliveries_accepted",
    "deliveries_refused",
    "refusals",
    "model",
)


@public_page
def data_use(request: HttpRequest) -> HttpResponse:
    """Who supplies which data, why, on what basis, until when; what was delivered and refused."""
    entries = register(today=timezone.localdate())
    page = Paginator(entries, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(entry, _facts(entry)) for entry in page],
        "outside": refused_without_agreement(),
        "delivered": sum(entry.delivered for entry in entries),
        "refused": sum(entry.refused for entry in entries),
    }
    return render(request, "observatory/data_use.html", context)


def _facts(entry: Entry) -> list[shown.Fact]:
    """What the public reads of the terms: why, on what basis, for whom, until when."""
    plain = entry.terms.to_mapping()
    return [shown.fact_of(name, plain[name]) for name in _SHOWN]


_SHOWN: Final = (
    "purpose",
    "purpose_words",
    "legal_basis",
    "basis_words",
    "authorisation_number",
    "authorised_on",
    "recipient_classes",
    "minimum_cell",
    "frequency",
    "retention_days",
    "keeps_original",
    "onward_sharing",
    "starts_on",
    "ends_on",
)


@public_page
def data_use_csv(request: HttpRequest) -> HttpResponse:
    """A line for each agreement and period; an agreement without a delivery has one line without a period."""
    lines = csv_lines(COLUMNS, _lines(register(today=timezone.localdate())))
    response = HttpResponse("".join(lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="data-use.csv"'
    return response


@public_page
def data_use_json(request: HttpRequest) -> HttpResponse:
    """The same as JSON: agreements with their deliveries by period and refusals by kind."""
    entries = [
        {name: value for name, value in _words_of(entry).items() if name != "refusals"}
        | {
            "deliveries": [
                {"period": one.period, "received": one.received, "accepted": one.accepted, "refused": one.refused}
                for one in entry.deliveries
            ],
            "refusals": _counts(entry.refusals),
        }
        for entry in register(today=timezone.localdate())
    ]
    content = {"agreements": entries, "refused_without_agreement": _counts(refused_without_agreement())}
    return HttpResponse(json.dumps(content, ensure_ascii=False, indent=1), content_type="application/json")


def _counts(refusals: Iterable[RefusedCount]) -> list[dict[str, Any]]:
    return [{"kind": one.kind, "count": one.count} for one in refusals]


def _lines(entries: Iterable[Entry]) -> Iterator[Mapping[str, Any]]:
    for entry in entries:
        words = _words_of(entry)
        periods = entry.deliveries or (None,)
        for one in periods:
            yield words | {
                "period": one.period if one else None,
                "deliveries_received": one.received if one else 0,
                "deliveries_accepted": one.accepted if one else 0,
                "deliveries_refused": one.refused if one else 0,
            }


def _words_of(entry: Entry) -> dict[str, Any]:
    terms, agreement, language = entry.terms, entry.agreement, current_language()
    return {
        "agreement": agreement.code,
        "title": said(agreement, "title"),
        "organisation": agreement.organisation_id,
        "organisation_name": said(agreement.organisation, "name"),
        "dataflow": agreement.dataflow,
        "state": entry.state.value,
        "purpose": str(terms.purpose),
        "purpose_words": terms.purpose_words.in_language(language) if terms.purpose_words else None,
        "legal_basis": str(terms.legal_basis),
        "legal_basis_words": terms.basis_words.in_language(language) if terms.basis_words else None,
        "authorisation_number": terms.authorisation_number or None,
        "authorised_on": terms.authorised_on.isoformat() if terms.authorised_on else None,
        "recipients": " ".join(sorted(terms.recipient_classes)),
        "minimum_count": terms.minimum_cell,
        "retention_days": terms.retention_days,
        "onward_sharing": "yes" if terms.onward_sharing else "no",
        "in_force_since": entry.since.isoformat(),
        "starts_on": terms.starts_on.isoformat(),
        "ends_on": terms.ends_on.isoformat(),
        "refusals": sum(one.count for one in entry.refusals),
        "model": "yes" if agreement.is_synthetic else "no",
    }
