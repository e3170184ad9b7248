"""Who recruited whom in a respondent-driven sample: read from recruiter columns or coupons, and checked whole."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from migstat.estimation.arrays import numbers
from migstat.model import Refused

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

SEED = -1


@dataclass(frozen=True, slots=True, eq=False)
class Recruitment:
    """The recruitment forest of n respondents, by row number. Build it with one of the three functions below.

    ``recruiter`` (n,): row of the recruiter, -1 for a seed. ``degree`` (n,): personal network size, above 0.
    ``seed`` (n,): row of the seed at the root of the tree. ``wave`` (n,): 0 for seeds, else one more than the
    recruiter's. ``degrees_replaced``: how many unknown or zero degrees the caller replaced by a number of their own.
    Rows are in order of recruitment when the caller gives them so; only population size and HCG depend on it.
    """

    recruiter: Ints
    degree: Floats
    seed: Ints
    wave: Ints
    degrees_replaced: int = 0

    def __len__(self) -> int:
        return len(self.recruiter)

    @property
    def seeds(self) -> Ints:
        """Rows of the seeds."""
        return np.flatnonzero(self.recruiter == SEED)

    @property
    def recruits(self) -> Ints:
        """(n,) how many respondents each respondent recruited."""
        return np.bincount(self.recruiter[self.recruiter != SEED], minlength=len(self)).astype(np.int64)

    def transitions(self, codes: Ints, groups: int) -> Floats:
        """(groups, groups) counts of recruitments from group (row) to group (column); unknown codes (-1) left out."""
        recruited = np.flatnonzero(self.recruiter != SEED)
        start, end = codes[self.recruiter[recruited]], codes[recruited]
        known = (start >= 0) & (end >= 0)
        pairs = start[known] * groups + end[known]
        return np.bincount(pairs, minlength=groups * groups).reshape(groups, groups).astype(np.float64)


def recruitment_from_rows(
    recruiter: Sequence[int] | Ints,
    degrees: Sequence[float | None] | Floats,
    *,
    degree_for_unknown: float | None = None,
) -> Recruitment:
    """The recruitment when recruiters are already row numbers (-1 for a seed).

    Raises Refused: ``rds.empty``, ``rds.length``, ``rds.recruiter_row``, ``rds.cycle``, ``rds.degree_unknown``,
    ``rds.degree_negative``. ``degree_for_unknown`` is the number the caller answers for in place of degrees that
    are missing or 0; without it they are refused.

    >>> chain = recruitment_from_rows([-1, 0, 0, 1], [4, 2, 3, 5])
    >>> chain.wave.tolist(), chain.recruits.tolist()
    ([0, 1, 1, 2], [2, 1, 0, 0])
    """
    given = np.asarray(recruiter)
    if len(given) == 0:
        raise Refused("rds.empty", found="no respondent", remedy="give at least one seed and one recruit")
    if len(degrees) != len(given):
        raise Refused(
            "rds.length", found=f"{len(given)} respondents and {len(degrees)} degrees", remedy="give one each"
        )
    whole = given.dtype.kind in "iu" or (given.dtype.kind == "f" and bool((given == np.floor(given)).all()))
    rows = given.astype(np.int64) if whole else np.full(len(given), SEED - 1)
    if ((rows < SEED) | (rows >= len(rows))).any():
        raise Refused(
            "rds.recruiter_row",
            found="a recruiter row outside the sample, or no whole number",
            remedy="use -1 for seeds, else a row number counted from 0",
        )
    degree, replaced = _known_degrees(degrees, degree_for_unknown)
    seed, wave = _roots_and_waves(rows)
    return Recruitment(rows, degree, seed, wave, replaced)


def recruitment_from_recruiters(
    ids: Sequence[Hashable],
    recruiters: Sequence[Hashable],
    degrees: Sequence[float | None] | Floats,
    *,
    seed_mark: Hashable,
    degree_for_unknown: float | None = None,
) -> Recruitment:
    """The recruitment from a column of identifiers and a column with the recruiter's identifier.

    ``seed_mark`` is what the recruiter column holds for a seed ("seed", 0, None). Raises Refused:
    ``rds.length``, ``rds.id_twice``, ``rds.id_is_seed_mark``, ``rds.recruiter_unknown`` (recruitment is
    disconnected), ``rds.self_recruitment``, and what `recruitment_from_rows` refuses.

    >>> recruitment_from_recruiters(["a", "b", "c"], ["seed", "a", "x"], [1, 2, 2], seed_mark="seed")
    Traceback (most recent call last):
    ...
    migstat.model.refusals.Refused: rds.recruiter_unknown: found disconnected recruitment: 1 recruiter is not in the \
sample (rows 3); add the recruiters, or mark these respondents as seeds if they came without a coupon
    """
    if len(ids) != len(recruiters):
        raise Refused("rds.length", found=f"{len(ids)} ids and {len(recruiters)} recruiters", remedy="give one each")
    row_of = _rows_by_id(ids)
    if seed_mark in row_of:
        raise Refused(
            "rds.id_is_seed_mark", found="the mark of a seed used as an id", remedy="choose a mark that no id equals"
        )
    orphans = [i for i, name in enumerate(recruiters) if name != seed_mark and name not in row_of]
    if orphans:
        raise Refused(
            "rds.recruiter_unknown",
            found=f"disconnected recruitment: {_count(orphans, 'recruiter is', 'recruiters are')} not in the sample "
            f"({_rows(orphans)})",
            remedy="add the recruiters, or mark these respondents as seeds if they came without a coupon",
        )
    rows = np.array([SEED if name == seed_mark else row_of[name] for name in recruiters], dtype=np.int64)
    return recruitment_from_rows(rows, degrees, degree_for_unknown=degree_for_unknown)


def recruitment_from_coupons(
    own_coupons: Sequence[Hashable | None],
    given_coupons: Sequence[Sequence[Hashable | None]],
    degrees: Sequence[float | None] | Floats,
    *,
    degree_for_unknown: float | None = None,
) -> Recruitment:
    """The recruitment from coupons: the one each respondent came with (None for a seed) and those they were given.

    Raises Refused: ``rds.length``, ``rds.coupon_given_twice`` (to two respondents, and used), ``rds.coupon_used_twice``,
    ``rds.coupon_unknown`` (nobody was given it: recruitment is disconnected), ``rds.self_recruitment`` and what
    `recruitment_from_rows` refuses. Coupon numbers are not repeated in the refusal; row numbers are.

    >>> recruitment_from_coupons([None, "k1", "k3"], [["k1", "k2"], ["k3"], []], [3, 2, 2]).recruiter.tolist()
    [-1, 0, 1]
    """
    if len(own_coupons) != len(given_coupons):
        raise Refused(
            "rds.length",
            found=f"{len(own_coupons)} own coupons and {len(given_coupons)} rows of given coupons",
            remedy="give one each",
        )
    giver = _givers(given_coupons, set(own_coupons))
    used: set[Hashable] = set()
    again, unknown = [], []
    for row, coupon in enumerate(own_coupons):
        if coupon is None:
            continue
        if coupon in used:
            again.append(row)
        elif coupon not in giver:
            unknown.append(row)
        used.add(coupon)
    if again:
        raise Refused(
            "rds.coupon_used_twice",
            found=f"{_count(again, 'respondent', 'respondents')} with a coupon already used ({_rows(again)})",
            remedy="keep the first interview with each coupon, or correct the number",
        )
    if unknown:
        raise Refused(
            "rds.coupon_unknown",
            found=f"disconnected recruitment: {_count(unknown, 'coupon', 'coupons')} nobody was given ({_rows(unknown)})",
            remedy="correct the number, or leave it empty to take the respondent as a seed",
        )
    rows = np.array([SEED if coupon is None else giver[coupon] for coupon in own_coupons], dtype=np.int64)
    return recruitment_from_rows(rows, degrees, degree_for_unknown=degree_for_unknown)


def _givers(given_coupons: Sequence[Sequence[Hashable | None]], used: set[Hashable | None]) -> dict[Hashable, int]:
    giver: dict[Hashable, int] = {}
    twice = []
    for row, coupons in enumerate(given_coupons):
        for coupon in coupons:
            if coupon is not None and giver.setdefault(coupon, row) != row and coupon in used:
                twice.append(row)
    if twice:
        raise Refused(
            "rds.coupon_given_twice",
            found=f"{_count(twice, 'coupon', 'coupons')} given to two respondents ({_rows(twice)})",
            remedy="correct the numbers: a coupon leads back to one recruiter",
        )
    return giver


def _rows_by_id(ids: Sequence[Hashable]) -> dict[Hashable, int]:
    row_of: dict[Hashable, int] = {}
    twice = [row for row, name in enumerate(ids) if row_of.setdefault(name, row) != row]
    if twice:
        raise Refused(
            "rds.id_twice",
            found=f"{_count(twice, 'id', 'ids')} used again ({_rows(twice)})",
            remedy="keep one interview per respondent",
        )
    return row_of


def _known_degrees(degrees: Sequence[float | None] | Floats, replacement: float | None) -> tuple[Floats, int]:
    degree = numbers([math.nan if d is None else d for d in degrees], "degrees")
    degree = degree.copy()
    negative = np.flatnonzero((degree < 0) | np.isinf(degree))
    if negative.size:
        raise Refused(
            "rds.degree_negative",
            found=f"{_count(negative, 'degree', 'degrees')} below 0 or infinite ({_rows(negative)})",
            remedy="correct them, or leave them empty if they are not known",
        )
    unknown = np.flatnonzero(~(degree > 0))
    if unknown.size == 0:
        return degree, 0
    if replacement is None or not 0 < replacement < math.inf:
        raise Refused(
            "rds.degree_unknown",
            found=f"{_count(unknown, 'degree', 'degrees')} missing or 0 ({_rows(unknown)})",
            remedy="a recruited person knows at least one other: ask again, or give degree_for_unknown above 0 and say so",
        )
    degree[unknown] = replacement
    return degree, int(unknown.size)


def _roots_and_waves(recruiter: Ints) -> tuple[Ints, Ints]:
    if (recruiter == np.arange(len(recruiter))).any():
        raise Refused(
            "rds.self_recruitment",
            found=_count(np.flatnonzero(recruiter == np.arange(len(recruiter))), "respondent", "respondents")
            + " recruited by themselves",
            remedy="mark them as seeds or correct the recruiter",
        )
    # Each round doubles how far everyone looks back, so that long chains cost a logarithm.
    is_seed = recruiter == SEED
    ancestor = np.where(is_seed, np.arange(len(recruiter)), recruiter)
    wave = (~is_seed).astype(np.int64)
    for _ in range(len(recruiter).bit_length()):
        wave = wave + wave[ancestor]
        ancestor = ancestor[ancestor]
    circular = np.flatnonzero(~is_seed[ancestor])
    if circular.size:
        raise Refused(
            "rds.cycle",
            found=f"{_count(circular, 'respondent', 'respondents')} in a circle of recruiters ({_rows(circular)})",
            remedy="every chain starts at a seed: correct one recruiter of the circle",
        )
    return ancestor, wave


def _count(rows: Sequence[int] | Ints, one: str, many: str) -> str:
    return f"{len(rows)} {one if len(rows) == 1 else many}"


def _rows(rows: Sequence[int] | Ints) -> str:
    shown = ", ".join(str(int(row) + 1) for row in rows[:5])
    return f"rows {shown}{' ...' if len(rows) > 5 else ''}"
