"""Reading sessions, what is open for an agenda, challenges over time and commitments."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from marsad.accounts.models import User
from marsad.actors.models import Contact
from marsad.actors.queries import codes_of, members_of
from marsad.coordination.agreements import queries as agreements
from marsad.coordination.agreements.models import DeliveryReceipt
from marsad.coordination.agreements.rules import TAKEN
from marsad.coordination.dialogue.models import (
    CalendarKey,
    Challenge,
    Commitment,
    Participant,
    Session,
)
from marsad.coordination.dialogue.queries import HOLD
from marsad.coordination.dialogue.rules_sessions import (
    ANNOUNCED,
    ChallengeState,
    CommitmentState,
    Evidence,
    EvidenceKind,
    ItemKind,
    Proposed,
    SessionFacts,
    SessionHat,
    SessionState,
)
from marsad.coordination.dialogue.texts import Told, guessed, lacks_a_language, told, words_of
from marsad.coordination.needs import queries as needs
from marsad.coordination.needs.rules import OPEN_STATES, NeedState
from marsad.dissemination import queries as dissemination
from marsad.figures import queries as figures
from marsad.figures.rules import CaseState
from marsad.web.words import current_language

_OPEN_CHALLENGES = (ChallengeState.RAISED, ChallengeState.IN_HAND)
_OLDEST_LATE = timedelta(days=366)


def sessions_for(user: Any) -> QuerySet[Session]:
    """The sessions whose internal part a person may read: all for who holds sessions, else those invited to."""
    if not user.is_authenticated:
        return Session.objects.none()
    if user.has_perm(HOLD):
        return Session.objects.all()
    return Session.objects.filter(pk__in=_invited(user), state__in=[str(one) for one in ANNOUNCED])


def _invited(user: Any) -> QuerySet[Participant, int]:
    codes = codes_of(user)
    mine = Participant.objects.filter(Q(user=user.pk) | Q(organisation__in=codes))
    return mine.values_list("session_id", flat=True)


def session_for(user: Any, number: int) -> Session | None:
    return sessions_for(user).filter(pk=number).first()


def public_sessions() -> QuerySet[Session]:
    """The sessions that the public is told of: those to come, and those whose report is there."""
    return Session.objects.filter(is_public=True, state__in=[SessionState.CONVENED, SessionState.PUBLISHED])


def participants_of(session: Session) -> QuerySet[Participant]:
    return Participant.objects.filter(session=session).select_related("organisation", "user").order_by("pk")


def own_places(user: Any, session: Session) -> list[Participant]:
    """Where a person answers an invitation: their own place, and those of the organisations they speak for."""
    codes = codes_of(user)
    return [one for one in participants_of(session) if one.user_id == user.pk or one.organisation_id in codes]


def facts_of(session: Session) -> SessionFacts:
    """What the rules need to know of a session."""
    invited = list(Participant.objects.filter(session=session).values_list("attended", flat=True))
    return SessionFacts(
        SessionState(session.state),
        session.starts_at,
        invited=len(invited),
        agenda=session.agenda.count(),
        attendance_noted=bool(invited) and None not in invited,
        untranslated=len(untranslated(session)),
    )


def untranslated(session: Session) -> list[Told]:
    """The texts of the public report that lack a language; an empty summary is one of them."""
    rows: list[tuple[Any, str]] = [(session, "title")]
    for related in (session.agenda, session.challenges, session.conclusions, session.commitments):
        rows += [(one, "text") for one in related.filter(is_public=True)]
    found = [told(record, field, current_language()) for record, field in rows if lacks_a_language(record, field)]
    summary = told(session, "summary", current_language())
    return found + ([summary] if lacks_a_language(session, "summary") or not summary.text else [])


def proposals(user: Any, *, today: date, session: Session | None = None) -> list[Proposed]:
    """Everything open that this person may read and a session may talk about, without what its agenda has already."""
    language = current_language()
    found = [
        Proposed(ItemKind.NEED, str(one.pk), guessed(one.question, language), one.is_public)
        for one in needs.needs_for(user).filter(state=NeedState.OPEN).order_by("needed_by", "stated_at", "pk")
    ]
    found += [
        Proposed(ItemKind.REQUEST, str(one.pk), guessed(one.title, language), one.is_public)
        for one in needs.requests_for(user).filter(state__in=OPEN_STATES).order_by("assess_by", "pk")
    ]
    found += _late_deliveries(user, today)
    found += [
        Proposed(ItemKind.CASE, one.code, words_of(one, "title"), True)
        for one in figures.cases().filter(state=CaseState.UNSETTLED)
    ]
    found += [
        Proposed(ItemKind.CHALLENGE, str(one.pk), words_of(one, "text"), one.is_public)
        for one in challenges_for(user).filter(state__in=_OPEN_CHALLENGES)
    ]
    found += [
        Proposed(ItemKind.COMMITMENT, str(one.pk), words_of(one, "text"), one.is_public)
        for one in commitments_for(user).filter(state=CommitmentState.OPEN, due_on__lt=today)
    ]
    had = set(session.agenda.values_list("kind", "code")) if session else set()
    return [one for one in found if (one.kind, one.code) not in had]


def _late_deliveries(user: Any, today: date) -> list[Proposed]:
    """Each agreement in force whose deliveries are late."""
    own = set(agreements.agreements_for(user).values_list("code", flat=True))
    standing = [one for one in agreements.in_force_now(today=today) if one.agreement_id in own]
    every = agreements.due_of_each([one.agreement_id for one in standing], today)
    found = []
    for version in standing:
        due = every.get(version.agreement_id, [])
        if any(one.is_overdue(today=today) and one.due_on >= today - _OLDEST_LATE for one in due):
            title = words_of(version.agreement, "title")
            found.append(Proposed(ItemKind.LATE_DELIVERY, version.agreement_id, title, False))
    return found


def commitments_for(user: Any) -> QuerySet[Commitment]:
    """The commitments that a person may read: those of the sessions they may read, and their own."""
    found = Commitment.objects.select_related("session", "owner_organisation", "owner_user", "challenge")
    if not user.is_authenticated:
        return found.none()
    if user.has_perm(HOLD):
        return found
    return found.filter(Q(session__in=sessions_for(user)) | _owned(user))


def _owned(user: Any) -> Q:
    codes = codes_of(user)
    return Q(owner_user=user.pk) | Q(owner_organisation__in=codes)


def commitment_for(user: Any, number: int) -> Commitment | None:
    return commitments_for(user).filter(pk=number).first()


def hats_of(user: Any, commitment: Commitment) -> frozenset[SessionHat]:
    """In what qualities a person acts on a commitment."""
    holds = {SessionHat.HOLDER} if user.has_perm(HOLD) else set()
    owns = Commitment.objects.filter(_owned(user), pk=commitment.pk).exists()
    return frozenset(holds | ({SessionHat.OWNER} if owns else set()))


def open_commitments() -> QuerySet[Commitment]:
    return Commitment.objects.filter(state=CommitmentState.OPEN)


def public_commitments(*, kind: str = "", code: str = "") -> QuerySet[Commitment]:
    """The commitments of published public sessions, of a subject where it is named."""
    found = Commitment.objects.filter(is_public=True, session__in=_reported()).select_related(
        "owner_organisation", "session"
    )
    return found.filter(subject_kind=kind, subject_code=code) if kind else found


def kept_with(editions: Iterable[str]) -> QuerySet[Commitment]:
    """The public commitments that were kept with one of some editions (``dataflow/number``)."""
    return public_commitments().filter(
        state=CommitmentState.KEPT, evidence_kind=EvidenceKind.EDITION, evidence_code__in=list(editions)
    )


def _reported() -> QuerySet[Session]:
    return Session.objects.filter(is_public=True, state=SessionState.PUBLISHED)


def challenges_for(user: Any) -> QuerySet[Challenge]:
    """The challenges of the sessions that a person may read."""
    return Challenge.objects.filter(session__in=sessions_for(user)).select_related("organisation", "session")


def public_challenges() -> QuerySet[Challenge]:
    found = Challenge.objects.filter(is_public=True, session__in=_reported())
    return found.select_related("organisation", "session")


@dataclass(frozen=True)
class Moment:
    """One line of what became of a challenge: a step, a strategy, a decision, or a commitment made or closed."""

    on: date
    kind: str
    words: Told
    record: Any


def timeline(challenge: Challenge, *, user: Any = None) -> list[Moment]:
    """Everything that happened to a challenge, in order; for strangers what reports tell them."""
    public = user is None or isinstance(user, AnonymousUser)
    language = current_language()
    found = [Moment(one.at.date(), one.move, told(one, "text", language), one) for one in challenge.steps.all()]
    conclusions, commitments = challenge.conclusions.all(), challenge.commitments.select_related("owner_organisation")
    if public:
        seen = {"is_public": True, "session__in": _reported()}
        conclusions, commitments = conclusions.filter(**seen), commitments.filter(**seen)
    found += [Moment(one.written_at.date(), one.kind, told(one, "text", language), one) for one in conclusions]
    for one in commitments:
        words = told(one, "text", language)
        found.append(Moment(one.made_on, "committed", words, one))
        if one.closed_on is not None:
            found.append(Moment(one.closed_on, one.state, words, one))
    return sorted(found, key=lambda moment: moment.on)


def evidence(kind: str, code: str) -> Evidence | None:
    """What is named as evidence, with whether it is there and since when; None where nothing is named."""
    code = code.strip()
    if kind not in set(EvidenceKind) or not code:
        return None
    if kind == EvidenceKind.EDITION:
        dataflow, _, number = code.rpartition("/")
        edition = dissemination.edition(dataflow, number)
        stands = edition is not None and dissemination.tombstone_of(edition) is None
        return Evidence(EvidenceKind.EDITION, code, stands, edition.published_on if edition else None)
    if kind == EvidenceKind.DELIVERY:
        receipt = DeliveryReceipt.objects.filter(delivery=code, state__in=[str(one) for one in TAKEN]).first()
        return Evidence(EvidenceKind.DELIVERY, code, receipt is not None, receipt.received_on if receipt else None)
    host = code.removeprefix("https://").partition("/")[0]
    return Evidence(EvidenceKind.DOCUMENT, code, code.startswith("https://") and "." in host and " " not in code)


def accepted_deliveries(user: Any) -> list[tuple[str, str]]:
    """The deliveries that a person may name as evidence: identifier, agreement with period."""
    own = list(agreements.agreements_for(user).values_list("code", flat=True))
    found = DeliveryReceipt.objects.filter(agreement__in=own, state__in=[str(one) for one in TAKEN])
    return [
        (one.delivery, f"{one.agreement_id} · {one.period or one.received_on}")
        for one in found.order_by("-received_on", "-id")[:100]
    ]


@dataclass(frozen=True)
class Addressee:
    """Whom a calendar message goes to."""

    email: str
    language: str
    name: str


def addressees_of(participants: Iterable[Participant]) -> list[Addressee]:
    """The people behind places: persons, members of organisations, and contacts who consented to be written to."""
    found: dict[str, Addressee] = {}
    for place in participants:
        users = members_of(place.organisation_id) if place.organisation_id else [place.user]
        for user in users:
            if user is not None and user.email and user.is_active:
                found.setdefault(user.email, Addressee(user.email, user.language, user.name))
        if place.organisation_id:
            for contact in Contact.objects.filter(organisation=place.organisation_id).exclude(email=""):
                found.setdefault(contact.email, Addressee(contact.email, "fr", contact.name))
    return list(found.values())


def user_of_key(secret: str) -> User | None:
    """Whose calendar a secret opens."""
    key = CalendarKey.objects.select_related("user").filter(digest=digest_of(secret)).first()
    return key.user if key is not None and key.user.is_active else None


def calendar_key_since(user: Any) -> datetime | None:
    return CalendarKey.objects.filter(user=user.pk).values_list("made_at", flat=True).first()


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
