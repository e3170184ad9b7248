"""Reading agreements. ``terms_in_force`` is the only way to learn whether an organisation may deliver or receive."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

from marsad.actors.models import Organisation
from marsad.actors.queries import codes_of
from marsad.coordination.agreements.due import DueDelivery, due_periods
from marsad.coordination.agreements.models import Agreement, AgreementVersion, DeliveryReceipt, RefusalCount
from marsad.coordination.agreements.rules import (
    ARRIVED,
    CLOSED,
    HAT_PERMISSIONS,
    OPEN,
    STANDING,
    TAKEN,
    AgreementState,
    Hat,
    Side,
    Standing,
    Step,
    Terms,
    in_force_on,
)
from marsad.coordination.agreements.terms import RecipientClass, digest_of, faults_of
from marsad.notices.models import Notice
from marsad.web.words import current_language
from migstat.model import Period
from migstat.model.refusals import Refused

READERS = (Hat.DRAFTER, Hat.COORDINATOR, Hat.PROTECTION)


def sealed_terms(version: AgreementVersion) -> Terms:
    """The terms of a version, checked against their checksum. Raises ``Refused("agreements.altered")``."""
    if version.checksum != checksum_of(version.content, version.text):
        raise Refused(
            "agreements.altered", found="terms that do not match their checksum", remedy="compare with a sound backup"
        )
    return version.terms


def checksum_of(content: Any, text: Any) -> str:
    """SHA-256 over the terms of a version and over its text in every language."""
    return digest_of({"content": content, "text": text})


def history(version: AgreementVersion) -> tuple[Step, ...]:
    return tuple(Step(step.at, AgreementState(step.state)) for step in version.steps.all())


def terms_in_force(organisation: str, dataflow: str, on: date) -> Terms | None:
    """What an organisation and the city are bound to on a dataflow on a day; None gives no right to anything.

    The day counts at its end: suspended, ended or replaced on a day is not in force on it any more, and the dates of
    the terms decide even where the clock has not yet marked a version as expired.
    """
    found = AgreementVersion.objects.filter(
        agreement__organisation_id=organisation, agreement__dataflow=dataflow, starts_on__lte=on, ends_on__gte=on
    ).exclude(state__in=OPEN)
    for version in found.prefetch_related("steps").order_by("-number"):
        terms = sealed_terms(version)
        if in_force_on(history(version), terms, on):
            return terms
    return None


def terms_of(agreement_code: str) -> Terms:
    """The terms that stand, else the latest ones. Raises ``Refused("agreements.unknown")``."""
    version = standing_version(agreement_code) or latest_version(agreement_code)
    if version is None:
        raise Refused("agreements.unknown", found="an agreement that is not kept", remedy="use the code of one")
    return sealed_terms(version)


def standing_version(code: str) -> AgreementVersion | None:
    """The version in force or suspended."""
    return AgreementVersion.objects.filter(agreement_id=code, state__in=STANDING).first()


def latest_version(code: str) -> AgreementVersion | None:
    return AgreementVersion.objects.filter(agreement_id=code).order_by("-number").first()


def agreement_of(code: str) -> Agreement | None:
    return Agreement.objects.select_related("organisation").filter(code=code).first()


def version_of(code: str, number: int) -> AgreementVersion | None:
    return AgreementVersion.objects.select_related("agreement").filter(agreement_id=code, number=number).first()


def versions_of(code: str) -> QuerySet[AgreementVersion]:
    return AgreementVersion.objects.filter(agreement_id=code).prefetch_related("steps__by", "signatures__signer")


def hats_of(user: Any, organisation: str) -> frozenset[Hat]:
    """In what qualities an account may act on the agreements of an organisation."""
    held = {hat for hat, permission in HAT_PERMISSIONS.items() if user.has_perm(permission)}
    if Hat.PARTNER in held and organisation not in codes_of(user):
        held.discard(Hat.PARTNER)
    return frozenset(held)


def may_read(user: Any, organisation: str) -> bool:
    """Whether an account may open an agreement of an organisation: the city's people who keep them, and its own."""
    return bool(hats_of(user, organisation))


def agreements_for(user: Any) -> QuerySet[Agreement]:
    """The agreements that an account may open: all for the city's people who keep them, else those of its organisations."""
    found = Agreement.objects.select_related("organisation").prefetch_related("versions")
    if any(user.has_perm(HAT_PERMISSIONS[hat]) for hat in READERS):
        return found
    if not user.has_perm(HAT_PERMISSIONS[Hat.PARTNER]):
        return found.none()
    return found.filter(organisation__in=codes_of(user))


def standing_of(version: AgreementVersion) -> Standing:
    """What the rules need to know of a version to decide on its moves."""
    agreement = version.agreement
    others = AgreementVersion.objects.filter(
        agreement__organisation=agreement.organisation_id, agreement__dataflow=agreement.dataflow, state__in=STANDING
    ).exclude(agreement=agreement)
    return Standing(
        AgreementState(version.state),
        version.starts_on,
        version.ends_on,
        reviewed=version.reviewed_at is not None,
        faulty=bool(faults_of(version.terms)),
        signed={Side(one.side): one.signer_id for one in version.signatures.all()},
        suspended_as=Hat(version.suspended_as) if version.suspended_as else None,
        other_in_force=others.exists(),
    )


def shown_version(versions: Iterable[AgreementVersion]) -> AgreementVersion | None:
    """The version that speaks for its agreement: the one that stands, else the latest."""
    ordered = sorted(versions, key=lambda version: version.number)
    standing = [version for version in ordered if version.state in STANDING]
    speaking = standing or ordered
    return speaking[-1] if speaking else None


def receipts(agreement: str = "", *, organisation: str = "", dataflow: str = "") -> QuerySet[DeliveryReceipt]:
    """What was delivered, in the order of its arrival; each word that is given narrows it."""
    found = DeliveryReceipt.objects.all()
    asked = {"agreement_id": agreement, "organisation_id": organisation, "dataflow": dataflow}
    return found.filter(**{name: value for name, value in asked.items() if value})


def enforcement_agreement(organisations: Collection[str]) -> str:
    """The agreement that says that one of some organisations receives for law enforcement; empty where none says so.

    One that was ended says it still: what a body is for does not end with what was agreed with it.
    """
    if not organisations:
        return ""
    sealed = AgreementVersion.objects.filter(agreement__organisation__in=organisations).exclude(state__in=OPEN)
    found = (one.agreement_id for one in sealed if RecipientClass.ENFORCEMENT in sealed_terms(one).recipient_classes)
    return next(found, "")


def refusal_counts(agreement: str | None = None) -> QuerySet[RefusalCount]:
    """How often something was refused, by month and kind; of one agreement, of none ("") or of all (None)."""
    found = RefusalCount.objects.all()
    return found if agreement is None else found.filter(agreement=agreement)


def due_deliveries(agreement: str, until: date) -> list[DueDelivery]:
    """Every delivery promised up to a day (included), with what came of it, in the order of the due days.

    A period is promised by the version in force on its due day; while an agreement is suspended nothing falls due.
    A delivery that was returned or refused has not come.
    """
    versions = AgreementVersion.objects.filter(agreement=agreement).exclude(state__in=OPEN).prefetch_related("steps")
    return due_of(agreement, versions, receipts(agreement), until)


def due_of_each(agreements: Collection[str], until: date) -> dict[str, list[DueDelivery]]:
    """``due_deliveries`` of many agreements, by code; three queries, however many there are."""
    wanted = frozenset(agreements)
    signed = AgreementVersion.objects.exclude(state__in=OPEN).defer("text").prefetch_related("steps")
    versions: dict[str, list[AgreementVersion]] = defaultdict(list)
    for version in signed.order_by("agreement_id", "number"):
        if version.agreement_id in wanted:
            versions[version.agreement_id].append(version)
    came: dict[str, list[DeliveryReceipt]] = defaultdict(list)
    for receipt in receipts() if versions else ():
        came[receipt.agreement_id].append(receipt)
    return {code: due_of(code, found, came[code], until) for code, found in versions.items()}


def due_of(
    agreement: str, versions: Iterable[AgreementVersion], received: Iterable[DeliveryReceipt], until: date
) -> list[DueDelivery]:
    """``due_deliveries`` from what was read already: the versions of an agreement that were signed, and what came."""
    came = _arrivals(received)
    found: dict[str, DueDelivery] = {}
    for version in versions:
        steps, terms = history(version), version.terms
        for one in due_periods(terms, until=until):
            if in_force_on(steps, terms, one.due_on):
                received_on, state = came.get(period_bounds(one.period), (None, ""))
                found[one.period] = DueDelivery(agreement, one.period, one.due_on, received_on, state)
    return sorted(found.values(), key=lambda one: (one.due_on, one.period))


def _arrivals(received: Iterable[DeliveryReceipt]) -> dict[tuple[date, date] | None, tuple[date, str]]:
    """The first usable delivery of each period: an accepted one before one that is still being looked at."""
    usable = [one for one in received if one.state in ARRIVED and one.period]
    usable.sort(key=lambda one: (one.state not in TAKEN, one.received_on))
    came: dict[tuple[date, date] | None, tuple[date, str]] = {}
    for one in usable:
        came.setdefault(period_bounds(one.period), (one.received_on, one.state))
    came.pop(None, None)
    return came


def period_bounds(period: str) -> tuple[date, date] | None:
    """First and last day of a period; None where the text is none, so that equal periods meet in any spelling."""
    try:
        read = Period.parse(period)
    except Refused:
        return None
    return read.start, read.end


def to_expire(*, today: date) -> QuerySet[AgreementVersion]:
    """The versions whose last day has passed and that are not closed: signed, in force or suspended."""
    live = [AgreementState.SIGNED, *STANDING]
    return AgreementVersion.objects.filter(state__in=live, ends_on__lt=today)


def to_enforce(*, today: date) -> QuerySet[AgreementVersion]:
    """The signed versions whose first day has come."""
    return AgreementVersion.objects.filter(state=AgreementState.SIGNED, starts_on__lte=today, ends_on__gte=today)


def in_force_now(*, today: date) -> QuerySet[AgreementVersion]:
    """The versions in force today, with their agreements."""
    return AgreementVersion.objects.select_related("agreement").filter(
        state=AgreementState.IN_FORCE, starts_on__lte=today, ends_on__gte=today
    )


def closed_before(*, day: date) -> QuerySet[AgreementVersion]:
    return AgreementVersion.objects.filter(state__in=CLOSED, changed_at__date__lt=day + timedelta(days=1))


def organisations_to_draft_for(user: Any) -> QuerySet[Organisation]:
    """The organisations with which an account may open an agreement: all for the city's people, else its own."""
    if user.has_perm(HAT_PERMISSIONS[Hat.DRAFTER]):
        return Organisation.objects.filter(merged_into=None)
    if not user.has_perm(HAT_PERMISSIONS[Hat.PARTNER]):
        return Organisation.objects.none()
    return Organisation.objects.filter(code__in=codes_of(user), merged_into=None)


def may_amend(user: Any, agreement: Agreement) -> bool:
    """Whether an account may open the next version now: it drafts or is the partner, and no version is open."""
    drafts = hats_of(user, agreement.organisation_id) & {Hat.DRAFTER, Hat.PARTNER}
    latest = latest_version(agreement.code)
    return bool(drafts) and latest is not None and latest.state not in OPEN


def text_in_language(version: AgreementVersion) -> Any:
    """The text that is signed, in the reader's language; None while it is not agreed on."""
    return version.text.get(current_language())


def signed_document(version: AgreementVersion, side: str) -> bytes:
    """The scanned paper of one side; empty where there is none, or where its time has passed."""
    found = version.signatures.filter(side=side).first()
    return bytes(found.document) if found else b""


def told_of(*kinds: str) -> frozenset[tuple[str, str]]:
    """Kind and subject of every notice of some kinds that was ever raised."""
    return frozenset(Notice.objects.filter(kind__in=kinds).order_by().values_list("kind", "subject"))
