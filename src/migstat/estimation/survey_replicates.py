"""Replicate variances: jackknives, balanced half-samples and bootstraps, from totals of primary sampling units.

A replicate multiplies the weights of whole primary sampling units. The totals of all replicates are therefore one
matrix product, (replicates x units) by (units x variables): the rows are read once, not once a replicate.

Wolter (2007), *Introduction to Variance Estimation*, chapters 3 and 4; Rao, Wu and Yue (1992), Survey Methodology 18.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import hadamard

from migstat.estimation.arrays import refuse_without_generator, seed_of
from migstat.estimation.registry import estimator
from migstat.estimation.survey_design import Floats, SurveyDesign
from migstat.estimation.survey_reporting import DESIGN_BASED, Confidence, survey_estimate
from migstat.estimation.survey_texts import SURVEY_ASSUMPTIONS
from migstat.model import Estimate, Interval, Refused

Centre = Literal["replicates", "estimate"]
Statistic = Literal["mean", "total", "ratio"]


@dataclass(frozen=True, eq=False)
class Replicates:
    """Multipliers (replicates x units) of a design's weights, or whole weights (replicates x rows) once recalibrated.

    The variance is the sum over replicates of ``factors`` times the squared distance to ``centre``: the mean of the
    replicates, or the estimate itself (which is larger and more cautious).
    """

    design: SurveyDesign
    kind: str
    multipliers: Floats
    factors: Floats
    centre: Centre = "replicates"
    weights: Floats | None = None
    seed: int | None = None

    @property
    def count(self) -> int:
        return self.factors.size

    def totals(self, columns: Floats) -> Floats:
        """Weighted totals (replicates x k) of columns (rows x k) in every replicate."""
        if self.weights is not None:
            recalibrated_totals: Floats = self.weights @ columns
            return recalibrated_totals
        totals: Floats = self.multipliers @ self.design.unit_totals(columns * self.design.weights[:, None])
        return totals

    def row_weights(self, number: int) -> Floats:
        """Weights of all rows in one replicate."""
        if self.weights is not None:
            weights: Floats = self.weights[number]
            return weights
        multiplied: Floats = self.design.weights * self.multipliers[number, self.design.unit_of_row]
        return multiplied

    def variance(self, values: Floats, value: float) -> float:
        """Variance from the statistic in every replicate and in the full sample."""
        counted = self.factors > 0
        if not np.isfinite(values[counted]).all():
            raise Refused(
                "survey.replicate_undefined",
                found=f"{int((~np.isfinite(values[counted])).sum())} replicates without a value",
                remedy="widen the domain so that every replicate holds some of it, or use Taylor variance",
            )
        middle = values[counted].mean() if self.centre == "replicates" else value
        return float(self.factors[counted] @ (values[counted] - middle) ** 2)


def jackknife(design: SurveyDesign, *, centre: Centre = "replicates") -> Replicates:
    """Leave out one primary sampling unit at a time (JKn; JK1 where there is one stratum).

    The others of its stratum are scaled up by n / (n - 1); the factor is (1 - f)(n - 1) / n.

    >>> jackknife(SurveyDesign.of([1.0, 1.0, 1.0])).multipliers.tolist()
    [[0.0, 1.5, 1.5], [1.5, 0.0, 1.5], [1.5, 1.5, 0.0]]
    """
    stratum, drawn = design.stratum_of_unit, design.units_per_stratum
    _refuse_single_units(design)
    same = stratum[:, None] == stratum[None, :]
    grown = (drawn / np.maximum(drawn - 1.0, 1.0))[stratum]
    multipliers = np.where(same, grown[None, :], 1.0)
    np.fill_diagonal(multipliers, 0.0)
    factors = ((1 - design.sampling_fraction) * (drawn - 1) / drawn)[stratum]
    return Replicates(design, "JK1" if drawn.size == 1 else "JKn", multipliers, factors, centre)


def balanced_half_samples(design: SurveyDesign, *, fay: float = 0.0, centre: Centre = "replicates") -> Replicates:
    """McCarthy's balanced repeated replication for two units a stratum; ``fay`` (0 to below 1) keeps part of the other.

    Uses the smallest Hadamard matrix of order 2^k above the number of strata.

    Raises Refused for a stratum without exactly two units, or a Fay coefficient outside [0, 1).

    >>> design = SurveyDesign.of([1.0] * 4, strata=["a", "a", "b", "b"])
    >>> balanced_half_samples(design).multipliers.sum(axis=0).tolist()
    [4.0, 4.0, 4.0, 4.0]
    """
    if (design.units_per_stratum != 2).any():
        raise Refused(
            "survey.brr_pairs",
            found="a stratum without exactly two primary sampling units",
            remedy="pair units within strata first, or use the jackknife or the bootstrap",
        )
    if not 0 <= fay < 1:
        raise Refused("survey.brr_fay", found=repr(fay), remedy="give a coefficient from 0 to below 1")
    strata = len(design.strata)
    order = 1 << strata.bit_length()
    signs = hadamard(order)[:, 1 : strata + 1].astype(np.float64)
    first = np.zeros(design.stratum_of_unit.size, dtype=np.bool_)
    first[np.unique(design.stratum_of_unit, return_index=True)[1]] = True
    side = signs[:, design.stratum_of_unit] * np.where(first, 1.0, -1.0)
    factors = np.full(order, 1 / (order * (1 - fay) ** 2))
    return Replicates(design, "BRR" if fay == 0 else "Fay", 1 + (1 - fay) * side, factors, centre)


def bootstrap(design: SurveyDesign, replicates: int, rng: np.random.Generator) -> Replicates:
    """Rescaled bootstrap of Rao, Wu and Yue: n - 1 of the n units of each stratum, drawn with replacement.

    The multiplier is ``1 - r + r n / (n - 1) m`` for a unit drawn ``m`` times, ``r`` the root of 1 - f. The seed of
    ``rng`` is recorded in the estimates.

    Raises Refused for fewer than 2 replicates, dice that are no Generator (``input.generator``), or a lonely unit.

    >>> replicates = bootstrap(SurveyDesign.of([1.0] * 20), 300, np.random.default_rng(7))
    >>> replicates.multipliers.shape, round(float(replicates.multipliers.mean()), 12)
    ((300, 20), 1.0)
    """
    _refuse_single_units(design)
    refuse_without_generator(rng)
    if replicates < 2:
        raise Refused("survey.replicates", found=repr(replicates), remedy="ask for at least 2, better 500")
    order = np.argsort(design.stratum_of_unit, kind="stable")
    drawn = design.units_per_stratum
    times = np.empty((replicates, order.size))
    start = 0
    for units in drawn:
        picks = rng.integers(0, units, size=(replicates, units - 1))
        picks += np.arange(replicates)[:, None] * units
        counted = np.bincount(picks.ravel(), minlength=replicates * units)
        times[:, order[start : start + units]] = counted.reshape(replicates, units)
        start += units
    # A unit that stands alone is taken as certain: it is in every replicate as it is.
    root = np.where(drawn > 1, np.sqrt(1 - design.sampling_fraction), 0.0)[design.stratum_of_unit]
    times *= root * (drawn / np.maximum(drawn - 1.0, 1.0))[design.stratum_of_unit]
    times += 1 - root
    return Replicates(
        design, "bootstrap", times, np.full(replicates, 1 / (replicates - 1)), "replicates", None, seed_of(rng)
    )


def recalibrated(replicates: Replicates, adjust: Callable[[SurveyDesign], SurveyDesign]) -> Replicates:
    """The same replicates, each taken through ``adjust`` (post-stratification, raking, calibration) as the sample was.

    >>> from migstat.estimation.survey_raking import Margin, post_stratify
    >>> margin = Margin(["f", "f", "m", "m"], {"f": 6, "m": 4})
    >>> adjusted = recalibrated(jackknife(SurveyDesign.of([1.0] * 4)), lambda design: post_stratify(design, margin))
    >>> adjusted.weights[0].tolist()
    [0.0, 6.0, 2.0, 2.0]
    """
    weights = np.empty((replicates.count, replicates.design.rows))
    for number in range(replicates.count):
        weights[number] = adjust(replicates.design.reweighted(replicates.row_weights(number))).weights
    return replace(replicates, design=adjust(replicates.design), weights=weights)


@estimator(
    "survey_replication",
    family="survey",
    reference="Rao, Wu and Yue (1992), Survey Methodology 18, 209-217; Wolter (2007), eq. 3.2.4, 4.2.2 and 4.5.3",
    assumptions=SURVEY_ASSUMPTIONS,
)
def replicated(
    replicates: Replicates,
    statistic: Statistic | Callable[[Floats], float],
    values: ArrayLike | None = None,
    *,
    denominator: ArrayLike | None = None,
    domain: ArrayLike | None = None,
    confidence: Confidence = DESIGN_BASED,
    estimand: str = "statistic",
) -> Estimate:
    """A mean, total or ratio of ``values``, or any function of the row weights, with its replicate variance.

    Raises Refused for missing values, an empty domain, a replicate in which the statistic is not defined.

    >>> replicates = jackknife(SurveyDesign.of([50.0] * 4))
    >>> mean = replicated(replicates, "mean", [1, 2, 3, 6])
    >>> mean.value, round(mean.standard_error, 4)
    (3.0, 1.0801)
    """
    design = replicates.design
    if callable(statistic):
        value = statistic(design.weights)
        series = np.array([statistic(replicates.row_weights(number)) for number in range(replicates.count)])
    else:
        columns = _columns(design, statistic, values, denominator, domain)
        whole = design.weights @ columns
        value = float(whole[0] / whole[1]) if whole.size == 2 else float(whole[0])
        totals = replicates.totals(columns)
        with np.errstate(invalid="ignore", divide="ignore"):
            series = totals[:, 0] / totals[:, 1] if whole.size == 2 else totals[:, 0]
    variance = replicates.variance(series, value)
    reach = confidence.quantile(design.degrees_of_freedom) * variance**0.5
    return survey_estimate(
        estimand,
        "survey_replication",
        value,
        variance,
        freedom=design.degrees_of_freedom,
        confidence=confidence,
        interval=Interval(value - reach, value + reach, confidence.level, f"{replicates.kind}, t"),
        seed=replicates.seed,
        extra={"replicates": series},
    )


def _columns(
    design: SurveyDesign,
    statistic: str,
    values: ArrayLike | None,
    denominator: ArrayLike | None,
    domain: ArrayLike | None,
) -> Floats:
    if (
        statistic not in ("mean", "total", "ratio")
        or values is None
        or (statistic == "ratio") != (denominator is not None)
    ):
        raise Refused(
            "survey.statistic",
            found=repr(statistic),
            remedy="ask for mean or total with values, ratio with values and denominator, or pass a function of weights",
        )
    mask = design.domain(domain)
    column = np.where(mask, design.column(values, "values"), 0.0)
    if statistic == "total":
        return column[:, None]
    base = np.ones(design.rows) if denominator is None else design.column(denominator, "denominator")
    return np.stack([column, np.where(mask, base, 0.0)], axis=1)


def _refuse_single_units(design: SurveyDesign) -> None:
    lonely = (design.units_per_stratum < 2) & (design.sampling_fraction < 1)
    if lonely.any() and design.lonely_unit != "certainty":
        raise Refused(
            "survey.lonely_unit",
            found=f"{int(lonely.sum())} strata with one primary sampling unit",
            remedy="join each to a neighbouring stratum, or make the design with lonely_unit='certainty'",
        )
