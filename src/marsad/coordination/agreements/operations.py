"""Writes of agreements: drafting, negotiating, signing, enforcing, and what is noted under them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor, Details, System, is_code
from marsad.coordination.agreements import tell
from marsad.coordination.agreements.models import (
    Agreement,
    AgreementStep,
    AgreementVersion,
    DeliveryReceipt,
    RefusalCount,
    Signature,
)
from marsad.coordination.agreements.queries import (
    checksum_of,
    closed_before,
    due_deliveries,
    hats_of,
    latest_version,
    period_bounds,
    standing_of,
    standing_version,
    version_of,
)
from marsad.coordination.agreements.rules import (
    ARRIVED,
    DOCUMENTS_KEPT,
    OPEN,
    SIDE_OF,
    TRANSITIONS,
    AgreementState,
    DeliveryFact,
    Hat,
    Move,
    MoveRefused,
    Refusal,
    Side,
    Terms,
    acting_hat,
    refusals,
)
from marsad.coordination.agreements.wording import texts_of
from migstat.model import Text
from migstat.model.refusals import Refused

LARGEST_DOCUMENT = 5 * 2**20
_LOOKED_AHEAD = timedelta(days=366)


def _hats(actor: Any, organisation: str) -> frozenset[Hat]:
    return frozenset({Hat.CLOCK}) if isinstance(actor, System) else hats_of(actor, organisation)


def _person(actor: Any) -> Any:
    return None if isinstance(actor, System) else actor


def _held(code: str, number: int) -> AgreementVersion:
    """The version, held until the operation ends. Raises ``Refused("agreements.unknown")``."""
    Agreement.objects.select_for_update().filter(pk=code).first()
    version = version_of(code, number)
    if version is None:
        raise Refused("agreements.unknown", found="a version that is not kept", remedy="use one of the agreement")
    return version


def _demand(move: Move, version: AgreementVersion, *, actor: Any, at: datetime, reason: str = "") -> Hat:
    """In what quality the actor makes the move. Raises ``MoveRefused`` with every reason against it."""
    standing = standing_of(version)
    hats = _hats(actor, version.agreement.organisation_id)
    person, today = getattr(actor, "pk", None), timezone.localdate(at)
    against = refusals(move, standing, hats=hats, person=person, today=today, reason=reason)
    hat = acting_hat(move, hats, standing)
    if against or hat is None:
        raise MoveRefused(against)
    return hat


def _take(move: Move, version: AgreementVersion, hat: Hat, *, actor: Any, at: datetime, reason: str = "") -> None:
    """Bring a version to the state that a move leads to, and add the line to its history."""
    after = TRANSITIONS[AgreementState(version.state), move]
    if after is None:
        raise MoveRefused(frozenset({Refusal.NOT_OPEN}))
    version.state, version.changed_at = after, at
    version.suspended_as = hat if after is AgreementState.SUSPENDED else ""
    version.save()
    AgreementStep.objects.create(
        version=version, move=move, state=after, hat=hat, at=at, by=_person(actor), reason=reason.strip()
    )
    tell.after_move(move, version, at=at)


def _target(code: str) -> str:
    return f"agreement:{code}"


def _may_draft(actor: Any, organisation: str) -> Hat:
    hats = _hats(actor, organisation) & {Hat.DRAFTER, Hat.PARTNER}
    if not hats:
        raise MoveRefused(frozenset({Refusal.NOT_YOURS}))
    return min(hats)


def _open_version(agreement: Agreement, number: int, terms: Terms, hat: Hat, *, actor: Any, at: datetime) -> None:
    content = terms.to_mapping() | {
        "code": agreement.code,
        "organisation": agreement.organisation_id,
        "dataflow": agreement.dataflow,
        "version": number,
    }
    version = AgreementVersion.objects.create(
        agreement=agreement,
        number=number,
        content=content,
        checksum=checksum_of(content, {}),
        starts_on=terms.starts_on,
        ends_on=terms.ends_on,
        changed_at=at,
    )
    AgreementStep.objects.create(
        version=version, move=Move.EDIT, state=AgreementState.DRAFT, hat=hat, at=at, by=_person(actor)
    )
    if hat is Hat.DRAFTER:
        tell.of_draft(version, at=at)


@writes("agreements.draft")
def draft(*, actor: Actor, at: datetime, terms: Terms, title: Text, is_synthetic: bool = False) -> Agreement:
    """Open an agreement with its first version, a draft. Raises ``Refused`` for a code that is taken, ``MoveRefused``
    for somebody who may not draft for this organisation."""
    hat = Hat.DRAFTER if isinstance(actor, System) else _may_draft(actor, terms.organisation)
    if Agreement.objects.filter(pk=terms.code).exists():
        raise Refused("agreements.taken", found="a code that another agreement has", remedy="choose another code")
    agreement = Agreement.objects.create(
        code=terms.code,
        organisation_id=terms.organisation,
        dataflow=terms.dataflow,
        title_fr=title.fr,
        title_ar=title.ar,
        title_en=title.en,
        created_at=at,
        is_synthetic=is_synthetic,
    )
    _open_version(agreement, 1, terms, hat, actor=actor, at=at)
    record(actor=actor, action="agreements.draft", target=_target(terms.code), at=at, details={"version": 1})
    return agreement


@writes("agreements.amend")
def amend(*, actor: Actor, at: datetime, code: str) -> AgreementVersion:
    """Open the next version as a draft with the latest terms. Raises ``Refused("agreements.open_version")`` where a
    version is still open: there is one negotiation at a time."""
    agreement = Agreement.objects.select_for_update().get(pk=code)
    hat = _may_draft(actor, agreement.organisation_id)
    latest = latest_version(code)
    if latest is None or latest.state in OPEN:
        raise Refused("agreements.open_version", found="a version still open", remedy="finish or withdraw it first")
    _open_version(agreement, latest.number + 1, latest.terms, hat, actor=actor, at=at)
    record(actor=actor, action="agreements.amend", target=_target(code), at=at, details={"version": latest.number + 1})
    return AgreementVersion.objects.get(agreement=agreement, number=latest.number + 1)


@writes("agreements.edit")
def edit(*, actor: Actor, at: datetime, code: str, number: int, terms: Terms) -> AgreementVersion:
    """Write other terms into a draft. Its organisation and dataflow stay; ``MoveRefused`` where it is no draft."""
    version = _held(code, number)
    hat = _demand(Move.EDIT, version, actor=actor, at=at)
    fixed = {name: version.content[name] for name in ("code", "organisation", "dataflow", "version")}
    version.content = terms.to_mapping() | fixed
    version.text, version.checksum = {}, checksum_of(version.content, {})
    version.starts_on, version.ends_on = terms.starts_on, terms.ends_on
    _take(Move.EDIT, version, hat, actor=actor, at=at)
    record(actor=actor, action="agreements.edit", target=_target(code), at=at, details={"version": number})
    return version


@writes("agreements.move")
def move(*, actor: Actor, at: datetime, code: str, number: int, move: Move, reason: str = "") -> AgreementVersion:
    """Take a version one step on. Raises ``MoveRefused`` with every reason against it.

    Agreeing fixes the text in every language; entering into force ends the version that stood before.
    """
    if move in {Move.SIGN, Move.EDIT, Move.REPLACE}:
        raise Refused("agreements.move", found=f"{move} as a plain move", remedy="use the operation of that name")
    version = _held(code, number)
    hat = _demand(move, version, actor=actor, at=at, reason=reason)
    if move is Move.AGREE:
        version.text = texts_of(version.terms, version.agreement)
        version.checksum = checksum_of(version.content, version.text)
    elif move is Move.REOPEN:
        version.reviewed_at = version.reviewed_by = None
        version.text, version.checksum = {}, checksum_of(version.content, {})
        version.signatures.all().delete()
    elif move is Move.REVIEW:
        version.reviewed_at, version.reviewed_by = at, _person(actor)
    elif move is Move.ENFORCE:
        _replace_standing(code, at=at)
    _take(move, version, hat, actor=actor, at=at, reason=reason)
    record(
        actor=actor,
        action="agreements.move",
        target=_target(code),
        at=at,
        details={"version": number, "move": move.value, "state": str(version.state), "hat": hat.value},
    )
    return version


def _replace_standing(code: str, *, at: datetime) -> None:
    before = standing_version(code)
    if before is not None:
        _take(Move.REPLACE, before, Hat.CLOCK, actor=System("agreements"), at=at)


@writes("agreements.sign")
def sign(
    *, actor: Actor, at: datetime, code: str, number: int, checksum: str, document: bytes = b""
) -> AgreementVersion:
    """Sign for one's side what has ``checksum``: by this act, or with the scanned PDF, which is kept.

    Raises ``MoveRefused``; ``Refused("agreements.checksum")`` where the text is another one than the signer read;
    ``Refused("agreements.document")`` for a document that is no PDF or above 5 MB.
    """
    version = _held(code, number)
    hat = _demand(Move.SIGN, version, actor=actor, at=at)
    if checksum != version.checksum:
        raise Refused("agreements.checksum", found="another text than the one read", remedy="read it again, then sign")
    if document and (not document.startswith(b"%PDF-") or len(document) > LARGEST_DOCUMENT):
        raise Refused("agreements.document", found="no PDF, or one above 5 MB", remedy="give the scanned PDF")
    Signature.objects.create(
        version=version,
        side=SIDE_OF[hat],
        signed_at=at,
        signer=_person(actor),
        of_checksum=checksum,
        document=document,
        document_sha256=hashlib.sha256(document).hexdigest() if document else "",
    )
    tell.signed(SIDE_OF[hat], version, at=at)
    sides = set(version.signatures.values_list("side", flat=True))
    if sides == set(Side):
        _take(Move.SIGN, version, hat, actor=actor, at=at)
    record(
        actor=actor,
        action="agreements.sign",
        target=_target(code),
        at=at,
        details={"version": number, "side": SIDE_OF[hat].value, "paper": bool(document), "sides": len(sides)},
    )
    return version


@writes("agreements.note_delivery")
def note_delivery(*, actor: Actor, at: datetime, fact: DeliveryFact) -> None:
    """Keep what is known of a delivery below the line; noting the same delivery again brings it up to date.

    Raises ``Refused("agreements.unknown")`` for an agreement that is not kept, ``Refused("agreements.delivery")``
    for one of another organisation or dataflow.
    """
    agreement = Agreement.objects.filter(pk=fact.agreement).first()
    if agreement is None:
        raise Refused("agreements.unknown", found="an agreement that is not kept", remedy="use the code of one")
    if (agreement.organisation_id, agreement.dataflow) != (fact.organisation, fact.dataflow):
        raise Refused(
            "agreements.delivery",
            found="a delivery of another organisation or dataflow than the agreement's",
            remedy="note it under its own agreement",
        )
    DeliveryReceipt.objects.update_or_create(
        delivery=fact.delivery,
        defaults={
            "agreement": agreement,
            "organisation_id": fact.organisation,
            "dataflow": fact.dataflow,
            "state": str(fact.state),
            "received_on": fact.received_on,
            "period": fact.period,
            "rows": fact.rows,
            "errors": fact.errors,
            "breakdowns": list(fact.breakdowns),
            "file_format": fact.file_format,
            "hours": fact.hours,
            "noted_at": at,
        },
    )
    if fact.state in ARRIVED and fact.period:
        _close_reminders(agreement.code, fact.period, at=at)
    details: Details = {"state": str(fact.state), "rows": fact.rows, "errors": fact.errors}
    record(actor=actor, action="agreements.note_delivery", target=_target(agreement.code), at=at, details=details)


def _close_reminders(code: str, period: str, *, at: datetime) -> None:
    bounds = period_bounds(period)
    for one in due_deliveries(code, timezone.localdate(at) + _LOOKED_AHEAD):
        if bounds is not None and period_bounds(one.period) == bounds:
            tell.delivery_came(code, one.due_on, at=at)


@writes("agreements.note_refusal")
def note_refusal(*, actor: Actor, at: datetime, agreement: str = "", kind: str) -> None:
    """Count a refusal (of a delivery, of the firewall) of a kind under an agreement, or under none ("")."""
    if not is_code(kind):
        raise Refused("agreements.refusal", found="a kind that is no code", remedy="name the kind by a code")
    month = timezone.localdate(at).replace(day=1)
    counted, _ = RefusalCount.objects.select_for_update().get_or_create(agreement=agreement, kind=kind, month=month)
    RefusalCount.objects.filter(pk=counted.pk).update(count=F("count") + 1)
    target = _target(agreement) if agreement else "agreements"
    record(actor=actor, action="agreements.note_refusal", target=target, at=at, details={"kind": kind})


@writes("agreements.forget_documents")
def forget_documents(*, actor: Actor, at: datetime) -> int:
    """Empty the scanned documents of versions closed five years ago; their checksums stay. Returns how many."""
    old = closed_before(day=_years_ago(at, DOCUMENTS_KEPT))
    emptied = Signature.objects.filter(version__in=_keys(old)).exclude(document=b"").update(document=b"")
    record(actor=actor, action="agreements.forget_documents", target="agreements", at=at, details={"emptied": emptied})
    return emptied


def _years_ago(at: datetime, kept: timedelta) -> date:
    return timezone.localdate(at) - kept


def _keys(versions: Iterable[AgreementVersion]) -> list[int]:
    return [version.pk for version in versions]
