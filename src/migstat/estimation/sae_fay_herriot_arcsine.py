"""Fay-Herriot for proportions on the arcsine scale, where the sampling variance depends on the sample size alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from migstat.estimation.arrays import EstimateArray, Floats, choice, finite, normal_quantile, same_length, seed_of
from migstat.estimation.registry import estimator
from migstat.estimation.sae_area_model import AreaFit, AreaSurvey, VarianceMethod, fit_area_model
from migstat.estimation.sae_assumptions import INDEPENDENT_AREAS, LINEAR_LINK, NORMAL_EFFECTS
from migstat.estimation.sae_fay_herriot import Bootstrap, fay_herriot
from migstat.model import Assumption, Refused, Text

EFFECTIVE_SIZES = Assumption(
    "effective_sizes",
    Text(
        fr="La taille d'échantillon effective de chaque territoire (taille divisée par l'effet de plan) est connue.",
        ar="حجم العينة الفعّال لكل منطقة (الحجم مقسوماً على أثر التصميم) معروف.",
        en="The effective sample size of each area (size divided by the design effect) is known.",
    ),
    Text(
        fr="Si l'effet de plan est oublié, l'enquête paraît plus précise qu'elle n'est et l'intervalle est trop "
        "étroit.",
        ar="إذا أُهمل أثر التصميم بدا المسح أدق مما هو عليه وأصبح المجال أضيق من اللازم.",
        en="If the design effect is forgotten the survey looks more precise than it is and the interval is too narrow.",
    ),
)
ASSUMPTIONS = (EFFECTIVE_SIZES, LINEAR_LINK, NORMAL_EFFECTS, INDEPENDENT_AREAS)
MEANING = Text(
    fr="Proportion du territoire, toujours entre 0 et 1. L'intervalle est calculé sur l'échelle arcsinus puis ramené "
    "; il n'est pas "
    "symétrique. Il ne tient plus si l'échantillon d'un territoire compte moins d'une dizaine d'enquêtés effectifs.",
    ar="نسبة المنطقة، وهي دائماً بين 0 و1. يُحسب المجال على سلّم جيب الزاوية العكسي ثم يُعاد؛ وليس متناظراً. ولا يصح "
    "إذا قلّت العينة "
    "الفعّالة للمنطقة عن نحو عشرة مستجوبين.",
    en="Proportion of the area, always between 0 and 1. The interval is made on the arcsine scale and brought back; "
    "it is not "
    "symmetric. It no longer holds when an area has fewer than about ten effective respondents.",
)


class ArcsineReturn(StrEnum):
    """Back-transformation: the expectation of sin^2 over the prediction's distribution, or sin^2 of the
    prediction."""

    EXPECTED = "expected"
    NAIVE = "naive"


@dataclass(frozen=True, slots=True)
class ProportionSample:
    """Direct proportions (D,) in [0, 1] and effective sample sizes (D,), on the arcsine scale."""

    angle: Floats
    variance: Floats

    @classmethod
    def checked(cls, proportion: ArrayLike, effective_size: ArrayLike) -> ProportionSample:
        p, n = finite(proportion, "proportion"), finite(effective_size, "effective_size")
        same_length(proportion=p, effective_size=n)
        if (p < 0).any() or (p > 1).any():
            raise Refused("sae.proportion", found="a proportion outside 0 to 1", remedy="give shares, not percentages")
        if (n <= 0).any():
            raise Refused(
                "sae.effective_size",
                found=f"{int((n <= 0).sum())} effective sample sizes that are not positive",
                remedy="leave out areas without sample and predict them afterwards",
            )
        return cls(np.arcsin(np.sqrt(p)), 1 / (4 * n))


@estimator(
    "fay_herriot_arcsine",
    family="sae",
    reference="Schmid, Bruckschen, Salvati and Zbiranski (2017), JRSS A 180, 1163-1190; bootstrap of "
    "Gonzalez-Manteiga "
    "et al. (2008), J. Statist. Comput. Simul. 78",
    assumptions=ASSUMPTIONS,
)
def fay_herriot_arcsine(
    proportion: ArrayLike,
    effective_size: ArrayLike,
    covariates: ArrayLike,
    *,
    method: VarianceMethod | str = VarianceMethod.REML,
    back: ArcsineReturn | str = ArcsineReturn.EXPECTED,
    areas: Sequence[str] | None = None,
    level: float = 0.95,
    bootstrap: Bootstrap | None = None,
) -> EstimateArray:
    """Fay-Herriot for arcsin(sqrt(proportion)) with sampling variance 1 / (4 effective size), returned to
    proportions.

    Without ``bootstrap`` the standard error is the delta method's, |sin 2t| times the root of the error on the angle.
    Raises Refused: ``sae.proportion``, ``sae.effective_size`` and those of ``fay_herriot``.

    >>> blend = fay_herriot_arcsine([0.0, 0.1, 0.2, 0.4], [30, 40, 50, 20], [[1.0]] * 4)
    >>> bool((blend.low >= 0).all() and blend.values[0] > 0)
    True
    """
    sample = ProportionSample.checked(proportion, effective_size)
    inner = fay_herriot(sample.angle, sample.variance, covariates, method=method, areas=areas, level=level)
    fit: AreaFit = inner.extra["model"]
    values = _returned(inner.values, fit.sigma2 * (1 - fit.shrinkage), choice(ArcsineReturn, back))
    spread = normal_quantile(level) * np.sqrt(inner.extra["mse"])
    mse = np.sin(2 * _quarter(inner.values)) ** 2 * inner.extra["mse"]
    if bootstrap is not None:
        mse = _bootstrap_error(fit, inner.extra["survey"], bootstrap, choice(ArcsineReturn, back))
    return EstimateArray(
        estimand="area proportion",
        estimator="fay_herriot_arcsine",
        values=values,
        standard_errors=np.sqrt(mse),
        low=np.sin(_quarter(inner.values - spread)) ** 2,
        high=np.sin(_quarter(inner.values + spread)) ** 2,
        level=level,
        interval_method="normal on the arcsine scale",
        meaning=MEANING,
        labels=inner.labels,
        assumptions=ASSUMPTIONS,
        diagnostics=inner.diagnostics,
        seed=None if bootstrap is None else seed_of(bootstrap.rng),
        extra={**inner.extra, "mse": mse, "angle_scale": inner},
    )


def _quarter(angle: Floats) -> Floats:
    """Angles kept in [0, pi/2], where sin^2 is one to one."""
    kept: Floats = np.clip(angle, 0.0, np.pi / 2)
    return kept


def _returned(angle: Floats, variance: Floats, back: ArcsineReturn) -> Floats:
    if back is ArcsineReturn.NAIVE:
        return np.sin(_quarter(angle)) ** 2
    return expected_square_sine(angle, variance)


def expected_square_sine(mean: Floats, variance: Floats) -> Floats:
    """E sin^2(clip(T, 0, pi/2)) for T normal with this mean and variance: Gauss-Legendre within, mass 1 above pi/2.

    >>> expected_square_sine(np.array([0.7]), np.array([1e-12])).round(6)
    array([0.415016])
    """
    from scipy.special import ndtr

    sd = np.sqrt(np.maximum(variance, 1e-300))
    low, high = np.maximum(0.0, mean - 10 * sd), np.minimum(np.pi / 2, mean + 10 * sd)
    high = np.maximum(high, low)
    nodes, weights = np.polynomial.legendre.leggauss(64)
    x = 0.5 * ((high - low)[:, None] * nodes + (high + low)[:, None])
    density = np.exp(-0.5 * ((x - mean[:, None]) / sd[:, None]) ** 2) / (sd[:, None] * np.sqrt(2 * np.pi))
    inside = 0.5 * (high - low) * np.sum(weights * np.sin(x) ** 2 * density, axis=1)
    # Without spread (no differences left between areas) there is nothing to average over.
    sure = sd <= 1e-6
    expected: Floats = np.where(sure, np.sin(_quarter(mean)) ** 2, inside + ndtr((mean - np.pi / 2) / sd))
    return expected


def _bootstrap_error(fit: AreaFit, survey: AreaSurvey, bootstrap: Bootstrap, back: ArcsineReturn) -> Floats:
    squared = np.zeros(survey.direct.size)
    noise = np.sqrt(survey.variance)
    for _ in range(bootstrap.replicates):
        angle = fit.synthetic + np.sqrt(fit.sigma2) * bootstrap.rng.standard_normal(noise.size)
        drawn = AreaSurvey(angle + noise * bootstrap.rng.standard_normal(noise.size), survey.variance, survey.design)
        again = fit_area_model(drawn, fit.method)
        estimate = _returned(again.predicted, again.sigma2 * (1 - again.shrinkage), back)
        squared += (estimate - np.sin(_quarter(angle)) ** 2) ** 2
    error: Floats = squared / bootstrap.replicates
    return error
