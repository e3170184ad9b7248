"""Beta-binomial empirical Bayes: shares of small cities from counts, each pulled towards what cities like it have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from migstat.estimation.arrays import EstimateArray, Floats, finite, label_axis, same_length
from migstat.estimation.registry import estimator
from migstat.estimation.sae_area_model import orthonormal
from migstat.model import Assumption, Diagnostic, Refused, Text

BINOMIAL_COUNTS = Assumption(
    "binomial_counts",
    Text(
        fr="Dans chaque ville, le nombre observé est celui d'un tirage simple de personnes indépendantes.",
        ar="في كل مدينة، العدد الملاحظ ناتج عن سحب بسيط لأشخاص مستقلين.",
        en="In each city the count is that of a simple draw of independent people.",
    ),
    Text(
        fr="Avec des ménages tirés entiers ou des poids inégaux, il faut diviser les effectifs par l'effet de plan.",
        ar="إذا سُحبت أسر بكاملها أو كانت الأوزان غير متساوية، وجبت قسمة الأعداد على أثر التصميم.",
        en="With whole households drawn or unequal weights, divide the counts by the design effect.",
    ),
)
EXCHANGEABLE_CITIES = Assumption(
    "exchangeable_cities",
    Text(
        fr="À variables auxiliaires égales, rien ne distingue d'avance une ville d'une autre ; leurs parts suivent une loi bêta.",
        ar="عند تساوي المتغيرات المساعدة لا شيء يميز مسبقاً مدينة عن أخرى؛ وتتبع حصصها توزيع بيتا.",
        en="With equal covariates nothing tells one city from another beforehand; their shares follow a beta law.",
    ),
    Text(
        fr="Une ville d'un autre type (frontière, port) est tirée à tort vers les autres : ajoutez une variable qui la distingue.",
        ar="المدينة المختلفة النوع (حدودية، مينائية) تُسحب خطأً نحو غيرها: أضف متغيراً يميزها.",
        en="A city of another kind (a border, a port) is wrongly pulled to the others: add a covariate that tells it apart.",
    ),
)
ASSUMPTIONS = (BINOMIAL_COUNTS, EXCHANGEABLE_CITIES)
MEANING = Text(
    fr="Part dans la ville, compromis entre son propre comptage et celui de villes semblables. Si le modèle est juste, environ 95 villes "
    "sur 100 ont leur vraie part dans l'intervalle à 95 %. Une ville d'un autre type, ou des ménages comptés entiers, le romprait.",
    ar="الحصة في المدينة، وهي توفيق بين عدّها الخاص وعدّ مدن شبيهة بها. إذا كان النموذج صحيحاً تقع الحصة الحقيقية داخل مجال 95 % في نحو "
    "95 مدينة من كل 100. ومدينة من نوع آخر أو أسر عُدّت كاملة تنقض ذلك.",
    en="Share in the city, a compromise between its own count and that of cities like it. If the model is right about 95 cities in "
    "100 have their true share inside the 95 % interval. A city of another kind, or households counted whole, would break it.",
)


@dataclass(frozen=True, slots=True)
class _Counts:
    y: Floats
    n: Floats
    basis: Floats


@dataclass(frozen=True, slots=True)
class BetaBinomialFit:
    """Coefficients of logit(mean), precision alpha + beta, and the covariance of (coefficients, log precision)."""

    coefficients: Floats
    precision: float
    covariance: Floats
    log_likelihood: float
    mean: Floats


def _likelihood(counts: _Counts, theta: Floats) -> tuple[float, Floats]:
    """Log-likelihood of (gamma, log precision) up to the binomial coefficients, and its gradient."""
    from scipy.special import expit, gammaln, psi

    mean, precision = expit(counts.basis @ theta[:-1]), float(np.exp(theta[-1]))
    a, b = precision * mean, precision * (1 - mean)
    y, n = counts.y, counts.n
    value = np.sum(
        gammaln(a + y) - gammaln(a) + gammaln(b + n - y) - gammaln(b) + gammaln(precision) - gammaln(precision + n)
    )
    up, down = psi(a + y) - psi(a), psi(b + n - y) - psi(b)
    slope = counts.basis.T @ (precision * mean * (1 - mean) * (up - down))
    whole = float(np.sum(precision * (mean * up + (1 - mean) * down + psi(precision) - psi(precision + n))))
    return float(value), np.append(slope, whole)


_TOP = 18.0  # log precision beyond which the cities cannot be told apart from one binomial


def _curvature(counts: _Counts, theta: Floats) -> Floats:
    """Minus the second derivatives, by central differences of the exact gradient."""
    step = 1e-5
    columns = []
    for k in range(theta.size):
        shift = np.zeros_like(theta)
        shift[k] = step
        columns.append((_likelihood(counts, theta - shift)[1] - _likelihood(counts, theta + shift)[1]) / (2 * step))
    matrix = np.array(columns)
    symmetric: Floats = 0.5 * (matrix + matrix.T)
    return symmetric


def _maximise(counts: _Counts) -> Floats:
    """L-BFGS-B from two precisions, then Newton steps to a gradient of rounding size."""
    from scipy.optimize import minimize

    share = np.clip(counts.y.sum() / counts.n.sum(), 1e-6, 1 - 1e-6)
    centre = np.linalg.lstsq(counts.basis, np.full(counts.y.size, np.log(share / (1 - share))), rcond=None)[0]

    def cost(theta: Floats) -> tuple[float, Floats]:
        value, slope = _likelihood(counts, theta)
        return -value, -slope

    bounds = [(None, None)] * centre.size + [(-7.0, _TOP)]
    tries = [
        minimize(cost, np.append(centre, start), jac=True, method="L-BFGS-B", bounds=bounds) for start in (1.0, 5.0)
    ]
    theta: Floats = min(tries, key=lambda one: float(one.fun)).x
    for _ in range(20):
        if theta[-1] >= _TOP - 1e-6:
            break
        value, slope = _likelihood(counts, theta)
        move = np.linalg.solve(_curvature(counts, theta), slope)
        if np.abs(move).max() > 1 or _likelihood(counts, theta + move)[0] < value - 1e-9:
            break
        theta = theta + move
        if np.abs(move).max() < 1e-12:
            break
    return theta


def fit_beta_binomial(successes: Floats, trials: Floats, design: Floats) -> BetaBinomialFit:
    """Maximum marginal likelihood; a precision on its upper bound means no difference between cities beyond chance."""
    from scipy.special import expit

    basis, triangle = orthonormal(design)
    counts = _Counts(successes, trials, basis)
    theta = _maximise(counts)
    second = _curvature(counts, theta)
    if theta[-1] >= _TOP - 1e-6:  # the precision itself then has no error worth the name
        second = second.copy()
        second[-1, :] = second[:, -1] = 0.0
        second[-1, -1] = 1e12
    spread = np.linalg.inv(second)
    back = np.eye(theta.size)
    back[:-1, :-1] = np.linalg.inv(triangle)
    return BetaBinomialFit(
        coefficients=back[:-1, :-1] @ theta[:-1],
        precision=float(np.exp(theta[-1])),
        covariance=back @ spread @ back.T,
        log_likelihood=_likelihood(counts, theta)[0],
        mean=expit(basis @ theta[:-1]),
    )


@estimator(
    "beta_binomial",
    family="sae",
    reference="Williams (1975), Biometrics 31, 949-952; Morris (1983), JASA 78, 47-55 (error of the estimated prior carried into "
    "the intervals); Rao and Molina (2015), Small Area Estimation, 2nd ed., section 9.5.2",
    assumptions=ASSUMPTIONS,
)
def beta_binomial(
    successes: ArrayLike,
    trials: ArrayLike,
    covariates: ArrayLike | None = None,
    *,
    areas: Sequence[str] | None = None,
    level: float = 0.95,
) -> EstimateArray:
    """Shares of D areas from ``successes`` (D,) out of ``trials`` (D,); ``covariates`` (D, p) act on the logit of the prior mean.

    Without covariates one prior serves all. An area with 0 trials gets the prior. Posterior variance is that of the beta plus what
    the estimated prior adds (delta method); the interval is the beta law with that mean and variance, so it stays in [0, 1].
    Raises Refused: ``sae.counts``, ``sae.one_area``, ``sae.too_few_areas``, ``sae.no_successes``, ``sae.collinear``.

    >>> shares = beta_binomial([0, 3, 5, 12, 4], [20, 30, 25, 40, 60])
    >>> bool(0 < shares.values[0] < 0.1 and (shares.low >= 0).all())
    True
    """
    y, n = finite(successes, "successes"), finite(trials, "trials")
    same_length(successes=y, trials=n)
    design = np.ones((y.size, 1)) if covariates is None else finite(covariates, "covariates", ndim=2)
    same_length(successes=y, covariates=design)
    _refuse_counts(y, n, design.shape[1])
    fit = fit_beta_binomial(y, n, design)
    mean, variance = _posterior(fit, y, n, design)
    from scipy.special import betaincinv

    size = mean * (1 - mean) / variance - 1
    tail = 0.5 * (1 - level)
    names = label_axis(areas, y.size)
    return EstimateArray(
        estimand="area share",
        estimator="beta_binomial",
        values=mean,
        standard_errors=np.sqrt(variance),
        low=betaincinv(size * mean, size * (1 - mean), tail),
        high=betaincinv(size * mean, size * (1 - mean), 1 - tail),
        level=level,
        interval_method="beta law of the posterior mean and variance",
        meaning=MEANING,
        labels=None if names is None else (names,),
        assumptions=ASSUMPTIONS,
        diagnostics=(
            Diagnostic("prior_precision", _PRECISION, fit.precision, concern=fit.precision > 0.5 * np.exp(_TOP)),
        ),
        extra={
            "coefficients": fit.coefficients,
            "precision": fit.precision,
            "alpha": fit.precision * fit.mean,
            "beta": fit.precision * (1 - fit.mean),
            "log_likelihood": fit.log_likelihood,
            "parameter_covariance": fit.covariance,
            "model": fit,
        },
    )


def _refuse_counts(y: Floats, n: Floats, columns: int) -> None:
    if (y < 0).any() or (y > n).any():
        raise Refused("sae.counts", found="negative counts, or more successes than trials", remedy="check the counts")
    if y.size < 2:
        raise Refused("sae.one_area", found="one area", remedy="publish its own share with a binomial interval")
    if y.size <= columns + 1:
        raise Refused("sae.too_few_areas", found=f"{y.size} areas", remedy="use fewer covariates or more areas")
    if y.sum() == 0 or y.sum() == n.sum():
        raise Refused("sae.no_successes", found="no success, or nothing else", remedy="nothing to tell areas apart by")


def _posterior(fit: BetaBinomialFit, y: Floats, n: Floats, design: Floats) -> tuple[Floats, Floats]:
    """Posterior mean (alpha + y) / (alpha + beta + n) and its variance, with the prior's own error by the delta method."""
    k = fit.precision
    mean = (k * fit.mean + y) / (k + n)
    own = mean * (1 - mean) / (k + n + 1)
    pull = k / (k + n)
    by_precision = pull * (fit.mean - mean)
    gradient = np.column_stack([(pull * fit.mean * (1 - fit.mean))[:, None] * design, by_precision])
    return mean, own + np.einsum("dp,pq,dq->d", gradient, fit.covariance, gradient)


_PRECISION = Text(
    fr="Précision de la loi commune : plus elle est grande, moins les villes diffèrent au-delà du hasard.",
    ar="دقة التوزيع المشترك: كلما كبرت قلّ اختلاف المدن فيما يتجاوز الصدفة.",
    en="Precision of the common law: the larger, the less cities differ beyond chance.",
)
