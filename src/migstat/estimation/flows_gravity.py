"""The gravity model of flows by Poisson pseudo maximum likelihood, with effects of origin and destination if
wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from migstat.estimation.arrays import EstimateArray, Floats, choice, finite, label_axis, normal_quantile, same_length
from migstat.estimation.registry import estimator
from migstat.model import Assumption, Diagnostic, Refused, Text

MEAN_RIGHT = Assumption(
    "mean_right",
    Text(
        fr="Le flux moyen est l'exponentielle d'une combinaison linéaire des variables ; sa variance peut être "
        "quelconque.",
        ar="متوسط التدفق هو الدالة الأسية لتركيبة خطية من المتغيرات؛ أما تباينه فيمكن أن يكون أي شيء.",
        en="The mean flow is the exponential of a linear combination of the covariates; its variance may be anything.",
    ),
    Text(
        fr="Une variable oubliée qui compte (réseaux, visas) biaise les coefficients de celles qui lui ressemblent.",
        ar="المتغير المهم المغفل (شبكات، تأشيرات) يحرف معاملات المتغيرات الشبيهة به.",
        en="A covariate left out that matters (networks, visas) biases the coefficients of those like it.",
    ),
)
FLOWS_APART = Assumption(
    "flows_apart",
    Text(
        fr="Les écarts au modèle sont indépendants d'un couple de lieux à l'autre (d'un groupe à l'autre si l'on "
        "donne des groupes).",
        ar="الانحرافات عن النموذج مستقلة بين أزواج الأماكن (أو بين المجموعات إذا أُعطيت مجموعات).",
        en="Deviations from the model are independent between pairs of places (between groups where groups are given).",
    ),
    Text(
        fr="Si des couples voisins s'écartent ensemble, l'intervalle est trop étroit : donnez des groupes.",
        ar="إذا انحرفت أزواج متجاورة معاً كان المجال أضيق من اللازم: أعطِ مجموعات.",
        en="If neighbouring pairs deviate together the interval is too narrow: give groups.",
    ),
)
ASSUMPTIONS = (MEAN_RIGHT, FLOWS_APART)
MEANING = Text(
    fr="Effet d'une variable sur le logarithme du flux, les autres tenues égales ; ce n'est pas une cause prouvée. "
    "L'intervalle reste juste si "
    "les flux ne sont pas de Poisson (variance robuste), mais non si une variable importante manque.",
    ar="أثر متغير في لوغاريتم التدفق مع ثبات غيره؛ وليس سبباً مثبتاً. يبقى المجال صحيحاً وإن لم تتبع التدفقات قانون "
    "بواسون (تباين متين)، "
    "لكنه لا يصح إذا غاب متغير مهم.",
    en="Effect of a covariate on the logarithm of the flow, the others held equal; not a proven cause. The interval "
    "stays right when "
    "flows are not Poisson (robust variance), but not when a covariate that matters is missing.",
)


class VarianceKind(StrEnum):
    """Robust (sandwich), clustered by ``groups``, Poisson as if its variance were right, or Poisson times its
    dispersion."""

    ROBUST = "robust"
    CLUSTERED = "clustered"
    POISSON = "poisson"
    QUASI = "quasi"


@dataclass(frozen=True, slots=True)
class PairEffects:
    """Origin and destination of each row: one effect for each place and role, the first place of each role being
    0."""

    origin: tuple[str, ...]
    destination: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GravityFit:
    """A fitted model; ``covariance`` as asked for, of (covariates, effects)."""

    coefficients: Floats
    covariance: Floats
    fitted: Floats
    deviance: float
    log_likelihood: float
    dispersion: float
    iterations: int


def _dummies(names: Sequence[str]) -> tuple[list[str], np.ndarray]:
    levels, code = np.unique(np.asarray(names, dtype=str), return_inverse=True)
    return [str(level) for level in levels], code


def _design(X: Floats, effects: PairEffects | None, flow: Floats) -> tuple[Any, list[str]]:
    """Sparse design of covariates, then origin and destination effects. Refuses effects without any flow."""
    from scipy.sparse import csr_matrix, hstack

    parts, names = [csr_matrix(X)], []
    if effects is not None:
        for role, places in (("origin", effects.origin), ("destination", effects.destination)):
            if len(places) != flow.size:
                raise Refused("input.lengths", found=f"{len(places)} {role}s for {flow.size} flows", remedy="one each")
            levels, code = _dummies(places)
            if (np.bincount(code, weights=flow) == 0).any():
                raise Refused(
                    "gravity.all_zero",
                    found=f"an {role} effect for a place without any flow",
                    remedy="leave its rows out: its effect is minus infinity and they fit exactly",
                )
            rows = np.flatnonzero(code > 0)
            shape = (flow.size, len(levels) - 1)
            parts.append(csr_matrix((np.ones(rows.size), (rows, code[rows] - 1)), shape=shape))
            names += [f"{role}:{level}" for level in levels[1:]]
    return hstack(parts).tocsr(), names


def fit_poisson(design: Any, y: Floats, offset: Floats) -> tuple[Floats, Floats, Floats, int]:
    """Iteratively reweighted least squares to machine precision: coefficients, fitted means, inverse information,
    steps.

    Raises Refused (``gravity.collinear``, ``gravity.no_convergence``).
    """
    Z = design
    mean = np.maximum(y, 0.1) * 0.9 + 0.1 * float(y.mean())
    eta, beta, deviance = np.log(mean), np.zeros(Z.shape[1]), np.inf
    for step in range(1, 101):
        working = eta - offset + (y - mean) / mean
        information = (Z.multiply(mean[:, None]).T @ Z).toarray()
        pull = Z.T @ (mean * working)
        scale = 1 / np.sqrt(np.diag(information))
        scaled = scale[:, None] * information * scale
        if np.linalg.eigvalsh(scaled)[0] < 1e-11:
            raise Refused(
                "gravity.collinear",
                found="covariates or effects that are sums of each other, or that fit zeros exactly",
                remedy="leave one out; place-level covariates cannot be told from place effects",
            )
        inverse = scale[:, None] * np.linalg.inv(scaled) * scale
        beta = inverse @ pull
        eta = np.clip(Z @ beta + offset, -700, 700)
        mean = np.exp(eta)
        new = poisson_deviance(y, mean)
        if abs(new - deviance) <= 1e-13 * (abs(new) + 1e-3):
            return beta, mean, inverse, step
        deviance = new
    raise Refused(
        "gravity.no_convergence",
        found="coefficients that run away",
        remedy="look for a covariate that is only there with zeros",
    )


def poisson_deviance(y: Floats, mean: Floats) -> float:
    """2 sum(y log(y / mean) - y + mean)."""
    term = np.where(y > 0, y * np.log(np.where(y > 0, y, 1.0) / mean), 0.0)
    return float(2 * np.sum(term - y + mean))


@estimator(
    "flows_gravity",
    family="flows",
    reference="Santos Silva and Tenreyro (2006), Review of Economics and Statistics 88, 641-658; Beine, "
    "Bertoli and "
    "Fernandez-Huertas Moraga (2016), The World Economy 39, 496-512",
    assumptions=ASSUMPTIONS,
)
def flows_gravity(
    flow: ArrayLike,
    covariates: ArrayLike,
    names: Sequence[str],
    *,
    effects: PairEffects | None = None,
    variance: VarianceKind | str = VarianceKind.ROBUST,
    groups: Sequence[str] | None = None,
    level: float = 0.95,
) -> EstimateArray:
    """Coefficients of log mean flow from ``flow`` (N,) of 0 or more and ``covariates`` (N, p), intercept and
    logarithms included.

    Zeros are kept as they are. ``effects`` adds one effect per origin and destination (the first of each is the
    base). ``extra`` has the fitted flows, deviance, likelihood and the covariance of the coefficients. Raises
    Refused: ``gravity.negative``, ``gravity.collinear``, ``gravity.all_zero``, ``gravity.no_convergence``.

    >>> far = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    >>> fit = flows_gravity([90, 31, 10, 4, 1], np.column_stack([np.ones(5), far]), ["intercept", "distance"])
    >>> round(fit.estimate("distance").value, 3)
    -1.078
    """
    y, X = finite(flow, "flow"), finite(covariates, "covariates", ndim=2)
    same_length(flow=y, covariates=X)
    if (y < 0).any() or y.sum() == 0:
        raise Refused("gravity.negative", found="negative flows, or none at all", remedy="give counts of 0 or more")
    Z, more = _design(X, effects, y)
    labels = label_axis([*names, *more], X.shape[1] + len(more))
    beta, mean, inverse, steps = fit_poisson(Z, y, np.zeros_like(y))
    kind = choice(VarianceKind, variance)
    dispersion = float(np.sum((y - mean) ** 2 / mean)) / max(y.size - beta.size, 1)
    covariance = _covariance(Z, y - mean, inverse, kind, groups, dispersion)
    error, z = np.sqrt(np.diag(covariance)), normal_quantile(level)
    from scipy.special import gammaln

    likelihood = float(np.sum(y * np.log(mean) - mean - gammaln(y + 1)))
    fit = GravityFit(beta, covariance, mean, poisson_deviance(y, mean), likelihood, dispersion, steps)
    return EstimateArray(
        estimand="gravity coefficient",
        estimator="flows_gravity",
        values=beta,
        standard_errors=error,
        low=beta - z * error,
        high=beta + z * error,
        level=level,
        interval_method=f"normal, {kind.value} variance",
        meaning=MEANING,
        labels=None if labels is None else (labels,),
        assumptions=ASSUMPTIONS,
        diagnostics=(
            Diagnostic("dispersion", _DISPERSION, dispersion, concern=kind is VarianceKind.POISSON and dispersion > 2),
        ),
        extra={
            "fitted": mean,
            "deviance": fit.deviance,
            "log_likelihood": likelihood,
            "aic": -2 * likelihood + 2 * beta.size,
            "covariance": covariance,
            "model": fit,
        },
    )


def _covariance(
    Z: Any, residual: Floats, inverse: Floats, kind: VarianceKind, groups: Sequence[str] | None, dispersion: float
) -> Floats:
    if kind is VarianceKind.POISSON:
        return inverse
    if kind is VarianceKind.QUASI:
        return inverse * dispersion
    scores = Z.multiply(residual[:, None]).tocsr()
    factor = residual.size / max(residual.size - inverse.shape[0], 1)
    if kind is VarianceKind.CLUSTERED:
        if groups is None or len(groups) != residual.size:
            raise Refused("gravity.groups", found="no groups", remedy="give one group for each flow")
        from scipy.sparse import csr_matrix

        levels, code = _dummies(groups)
        if len(levels) <= 2:
            raise Refused(
                "gravity.groups", found=f"{len(levels)} groups", remedy="a clustered variance needs many groups"
            )
        sums = csr_matrix((np.ones(code.size), (code, np.arange(code.size))), shape=(len(levels), code.size))
        scores, factor = sums @ scores, len(levels) / (len(levels) - 1)
    covariance: Floats = factor * inverse @ (scores.T @ scores).toarray() @ inverse
    return covariance


_DISPERSION = Text(
    fr="Variance des flux rapportée à celle de Poisson ; au-delà de 2, l'erreur de Poisson serait trop petite.",
    ar="تباين التدفقات نسبة إلى تباين بواسون؛ إذا تجاوز 2 كان خطأ بواسون أصغر من اللازم.",
    en="Variance of the flows over that of Poisson; above 2 the Poisson error would be too small.",
)
