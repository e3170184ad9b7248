"""Latent classes: a mixture of groups within which lists are independent, sampled by Gibbs' method."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from migstat.estimation.arrays import refuse_without_generator, seed_of
from migstat.estimation.mse_assumptions import CLOSED, CREDIBLE, LATENT_CLASSES, LINKED, meaning_of
from migstat.estimation.mse_intervals import ESTIMAND, refuse_level
from migstat.estimation.mse_tables import CaptureTable
from migstat.estimation.registry import estimator
from migstat.model import Diagnostic, Estimate, Interval, Refused, Text

Floats = NDArray[np.float64]

ASSUMPTIONS = (CLOSED, LINKED, LATENT_CLASSES)

_MOST_UNSEEN = 9e15


@dataclass(frozen=True, slots=True)
class LatentClassPrior:
    """At most ``classes`` groups, stick-breaking weights whose concentration is Gamma(``shape``, ``rate``)."""

    classes: int = 10
    shape: float = 0.25
    rate: float = 0.25

    def __post_init__(self) -> None:
        if self.classes < 1 or not (self.shape > 0 and self.rate > 0):
            raise Refused("mse.prior", found=repr(self), remedy="give one class or more and positive numbers")


@njit(cache=True)
def _binomial(rng: Any, people: int, share: float) -> int:
    """Exact, by halving with medians of uniforms until few are left (Devroye 1986, Non-Uniform Random Variate, X.4.4)."""
    if share <= 0.0:
        return 0
    if share >= 1.0:
        return people
    count = 0
    while people > 12:
        middle = people // 2 + 1
        first = rng.standard_gamma(float(middle))
        median = first / (first + rng.standard_gamma(float(people + 1 - middle)))
        if median <= share:
            count += middle
            share = (share - median) / (1.0 - median)
            people -= middle
        else:
            share /= median
            people = middle - 1
        if share >= 1.0:
            return count + people
    for _ in range(people):
        if rng.random() < share:
            count += 1
    return count


@njit(cache=True)
def _poisson(rng: Any, mean: float) -> int:
    """Exact, by gamma waiting times until the mean is small (Ahrens and Dieter 1974, Computing 12, 223)."""
    count = 0
    while mean > 12.0:
        ahead = int(0.875 * mean)
        waited = rng.standard_gamma(float(ahead))
        if waited > mean:
            return count + int(_binomial(rng, ahead - 1, mean / waited))
        count += ahead
        mean -= waited
    product = rng.random()
    floor = math.exp(-mean)
    while product > floor:
        count += 1
        product *= rng.random()
    return count


@njit(cache=True)
def _split(rng: Any, people: int, odds: Any, out: Any) -> None:
    """Multinomial split of ``people`` by unnormalised odds."""
    left = people
    rest = odds.sum()
    last = odds.shape[0] - 1
    for k in range(last):
        out[k] = 0
        if left > 0 and rest > 0.0:
            out[k] = _binomial(rng, left, odds[k] / rest)
            left -= out[k]
        rest -= odds[k]
    out[last] = left


@njit(cache=True)
def _swap_labels(rng: Any, sizes: Any, on: Any, weights: Any) -> None:
    """Let groups change places under fixed weights, else they seldom do (Papaspiliopoulos and Roberts 2008, section 3.4)."""
    classes = sizes.shape[0]
    for _ in range(classes):
        a = int(rng.random() * classes)
        b = int(rng.random() * classes)
        odds = math.log(max(weights[a], 1e-300)) - math.log(max(weights[b], 1e-300))
        if a != b and math.log(max(rng.random(), 1e-300)) < (sizes[b] - sizes[a]) * odds:
            sizes[a], sizes[b] = sizes[b], sizes[a]
            for j in range(on.shape[0]):
                on[j, a], on[j, b] = on[j, b], on[j, a]


@njit(cache=True)
def _stick(rng: Any, sizes: Any, alpha: float, weights: Any) -> float:
    """Draw class weights; return the logarithm of the last one, which the concentration is drawn from."""
    behind = sizes.sum()
    log_left = 0.0
    last = sizes.shape[0] - 1
    for k in range(last):
        behind -= sizes[k]
        own = math.log(rng.standard_gamma(1.0 + sizes[k]))
        shape = alpha + behind
        # a gamma of small shape as one of shape + 1 times U^(1/shape), so that its logarithm is finite
        other = math.log(rng.standard_gamma(shape + 1.0)) + math.log(max(rng.random(), 1e-300)) / shape
        top = max(own, other)
        both = top + math.log(math.exp(own - top) + math.exp(other - top))
        weights[k] = math.exp(own - both + log_left)
        log_left += other - both
    weights[last] = math.exp(log_left)
    return log_left


@njit(cache=True)
def _gibbs(
    rng: Any, cells: Any, people: Any, chance: Any, shape: float, rate: float, burn: int, thin: int, out: Any
) -> None:
    """Fill ``out`` (draws, 2) with the unseen count and the number of groups with people; ``chance`` (L, K) starts."""
    n_lists, classes = chance.shape
    n = float(people.sum())
    weights = np.full(classes, 1.0 / classes)
    alpha = 1.0
    split = np.zeros(classes, np.int64)
    unseen_split = np.zeros(classes, np.int64)
    odds = np.empty(classes)
    ratio = np.empty((n_lists, classes))
    empty = np.empty(classes)
    for iteration in range(burn + thin * out.shape[0]):
        for k in range(classes):
            empty[k] = weights[k]
            for j in range(n_lists):
                empty[k] *= 1.0 - chance[j, k]
                ratio[j, k] = chance[j, k] / (1.0 - chance[j, k])
        sizes = unseen_split.astype(np.float64)
        on = np.zeros((n_lists, classes))
        for m in range(cells.shape[0]):
            odds[:] = empty
            for j in range(n_lists):
                if cells[m] >> j & 1:
                    odds *= ratio[j]
            _split(rng, people[m], odds, split)
            for k in range(classes):
                sizes[k] += split[k]
            for j in range(n_lists):
                if cells[m] >> j & 1:
                    for k in range(classes):
                        on[j, k] += split[k]
        _swap_labels(rng, sizes, on, weights)
        for k in range(classes):
            for j in range(n_lists):
                seen = rng.standard_gamma(1.0 + on[j, k])
                drawn = seen / (seen + rng.standard_gamma(1.0 + sizes[k] - on[j, k]))
                chance[j, k] = min(max(drawn, 1e-12), 1.0 - 1e-12)
        log_last = _stick(rng, sizes, alpha, weights)
        for k in range(classes):
            odds[k] = weights[k]
            for j in range(n_lists):
                odds[k] *= 1.0 - chance[j, k]
        missed = min(odds.sum(), 1.0 - 1e-15)
        unseen = _poisson(rng, min(rng.standard_gamma(n) * missed / (1.0 - missed), _MOST_UNSEEN))
        _split(rng, unseen, odds, unseen_split)
        alpha = max(rng.standard_gamma(shape + classes - 1.0) / (rate - log_last), 1e-12)
        if iteration >= burn and (iteration - burn) % thin == thin - 1:
            out[(iteration - burn) // thin, 0] = unseen
            out[(iteration - burn) // thin, 1] = (sizes > 0).sum()


def latent_class_draws(
    table: CaptureTable, rng: np.random.Generator, prior: LatentClassPrior, chains: int, draws: int, burn: int, thin: int
) -> Floats:  # fmt: skip
    """(chains, draws, 2): the unseen count and the number of groups with people, by data augmentation.

    Split each history over the groups, draw list chances (Beta(1, 1)), weights, the unseen count (size a priori
    proportional to 1 / N) and its split, and the concentration (Manrique-Vallier 2016, section 3.2). Chains begin at
    scattered chances.
    """
    cells = np.flatnonzero(table.counts)
    people = table.counts[cells].astype(np.int64)
    shares = (table.list_sizes / table.observed)[:, None]
    out = np.empty((chains, draws, 2))
    for chain in range(chains):
        chance = np.clip(shares * rng.uniform(0.5, 1.5, (table.n_lists, prior.classes)), 1e-3, 0.95)
        _gibbs(rng, cells, people, chance, prior.shape, prior.rate, burn, thin, out[chain])
    return out


def effective_draws(chains: Floats) -> float:
    """Independent draws that (chains, draws) are worth, by Geyer's initial monotone sequence (1992, Statist. Sci. 7, 473)."""
    n_chains, length = chains.shape
    centred = chains - chains.mean(axis=1, keepdims=True)
    padded = np.fft.rfft(centred, 2 * length, axis=1)
    within = np.fft.irfft(np.abs(padded) ** 2, axis=1)[:, :length].mean(axis=0) / length
    between = chains.mean(axis=1).var(ddof=1) if n_chains > 1 else 0.0
    spread = within[0] * length / max(length - 1, 1) * (length - 1) / length + between
    if spread <= 0:
        return float(chains.size)
    correlation = 1 - (within[0] - within) / spread
    pairs = correlation[: length // 2 * 2].reshape(-1, 2).sum(axis=1)
    negative = np.flatnonzero(pairs < 0)
    pairs = np.minimum.accumulate(pairs[: negative[0] if len(negative) else len(pairs)])
    return float(min(chains.size / max(2 * pairs.sum() - 1, 1 / math.log10(max(chains.size, 11))), chains.size))


def scale_reduction(chains: Floats) -> float:
    """Split R-hat of (chains, draws): 1 when chains agree (Gelman et al. 2013, Bayesian Data Analysis, section 11.4)."""
    half = chains.shape[1] // 2
    halves = np.vstack([chains[:, :half], chains[:, half : 2 * half]])
    within = float(halves.var(axis=1, ddof=1).mean())
    if within == 0:
        return 1.0
    between = half * float(halves.mean(axis=1).var(ddof=1))
    return math.sqrt(((half - 1) / half * within + between / half) / within)


@estimator(
    "mse_latent_classes",
    family="mse",
    reference="Manrique-Vallier 2016, Biometrics 72, 1246",
    assumptions=ASSUMPTIONS,
)
def mse_latent_classes(
    table: CaptureTable,
    rng: np.random.Generator,
    *,
    prior: LatentClassPrior | None = None,
    chains: int = 4,
    draws: int = 1000,
    burn: int = 10_000,
    thin: int = 20,
    level: float = 0.95,
) -> Estimate:
    """Posterior median of the size under a Bayesian non-parametric mixture of latent classes.

    ``draws`` are kept from each of ``chains``, one in ``thin``, after ``burn``. Prior of the size 1 / N.
    ``effective_size`` is what the draws are worth; ``mixing`` is R-hat, a concern above 1.05: then draw longer, since
    on sparse tables chains stay for tens of thousands of steps in one region.
    Raises Refused ``mse.draws``, ``mse.prior``, ``input.generator``.

    >>> from migstat.estimation.mse_tables import table_from_overlaps
    >>> people = {"A": 90, "B": 70, "C": 50, "AB": 30, "AC": 20, "BC": 15, "ABC": 8}
    >>> table = table_from_overlaps(people, ("A", "B", "C"))
    >>> estimate = mse_latent_classes(table, np.random.default_rng(1), chains=2, draws=100, burn=200, thin=2)
    >>> estimate.seed
    1
    """
    refuse_level(level)
    refuse_without_generator(rng)
    if min(chains, thin) < 1 or draws < 4 or burn < 0:
        raise Refused("mse.draws", found="no chain, or too few draws", remedy="give a chain and four draws or more")
    chosen = prior or LatentClassPrior()
    sampled = latent_class_draws(table, rng, chosen, chains, draws, burn, thin)
    sizes = table.observed + sampled[:, :, 0]
    low, median, high = np.quantile(sizes, [(1 - level) / 2, 0.5, (1 + level) / 2])
    return Estimate(
        estimand=ESTIMAND,
        estimator="mse_latent_classes",
        value=float(median),
        standard_error=float(sizes.std(ddof=1)),
        interval=Interval(float(low), float(high), level, "equal-tailed posterior"),
        meaning=_MEANING,
        assumptions=ASSUMPTIONS,
        diagnostics=_diagnostics(sizes, sampled[:, :, 1], chosen.classes),
        effective_size=effective_draws(np.log(sizes)),
        seed=seed_of(rng),
        extra={"observed": table.observed, "mean": float(sizes.mean()), "draws": sizes, "prior": chosen},
    )


def _diagnostics(sizes: Floats, groups: Floats, classes: int) -> tuple[Diagnostic, ...]:
    reduction = scale_reduction(np.log(sizes))
    crowded = float((groups == classes).mean())
    return (
        Diagnostic(
            "mixing",
            Text(
                "R chapeau des chaînes ; au-dessus de 1,05 elles ne s'accordent pas encore.",
                "معامل تقارب السلاسل؛ إذا تجاوز 1.05 فهي لم تتفق بعد.",
                "R-hat of the chains; above 1.05 they do not agree yet.",
            ),
            reduction,
            concern=reduction > 1.05,
        ),
        Diagnostic(
            "groups_in_use",
            Text(
                "Part des tirages où tous les groupes servent ; près de 1, en autoriser davantage.",
                "نسبة السحوبات التي استُعملت فيها كل الفئات؛ إذا اقتربت من 1 وجبت زيادة عددها.",
                "Share of draws in which all groups are in use; near 1, allow more of them.",
            ),
            crowded,
            concern=crowded > 0.5 and classes > 1,
        ),
    )


_MEANING = meaning_of(
    Text(
        "Effectif total de la population, vue comme un mélange de groupes inégalement visibles.",
        "الحجم الكلي للمجتمع بوصفه خليطا من فئات متفاوتة الظهور.",
        "Total size of the population, seen as a mixture of groups that are not equally visible.",
    ),
    CREDIBLE,
    Text(
        "Un groupe absent de toutes les listes, ou des listes qui s'excluent, le rendraient faux.",
        "ويفسده وجود فئة غائبة عن كل القوائم أو قوائم يستبعد بعضها بعضا.",
        "A group absent from every list, or lists that exclude each other, would make it wrong.",
    ),
)
