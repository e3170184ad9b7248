"""Networks of recruitment: coupons printed, given, used once, run out; and the places in the chains that come of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Max

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor, Details
from marsad.collection.fieldwork.coupon_codes import new_coupon_code, normal_coupon_code
from marsad.collection.fieldwork.models import Coupon, Network, Participant
from marsad.collection.fieldwork.rules import (
    COUPON_TRANSITIONS,
    MOST_COUPONS,
    NETWORK_TRANSITIONS,
    CouponMove,
    CouponState,
    NetworkMove,
    NetworkState,
    reached,
)
from marsad.collection.keys import keys_for
from marsad.collection.pseudonyms import pseudonym_of
from marsad.collection.queries_dataflows import collected_dataflow, collecting, structure_of
from migstat.model.refusals import Refused
from migstat.model.structure import Kind, Role


@dataclass(frozen=True)
class NetworkDetails:
    """How a network is recruited: ``last_wave`` None lets chains grow as long as they do; the place stands on coupons."""

    code: str
    title: str
    dataflow: str
    place_fr: str
    place_ar: str
    coupons_each: int = 3
    valid_days: int = 30
    last_wave: int | None = None


@dataclass(frozen=True)
class PrintedBatch:
    """Coupons as they are printed. Their numbers stand here, and afterwards on the paper alone."""

    network: Network
    number: int
    codes: tuple[str, ...]
    seeds: bool
    expires_on: date | None


@dataclass(frozen=True)
class CouponAnswers:
    """What a submission says: the pseudonyms of the coupon presented and of those given, and how many others are known."""

    own: str
    given: tuple[str, ...] = ()
    degree: int | None = None
    submission: UUID | None = None


@writes("fieldwork.make_network", using="confidential")
def make_network(*, actor: Actor, at: datetime, details: NetworkDetails) -> Network:
    """Prepare a network. Raises ``Refused``: ``fieldwork.network_code``, ``fieldwork.coupon_column`` for a dataflow without
    coupons, ``fieldwork.network_numbers``, ``collection.*``.
    """
    if Network.objects.filter(pk=details.code).exists():
        raise Refused("fieldwork.network_code", found="a code that stands already", remedy="choose another")
    flow = collecting(details.dataflow)
    names = {column.name for column in structure_of(flow.code).with_role(Role.DIRECT_IDENTIFIER)}
    if "coupon" not in names:
        raise Refused("fieldwork.coupon_column", found="a dataflow without coupons", remedy="choose another dataflow")
    if not (1 <= details.coupons_each <= 3 and 1 <= details.valid_days <= 365 and (details.last_wave or 1) >= 1):
        raise Refused(
            "fieldwork.network_numbers", found="numbers that cannot be", remedy="1 to 3 coupons, 1 to 365 days"
        )
    network = Network.objects.create(
        code=details.code,
        title=details.title,
        dataflow=details.dataflow,
        coupons_each=details.coupons_each,
        valid_days=details.valid_days,
        last_wave=details.last_wave,
        place_fr=details.place_fr,
        place_ar=details.place_ar,
        is_synthetic=flow.is_synthetic,
        made_at=at,
        made_by=actor.audit_code,
    )
    record(actor=actor, action="fieldwork.make_network", target=f"network:{network.pk}", at=at)
    return network


def _locked(code: str) -> Network:
    found = Network.objects.select_for_update().filter(pk=code).first()
    if found is None:
        raise Refused("fieldwork.network", found="an unknown network", remedy="choose one of the list")
    return found


def _demand_open(network: Network) -> Network:
    if network.state != NetworkState.OPEN:
        raise Refused("fieldwork.network_closed", found=f"a network that is {network.state}", remedy="open it first")
    return network


@writes("fieldwork.move_network", using="confidential")
def move_network(*, actor: Actor, at: datetime, network_code: str, move: NetworkMove) -> Network:
    """Open or close a network. Only one open network feeds a dataflow. Raises ``Refused``: ``fieldwork.move``,
    ``fieldwork.open_already``.
    """
    network = _locked(network_code)
    after = reached(NETWORK_TRANSITIONS, NetworkState(network.state), move)
    others = Network.objects.exclude(pk=network.pk).filter(dataflow=network.dataflow, state=NetworkState.OPEN)
    if after is NetworkState.OPEN and others.exists():
        raise Refused(
            "fieldwork.open_already", found="another open network of the dataflow", remedy="close that one first"
        )
    network.state = after
    network.save(update_fields=["state"])
    details = {"move": move.value, "state": str(after)}
    record(actor=actor, action="fieldwork.move_network", target=f"network:{network.pk}", at=at, details=details)
    return network


@writes("fieldwork.print_coupons", using="confidential")
def print_coupons(
    *, actor: Actor, at: datetime, network_code: str, number: int, seeds: bool, choose: Callable[[int], int]
) -> PrintedBatch:
    """Make coupons to be printed. Seeds are given by the team, so they are good from now on; others once they are given.

    ``choose(n)`` gives unforeseeable numbers from 0 to n - 1 (``secrets.randbelow``). Raises ``Refused``:
    ``fieldwork.network_closed``, ``fieldwork.coupon_number``.
    """
    network = _demand_open(_locked(network_code))
    if not 1 <= number <= MOST_COUPONS:
        raise Refused("fieldwork.coupon_number", found=f"{number} coupons", remedy=f"print 1 to {MOST_COUPONS}")
    batch = (network.coupons.aggregate(last=Max("batch"))["last"] or 0) + 1
    made: dict[str, str] = {}
    while len(made) < number:
        code = new_coupon_code(choose)
        pseudonym = _pseudonym(network, code)
        if pseudonym not in made and not network.coupons.filter(pseudonym=pseudonym).exists():
            made[pseudonym] = code
    expires = at.date() + timedelta(days=network.valid_days) if seeds else None
    Coupon.objects.bulk_create(
        Coupon(
            network=network,
            batch=batch,
            pseudonym=pseudonym,
            is_seed=seeds,
            state=CouponState.ISSUED if seeds else CouponState.PRINTED,
            made_at=at,
            issued_at=at if seeds else None,
            expires_on=expires,
        )
        for pseudonym in made
    )
    details = {"coupons": number, "batch": batch, "seeds": seeds}
    record(actor=actor, action="fieldwork.print_coupons", target=f"network:{network.pk}", at=at, details=details)
    return PrintedBatch(network, batch, tuple(made.values()), seeds, expires)


def _pseudonym(network: Network, code: str) -> str:
    purpose = collected_dataflow(network.dataflow).purpose
    return pseudonym_of(code, Kind.TEXT, keys_for(purpose)) or ""


def coupon_of(network: Network, typed: str) -> Coupon:
    """The coupon of a number as it was typed. Raises ``Refused``: ``coupon.mistyped``, ``coupon.unknown``."""
    code = normal_coupon_code(typed)
    if code is None:
        raise Refused("coupon.mistyped", found="a number that is none", remedy="type it again as it is printed")
    found = Coupon.objects.filter(network=network, pseudonym=_pseudonym(network, code)).first()
    if found is None:
        raise Refused("coupon.unknown", found="a number that was never printed here", remedy="look at the paper again")
    return found


_WHY_NOT = {
    CouponState.PRINTED: "coupon.not_issued",
    CouponState.REDEEMED: "coupon.used",
    CouponState.EXPIRED: "coupon.expired",
    CouponState.VOID: "coupon.void",
}


def demand_usable(coupon: Coupon, today: date) -> None:
    """Raises ``Refused``: ``coupon.not_issued``, ``coupon.used``, ``coupon.expired``, ``coupon.void``, ``coupon.last_wave``."""
    why = _WHY_NOT.get(CouponState(coupon.state))
    if why is None and coupon.expires_on is not None and coupon.expires_on < today:
        why = "coupon.expired"
    if why is not None:
        raise Refused(why, found=f"a coupon that is {coupon.state}", remedy="see what the page says of it")


@writes("fieldwork.redeem", using="confidential")
def redeem_coupon(*, actor: Actor, at: datetime, network_code: str, typed: str, site: str = "") -> Participant:
    """Use a coupon, once: whoever presents it gets a place in the chain of the person who gave it.

    Raises ``Refused``: ``fieldwork.network_closed``, ``coupon.*``.
    """
    network = _demand_open(_locked(network_code))
    found = _joined(network, coupon_of(network, typed), at, site)
    details = {"number": found.number, "wave": found.wave}
    record(actor=actor, action="fieldwork.redeem", target=f"network:{network.pk}", at=at, details=details)
    return found


def _joined(network: Network, coupon: Coupon, at: datetime, site: str = "") -> Participant:
    demand_usable(coupon, at.date())
    giver = coupon.giver
    participant = Participant.objects.create(
        network=network,
        number=(network.participants.aggregate(last=Max("number"))["last"] or 0) + 1,
        recruiter=giver,
        wave=giver.wave + 1 if giver else 0,
        site=site,
        joined_at=at,
    )
    coupon.state = reached(COUPON_TRANSITIONS, CouponState(coupon.state), CouponMove.REDEEM)
    coupon.holder, coupon.redeemed_at = participant, at
    coupon.save(update_fields=["state", "holder", "redeemed_at"])
    return participant


@writes("fieldwork.give_coupons", using="confidential")
def give_coupons(
    *, actor: Actor, at: datetime, network_code: str, number: int, typed: Sequence[str], degree: int | None = None
) -> Participant:
    """Note which printed coupons a participant was given; they are good from now on. ``degree`` is kept where it is said.

    Raises ``Refused``: ``fieldwork.network_closed``, ``fieldwork.participant``, ``coupon.*``, ``coupon.too_many``,
    ``coupon.last_wave``, ``coupon.not_printed`` for one that was given already.
    """
    network = _demand_open(_locked(network_code))
    participant = Participant.objects.filter(network=network, number=number).first()
    if participant is None:
        raise Refused("fieldwork.participant", found="no participant of that number", remedy="see the list")
    _give(participant, [coupon_of(network, one) for one in typed], at)
    if degree is not None:
        participant.degree = degree
        participant.save(update_fields=["degree"])
    details = {"number": number, "coupons": len(typed)}
    record(actor=actor, action="fieldwork.give_coupons", target=f"network:{network.pk}", at=at, details=details)
    return participant


def _give(participant: Participant, coupons: Sequence[Coupon], at: datetime) -> None:
    network = participant.network
    if coupons and network.last_wave is not None and participant.wave >= network.last_wave:
        raise Refused("coupon.last_wave", found="a participant of the last wave", remedy="give no coupon")
    if participant.given.count() + len({one.pk for one in coupons}) > network.coupons_each:
        raise Refused("coupon.too_many", found="more coupons than a person may give", remedy="give fewer")
    for coupon in coupons:
        if coupon.state != CouponState.PRINTED or coupon.is_seed:
            raise Refused("coupon.not_printed", found=f"a coupon that is {coupon.state}", remedy="take another one")
        coupon.state = reached(COUPON_TRANSITIONS, CouponState.PRINTED, CouponMove.ISSUE)
        coupon.giver, coupon.issued_at = participant, at
        coupon.expires_on = at.date() + timedelta(days=network.valid_days)
        coupon.save(update_fields=["state", "giver", "issued_at", "expires_on"])


@writes("fieldwork.note_recruitment", using="confidential")
def note_recruitment(*, actor: Actor, at: datetime, network_code: str, answers: CouponAnswers) -> Participant:
    """Note what an interview says of its coupons: the one presented is used, those given are good from now on.

    The same interview again changes only what it adds. Raises ``Refused``: ``coupon.unknown``, ``coupon.*`` for one that may
    not be used or given, ``coupon.used`` for a second interview with a coupon.
    """
    network = _demand_open(_locked(network_code))
    own = Coupon.objects.filter(network=network, pseudonym=answers.own).select_related("holder").first()
    if own is None:
        raise Refused("coupon.unknown", found="a number that was never printed here", remedy="look at the paper again")
    participant = own.holder or _joined(network, own, at)
    if participant.submission not in (None, answers.submission):
        raise Refused("coupon.used", found="a second interview with a coupon", remedy="look at both interviews")
    participant.submission = answers.submission
    participant.degree = answers.degree if answers.degree is not None else participant.degree
    participant.save(update_fields=["submission", "degree"])
    given = Coupon.objects.filter(network=network, pseudonym__in=answers.given).exclude(giver=participant)
    _give(participant, list(given), at)
    details = {"number": participant.number, "wave": participant.wave, "coupons": len(answers.given)}
    record(actor=actor, action="fieldwork.note_recruitment", target=f"network:{network.pk}", at=at, details=details)
    return participant


@writes("fieldwork.move_coupon", using="confidential")
def move_coupon(*, actor: Actor, at: datetime, network_code: str, typed: str, move: CouponMove) -> Coupon:
    """Declare a coupon void (lost, stolen), or let it be good for as long again.

    Raises ``Refused``: ``coupon.mistyped``, ``coupon.unknown``, ``fieldwork.move``.
    """
    network = _locked(network_code)
    if move not in (CouponMove.VOID, CouponMove.EXTEND):
        raise Refused("fieldwork.move", found=f"{move} by hand", remedy="void or extend it")
    coupon = coupon_of(network, typed)
    coupon.state = reached(COUPON_TRANSITIONS, CouponState(coupon.state), move)
    if move is CouponMove.EXTEND:
        coupon.expires_on = at.date() + timedelta(days=network.valid_days)
    coupon.save(update_fields=["state", "expires_on"])
    details: Details = {"coupon": coupon.pk, "move": move.value}
    record(actor=actor, action="fieldwork.move_coupon", target=f"network:{network.pk}", at=at, details=details)
    return coupon


@writes("fieldwork.void_batch", using="confidential")
def void_batch(*, actor: Actor, at: datetime, network_code: str, batch: int) -> int:
    """Declare void whatever of a printed batch was not given yet: a sheet that was lost, or printed badly."""
    network = _locked(network_code)
    found = Coupon.objects.filter(network=network, batch=batch, state=CouponState.PRINTED)
    voided = found.update(state=reached(COUPON_TRANSITIONS, CouponState.PRINTED, CouponMove.VOID))
    details = {"batch": batch, "coupons": voided}
    record(actor=actor, action="fieldwork.void_batch", target=f"network:{network.pk}", at=at, details=details)
    return voided


@writes("fieldwork.expire_coupons", using="confidential")
def expire_coupons(*, actor: Actor, at: datetime) -> int:
    """Let the coupons run out whose last day has passed. Returns how many."""
    old = Coupon.objects.filter(state=CouponState.ISSUED, expires_on__lt=at.date())
    expired = old.update(state=reached(COUPON_TRANSITIONS, CouponState.ISSUED, CouponMove.EXPIRE))
    record(actor=actor, action="fieldwork.expire_coupons", target="coupons", at=at, details={"coupons": expired})
    return expired
