"""Model Mtb: captures vary with the occasion and with an earlier capture."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from migstat.estimation.mse_assumptions import CLOSED, CONFIDENCE, LINKED, TRAP_RESPONSE, meaning_of
from migstat.estimation.mse_intervals import refuse_level, size_estimate
from migstat.estimation.mse_tables import CaptureTable
from migstat.estimation.registry import estimator
from migstat.model import Diagnostic, Estimate, Refused, Text

Floats = NDArray[np.float64]

ASSUMPTIONS = (CLOSED, LINKED, TRAP_RESPONSE)


@estimator(
    "mse_mtb",
    family="mse",
    reference="Otis et al. 1978, Wildlife Monographs 62; Chao, Chu and Hsu 2000, Biometrics 56, 427",
    assumptions=ASSUMPTIONS,
)
def mse_mtb(table: CaptureTable, *, level: float = 0.95) -> Estimate:
    """Size when logit p_j varies with the occasion j and logit c_j = logit p_j + b after a first capture.

    A Poisson likelihood in log N, the t logits and b, maximised by Newton's method with exact derivatives. Often
    nearly flat: the diagnostic ``curvature`` says how flat. Raises Refused ``mse.few_occasions``, ``mse.not_estimable``.

    >>> from migstat.estimation.mse_tables import table_from_overlaps
    >>> people = {"A": 90, "B": 50, "C": 30, "AB": 40, "AC": 30, "BC": 15, "ABC": 18}
    >>> estimate = mse_mtb(table_from_overlaps(people, ("A", "B", "C")))
    >>> estimate.value > 273
    True
    """
    refuse_level(level)
    t = table.n_lists
    if not 3 <= t <= 14:
        raise Refused("mse.few_occasions", found=f"{t} occasions", remedy="bring 3 to 14 occasions")
    parameters, covariance, deviance, flatness = _fit(table)
    size = math.exp(parameters[0])
    variance = size**2 * covariance[0, 0] - size
    flat = Diagnostic(
        "curvature",
        Text(
            "Rapport des courbures extrêmes de la vraisemblance ; très petit, l'effectif est instable.",
            "نسبة أصغر انحناء إلى أكبره في دالة الإمكان؛ إذا صغرت كثيرا كان الحجم غير مستقر.",
            "Ratio of the extreme curvatures of the likelihood; when it is very small the size is unstable.",
        ),
        flatness,
        concern=flatness < 1e-4,
    )
    return size_estimate(
        "mse_mtb",
        table.observed,
        size,
        math.sqrt(max(float(variance), 0.0)),
        level=level,
        meaning=_MEANING,
        assumptions=ASSUMPTIONS,
        diagnostics=(flat,),
        capture=_logistic(parameters[1 : t + 1]),
        recapture=_logistic(parameters[2 : t + 1] + parameters[-1]),
        deviance=deviance,
        df=(1 << t) - 3 - t,
    )


def _logistic(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-x)), dtype=np.float64)


def _fit(table: CaptureTable) -> tuple[Floats, Floats, float, float]:
    """Parameters (log N, t logits, b), covariance, deviance, and the ratio of extreme eigenvalues of the information."""
    from scipy.optimize import minimize

    t = table.n_lists
    counts = table.counts[1:]
    histories = (np.arange(1, 1 << t)[:, None] >> np.arange(t)) & 1
    after = np.cumsum(histories, axis=1) - histories > 0
    # logits = shift @ parameters[1:], one row for each history and occasion
    shift = np.zeros((len(counts), t, t + 1))
    shift[:, np.arange(t), np.arange(t)] = 1.0
    shift[:, :, t] = after

    def logs(parameters: Floats) -> tuple[Floats, Floats]:
        logits = shift @ parameters[1:]
        return parameters[0] + (histories * logits - np.logaddexp(0, logits)).sum(axis=1), _logistic(logits)

    def slopes(chance: Floats) -> Floats:
        return np.column_stack([np.ones(len(counts)), np.einsum("ij,ijk->ik", histories - chance, shift)])

    def loss(parameters: Floats) -> tuple[float, Floats]:
        log_mean, chance = logs(parameters)
        mean = np.exp(np.minimum(log_mean, 700.0))
        return float(mean.sum() - counts @ log_mean), -slopes(chance).T @ (counts - mean)

    start = np.zeros(t + 2)
    start[0] = math.log(2 * table.observed)
    start[1 : t + 1] = np.log(table.list_sizes / (2 * table.observed - table.list_sizes))
    point = np.asarray(minimize(loss, start, jac=True, method="BFGS", options={"gtol": 1e-6, "maxiter": 2000}).x)
    for _ in range(100):
        information = _information(point, counts, shift, logs, slopes)
        try:
            step = np.linalg.solve(information, -loss(point)[1])
        except np.linalg.LinAlgError:
            raise _flat() from None
        while not loss(point + step)[0] <= loss(point)[0] + 1e-9 and np.abs(step).max() > 1e-12:
            step = step / 2
        point = point + step
        if np.abs(step).max() < 1e-10:
            break
    else:
        raise _flat()
    eigenvalues = np.linalg.eigvalsh(information)
    if eigenvalues[0] <= 0:
        raise _flat()
    log_mean, _ = logs(point)
    some = counts > 0
    deviance = 2 * float(counts[some] @ (np.log(counts[some]) - log_mean[some]) - counts.sum() + np.exp(log_mean).sum())
    return (
        point,
        np.asarray(np.linalg.inv(information), dtype=np.float64),
        deviance,
        float(eigenvalues[0] / eigenvalues[-1]),
    )


def _flat() -> Refused:
    return Refused("mse.not_estimable", found="a flat likelihood", remedy="take a model without a response to capture")


def _information(
    point: Floats,
    counts: Floats,
    shift: Floats,
    logs: Callable[[Floats], tuple[Floats, Floats]],
    slopes: Callable[[Floats], Floats],
) -> Floats:
    """Second derivatives of the negative log likelihood."""
    log_mean, chance = logs(point)
    mean = np.exp(log_mean)
    slope = slopes(chance)
    information = (slope * mean[:, None]).T @ slope
    spread = (counts - mean)[:, None] * chance * (1 - chance)
    information[1:, 1:] += np.einsum("ij,ijk,ijl->kl", spread, shift, shift)
    return np.asarray(information, dtype=np.float64)


_MEANING = meaning_of(
    Text(
        "Effectif total de la population quand une première capture change les suivantes.",
        "الحجم الكلي للمجتمع حين يغيّر الرصد الأول احتمال ما بعده.",
        "Total size of the population when a first capture changes the later ones.",
    ),
    CONFIDENCE,
    Text(
        "La vraisemblance est souvent presque plate : de petits écarts au modèle déplacent beaucoup l'effectif.",
        "دالة الإمكان شبه مسطحة في الغالب، فأي حياد صغير عن النموذج يزحزح الحجم كثيرا.",
        "The likelihood is often almost flat: small departures from the model move the size a lot.",
    ),
)
