"""Reading networks: coupons by state, waves, chains, and the recruitment as the library takes it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from django.db.models import Count, Q, QuerySet

from marsad.collection.fieldwork.models import Coupon, Network, Participant
from marsad.collection.fieldwork.rules import CouponState
from marsad.collection.pseudonyms import PSEUDONYM
from marsad.collection.queries_dataflows import structure_of
from migstat.estimation.rds_recruitment import Recruitment, recruitment_from_recruiters
from migstat.model.structure import Kind, Role


def networks() -> QuerySet[Network]:
    return Network.objects.annotate(people=Count("participants")).order_by("-made_at", "code")


def network(code: str) -> Network | None:
    return Network.objects.filter(pk=code).first()


def coupons_by_state(code: str) -> dict[str, int]:
    """How many coupons stand in each state; one without any has 0, because all were counted."""
    counted = dict(Coupon.objects.filter(network_id=code).order_by().values_list("state").annotate(count=Count("pk")))
    return {state.value: counted.get(state.value, 0) for state in CouponState}


@dataclass(frozen=True)
class BatchLine:
    batch: int
    is_seed: bool
    coupons: int
    printed: int
    redeemed: int


def batches(code: str) -> list[BatchLine]:
    """The printed batches, the latest first."""
    lines = Coupon.objects.filter(network_id=code).order_by("-batch").values("batch", "is_seed")
    counted = lines.annotate(
        coupons=Count("pk"),
        printed=Count("pk", filter=Q(state=CouponState.PRINTED)),
        redeemed=Count("pk", filter=Q(state=CouponState.REDEEMED)),
    )
    return [BatchLine(**line) for line in counted]


@dataclass(frozen=True)
class WaveLine:
    wave: int
    people: int
    coupons_given: int
    coupons_used: int


def waves(code: str) -> list[WaveLine]:
    """People, coupons they were given and coupons that came back, by wave."""
    found = Participant.objects.filter(network_id=code).order_by("wave").values("wave")
    counted = found.annotate(people=Count("pk", distinct=True), coupons_given=Count("given", distinct=True))
    used = dict(
        Coupon.objects.filter(network_id=code, state=CouponState.REDEEMED, giver__isnull=False)
        .order_by()
        .values_list("giver__wave")
        .annotate(count=Count("pk"))
    )
    return [WaveLine(**line, coupons_used=used.get(line["wave"], 0)) for line in counted]


@dataclass
class Link:
    """A participant in a chain, with those whom they recruited."""

    number: int
    wave: int
    degree: int | None
    open_coupons: int
    recruits: list[Link] = field(default_factory=list)

    @property
    def size(self) -> int:
        """How many the chain below holds, this one counted."""
        waiting, total = [self], 0
        while waiting:
            link = waiting.pop()
            total += 1
            waiting += link.recruits
        return total


def chains(code: str) -> list[Link]:
    """The trees of recruitment, one a seed, in the order in which the seeds came."""
    rows = Participant.objects.filter(network_id=code).order_by("number")
    open_now = Count("given", filter=Q(given__state=CouponState.ISSUED))
    links, roots = {}, []
    for one in rows.annotate(open_coupons=open_now):
        links[one.pk] = Link(one.number, one.wave, one.degree, one.open_coupons)
        if one.recruiter_id is None:
            roots.append(links[one.pk])
        else:
            links[one.recruiter_id].recruits.append(links[one.pk])
    return roots


def participants(code: str) -> QuerySet[Participant]:
    found = Participant.objects.filter(network_id=code).select_related("recruiter")
    return found.annotate(coupons_given=Count("given")).order_by("-number")


def participant(code: str, number: int) -> Any:
    """One participant with ``coupons_given``; None where there is none."""
    return participants(code).filter(number=number).first()


def recruitment_of(code: str, *, degree_for_unknown: float | None = None) -> tuple[Recruitment, list[Participant]]:
    """The recruitment of a network in the order in which people came, and these. Raises what the library raises, ``rds.*``."""
    rows = list(Participant.objects.filter(network_id=code).select_related("recruiter", "coupon").order_by("number"))
    found = recruitment_from_recruiters(
        [one.number for one in rows],
        [one.recruiter.number if one.recruiter else 0 for one in rows],
        [one.degree for one in rows],
        seed_mark=0,
        degree_for_unknown=degree_for_unknown,
    )
    return found, rows


def recruitment_table(code: str) -> Any:
    """The recruitment as a ``pyarrow.Table`` that the store takes: who came by whose coupon, as pseudonyms, in which wave.

    A degree that is not known is null. People without a coupon any more (erased ones) keep their place, without pseudonym.
    """
    rows = list(Participant.objects.filter(network_id=code).select_related("recruiter", "coupon").order_by("number"))
    coupons = dict(Coupon.objects.filter(network_id=code, holder__isnull=False).values_list("holder_id", "pseudonym"))
    plain: dict[str, Sequence[Any]] = {
        "coupon" + PSEUDONYM: pa.array([coupons.get(one.pk) or None for one in rows], pa.string()),
        "recruiter_coupon" + PSEUDONYM: pa.array(
            [coupons.get(one.recruiter_id) or None if one.recruiter_id else None for one in rows], pa.string()
        ),
        "seed": pa.array([one.recruiter_id is None for one in rows], pa.bool_()),
        "wave": pa.array([one.wave for one in rows], pa.int64()),
        "network_size": pa.array([one.degree for one in rows], pa.int64()),
        "site": pa.array([one.site or None for one in rows], pa.string()),
        "period": pa.array([f"{one.joined_at:%Y-%m}" for one in rows], pa.string()),
    }
    return pa.table(plain)


def columns_to_compare(dataflow: str) -> list[tuple[str, Any]]:
    """The columns of a network's answers by which its diagnostics can be looked at, with their labels."""
    kinds = (Kind.CODE, Kind.TEXT, Kind.BOOLEAN)
    roles = (Role.QUASI_IDENTIFIER, Role.ATTRIBUTE, Role.AREA)
    found = structure_of(dataflow).columns
    return [(one.name, one.label) for one in found if one.role in roles and one.kind in kinds]


def categories_by_coupon(table: Any, column: str, *, fewest: int = 5) -> dict[str, str]:
    """The category of each coupon of a snapshot; categories of fewer people than ``fewest`` are taken together."""
    pairs = zip(table.column("coupon" + PSEUDONYM).to_pylist(), table.column(column).to_pylist(), strict=True)
    said = {coupon: str(value).lower() for coupon, value in pairs if coupon and value not in (None, "")}
    counted: dict[str, int] = defaultdict(int)
    for value in said.values():
        counted[value] += 1
    return {coupon: value if counted[value] >= fewest else SMALL for coupon, value in said.items()}


SMALL = "*"
