"""Coverage of the intervals for respondent-driven samples, against a population whose truth is known.

Run it with ``python benchmarks/coverage_rds.py [samples per scenario [first scenario]]``; it prints the table of
docs/methods/rds.md.
Each scenario draws one network per sample: two groups, friends within the group preferred, the smaller group knowing
more people. What is estimated is the share of the smaller group, 30 %.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from migstat.estimation.rds_i import rds_i
from migstat.estimation.rds_ii import rds_ii
from migstat.estimation.rds_recruitment import Recruitment, recruitment_from_rows
from migstat.estimation.rds_resampling import Resampling
from migstat.estimation.rds_successive_sampling import rds_successive_sampling
from migstat.model import Estimate, Refused

SHARE = 0.3
REPLICATES = 300


@dataclass(frozen=True)
class Scenario:
    """How the population is made and how the survey goes wrong, if it does."""

    name: str
    population: int = 10_000
    sample: int = 500
    seeds: int = 10
    coupons: int = 2
    with_replacement: bool = False
    strangers: bool = False  # recruits are strangers: the group as ties have it, then anyone of it by degree
    homophily: float = 2.0
    activity: float = 1.5
    mean_degree: float = 10.0
    preference: float = 1.0  # recruiters hand a coupon to the group this many times more readily than to others
    overstatement: float = 1.0  # the group reports this many times the people it knows
    noise: float = 0.0  # standard deviation of the log of a reporting error that hits everyone
    seeds_from_group: bool = False


@dataclass(frozen=True)
class Network:
    group: np.ndarray
    start: np.ndarray
    friend: np.ndarray

    @property
    def degree(self) -> np.ndarray:
        return np.diff(self.start)

    @cached_property
    def tie_ends(self) -> list[np.ndarray]:
        """By group, its members, each as often as they have ties."""
        return [self.friend[self.group[self.friend] == group] for group in (0, 1)]

    @cached_property
    def ties_between(self) -> np.ndarray:
        """(2, 2) ties from group to group."""
        pairs = 2 * np.repeat(self.group, self.degree) + self.group[self.friend]
        return np.bincount(pairs, minlength=4).reshape(2, 2)


def network(scenario: Scenario, rng: np.random.Generator) -> Network:
    """A degree-corrected block model: pairs tied in proportion to both propensities, times homophily within."""
    size = scenario.population
    group = (np.arange(size) < round(SHARE * size)).astype(np.int64)
    propensity = rng.gamma(4.0, 0.25, size) * np.where(group == 1, scenario.activity, 1.0)
    members = [np.flatnonzero(group == g) for g in (0, 1)]
    mass = np.array([propensity[m].sum() for m in members])
    affinity = np.array([[scenario.homophily, 1.0], [1.0, scenario.homophily]]) * np.outer(mass, mass)
    ties = np.concatenate(
        [
            np.stack([_draw(members[a], propensity, count, rng), _draw(members[b], propensity, count, rng)])
            for a, b, part in ((0, 0, 0.5), (0, 1, 1.0), (1, 1, 0.5))
            for count in [rng.poisson(scenario.mean_degree * size * part * affinity[a, b] / affinity.sum())]
        ],
        axis=1,
    )
    ties = np.sort(ties[:, ties[0] != ties[1]], axis=0)
    ties = np.unique(ties, axis=1)
    ends = np.concatenate([ties, ties[::-1]], axis=1)
    ends = ends[:, np.argsort(ends[0], kind="stable")]
    return Network(group, np.concatenate(([0], np.cumsum(np.bincount(ends[0], minlength=size)))), ends[1])


def _draw(members: np.ndarray, propensity: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    cumulative = np.cumsum(propensity[members])
    return members[np.searchsorted(cumulative, rng.random(count) * cumulative[-1], side="right")]


def survey(net: Network, scenario: Scenario, rng: np.random.Generator) -> tuple[Recruitment, list[int]]:
    """The recruitment and the group of each respondent, in order of recruitment."""
    people: list[int] = []
    recruiter: list[int] = []
    taken: set[int] = set()
    odds = net.degree * (net.group if scenario.seeds_from_group else 1)
    cumulative = np.cumsum(odds)

    def enlist(person: int, by: int) -> None:
        people.append(person)
        recruiter.append(by)
        taken.add(person)

    active = 0
    while len(people) < scenario.sample:
        if active == len(people) or len([r for r in recruiter if r < 0]) < scenario.seeds:
            seed = int(np.searchsorted(cumulative, rng.random() * cumulative[-1], side="right"))
            if scenario.with_replacement or seed not in taken:
                enlist(seed, -1)
            continue
        friends = _recruitable(net, people[active], scenario, rng)
        for _ in range(scenario.coupons):
            free = friends if scenario.with_replacement else np.array([f for f in friends if f not in taken], int)
            if len(free) == 0 or len(people) == scenario.sample:
                break
            likes = np.cumsum(np.where(net.group[free] == 1, scenario.preference, 1.0))
            enlist(int(free[np.searchsorted(likes, rng.random() * likes[-1], side="right")]), active)
        active += 1
    rows = np.array(people)
    told = net.degree[rows] * np.where(net.group[rows] == 1, scenario.overstatement, 1.0)
    told = np.maximum(np.rint(told * np.exp(scenario.noise * rng.standard_normal(len(rows)))), 1.0)
    return recruitment_from_rows(recruiter, told), net.group[rows].tolist()


def _recruitable(net: Network, person: int, scenario: Scenario, rng: np.random.Generator) -> np.ndarray:
    if not scenario.strangers:
        return net.friend[net.start[person] : net.start[person + 1]]
    towards = net.ties_between[net.group[person]]
    chosen = (rng.random(scenario.coupons) * towards.sum() >= towards[0]).astype(int)
    return np.array([rng.choice(net.tie_ends[group]) for group in chosen])


Method = Callable[[Recruitment, list[int], Scenario, np.random.Generator], Estimate]

METHODS: dict[str, Method] = {
    "RDS-I, Salganik": lambda r, y, s, g: rds_i(r, y, 1, resampling=Resampling(g, "salganik", REPLICATES)),
    "RDS-II, Salganik": lambda r, y, s, g: rds_ii(r, y, 1, resampling=Resampling(g, "salganik", REPLICATES)),
    "RDS-II, tree": lambda r, y, s, g: rds_ii(r, y, 1, resampling=Resampling(g, "tree", REPLICATES)),
    "SS, own bootstrap": lambda r, y, s, g: rds_successive_sampling(
        r, y, 1, s.population, resampling=Resampling(g, "successive_sampling", REPLICATES)
    ),
    "SS, tree": lambda r, y, s, g: rds_successive_sampling(
        r, y, 1, s.population, resampling=Resampling(g, "tree", REPLICATES)
    ),
}

PLAIN = Scenario("two coupons, 10 seeds, 5 % of 10,000 sampled")
LARGE = replace(PLAIN, name="40 % of 1,000 sampled", population=1_000, sample=400)
SCENARIOS = [
    replace(PLAIN, name="one chain, with replacement", seeds=1, coupons=1, with_replacement=True),
    PLAIN,
    replace(PLAIN, name="the same, no homophily", homophily=1.0),
    replace(PLAIN, name="the same, strong homophily (6 times)", homophily=6.0),
    LARGE,
    replace(LARGE, name="the same, no homophily", homophily=1.0),
    replace(PLAIN, name="all seeds from the group", seeds_from_group=True),
    replace(PLAIN, name="recruiters prefer the group 1.5 times", preference=1.5),
    replace(PLAIN, name="recruiters prefer the group 3 times", preference=3.0),
    replace(PLAIN, name="the group reports 1.5 times its degree", overstatement=1.5),
    replace(PLAIN, name="the group reports 3 times its degree", overstatement=3.0),
    replace(PLAIN, name="everyone's degree off by a factor (sd of log 0.5)", noise=0.5),
    replace(PLAIN, name="strangers of the group, one chain", seeds=1, coupons=1, with_replacement=True, strangers=True),
    replace(PLAIN, name="strangers of the group, two coupons", with_replacement=True, strangers=True),
]


def coverage(scenario: Scenario, samples: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """By method: share of intervals that hold the truth, mean error, mean width; NaN where the method refuses."""
    found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in METHODS}
    for _ in range(samples):
        recruitment, labels = survey(network(scenario, rng), scenario, rng)
        for name, method in METHODS.items():
            try:
                estimate = method(recruitment, labels, scenario, rng)
            except Refused:
                continue
            interval = estimate.interval
            assert interval is not None
            found[name].append((float(SHARE in interval), estimate.value - SHARE, interval.width))
    return {name: np.mean(rows, axis=0) if rows else np.full(3, np.nan) for name, rows in found.items()}


def main(samples: int, first: int = 0) -> None:
    print("| scenario | " + " | ".join(METHODS) + " |")
    print("|---" * (len(METHODS) + 1) + "|")
    for number, scenario in enumerate(SCENARIOS):
        if number < first:
            continue
        row = coverage(scenario, samples, np.random.default_rng([20_240_901, number]))
        cells = [
            "refused" if np.isnan(hit) else f"{100 * hit:.1f} % ({100 * error:+.1f}; {100 * width:.1f})"
            for hit, error, width in row.values()
        ]
        print(f"| {scenario.name} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:] or ["1000"]))
