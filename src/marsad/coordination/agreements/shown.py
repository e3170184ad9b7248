"""Terms in the reader's words: facts of an agreement, and what changed between two versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.utils.translation import gettext as _

from marsad.accounts.labels import ROLE_LABELS
from marsad.coordination.agreements import labels
from marsad.coordination.agreements.terms import Difference, Terms
from marsad.web.dates import day, period
from marsad.web.documents import isolated_pieces
from marsad.web.words import current_language

NOT_SAID = "–"
_VOCABULARIES: Mapping[str, labels.Words] = {
    "purpose": labels.PURPOSES,
    "legal_basis": labels.LEGAL_BASES,
    "frequency": labels.FREQUENCIES,
    "partner_role": labels.PARTY_ROLES,
    "city_role": labels.PARTY_ROLES,
}
_LISTS: Mapping[str, labels.Words] = {
    "recipient_classes": labels.RECIPIENTS,
    "reviewers": cast("labels.Words", ROLE_LABELS),
}
_DAYS = frozenset({"authorised_on", "starts_on", "ends_on"})
_SHOWN_APART = frozenset({"code", "version", "structure", "organisation"})


@dataclass(frozen=True)
class Fact:
    label: str
    words: str


@dataclass(frozen=True)
class Change:
    """One difference between two versions in words."""

    label: str
    before: str
    after: str


def facts_of(terms: Terms) -> list[Fact]:
    """Every term but the structure, in the order of the agreement."""
    plain = terms.to_mapping()
    return [fact_of(name, plain[name]) for name in plain if name not in _SHOWN_APART]


def fact_of(field: str, value: Any) -> Fact:
    """One term with its label, from its plain value."""
    return Fact(pieces(label_of(field)), pieces(said_value(field, value)))


def pieces(words: str) -> str:
    """Words as they stand; in Arabic each number, date and code is isolated, or a page would turn it round."""
    return isolated_pieces(words) if current_language() == "ar" else words


def changes(found: tuple[Difference, ...]) -> list[Change]:
    """Differences in the reader's words."""
    return [
        Change(*map(pieces, (label_of(one.field), said_value(one.field, one.before), said_value(one.field, one.after))))
        for one in found
    ]


def label_of(field: str) -> str:
    if field.startswith("column."):
        return _("Column %(name)s") % {"name": field.removeprefix("column.")}
    if field.startswith("structure."):
        return str(labels.FIELDS["structure"])
    return str(labels.FIELDS[field])


def said_value(field: str, value: Any) -> str:
    """A plain value of a term in words; what is not said is a dash."""
    if value in (None, "", [], {}):
        return NOT_SAID
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if field in _VOCABULARIES:
        return str(_VOCABULARIES[field][value])
    if field in _DAYS:
        return day(date.fromisoformat(value), current_language())
    if field == "covers":
        return period(value, current_language())
    if isinstance(value, Mapping):
        return _said_mapping(field, value)
    if isinstance(value, list):
        known = _LISTS.get(field, {})
        return _joined(str(known.get(one, one)) for one in value)
    return str(value)


def _said_mapping(field: str, value: Mapping[str, Any]) -> str:
    if not field.startswith("column."):
        return str(value[current_language()])
    parts = [str(labels.COLUMN_ROLES[value["role"]]), str(labels.COLUMN_KINDS[value["kind"]])]
    parts += [str(value[name]) for name in ("codelist", "minimum", "maximum") if value.get(name) not in (None, "")]
    if value.get("required"):
        parts.append(_("required"))
    return _joined(parts)


def _joined(words: Any) -> str:
    return ("، " if current_language() == "ar" else ", ").join(words)
