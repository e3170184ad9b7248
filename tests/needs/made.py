"""Needs and requests for the tests, and the people around them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from house.people import person
from marsad.accounts.models import User
from marsad.accounts.rules import Role
from marsad.actors.models import Organisation
from marsad.actors.operations import add_membership
from marsad.audit.rules import System
from marsad.catalogue.models import Source
from marsad.coordination.needs import operations, operations_requests
from marsad.coordination.needs.models import DataRequest, Need
from marsad.coordination.needs.rules import NeedContent, RequestContent, RequestKind, RequestMove, Subject
from marsad.dissemination.models import Dataflow, Edition

AT = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
NEED = NeedContent(
    question="How many tenants live in slums?",
    decision="Where to open the next housing desk",
    subject=Subject("HOU-02", "04.421.01.05", "sex", "2024"),
    half_width=2.0,
    threshold=20.0,
    needed_by=date(2026, 6, 30),
    is_public=True,
)
REQUEST = RequestContent(
    kind=RequestKind.DETAIL,
    title="Slums by sex",
    text="The share of women among those who live in slums",
    subject=Subject("HOU-02", "04.421.01.05", "sex", "2024"),
    is_public=True,
)


def organisation(code: str) -> Organisation:
    names = {f"name_{language}": f"Association {code}" for language in ("fr", "ar", "en")}
    return Organisation.objects.create(code=code, kind="association", **names)


def speaker(code: str) -> User:
    """A partner who speaks for a new organisation."""
    organisation(code)
    user = person(Role.PARTNER, email=f"{code}@example.org")
    add_membership(actor=System("test"), at=AT, user_id=user.pk, organisation=code)
    return user


@dataclass(frozen=True)
class Cast:
    """Two partners of two organisations, a planner who speaks for none, an assessor."""

    partner: User
    other: User
    planner: User
    officer: User


def cast() -> Cast:
    return Cast(speaker("camp"), speaker("fond"), person(Role.PLANNER), person(Role.DATA_OFFICER))


def need(actor: Any, organisation: str = "", **changes: Any) -> Need:
    return operations.state_need(actor=actor, at=AT, content=replace(NEED, **changes), organisation=organisation)


def data_request(actor: Any, organisation: str = "", at: datetime = AT, **changes: Any) -> DataRequest:
    content = replace(REQUEST, **changes)
    return operations_requests.make_request(actor=actor, at=at, content=content, organisation=organisation)


def move(actor: Any, request: DataRequest, name: RequestMove, at: datetime = AT, **given: Any) -> DataRequest:
    return operations_requests.move_request(actor=actor, at=at, number=request.pk, move=name, **given)


def edition(published_on: date = date(2026, 3, 2), number: str = "2026-1") -> Edition:
    """An edition of a dataflow of its own."""
    titles = {f"{name}_{language}": name for name in ("title", "licence") for language in ("fr", "ar", "en")}
    publisher = Organisation.objects.filter(pk="office").first() or organisation("office")
    source, _ = Source.objects.get_or_create(
        code="slums", defaults={**titles, "publisher": publisher, "url": "https://example.org/", "vintage": "2026"}
    )
    texts = {f"{name}_{language}": name for name in ("title", "description") for language in ("fr", "ar", "en")}
    dataflow, _ = Dataflow.objects.get_or_create(code="SLUMS", defaults={**texts, "source": source})
    reasons = {f"reason_{language}": "first" for language in ("fr", "ar", "en")}
    return Edition.objects.create(
        dataflow=dataflow,
        number=number,
        published_on=published_on,
        vintage="2026",
        checksum="0" * 64,
        observation_count=1,
        origin="release",
        **reasons,
    )
