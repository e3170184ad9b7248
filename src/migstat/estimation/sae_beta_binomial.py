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
        fr="À variables auxiliaires égales, rien ne distingue d'avance une ville d'une autre ; leurs parts suivent "
        "une loi bêta.",
        ar="عند تساوي المتغيرات المساعدة لا شيء يميز مسبقاً مدينة عن أخرى؛ وتتبع حصصها توزيع بيتا.",
        en="With equal covariates nothing tells one city from another beforehand; their shares follow a beta law.",
    ),
    Text(
        fr="Une ville d'un autre type (frontière, port) est tirée à tort vers les autres : ajoutez une variable qui "
        "la distingue.",
        ar="المدينة المختلفة النوع (حدودية، مينائية) تُسحب خطأً نحو غيرها: أضف متغيراً يميزها.",
        en="A city of another kind (a border, a port) is wrongly pulled to the others: add a covariate that tells it "
        "apart.",
    ),
)
ASSUMPTIONS = (BINOMIAL_COUNTS, EXCHANGEABLE_CITIES)
MEANING = Text(
    fr="Part dans la ville, compromis entre son propre comptage et celui de villes semblables. Si le modèle est "
    "juste, environ 95 villes "
    "sur 100 ont leur vraie part dans l'intervalle à 95 %. Une ville d'un autre type, ou des ménages comptés "
    "entiers, le romprait.",
    ar="الحصة في المدينة، وهي توفيق بين عدّها الخاص وعدّ مدن شبيهة بها. إذا كان النموذج صحيحاً تقع الحصة الحقيقية "
    "داخل مجال 95 % في نحو "
    "95 مدينة من كل 100. ومدينة من نوع آخر أو أسر عُدّت كاملة تنقض ذلك.",
    en="Share in the city, a compromise between its own count and that of cities like it. If the model is right "
    "about 95 cities in "
    "100 have their true share inside the 95 % interval. A city of another kind, or households counted whole, would "
    "break it.",
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
    """Maximum marginal likelihood; a precision on its upper bound means no difference between cities beyond
    chance."""
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
    reference="Williams (1975), Biometrics 31, 949-952; Christiansen and Morris (1997), JASA 92, 618-632 (uniform "
    "prior on the "
    "shrinkage, error of the estimated prior in the intervals); Rao and Molina (2015), 2nd ed.",
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
    """Shares of D areas from ``successes`` (D,) out of ``trials`` (D,); ``covariates`` (D, p) act on the logit of the
    prior mean.

    Without covariates one prior serves all. An area with 0 trials gets the prior. Means and variances are averaged
    over the unknown precision of the prior; the interval is the beta law with that mean and variance, so it stays in
    [0, 1]. ``extra`` has the precision and coefficients of maximum likelihood. Raises Refused: ``sae.counts``,
    ``sae.one_area``, ``sae.too_few_areas``, ``sae.no_successes``, ``sae.collinear``.

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
        low=np.asarray(betaincinv(size * mean, size * (1 - mean), tail), dtype=np.float64),
        high=np.asarray(betaincinv(size * mean, size * (1 - mean), 1 - tail), dtype=np.float64),
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


@dataclass(frozen=True, slots=True)
class _Slice:
    """The posterior given one precision: its log weight, and means and variances of the shares, (D,) each."""

    weight: float
    mean: Floats
    variance: Floats


def _slice(counts: _Counts, gamma: Floats, precision: float, centre: float) -> tuple[_Slice, Floats]:
    """Laplace over the coefficients at a fixed precision; prior n0 / (k + n0)^2, uniform in the shrinkage k / (k +
    n0)."""
    gamma = _coefficients_given(counts, gamma, precision)
    theta = np.append(gamma, np.log(precision))
    information = _curvature(counts, theta)[:-1, :-1]
    mean0 = 1 / (1 + np.exp(-counts.basis @ gamma))
    pull = precision / (precision + counts.n)
    mean = (precision * mean0 + counts.y) / (precision + counts.n)
    gradient = (pull * mean0 * (1 - mean0))[:, None] * counts.basis
    own = mean * (1 - mean) / (precision + counts.n + 1)
    carried = np.einsum("dp,pq,dq->d", gradient, np.linalg.inv(information), gradient)
    weight = _likelihood(counts, theta)[0] - 0.5 * float(np.linalg.slogdet(information)[1])
    # a density in log k carries the factor k
    return _Slice(weight + np.log(precision) - 2 * np.log(precision + centre), mean, own + carried), gamma


def _coefficients_given(counts: _Counts, gamma: Floats, precision: float) -> Floats:
    """Scoring steps for the coefficients with the precision held."""
    for _ in range(30):
        theta = np.append(gamma, np.log(precision))
        slope = _likelihood(counts, theta)[1][:-1]
        mean = 1 / (1 + np.exp(-counts.basis @ gamma))
        weight = counts.n * (precision + 1) / (precision + counts.n) * mean * (1 - mean)
        move = np.linalg.solve((counts.basis.T * np.maximum(weight, 1e-12)) @ counts.basis, slope)
        gamma = gamma + move * min(1.0, 2.0 / max(float(np.abs(counts.basis @ move).max()), 1e-300))
        if np.abs(move).max() < 1e-7:
            break
    return gamma


def _precision_grid(fit: BetaBinomialFit, centre: float) -> Floats:
    """Logarithms of the precision: everywhere the prior has weight, and finely where the likelihood has its."""
    wide = np.linspace(np.log(centre) - 6, np.log(centre) + 8, 29)
    middle, spread = np.log(fit.precision), min(float(np.sqrt(max(fit.covariance[-1, -1], 0.0))), 1.0)
    if middle >= _TOP - 1e-6:
        return wide
    return np.unique(np.concatenate([wide, middle + spread * np.linspace(-6, 6, 25)]))


def _posterior(fit: BetaBinomialFit, y: Floats, n: Floats, design: Floats) -> tuple[Floats, Floats]:
    """Posterior means and variances averaged over the precision on a grid (Christiansen and Morris 1997)."""
    basis, triangle = orthonormal(design)
    counts = _Counts(y, n, basis)
    gamma = triangle @ fit.coefficients
    seen = n[n > 0]
    centre = float(seen.size / np.sum(1 / seen))
    grid = _precision_grid(fit, centre)
    slices = []
    for place in grid:
        one, gamma = _slice(counts, gamma, float(np.exp(place)), centre)
        slices.append(one)
    logs = np.array([one.weight for one in slices])
    weights = np.exp(logs - logs.max()) * np.gradient(grid)
    weights /= weights.sum()
    means = np.array([one.mean for one in slices])
    mean = weights @ means
    variance = weights @ np.array([one.variance for one in slices]) + weights @ (means - mean) ** 2
    return mean, variance


_PRECISION = Text(
    fr="Précision de la loi commune : plus elle est grande, moins les villes diffèrent au-delà du hasard.",
    ar="دقة التوزيع المشترك: كلما كبرت قلّ اختلاف المدن فيما يتجاوز الصدفة.",
    en="Precision of the common law: the larger, the less cities differ beyond chance.",
)
