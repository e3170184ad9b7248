"""Reading the desk: requests, who may do what with them, and signatures as far as they may be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from marsad.accounts.models import User
from marsad.accounts.rules import holders
from marsad.dissemination.models import Staleness
from marsad.release.models import Competence, LedgerRecord, ReleaseRequest, RequestTable, Signature, Step
from marsad.release.past import ledger_length
from marsad.release.rules import (
    IN_REVIEW,
    UNPUBLISHED,
    Condition,
    Missing,
    Refusal,
    RequestState,
    Standing,
    may_be_read,
    publish_refusals,
    sign_refusals,
    submit_refusals,
)

__all__ = ["ledger_length"]


def requests(*, state: str = "", dataflow: str = "") -> QuerySet[ReleaseRequest]:
    """Requests with ``signed`` (how many signatures stand), the latest first."""
    found = ReleaseRequest.objects.annotate(signed=Count("signatures", filter=Q(signatures__void_at=None)))
    if state:
        found = found.filter(state=state)
    if dataflow:
        found = found.filter(dataflow=dataflow)
    return found.order_by("-requested_at")


def waiting_for(user: Any) -> QuerySet[ReleaseRequest]:
    """The requests that this reviewer can still sign, the longest waiting first."""
    mine = Signature.objects.filter(reviewer=str(user.pk), void_at=None).values("request")
    found = requests().filter(state__in=IN_REVIEW).exclude(author=str(user.pk)).exclude(pk__in=mine)
    return found.order_by("moved_at")


def request_of(request_id: UUID) -> ReleaseRequest | None:
    return ReleaseRequest.objects.filter(pk=request_id).first()


def tables(request: ReleaseRequest) -> QuerySet[RequestTable]:
    return request.tables.select_related("request")


def signatures(request: ReleaseRequest) -> QuerySet[Signature]:
    """The signatures that stand."""
    return request.signatures.filter(void_at=None)


@dataclass(frozen=True)
class Read:
    """A signature as one reader may see it; verdict and reason are empty where they may not be read yet."""

    reviewer: str
    verdict: str
    reason: str
    signed_at: datetime | None


def signatures_for(user: Any, request: ReleaseRequest) -> list[Read]:
    """One's own signature at once, the others when both have signed; before, only that somebody has signed."""
    found = list(signatures(request))
    read = []
    for each in found:
        if may_be_read(each.reviewer == str(user.pk), len(found)):
            read.append(Read(each.reviewer, each.verdict, each.reason, each.signed_at))
        else:
            read.append(Read("", "", "", None))
    return read


def history(request: ReleaseRequest) -> QuerySet[Step]:
    return request.steps.all()


def competence_until(person: str) -> date | None:
    """Until when an account's competence to review runs (in the past, when it has ended); None where it has none."""
    found = Competence.objects.filter(person=person, revoked_at=None).order_by("-expires_on").first()
    return found.expires_on if found else None


def competences() -> QuerySet[Competence]:
    return Competence.objects.filter(revoked_at=None)


def reviewers() -> list[User]:
    """The accounts that hold a role of reviewers, by name."""
    found = User.objects.filter(
        is_active=True, grants__role__in=holders("release.review"), grants__revoked_at__isnull=True
    )
    return list(found.order_by("name", "email").distinct())


def names_of(codes: set[str]) -> Mapping[str, str]:
    """The names of accounts by their numbers; what is no account is left out."""
    numbers = [code for code in codes if ":" not in code and code]
    return {str(user.pk): str(user) for user in User.objects.filter(pk__in=numbers, erased_at=None)}


def standing_of(user: Any, *, today: date) -> Standing:
    """What a person brings to the desk."""
    person = str(getattr(user, "pk", ""))
    held = set(getattr(user, "role_names", ()))
    return Standing(
        person=person,
        has_role=bool(held & holders("release.review")),
        has_factor=bool(getattr(user, "has_second_factor", False)),
        competent_until=competence_until(person) if person else None,
    )


def condition_of(request: ReleaseRequest) -> Condition:
    """What a request is like now, as it was examined last."""
    return Condition(
        state=RequestState(request.state),
        author=request.author,
        signed_by=tuple(signatures(request).values_list("reviewer", flat=True)),
        audit_passed=passed(request),
        missing=tuple(Missing(one["what"]) for one in request.missing),
        stale=request.demoted_for.startswith("stale:"),
        embargo_until=request.embargo_until,
    )


def passed(request: ReleaseRequest) -> bool:
    """Whether the last examination let every table pass."""
    found = list(request.tables.values_list("examination", flat=True))
    return bool(found) and all(report.get("passed") for report in found)


@dataclass(frozen=True)
class Open:
    """What one person may do with a request now: for each step the reasons against it (none: it is open)."""

    submit: frozenset[Refusal]
    sign: frozenset[Refusal]
    publish: frozenset[Refusal]


def steps_for(user: Any, request: ReleaseRequest, *, now: datetime) -> Open:
    condition, standing = condition_of(request), standing_of(user, today=timezone.localdate(now))
    return Open(
        submit=submit_refusals(condition, standing),
        sign=sign_refusals(condition, standing, reason="given", today=timezone.localdate(now)),
        publish=publish_refusals(condition, now=now),
    )


def resting_on(snapshot: str) -> list[ReleaseRequest]:
    """The requests one of whose tables was computed from a snapshot."""
    found = RequestTable.objects.select_related("request").order_by("request__requested_at", "sort")
    chosen = {
        table.request_id: table.request for table in found if any(one["id"] == snapshot for one in table.snapshots)
    }
    return list(chosen.values())


def requests_let_go(authors: Sequence[str]) -> list[ReleaseRequest]:
    """The requests of some authors that were published, those withdrawn since among them."""
    gone = (RequestState.PUBLISHED, RequestState.WITHDRAWN)
    return list(requests().filter(author__in=authors, state__in=gone))


def snapshots_in_use() -> dict[str, dict[str, Any]]:
    """The snapshots that requests not yet closed, or editions that stand, rest on: their facts by number."""
    closed = {RequestState.CANCELLED, RequestState.WITHDRAWN, RequestState.REFUSED}
    found = RequestTable.objects.exclude(request__state__in=closed)
    return {one["id"]: one for each in found.values_list("snapshots", flat=True) for one in each}


def told_of(subject: str) -> bool:
    """Whether everything that rests on a source was told that it moved."""
    waiting = resting_on(subject.partition(":")[2])
    marked = set(Staleness.objects.filter(subject=subject).values_list("edition__provenance__release", flat=True))
    published = {RequestState.PUBLISHED, RequestState.PUBLISHING}
    return all(
        str(each.pk) in marked if each.state in published else each.demoted_for.startswith("stale:")
        for each in waiting
        if each.state in published | UNPUBLISHED
    )


def records_of(request: ReleaseRequest) -> QuerySet[LedgerRecord]:
    return LedgerRecord.objects.filter(table__request=request)


def due(now: datetime) -> QuerySet[ReleaseRequest]:
    """The approved requests whose embargo has ended."""
    return ReleaseRequest.objects.filter(state=RequestState.APPROVED, embargo_until__lte=now)


def interrupted(before: datetime) -> QuerySet[ReleaseRequest]:
    """The requests whose publication began by a time and did not end."""
    return ReleaseRequest.objects.filter(state=RequestState.PUBLISHING, moved_at__lte=before)
