"""The text of an agreement in every language, written from its terms. It is kept with the version once both sides agree."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.utils.translation import override

from marsad.coordination.agreements import labels
from marsad.coordination.agreements.terms import Frequency, Terms
from marsad.web.dates import day, period
from marsad.web.numbers import number
from marsad.web.words import LANGUAGES, said
from migstat.model import Text

with Path(__file__).with_name("wording.toml").open("rb") as _file:
    _WORDING: Final = tomllib.load(_file)


def texts_of(terms: Terms, agreement: Any) -> dict[str, Any]:
    """The title and articles of an agreement in every language, as plain data. ``agreement`` has its organisation."""
    return {language: text_of(terms, agreement, language) for language in LANGUAGES}


def text_of(terms: Terms, agreement: Any, language: str) -> dict[str, Any]:
    """``{"title": ..., "articles": [{"heading", "text"}, ...]}`` in one language."""
    with override(language):
        values = _values(terms, agreement, language)
    articles = [
        {
            "heading": said(article, "heading", language),
            "text": said(article, "text", language).format_map(values),
        }
        for article in _WORDING["articles"].values()
    ]
    return {"title": said(agreement, "title", language), "articles": articles}


def _values(terms: Terms, agreement: Any, language: str) -> dict[str, str]:
    def clause(name: str) -> str:
        return _clause(name, language)

    def listed(words: Iterable[str]) -> str:
        return _listed(words, language) or clause("none")

    city = _city()
    return {
        "partner": said(agreement.organisation, "name", language),
        "partner_role": str(labels.PARTY_ROLES[terms.partner_role]),
        "city": said(city, "name", language),
        "city_role": str(labels.PARTY_ROLES[terms.city_role]),
        "observatory": said(city, "observatory", language),
        "dataflow": terms.dataflow,
        "structure": terms.structure.version,
        "areas": _listed(terms.areas, language) or clause("all_areas"),
        "covers": period(terms.covers, language) if terms.covers else clause("whole_life"),
        "purpose": str(labels.PURPOSES[terms.purpose]),
        "purpose_words": _said(terms.purpose_words, language),
        "basis": str(labels.LEGAL_BASES[terms.legal_basis]),
        "basis_words": _said(terms.basis_words, language),
        "authorisation": _authorisation(terms, language),
        "frequency": str(labels.FREQUENCIES[terms.frequency]),
        "due": _due(terms, language),
        "breakdowns": listed(terms.breakdowns),
        "tests": listed(terms.quality_tests),
        "minimum": number(terms.minimum_cell, language),
        "reviewers": listed(terms.reviewers),
        "recipients": listed(str(labels.RECIPIENTS[one]) for one in sorted(terms.recipient_classes)),
        "onward": clause("onward" if terms.onward_sharing else "no_onward"),
        "retention": number(terms.retention_days, language),
        "original": clause("original" if terms.keeps_original else "no_original"),
        "start": day(terms.starts_on, language),
        "end": day(terms.ends_on, language),
    }


def _clause(name: str, language: str) -> str:
    return said(_WORDING["clauses"][name], "text", language)


def _listed(words: Iterable[str], language: str) -> str:
    return ("، " if language == "ar" else ", ").join(words)


def _said(words: Text | None, language: str) -> str:
    return words.in_language(language).rstrip(". ") if words else ""


def _authorisation(terms: Terms, language: str) -> str:
    if not terms.authorisation_number or terms.authorised_on is None:
        return _clause("not_personal", language)
    return _clause("authorised", language).format(
        number=terms.authorisation_number, day=day(terms.authorised_on, language)
    )


def _due(terms: Terms, language: str) -> str:
    clause = {Frequency.ON_REQUEST: "on_request", Frequency.ONCE: "due_once"}.get(Frequency(terms.frequency), "due")
    return _clause(clause, language).format(days=number(terms.due_days, language))


def _city() -> Mapping[str, Any]:
    with (settings.ENVIRONMENT.city / "city.toml").open("rb") as file:
        return tomllib.load(file)
