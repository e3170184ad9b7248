"""Who knows whom among the migrants of a synthetic city, and respondent-driven samples drawn along those ties."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from migstat.model import Origin, Refused
from migstat.synthetic.people import Floats, Ints

NO_RECRUITER = -1


@dataclass(frozen=True, eq=False)
class Network:
    """Ties between members 0 to n - 1, both ways: those of member i are ``neighbours[starts[i]:starts[i + 1]]``."""

    starts: Ints
    neighbours: Ints
    origin: Origin = Origin.SYNTHETIC

    @property
    def degrees(self) -> Ints:
        return np.diff(self.starts)

    def of(self, member: int) -> Ints:
        return self.neighbours[self.starts[member] : self.starts[member + 1]]


@dataclass(frozen=True, slots=True)
class NetworkShape:
    """Mean number of ties, how unequal they are (coefficient of variation), and the share kept within the group."""

    mean_degree: float = 8.0
    inequality: float = 0.7
    homophily: float = 0.6

    def __post_init__(self) -> None:
        if not (self.mean_degree > 0 and self.inequality >= 0 and 0 <= self.homophily <= 1):
            raise Refused("network.shape", found=repr(self), remedy="give a mean above 0 and a homophily from 0 to 1")


def make_network(groups: Ints, shape: NetworkShape, rng: np.random.Generator) -> Network:
    """A random network in which ties prefer the own group: half-ties joined at random, loops and doubles dropped.

    ``groups`` (one code a member). Dropping makes the mean degree fall a little below the one asked for.

    >>> network = make_network(np.repeat([0, 1], 200), NetworkShape(6.0), np.random.default_rng(3))
    >>> bool(5 < network.degrees.mean() <= 6)
    True
    """
    members = groups.size
    if members < 2:
        raise Refused("network.members", found=f"{members} members", remedy="give two or more")
    spread = np.log1p(shape.inequality**2)
    wanted = rng.lognormal(np.log(shape.mean_degree) - spread / 2, np.sqrt(spread), members)
    halves = np.repeat(np.arange(members), rng.poisson(wanted))
    inside = rng.random(halves.size) < shape.homophily
    pairs = [_joined(halves[~inside], rng)]
    pairs += [_joined(halves[inside & (groups[halves] == group)], rng) for group in np.unique(groups)]
    ties = np.sort(np.vstack(pairs), axis=1)
    ties = np.unique(ties[ties[:, 0] != ties[:, 1]], axis=0)
    both = np.vstack([ties, ties[:, ::-1]])
    order = np.lexsort((both[:, 1], both[:, 0]))
    starts = np.concatenate([[0], np.cumsum(np.bincount(both[:, 0], minlength=members))])
    return Network(starts, both[order, 1])


def _joined(halves: Ints, rng: np.random.Generator) -> Ints:
    shuffled = rng.permutation(halves)
    return shuffled[: shuffled.size // 2 * 2].reshape(-1, 2)


@dataclass(frozen=True, eq=False)
class Recruitment:
    """A respondent-driven sample in order of recruitment: members, the place in the sample of who recruited each (-1 for
    seeds), wave, and reported degree."""

    member: Ints
    recruiter: Ints
    wave: Ints
    degree: Ints
    origin: Origin = Origin.SYNTHETIC


def recruit(
    network: Network, *, size: int, seeds: int, coupons: int, rng: np.random.Generator, use: float = 0.7
) -> Recruitment:
    """Draw a respondent-driven sample without replacement: seeds in proportion to degree, then up to ``coupons`` each.

    A coupon is used with chance ``use``; a chain that dies out is followed by a new seed.

    Raises Refused for more people than have ties, or counts that are not above 0.

    >>> network = make_network(np.zeros(300, dtype=int), NetworkShape(), np.random.default_rng(1))
    >>> sample = recruit(network, size=100, seeds=5, coupons=3, rng=np.random.default_rng(2))
    >>> sample.member.size, len(set(sample.member.tolist()))
    (100, 100)
    """
    degrees = network.degrees
    if min(size, seeds, coupons) < 1 or seeds > size or not 0 < use <= 1 or size > (degrees > 0).sum():
        raise Refused(
            "recruitment.size",
            found=f"{size} people, {seeds} seeds, {coupons} coupons for {int((degrees > 0).sum())} members with ties",
            remedy="ask for fewer people than have ties, and for at least one seed and coupon",
        )
    free = degrees > 0
    member: list[int] = []
    recruiter: list[int] = []
    wave: list[int] = []
    following = 0
    while len(member) < size:
        if len(member) < seeds or following == len(member):
            _take(_drawn_seed(degrees, free, rng), NO_RECRUITER, 0, free, (member, recruiter, wave))
            continue
        known = network.of(member[following])
        known = rng.permutation(known[free[known]])[: rng.binomial(coupons, use)]
        for found in known[: size - len(member)]:
            _take(int(found), following, wave[following] + 1, free, (member, recruiter, wave))
        following += 1
    return Recruitment(np.array(member), np.array(recruiter), np.array(wave), degrees[member])


def _drawn_seed(degrees: Ints, free: np.ndarray, rng: np.random.Generator) -> int:
    chance: Floats = np.where(free, degrees, 0).astype(np.float64)
    return int(rng.choice(degrees.size, p=chance / chance.sum()))


def _take(found: int, by: int, wave: int, free: np.ndarray, columns: tuple[list[int], list[int], list[int]]) -> None:
    free[found] = False
    for column, value in zip(columns, (found, by, wave), strict=True):
        column.append(value)
