"""What an agreement says, as plain frozen values: who supplies what, why, for whom, until when."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any

from migstat.model import Period, Text
from migstat.model.refusals import Refused
from migstat.model.structure import DataStructure, Role


class RecipientClass(StrEnum):
    """Who may receive what comes out of the records; enforcement only where an agreement says so."""

    MUNICIPALITY = "municipality"
    PARTNER = "partner"
    RESEARCH = "research"
    PUBLIC = "public"
    ENFORCEMENT = "enforcement"


class PartyRole(StrEnum):
    """What a party is under law 09-08."""

    CONTROLLER = "controller"
    JOINT_CONTROLLER = "joint_controller"
    PROCESSOR = "processor"
    RECIPIENT = "recipient"


class Purpose(StrEnum):
    STATISTICS = "statistics"
    PLANNING = "planning"
    SERVICES = "services"
    PROTECTION = "protection"
    RESEARCH = "research"
    COORDINATION = "coordination"


class LegalBasis(StrEnum):
    """The grounds on which law 09-08 lets records be used."""

    CONSENT = "consent"
    LEGAL_OBLIGATION = "legal_obligation"
    CONTRACT = "contract"
    VITAL_INTERESTS = "vital_interests"
    PUBLIC_TASK = "public_task"
    LEGITIMATE_INTEREST = "legitimate_interest"


class Frequency(StrEnum):
    ONCE = "once"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "half_yearly"
    YEARLY = "yearly"
    ON_REQUEST = "on_request"


AGGREGATE_UNIT = "cell"
LEAST_MINIMUM_CELL = 3


@dataclass(frozen=True)
class Terms:
    """The terms of one version of an agreement. Both ``starts_on`` and ``ends_on`` are days in force.

    ``minimum_cell`` is the smallest count that may be shown; ``due_days`` the days after the end of a period by which
    its delivery is due; ``breakdowns`` the promised columns; ``quality_tests`` codes of rules of the delivery;
    ``reviewers`` the roles or organisations, never persons, that look at what comes out. ``covers`` is the period
    that the records speak of (empty: the life of the agreement).
    """

    code: str
    organisation: str
    dataflow: str
    structure: DataStructure
    purpose: str
    legal_basis: str
    authorisation_number: str
    authorised_on: date | None
    recipient_classes: frozenset[RecipientClass]
    minimum_cell: int
    frequency: str
    due_days: int
    breakdowns: tuple[str, ...]
    quality_tests: tuple[str, ...]
    retention_days: int
    keeps_original: bool
    onward_sharing: bool
    starts_on: date
    ends_on: date
    reviewers: tuple[str, ...]
    version: int = 1
    partner_role: str = PartyRole.CONTROLLER
    city_role: str = PartyRole.RECIPIENT
    areas: tuple[str, ...] = ()
    covers: str = ""
    purpose_words: Text | None = None
    basis_words: Text | None = None

    def covers_day(self, day: date) -> bool:
        return self.starts_on <= day <= self.ends_on

    def to_mapping(self) -> dict[str, Any]:
        """Plain data (JSON) that ``from_mapping`` reads back as the same terms."""
        return {one.name: _plain(getattr(self, one.name)) for one in fields(self)}

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> Terms:
        """Read terms from plain data. Raises ``Refused("agreements.terms")`` for a field missing, unknown or unreadable."""
        known = {one.name for one in fields(cls)}
        unknown, missing = mapping.keys() - known, _NEEDED - mapping.keys()
        if unknown or missing:
            named = ", ".join([*(f"no {name}" for name in sorted(missing)), *sorted(unknown)])
            raise Refused("agreements.terms", found=named, remedy="give exactly the fields of an agreement")
        read = {name: _READ.get(name, _as_it_is)(value) for name, value in mapping.items()}
        return cls(**read)

    @property
    def checksum(self) -> str:
        """SHA-256 over every word of the terms, in hexadecimal."""
        return digest_of(self.to_mapping())


def digest_of(mapping: Mapping[str, Any]) -> str:
    """SHA-256 of plain data in one spelling."""
    spelt = json.dumps(mapping, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(spelt.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, DataStructure):
        return value.to_mapping()
    if isinstance(value, Text):
        return {"fr": value.fr, "ar": value.ar, "en": value.en}
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(str(one) for one in value)
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, StrEnum) else value


def _as_it_is(value: Any) -> Any:
    return value


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except (TypeError, ValueError):
        raise Refused("agreements.terms", found="a day that is none", remedy="write days as 2026-01-31") from None


def _text(value: Any) -> Text | None:
    return Text(**value) if value else None


def _vocabulary(kind: type[StrEnum]) -> Any:
    def read(value: Any) -> StrEnum:
        try:
            return kind(value)
        except ValueError:
            raise Refused(
                "agreements.vocabulary", found=f"an unknown {kind.__name__}", remedy=f"use one of {', '.join(kind)}"
            ) from None

    return read


def _recipients(value: Any) -> frozenset[RecipientClass]:
    return frozenset(_vocabulary(RecipientClass)(one) for one in value)


_READ = {
    "structure": DataStructure.from_mapping,
    "purpose": _vocabulary(Purpose),
    "legal_basis": _vocabulary(LegalBasis),
    "frequency": _vocabulary(Frequency),
    "partner_role": _vocabulary(PartyRole),
    "city_role": _vocabulary(PartyRole),
    "authorised_on": _day,
    "starts_on": _day,
    "ends_on": _day,
    "recipient_classes": _recipients,
    "breakdowns": tuple,
    "quality_tests": tuple,
    "reviewers": tuple,
    "areas": tuple,
    "purpose_words": _text,
    "basis_words": _text,
}
_OPTIONAL = {"version", "partner_role", "city_role", "areas", "covers", "purpose_words", "basis_words"}
_NEEDED = {one.name for one in fields(Terms)} - _OPTIONAL


class TermsFault(StrEnum):
    """Why terms cannot be agreed on yet."""

    NO_AUTHORISATION = "no_authorisation"
    NO_AUTHORISATION_DAY = "no_authorisation_day"
    NO_RECIPIENTS = "no_recipients"
    ENFORCEMENT_MIXED = "enforcement_mixed"
    MINIMUM_CELL = "minimum_cell"
    DATES = "dates"
    DUE_DAYS = "due_days"
    RETENTION = "retention"
    BREAKDOWN = "breakdown"
    NO_REVIEWERS = "no_reviewers"
    COVERS = "covers"
    NO_WORDS = "no_words"


def faults_of(terms: Terms) -> frozenset[TermsFault]:
    """Everything that keeps these terms from being agreed on; all reasons at once."""
    personal = terms.structure.unit != AGGREGATE_UNIT or bool(terms.structure.with_role(Role.DIRECT_IDENTIFIER))
    columns = {column.name for column in terms.structure.columns}
    recipients = terms.recipient_classes
    wrong = {
        TermsFault.NO_AUTHORISATION: personal and not terms.authorisation_number.strip(),
        TermsFault.NO_AUTHORISATION_DAY: bool(terms.authorisation_number.strip()) and terms.authorised_on is None,
        TermsFault.NO_RECIPIENTS: not recipients,
        TermsFault.ENFORCEMENT_MIXED: RecipientClass.ENFORCEMENT in recipients and len(recipients) > 1,
        TermsFault.MINIMUM_CELL: terms.minimum_cell < LEAST_MINIMUM_CELL,
        TermsFault.DATES: terms.ends_on < terms.starts_on,
        TermsFault.DUE_DAYS: terms.due_days < 0,
        TermsFault.RETENTION: terms.retention_days < 1,
        TermsFault.BREAKDOWN: not set(terms.breakdowns) <= columns,
        TermsFault.NO_REVIEWERS: not terms.reviewers,
        TermsFault.COVERS: not _is_period(terms.covers),
        TermsFault.NO_WORDS: terms.purpose_words is None or terms.basis_words is None,
    }
    return frozenset(fault for fault, found in wrong.items() if found)


def _is_period(text: str) -> bool:
    if not text:
        return True
    try:
        Period.parse(text)
    except Refused:
        return False
    return True


@dataclass(frozen=True)
class Difference:
    """One term that two versions do not share, as plain values (None: it was not said)."""

    field: str
    before: Any
    after: Any


def differences(before: Terms, after: Terms) -> tuple[Difference, ...]:
    """The terms that changed, in the order of the agreement; the columns of the structure are told one by one."""
    one, other = before.to_mapping(), after.to_mapping()
    found = []
    for name in one:
        if name == "version" or one[name] == other[name]:
            continue
        found += (
            _structure_differences(one[name], other[name])
            if name == "structure"
            else [Difference(name, one[name], other[name])]
        )
    return tuple(found)


def _structure_differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    found = [
        Difference(f"structure.{name}", before[name], after[name])
        for name in ("code", "version", "unit")
        if before[name] != after[name]
    ]
    old, new = ({column["name"]: column for column in one["columns"]} for one in (before, after))
    for name in dict.fromkeys([*old, *new]):
        if old.get(name) != new.get(name):
            found.append(Difference(f"column.{name}", old.get(name), new.get(name)))
    if not found:
        found.append(Difference("structure.order", list(old), list(new)))
    return found
