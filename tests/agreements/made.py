"""Agreements for the tests: their people, their terms, and the road from a draft to force."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from house.people import person
from marsad.accounts.models import User
from marsad.accounts.rules import Role
from marsad.actors.models import Organisation
from marsad.actors.operations import add_membership
from marsad.audit.rules import System
from marsad.coordination.agreements import operations
from marsad.coordination.agreements.models import AgreementVersion
from marsad.coordination.agreements.rules import Move, RecipientClass, Terms
from migstat.model import Text
from migstat.model.structure import DataStructure

AT = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
STRUCTURE = DataStructure.from_mapping(
    {
        "code": "visits",
        "version": "1",
        "unit": "visit",
        "columns": [
            {"name": "family_name", "role": "direct_identifier", "kind": "text", "required": True},
            {"name": "citizenship", "role": "quasi_identifier", "kind": "code", "codelist": "CITIZENSHIP"},
            {"name": "area", "role": "area", "kind": "code", "codelist": "AREA"},
            {"name": "age", "role": "quasi_identifier", "kind": "integer", "minimum": 0, "maximum": 120},
            {"name": "visited_on", "role": "period", "kind": "date"},
        ],
    }
)
TERMS = Terms(
    code="camp-visits",
    organisation="camp",
    dataflow="visits",
    structure=STRUCTURE,
    purpose="statistics",
    legal_basis="public_task",
    authorisation_number="D-W-123/2025",
    authorised_on=date(2025, 11, 3),
    recipient_classes=frozenset({RecipientClass.MUNICIPALITY, RecipientClass.PUBLIC}),
    minimum_cell=5,
    frequency="monthly",
    due_days=10,
    breakdowns=("citizenship", "area", "age"),
    quality_tests=("required", "codes", "duplicates"),
    retention_days=365,
    keeps_original=False,
    onward_sharing=False,
    starts_on=date(2026, 1, 1),
    ends_on=date(2026, 12, 31),
    reviewers=("data_protection_officer", "reviewer"),
    areas=("04.421.01.09",),
    purpose_words=Text(
        fr="Compter les visites sans compter deux fois", ar="عد الزيارات دون تكرار", en="Count visits once each"
    ),
    basis_words=Text(fr="Loi organique 113-14", ar="القانون التنظيمي 113-14", en="Organic law 113-14"),
)
TITLE = Text(fr="Visites du centre", ar="زيارات المركز", en="Visits of the centre")


def organisation(code: str) -> Organisation:
    return Organisation.objects.create(
        code=code,
        kind="association",
        name_fr=f"Association {code}",
        name_ar=f"جمعية {code}",
        name_en=f"Association {code}",
    )


@dataclass(frozen=True)
class Cast:
    """Who takes part: a data officer, a coordinator, the data protection officer, and the partner's person."""

    officer: User
    coordinator: User
    protection: User
    partner: User


def cast(code: str = "camp") -> Cast:
    organisation(code)
    partner = person(Role.PARTNER, email=f"partner-{code}@example.org")
    add_membership(actor=System("test"), at=AT, user_id=partner.pk, organisation=code)
    return Cast(
        officer=person(Role.DATA_OFFICER),
        coordinator=person(Role.COORDINATOR),
        protection=person(Role.DATA_PROTECTION_OFFICER),
        partner=partner,
    )


def drafted(people: Cast, terms: Terms = TERMS, at: datetime = AT) -> AgreementVersion:
    operations.draft(actor=people.officer, at=at, terms=terms, title=TITLE)
    return AgreementVersion.objects.get(agreement_id=terms.code, number=1)


def step(who: Any, version: AgreementVersion, move: Move, *, at: datetime = AT, reason: str = "") -> AgreementVersion:
    return operations.move(actor=who, at=at, code=version.agreement_id, number=version.number, move=move, reason=reason)


def signed_by(who: Any, version: AgreementVersion, *, at: datetime = AT, document: bytes = b"") -> AgreementVersion:
    version.refresh_from_db()
    return operations.sign(
        actor=who,
        at=at,
        code=version.agreement_id,
        number=version.number,
        checksum=version.checksum,
        document=document,
    )


def signed(people: Cast, version: AgreementVersion, at: datetime = AT) -> AgreementVersion:
    """From a draft to both signatures."""
    step(people.partner, version, Move.AGREE, at=at)
    step(people.protection, version, Move.REVIEW, at=at)
    signed_by(people.partner, version, at=at)
    return signed_by(people.coordinator, version, at=at)


def in_force(people: Cast, terms: Terms = TERMS, at: datetime = AT) -> AgreementVersion:
    """From nothing to force."""
    version = signed(people, drafted(people, terms, at), at)
    return step(people.coordinator, version, Move.ENFORCE, at=at)


def terms(**changes: Any) -> Terms:
    return replace(TERMS, **changes)


def after(days: float) -> datetime:
    return AT + timedelta(days=days)
