"""The size of a hidden population from the order in which its members were recruited (SS-PSE)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from migstat.estimation.rds_population_size_posterior import size_posterior
from migstat.estimation.rds_recruitment import Floats, Ints, Recruitment
from migstat.estimation.rds_texts import CONNECTED, DEGREE, PRIOR, RECIPROCITY, SUCCESSIVE, size_meaning
from migstat.estimation.registry import estimator
from migstat.model import Diagnostic, Estimate, Interval, Refused, Text

ASSUMPTIONS = (SUCCESSIVE, DEGREE, RECIPROCITY, CONNECTED, PRIOR)
LARGEST_LIMIT = 2_000_000
FEWEST_RESPONDENTS = 20
LARGEST_DEGREE = 5_000


@dataclass(frozen=True, slots=True)
class SizePrior:
    """What is believed before the survey: the ``median`` size, and the ``largest`` considered (None: ten medians).

    The share n / N of the population that is in the sample has a Beta(1, b) distribution, so that
    P(N <= x) = (1 - n / x)^b, cut at the largest size (Handcock, Gile and Mar 2014, section 4.3); b is the one that
    gives the median.

    >>> masses = np.exp(SizePrior(1000).log_masses(400))
    >>> len(masses), bool(masses[:600].sum() <= 0.5 <= masses[:601].sum())
    (9601, True)
    """

    median: float
    largest: int | None = None

    @property
    def limit(self) -> int:
        """The largest size considered."""
        return math.ceil(10 * self.median) if self.largest is None else self.largest

    def log_masses(self, sample: int) -> Floats:
        """(sizes,) log prior probability of N = n, n + 1, ... up to the largest size."""
        b = math.log(0.5) / (math.log1p(-sample / self.median) - math.log1p(-sample / (self.limit + 0.5)))
        edges = np.arange(sample, self.limit + 1) + 0.5
        below = np.concatenate(([0.0], np.exp(b * np.log1p(-sample / edges))))
        masses = np.maximum(np.diff(below), 1e-300)
        logs: Floats = np.log(masses / masses.sum())
        return logs


@estimator(
    "rds_population_size",
    family="rds",
    reference="Handcock, Gile and Mar (2014), Electronic Journal of Statistics 8: 1491-1521, section 4",
    assumptions=ASSUMPTIONS,
)
def rds_population_size(
    recruitment: Recruitment,
    prior: SizePrior,
    *,
    level: float = 0.9,
) -> Estimate:
    """The number of members N of the population, from a sample whose rows are in order of recruitment.

    The model of Handcock, Gile and Mar: degrees (here rounded to whole numbers, at least 1) follow a
    Conway-Maxwell-Poisson distribution p cut to 1..K; members are drawn without replacement in proportion to
    degree. They sample its posterior by Gibbs; here it is integrated without dice. With b_i the degrees still to come
    at draw i, the unseen degrees integrate out to

        P(N, r, p | sample) ~ P(N) N! / (N - n)! prod_i p(d_i) f(r) (sum_k p(k) exp(-r k))^(N - n),

    where f is the density of a sum of independent exponentials of rates b_i (by a second-order saddlepoint,
    Daniels 1954), N is summed over exactly, and r and the two parameters of p (flat prior on the log of the
    mode and of the dispersion) are integrated on grids. ``value`` is the posterior median, ``interval`` the narrowest
    with posterior probability ``level``; ``extra``: sizes, their prior and posterior mass, mean, mode, the posterior
    mean of the mean degree.

    Raises Refused: ``rds.prior_median``, ``rds.prior_largest``, ``rds.sample_too_small``, ``rds.degree_too_large``,
    ``rds.level``.

    >>> from migstat.estimation.rds_recruitment import recruitment_from_rows
    >>> declining = [9, 8] * 10 + [6, 5] * 10 + [3, 2] * 10  # those who know many came first: few are left
    >>> size = rds_population_size(recruitment_from_rows([-1, *range(59)], declining), SizePrior(200))
    >>> size.value, size.interval.low, size.interval.high
    (64.0, 60.0, 69.0)
    """
    n = len(recruitment)
    _refuse_bad_choices(n, prior, level)
    if recruitment.degree.max() > LARGEST_DEGREE:
        raise Refused(
            "rds.degree_too_large",
            found=f"a degree above {LARGEST_DEGREE}",
            remedy="check it: it is the number of members of this population that one person knows",
        )
    degree = np.maximum(np.rint(recruitment.degree), 1).astype(np.int64)
    log_prior = prior.log_masses(n)
    posterior, mean_degree = size_posterior(degree, log_prior)
    size = np.arange(n, n + len(log_prior))
    mean = float(posterior @ size)
    return Estimate(
        estimand="population size",
        estimator="rds_population_size",
        value=float(size[np.searchsorted(np.cumsum(posterior), 0.5)]),
        standard_error=math.sqrt(float(posterior @ (size - mean) ** 2)),
        interval=narrowest_interval(size, posterior, level),
        meaning=size_meaning(level, prior.median),
        assumptions=ASSUMPTIONS,
        diagnostics=_diagnostics(degree, log_prior, posterior),
        extra={
            "size": size,
            "prior_mass": np.exp(log_prior),
            "posterior_mass": posterior,
            "mean": mean,
            "mode": int(size[np.argmax(posterior)]),
            "mean_degree": mean_degree,
        },
    )


def narrowest_interval(size: Ints, mass: Floats, level: float) -> Interval:
    """The shortest run of consecutive sizes whose masses add up to ``level`` or more.

    >>> narrowest_interval(np.array([1, 2, 3, 4]), np.array([0.1, 0.5, 0.3, 0.1]), 0.75).low
    2.0
    """
    below = np.concatenate(([0.0], np.cumsum(mass)))
    past = np.searchsorted(below, below[:-1] + level - 1e-12)
    starts = np.flatnonzero(past < len(below))
    first = int(starts[np.argmin(past[starts] - starts)])
    return Interval(float(size[first]), float(size[past[first] - 1]), level, "narrowest posterior interval")


def _refuse_bad_choices(n: int, prior: SizePrior, level: float) -> None:
    if n < FEWEST_RESPONDENTS:
        raise Refused(
            "rds.sample_too_small",
            found=f"{n} respondents",
            remedy=f"the order of recruitment says nothing about size below {FEWEST_RESPONDENTS} respondents",
        )
    if not n < prior.median < math.inf:
        raise Refused(
            "rds.prior_median",
            found=f"a prior median of {prior.median:g} and a sample of {n}",
            remedy="give a median above the sample size",
        )
    if not 2 * prior.median - n <= prior.limit <= LARGEST_LIMIT:
        raise Refused(
            "rds.prior_largest",
            found=f"a largest size of {prior.limit} and a median of {prior.median:g}",
            remedy=f"leave as much room above the median as there is below it, up to {LARGEST_LIMIT}",
        )
    if not 0 < level < 1:
        raise Refused("rds.level", found=repr(level), remedy="give a level between 0 and 1, such as 0.9")


def _diagnostics(degree: Ints, log_prior: Floats, posterior: Floats) -> tuple[Diagnostic, ...]:
    half = len(degree) // 2
    decline = float(degree[:half].mean() / degree[half:].mean())
    distance = float(np.abs(np.cumsum(posterior) - np.cumsum(np.exp(log_prior))).max())
    at_edge = float(posterior[-max(len(posterior) // 50, 1) :].sum())
    return (
        Diagnostic(
            "rds.decline_of_degree",
            Text(
                fr="taille moyenne des réseaux : première moitié de l'enquête sur seconde",
                ar="متوسط حجم الشبكات: النصف الأول من المسح مقسومًا على الثاني",
                en="mean degree: first half of the survey over second",
            ),
            decline,
            decline <= 1,
        ),
        Diagnostic(
            "rds.distance_from_prior",
            Text(
                fr="écart entre a posteriori et a priori (Kolmogorov) : près de 0, l'enquête n'apprend rien",
                ar="المسافة بين التوزيعين اللاحق والمسبق (كولموغوروف): القرب من 0 يعني أن المسح لا يضيف معلومة",
                en="distance of posterior from prior (Kolmogorov): near 0 the survey teaches nothing",
            ),
            distance,
            distance < 0.1,
        ),
        Diagnostic(
            "rds.mass_at_largest",
            Text(
                fr="probabilité au voisinage de la plus grande taille admise",
                ar="الاحتمال قرب أكبر حجم مسموح به",
                en="probability near the largest size allowed",
            ),
            at_edge,
            at_edge > 0.01,
        ),
    )
