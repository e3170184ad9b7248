"""Writes of linkages: asked for, entered with their pairs, failed, reviewed, closed, erased. Each leaves one audit event."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor
from marsad.collection.queries_snapshots import frozen_snapshots
from marsad.production.linkage.models import Linkage, LinkedPairs, PairVerdict, ReviewPair
from marsad.production.linkage.rules import (
    EVERY_SECOND,
    MOST_REVIEWED,
    LinkageMove,
    LinkageState,
    Verdict,
    reached,
)
from migstat.model.refusals import Refused


@dataclass(frozen=True)
class PairShown:
    """What reviewers are shown of a pair: its place among the pairs kept, levels and weights by field, prior in bits."""

    place: int
    lists: tuple[str, str]
    levels: dict[str, int]
    weights: dict[str, float]
    prior: float
    probability: float


@writes("linkage.ask", using="confidential")
def ask_linkage(
    *,
    actor: Actor,
    at: datetime,
    snapshots: Sequence[str],
    one_record_each: Sequence[str] = (),
    review_size: int = 200,
    seed: int = 1,
) -> Linkage:
    """Ask that snapshots of different lists be linked; the work is done by the job ``link-lists``.

    ``one_record_each`` are the dataflows in which nobody stands twice. Raises ``Refused``: ``linkage.lists``,
    ``linkage.purposes``, ``linkage.mixed``, ``linkage.review_size``.
    """
    chosen = list(frozen_snapshots().filter(pk__in=[UUID(str(one)) for one in snapshots]).order_by("dataflow_id"))
    codes = [one.dataflow_id for one in chosen]
    if len(chosen) != len(set(snapshots)) or len(chosen) < 2 or len(set(codes)) != len(codes):
        raise Refused(
            "linkage.lists",
            found="fewer than two lists that stand, or two snapshots of one list",
            remedy="choose one snapshot of each of two lists or more",
        )
    if len({one.dataflow.purpose for one in chosen}) != 1:
        raise Refused(
            "linkage.purposes",
            found="lists that were pseudonymised for different purposes",
            remedy="link lists of one purpose; across purposes nobody can be joined",
        )
    if len({one.is_synthetic for one in chosen}) != 1:
        raise Refused("linkage.mixed", found="real and synthetic lists together", remedy="link one kind alone")
    if not 0 <= review_size <= MOST_REVIEWED:
        raise Refused("linkage.review_size", found=f"{review_size} pairs", remedy=f"review at most {MOST_REVIEWED}")
    linkage = Linkage.objects.create(
        lists=[{"name": one.dataflow_id, "snapshot": str(one.pk), "checksum": one.checksum} for one in chosen],
        one_record_each=sorted(set(one_record_each) & set(codes)),
        seed=seed,
        review_size=review_size,
        asked_by=actor.audit_code,
        asked_at=at,
        moved_at=at,
        is_synthetic=chosen[0].is_synthetic,
    )
    _record(actor, "linkage.ask", linkage, at, lists=len(codes))
    return linkage


def _locked(linkage_id: UUID) -> Linkage:
    return Linkage.objects.select_for_update().get(pk=linkage_id)


def _move(linkage: Linkage, move: LinkageMove, at: datetime) -> None:
    linkage.state = reached(LinkageState(linkage.state), move)
    linkage.moved_at = at


@writes("linkage.enter", using="confidential")
def enter_linkage(
    *,
    actor: Actor,
    at: datetime,
    linkage_id: UUID,
    model: dict[str, Any],
    digest: str,
    counts: dict[str, Any],
    content: bytes,
    shown: Sequence[PairShown],
) -> Linkage:
    """Enter what the linking found, whole or not at all. Raises ``Refused("linkage.move")`` unless it was asked for."""
    linkage = _locked(linkage_id)
    _move(linkage, LinkageMove.LINK, at)
    linkage.model, linkage.model_digest, linkage.counts = model, digest, counts
    linkage.save()
    LinkedPairs.objects.create(linkage=linkage, content=content)
    ReviewPair.objects.bulk_create(
        ReviewPair(
            linkage=linkage,
            number=number,
            place=one.place,
            lists=list(one.lists),
            levels=one.levels,
            weights=one.weights,
            prior=one.prior,
            probability=one.probability,
            twice=number % EVERY_SECOND == 0,
        )
        for number, one in enumerate(shown)
    )
    _record(actor, "linkage.enter", linkage, at, pairs=int(counts.get("pairs", 0)), review=len(shown), model=digest)
    return linkage


@writes("linkage.move", using="confidential")
def move_linkage(*, actor: Actor, at: datetime, linkage_id: UUID, move: LinkageMove, failed_for: str = "") -> Linkage:
    """Fail, ask again, close or open the review again. Raises ``Refused("linkage.move")``."""
    if move in (LinkageMove.LINK, LinkageMove.ERASE):
        raise Refused("linkage.move", found=f"{move} by hand", remedy="it has an operation of its own")
    linkage = _locked(linkage_id)
    _move(linkage, move, at)
    linkage.failed_for = failed_for
    linkage.save(update_fields=["state", "moved_at", "failed_for"])
    _record(actor, "linkage.move", linkage, at, move=move.value, **({"rule": failed_for} if failed_for else {}))
    return linkage


@writes("linkage.erase", using="confidential")
def erase_linkage(*, actor: Actor, at: datetime, linkage_id: UUID) -> Linkage:
    """Delete pairs, verdicts and counts; the row keeps that there was a linkage, of which lists and by which model."""
    linkage = _locked(linkage_id)
    _move(linkage, LinkageMove.ERASE, at)
    linkage.counts = {}
    linkage.save(update_fields=["state", "moved_at", "counts"])
    LinkedPairs.objects.filter(linkage=linkage).delete()
    ReviewPair.objects.filter(linkage=linkage).delete()
    _record(actor, "linkage.erase", linkage, at)
    return linkage


@writes("linkage.remove_synthetic", using="confidential")
def remove_synthetic_linkages(*, actor: Actor, at: datetime, snapshots: Iterable[str]) -> int:
    """Delete the linkages of the demonstration that rest on one of these snapshots, erased ones too; returns how many."""
    wanted = set(snapshots)
    found = [
        one.pk
        for one in Linkage.objects.select_for_update().filter(is_synthetic=True)
        if wanted & {each["snapshot"] for each in one.lists}
    ]
    LinkedPairs.objects.filter(linkage__in=found).delete()
    Linkage.objects.filter(pk__in=found).delete()
    record(actor=actor, action="linkage.remove_synthetic", target="linkage", at=at, details={"linkages": len(found)})
    return len(found)


@writes("linkage.decide", using="confidential")
def decide_pair(*, actor: Actor, at: datetime, linkage_id: UUID, number: int, verdict: Verdict) -> PairVerdict:
    """Say of a pair whether it is one person. Who has spoken already changes their mind by taking it back first.

    Raises ``Refused``: ``linkage.closed``, ``linkage.pair``, ``linkage.decided``.
    """
    pair = _open_pair(linkage_id, number)
    standing = list(pair.verdicts.filter(taken_back_at=None))
    if any(one.reviewer == actor.audit_code for one in standing) or len(standing) >= (2 if pair.twice else 1):
        raise Refused("linkage.decided", found="a pair that was decided", remedy="go on to the next one")
    given = PairVerdict.objects.create(pair=pair, reviewer=actor.audit_code, verdict=verdict, given_at=at)
    _record(actor, "linkage.decide", pair.linkage, at, pair=number)
    return given


@writes("linkage.take_back", using="confidential")
def take_back(*, actor: Actor, at: datetime, linkage_id: UUID) -> int:
    """Take back one's own last verdict; the number of its pair. Raises ``Refused``: ``linkage.closed``, ``linkage.none``."""
    linkage = _locked(linkage_id)
    if linkage.state != LinkageState.LINKED:
        raise Refused("linkage.closed", found="a review that is not open", remedy="open it again first")
    mine = PairVerdict.objects.filter(pair__linkage=linkage, reviewer=actor.audit_code, taken_back_at=None)
    last = mine.select_related("pair").order_by("-given_at", "-id").first()
    if last is None:
        raise Refused("linkage.none", found="no verdict of yours", remedy="decide a pair first")
    last.taken_back_at = at
    last.save(update_fields=["taken_back_at"])
    _record(actor, "linkage.take_back", linkage, at, pair=last.pair.number)
    return int(last.pair.number)


def _open_pair(linkage_id: UUID, number: int) -> ReviewPair:
    linkage = _locked(linkage_id)
    if linkage.state != LinkageState.LINKED:
        raise Refused("linkage.closed", found="a review that is not open", remedy="open it again first")
    pair = ReviewPair.objects.filter(linkage=linkage, number=number).first()
    if pair is None:
        raise Refused("linkage.pair", found="no such pair", remedy="go on to the next one")
    return pair


def _record(actor: Actor, action: str, linkage: Linkage, at: datetime, **details: Any) -> None:
    found = {"state": str(linkage.state), **details}
    record(actor=actor, action=action, target=f"linkage:{linkage.pk}", at=at, details=found)
