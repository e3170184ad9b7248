"""The unit-level model of Battese, Harter and Fuller: area means from sampled people and known population means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from migstat.estimation.arrays import (
    EstimateArray,
    Floats,
    Integers,
    choice,
    finite,
    label_axis,
    normal_quantile,
    same_length,
    seed_of,
)
from migstat.estimation.registry import estimator
from migstat.estimation.sae_area_model import VarianceMethod, orthonormal
from migstat.estimation.sae_assumptions import LINEAR_LINK, NORMAL_EFFECTS
from migstat.estimation.sae_fay_herriot import Bootstrap
from migstat.model import Assumption, Diagnostic, Refused, Text

SAMPLE_FOLLOWS_MODEL = Assumption(
    "sample_follows_model",
    Text(
        fr="À variables auxiliaires égales, être dans l'échantillon ne dépend pas de la valeur mesurée.",
        ar="عند تساوي المتغيرات المساعدة لا يتوقف الدخول في العينة على القيمة المقيسة.",
        en="With equal covariates, being in the sample does not depend on the value measured.",
    ),
    Text(
        fr="Si l'enquête atteint surtout les plus visibles, la moyenne du territoire est biaisée et l'intervalle ne "
        "le montre pas.",
        ar="إذا كان المسح يصل خصوصاً إلى الأكثر ظهوراً انحاز متوسط المنطقة دون أن يُظهر المجال ذلك.",
        en="If the survey reaches above all the most visible, the mean of the area is biased and the interval does "
        "not show it.",
    ),
)
ASSUMPTIONS = (LINEAR_LINK, NORMAL_EFFECTS, SAMPLE_FOLLOWS_MODEL)
MEANING = Text(
    fr="Moyenne du territoire dans toute sa population, à partir des personnes enquêtées et du modèle. Si le modèle "
    "est juste, environ "
    "95 territoires sur 100 ont leur vraie moyenne dans l'intervalle à 95 %. Une enquête qui choisit ses répondants "
    "le romprait.",
    ar="متوسط المنطقة في كامل سكانها انطلاقاً من الأشخاص المستجوبين ومن النموذج. إذا كان النموذج صحيحاً يقع المتوسط "
    "الحقيقي داخل مجال "
    "95 % في نحو 95 منطقة من كل 100. والمسح الذي ينتقي مستجوبيه ينقض ذلك.",
    en="Mean of the area over its whole population, from the people interviewed and the model. If the model is right "
    "about 95 "
    "areas in 100 have their true mean inside the 95 % interval. A survey that chooses its respondents would break "
    "it.",
)


@dataclass(frozen=True, slots=True)
class AreaPopulation:
    """The areas to estimate: names, population means of the covariates (D, p), population sizes (D,)."""

    names: tuple[str, ...]
    means: Floats
    sizes: Floats

    @classmethod
    def of(cls, names: Sequence[str], means: ArrayLike, sizes: ArrayLike) -> AreaPopulation:
        """Raises Refused (``labels.twice``, ``input.lengths``, ``sae.population_size``)."""
        X, N = finite(means, "means", ndim=2), finite(sizes, "sizes")
        same_length(means=X, sizes=N)
        if (N <= 0).any():
            raise Refused("sae.population_size", found="a population that is not positive", remedy="give head counts")
        return cls(label_axis(names, N.size) or (), X, N)


@dataclass(frozen=True, slots=True)
class UnitSample:
    """Sampled units grouped by area of the sample: sizes, sums and means of y and of the design (basis)."""

    y: Floats
    design: Floats
    group: Integers
    names: tuple[str, ...]

    @classmethod
    def checked(cls, y: ArrayLike, design: ArrayLike, area: Sequence[str]) -> UnitSample:
        """Raises Refused: ``sae.one_area``, ``sae.no_replication``, ``input.*``."""
        values, X = finite(y, "y"), finite(design, "covariates", ndim=2)
        count = same_length(y=values, covariates=X)
        if len(area) != count:
            raise Refused(
                "input.lengths", found=f"{len(area)} areas for {count} units", remedy="give one for each unit"
            )
        names, group = np.unique(np.asarray(area, dtype=str), return_inverse=True)
        if names.size < 2:
            raise Refused("sae.one_area", found="units of one area", remedy="publish its sample mean")
        if names.size == count:
            raise Refused(
                "sae.no_replication",
                found="one unit in every area",
                remedy="the two variances cannot be told apart: use several units in some areas, or fay_herriot",
            )
        if count - names.size < X.shape[1]:
            raise Refused("sae.too_few_units", found=f"{count} units", remedy="use more units or fewer covariates")
        return cls(values, X, group.astype(np.int64), tuple(str(name) for name in names))


@dataclass(frozen=True, slots=True)
class NestedFit:
    """Fitted nested-error model; ``core`` is the covariance of the coefficients."""

    coefficients: Floats
    core: Floats
    sigma2_area: float
    sigma2_unit: float
    sizes: Floats
    mean_y: Floats
    mean_x: Floats
    log_likelihood: float


@dataclass(frozen=True, slots=True)
class _Sums:
    """Sufficient sums: everything a step needs, O(D p^2) to use."""

    total: Floats
    cross: Floats
    square: float
    sizes: Floats
    by_x: Floats
    by_y: Floats
    units: int


def _sums(sample: UnitSample, basis: Floats) -> _Sums:
    D = len(sample.names)
    by_x = np.zeros((D, basis.shape[1]))
    np.add.at(by_x, sample.group, basis)
    sizes = np.bincount(sample.group, minlength=D).astype(np.float64)
    by_y = np.bincount(sample.group, weights=sample.y, minlength=D).astype(np.float64)
    y = sample.y
    return _Sums(basis.T @ basis, basis.T @ y, float(y @ y), sizes, by_x, by_y, y.size)


@dataclass(frozen=True, slots=True)
class _At:
    slope: float
    criterion: float
    beta: Floats
    inverse: Floats
    quadratic: float


def _profile(sums: _Sums, ratio: float, *, restricted: bool) -> _At:
    """Profile likelihood of ratio = area variance / unit variance, and its derivative."""
    grown = 1 + ratio * sums.sizes
    c = ratio / grown
    inverse: Floats = np.asarray(np.linalg.inv(sums.total - (sums.by_x.T * c) @ sums.by_x), dtype=np.float64)
    pull = sums.cross - sums.by_x.T @ (c * sums.by_y)
    beta = inverse @ pull
    quadratic = sums.square - float(c @ sums.by_y**2) - float(pull @ beta)
    free = sums.units - (beta.size if restricted else 0)
    residual = sums.by_y - sums.by_x @ beta
    slope = -0.5 * (-free * float(np.sum((residual / grown) ** 2)) / quadratic + float(np.sum(sums.sizes / grown)))
    criterion = -0.5 * (free * np.log(quadratic) + float(np.log(grown).sum()))
    if restricted:
        slope += 0.5 * float(np.sum(np.einsum("dp,pq,dq->d", sums.by_x, inverse, sums.by_x) / grown**2))
        criterion += 0.5 * float(np.linalg.slogdet(inverse)[1])
    return _At(slope, criterion, beta, inverse, quadratic)


def _best_ratio(sums: _Sums, *, restricted: bool) -> float:
    """The ratio of the highest profile likelihood: grid, then the root of the slope around it."""
    from scipy.optimize import brentq

    grid = np.concatenate([[0.0], np.geomspace(1e-4, 1e4, 24)])
    best = int(np.argmax([_profile(sums, float(one), restricted=restricted).criterion for one in grid]))
    low, high = float(grid[max(best - 1, 0)]), float(grid[min(best + 1, grid.size - 1)])

    def slope(ratio: float) -> float:
        return _profile(sums, ratio, restricted=restricted).slope

    if low == 0.0 and slope(0.0) <= 0:
        return 0.0
    if slope(high) > 0 or slope(low) < 0:
        return float(grid[best])
    return float(brentq(slope, low, high, xtol=1e-300, rtol=1e-14))


def _plain_regression(y: Floats, basis: Floats) -> tuple[Floats, Floats]:
    """Coefficients on an orthonormal basis and residuals: sums of their squares keep their digits at any level of y."""
    first = basis.T @ y
    first = first + basis.T @ (y - basis @ first)
    residual = y - basis @ first
    if np.abs(residual).max() <= 1e-12 * np.abs(y).max():
        raise Refused(
            "sae.no_variation",
            found="units that the covariates fit exactly",
            remedy="there is no spread to estimate from: publish what they fit",
        )
    return first, residual


def fit_nested(sample: UnitSample, method: VarianceMethod) -> NestedFit:
    """Nested-error regression by REML or ML, from sums by area: O(n p^2) once, O(D p^2) per step."""
    if method is VarianceMethod.MOMENTS:
        raise Refused("sae.method", found="moments for the unit-level model", remedy="use REML or ML")
    restricted = method is VarianceMethod.REML
    basis, triangle = orthonormal(sample.design)
    first, residual = _plain_regression(sample.y, basis)
    sums = _sums(replace(sample, y=residual), basis)
    ratio = _best_ratio(sums, restricted=restricted)
    at = _profile(sums, ratio, restricted=restricted)
    free = sums.units - (at.beta.size if restricted else 0)
    unit = at.quadratic / free
    back = np.linalg.inv(triangle)
    constant = free * (1 + np.log(2 * np.pi / free))
    if restricted:  # the restricted likelihood of the design as given, not of its basis
        constant += 2 * float(np.log(np.abs(np.diag(triangle))).sum())
    return NestedFit(
        coefficients=back @ (first + at.beta),
        core=unit * back @ at.inverse @ back.T,
        sigma2_area=ratio * unit,
        sigma2_unit=unit,
        sizes=sums.sizes,
        mean_y=np.bincount(sample.group, weights=sample.y, minlength=sums.sizes.size) / sums.sizes,
        mean_x=(sums.by_x / sums.sizes[:, None]) @ triangle,
        log_likelihood=float(at.criterion - 0.5 * constant),
    )


@dataclass(frozen=True, slots=True)
class _Target:
    """For each area of the population: its row in the sample (or -1), sampled size, and what the sample left out."""

    row: Integers
    sampled: Floats
    fraction: Floats
    rest_x: Floats
    shrinkage: Floats


def _target(fit: NestedFit, sample: UnitSample, population: AreaPopulation) -> _Target:
    where = {name: k for k, name in enumerate(sample.names)}
    row = np.array([where.get(name, -1) for name in population.names], dtype=np.int64)
    missing = set(sample.names) - set(population.names)
    if missing:
        raise Refused(
            "sae.unknown_area",
            found=f"{len(missing)} sampled areas without population",
            remedy="give their means and sizes",
        )
    sampled = np.where(row >= 0, fit.sizes[row], 0.0)
    if (sampled > population.sizes).any():
        raise Refused("sae.population_size", found="more sampled than there are people", remedy="check the sizes")
    mean_x = np.where((row >= 0)[:, None], fit.mean_x[row], 0.0)
    left = np.maximum(population.sizes - sampled, 1e-300)[:, None]
    rest = (population.sizes[:, None] * population.means - sampled[:, None] * mean_x) / left
    rest = np.where((population.sizes > sampled)[:, None], rest, population.means)
    shrink = np.zeros(row.size)
    seen = sampled > 0
    shrink[seen] = fit.sigma2_area / (fit.sigma2_area + fit.sigma2_unit / sampled[seen])
    return _Target(row, sampled, sampled / population.sizes, rest, shrink)


def _predict(fit: NestedFit, target: _Target) -> Floats:
    """f ybar_s + (1 - f) (xbar_r' b + u), Battese, Harter and Fuller (1988)."""
    seen = target.row >= 0
    mean_y = np.where(seen, fit.mean_y[target.row], 0.0)
    effect = np.where(seen, target.shrinkage * (mean_y - fit.mean_x[target.row] @ fit.coefficients), 0.0)
    rest: Floats = target.rest_x @ fit.coefficients + effect
    return target.fraction * mean_y + (1 - target.fraction) * rest


def _error(fit: NestedFit, target: _Target, sizes: Floats) -> Floats:
    """Mean squared error of the finite population mean: Prasad and Rao (1990), REML variances."""
    a, e, n = fit.sigma2_area, fit.sigma2_unit, fit.sizes
    grown = e + n * a
    information = 0.5 * np.array(
        [
            [np.sum(n**2 / grown**2), np.sum(n / grown**2)],
            [np.sum(n / grown**2), np.sum((n - 1) / e**2 + 1 / grown**2)],
        ]
    )
    spread = np.linalg.inv(information)
    seen = target.sampled > 0
    size = np.where(seen, target.sampled, 1.0)
    mixed = e**2 * spread[0, 0] + a**2 * spread[1, 1] - 2 * e * a * spread[0, 1]
    g1 = (1 - target.shrinkage) * a
    lever = target.rest_x - target.shrinkage[:, None] * np.where(seen[:, None], fit.mean_x[target.row], 0.0)
    g2 = np.einsum("dp,pq,dq->d", lever, fit.core, lever)
    g3 = np.where(seen, mixed / (size**2 * (a + e / size) ** 3), 0.0)
    left = sizes - target.sampled
    noise = np.where(left > 0, e / np.maximum(left, 1.0), 0.0)
    error: Floats = (1 - target.fraction) ** 2 * (g1 + g2 + 2 * g3 + noise)
    return error


@estimator(
    "unit_level",
    family="sae",
    reference="Battese, Harter and Fuller (1988), JASA 83, 28-36; error of Prasad and Rao (1990), JASA "
    "85; bootstrap "
    "of Gonzalez-Manteiga et al. (2008), J. Statist. Comput. Simul. 78",
    assumptions=ASSUMPTIONS,
)
def unit_level(
    y: ArrayLike,
    covariates: ArrayLike,
    area: Sequence[str],
    population: AreaPopulation,
    *,
    method: VarianceMethod | str = VarianceMethod.REML,
    level: float = 0.95,
    bootstrap: Bootstrap | None = None,
) -> EstimateArray:
    """Means of finite populations of areas from ``y`` (n,) and ``covariates`` (n, p, intercept included) of sampled
    units.

    ``area`` names the area of each unit; areas of ``population`` without sample get the prediction of the model
    alone. Raises Refused: ``sae.one_area``, ``sae.no_replication``, ``sae.unknown_area``, ``sae.population_size``,
    ``sae.collinear``.

    >>> people = AreaPopulation.of(["a", "b"], [[1.0], [1.0]], [50, 60])
    >>> unit_level([1.0, 2.0, 4.0, 5.0], np.ones((4, 1)), ["a", "a", "b", "b"], people).values.round(2)
    array([1.58, 4.42])
    """
    sample = UnitSample.checked(y, covariates, area)
    if population.means.shape[1] != sample.design.shape[1]:
        raise Refused(
            "sae.columns",
            found=f"{population.means.shape[1]} population means for {sample.design.shape[1]} covariates",
            remedy="give the mean of every column of the design, 1 for the intercept",
        )
    fit = fit_nested(sample, choice(VarianceMethod, method))
    target = _target(fit, sample, population)
    values = _predict(fit, target)
    mse = _error(fit, target, population.sizes)
    if bootstrap is not None:
        mse = _bootstrap_error(fit, sample, population, choice(VarianceMethod, method), bootstrap)
    error, z = np.sqrt(mse), normal_quantile(level)
    return EstimateArray(
        estimand="area mean",
        estimator="unit_level",
        values=values,
        standard_errors=error,
        low=values - z * error,
        high=values + z * error,
        level=level,
        interval_method="normal, root of the mean squared error",
        meaning=MEANING,
        labels=(population.names,),
        assumptions=ASSUMPTIONS,
        diagnostics=(
            Diagnostic(
                "unsampled_areas", _UNSAMPLED, int((target.row < 0).sum()), concern=bool((target.row < 0).any())
            ),
        ),
        seed=None if bootstrap is None else seed_of(bootstrap.rng),
        extra={
            "mse": mse,
            "sigma2_area": fit.sigma2_area,
            "sigma2_unit": fit.sigma2_unit,
            "coefficients": fit.coefficients,
            "coefficient_standard_errors": np.sqrt(np.diag(fit.core)),
            "log_likelihood": fit.log_likelihood,
            "shrinkage": target.shrinkage,
            "sample_sizes": target.sampled,
            "model": fit,
        },
    )


def _bootstrap_error(
    fit: NestedFit, sample: UnitSample, population: AreaPopulation, method: VarianceMethod, bootstrap: Bootstrap
) -> Floats:
    """Draw area effects, sampled units and the means of the unsampled rest; fit again; average the squared errors."""
    rng, target = bootstrap.rng, _target(fit, sample, population)
    line, squared = sample.design @ fit.coefficients, np.zeros(len(population.names))
    inside = {name: k for k, name in enumerate(population.names)}
    of_unit = np.array([inside[name] for name in sample.names])[sample.group]
    left = population.sizes - target.sampled
    for _ in range(bootstrap.replicates):
        effect = np.sqrt(fit.sigma2_area) * rng.standard_normal(squared.size)
        noise = np.sqrt(fit.sigma2_unit / np.maximum(left, 1.0)) * rng.standard_normal(squared.size)
        y = line + effect[of_unit] + np.sqrt(fit.sigma2_unit) * rng.standard_normal(line.size)
        drawn = replace(sample, y=y)
        again = fit_nested(drawn, method)
        aim = _target(again, drawn, population)
        rest = target.rest_x @ fit.coefficients + effect + noise
        mean_y = np.where(aim.row >= 0, again.mean_y[aim.row], 0.0)
        truth = aim.fraction * mean_y + (1 - aim.fraction) * rest
        squared += (_predict(again, aim) - truth) ** 2
    error: Floats = squared / bootstrap.replicates
    return error


_UNSAMPLED = Text(
    fr="Territoires sans enquêté, estimés par le modèle seul.",
    ar="مناطق بلا مستجوبين، قُدّرت بالنموذج وحده.",
    en="Areas without respondents, estimated by the model alone.",
)
