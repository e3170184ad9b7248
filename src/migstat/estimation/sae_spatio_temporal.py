"""Spatio-temporal Fay-Herriot: neighbours resemble each other, and each area resembles itself from year to year."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from migstat.estimation.arrays import EstimateArray, Floats, label_axis, seed_of
from migstat.estimation.registry import estimator
from migstat.estimation.sae_area_model import AreaSurvey, VarianceMethod
from migstat.estimation.sae_assumptions import KNOWN_VARIANCES, LINEAR_LINK, NORMAL_EFFECTS
from migstat.estimation.sae_fay_herriot import Bootstrap
from migstat.estimation.sae_spatial import (
    NEIGHBOURS,
    autoregression,
    autoregression_slope,
    describe_structured,
    proximity,
    structured_estimates,
)
from migstat.estimation.sae_structured_model import (
    Structure,
    bootstrap_structured,
    fit_structured,
    structured_error,
)
from migstat.model import Assumption, Refused, Text

STEADY_MEMORY = Assumption(
    "steady_memory",
    Text(
        fr="La ressemblance d'une période à la suivante est la même pour tous les territoires et ne change pas.",
        ar="التشابه بين فترة وأخرى واحد في كل المناطق ولا يتغير.",
        en="The likeness from one period to the next is the same in all areas and does not change.",
    ),
    Text(
        fr="Après une rupture (expulsion, ouverture d'un centre), le modèle lisse le saut et le date mal.",
        ar="بعد تغير مفاجئ (ترحيل أو افتتاح مركز) يُنعّم النموذج القفزة ويخطئ تاريخها.",
        en="After a break (an eviction, a new centre) the model smooths the jump and dates it wrongly.",
    ),
)
ASSUMPTIONS = (KNOWN_VARIANCES, LINEAR_LINK, NORMAL_EFFECTS, NEIGHBOURS, STEADY_MEMORY)


@dataclass(frozen=True, slots=True)
class Panel:
    """D areas seen at T periods: rows of every array are area by area, periods in order within each area."""

    areas: tuple[str, ...]
    periods: tuple[str, ...]

    @property
    def rows(self) -> int:
        return len(self.areas) * len(self.periods)

    @classmethod
    def of(cls, areas: list[str] | tuple[str, ...], periods: list[str] | tuple[str, ...]) -> Panel:
        """Raises Refused (``sae.panel``) for fewer than two areas or two periods."""
        if len(areas) < 2 or len(periods) < 2:
            raise Refused(
                "sae.panel",
                found=f"{len(areas)} areas and {len(periods)} periods",
                remedy="use at least two of each; with one period use spatial_fay_herriot",
            )
        return cls(label_axis(areas, len(areas)) or (), label_axis(periods, len(periods)) or ())


def _serial(T: int, rho: float) -> Floats:
    """Correlation of a stationary first-order autoregression over 1 / (1 - rho^2), shape (T, T)."""
    lag = np.abs(np.subtract.outer(np.arange(T), np.arange(T)))
    matrix: Floats = np.power(rho, lag) / (1 - rho**2)
    return matrix


def _serial_slope(T: int, rho: float) -> Floats:
    lag = np.abs(np.subtract.outer(np.arange(T), np.arange(T))).astype(float)
    slope = np.where(lag > 0, lag * np.power(rho, np.maximum(lag - 1, 0)), 0.0) / (1 - rho**2)
    return slope + 2 * rho / (1 - rho**2) * _serial(T, rho)


def _structure(W: Floats, T: int, psi: Floats, *, serial: bool) -> Structure:
    D = W.shape[0]
    ones, eye = np.ones((T, T)), np.eye(D)

    def inner(theta: Floats) -> Floats:
        return _serial(T, float(theta[3])) if serial else np.eye(T)

    def covariance(theta: Floats) -> Floats:
        between: Floats = np.kron(theta[0] * autoregression(W, float(theta[1])), ones)
        return between + np.kron(eye, theta[2] * inner(theta))

    def derivatives(theta: Floats) -> list[Floats]:
        rho = float(theta[1])
        C = autoregression(W, rho)
        found = [
            np.kron(C, ones),
            np.kron(theta[0] * autoregression_slope(W, rho, C), ones),
            np.kron(eye, inner(theta)),
        ]
        if serial:
            found.append(np.kron(eye, theta[2] * _serial_slope(T, float(theta[3]))))
        return found

    half, tight = 0.5 * float(np.median(psi)), (-0.999, 0.999)
    starts = [np.array([half, 0.5, half, 0.5]), np.array([half, 0.0, half, 0.0])]
    return Structure(
        names=("sigma2_area", "rho_space", "sigma2_period", "rho_time")[: 4 if serial else 3],
        covariance=covariance,
        derivatives=derivatives,
        bounds=((0.0, np.inf), tight, (0.0, np.inf), tight)[: 4 if serial else 3],
        starts=[start[: 4 if serial else 3] for start in starts],
        variances={0: (1,), 2: (3,)} if serial else {0: (1,)},
    )


@estimator(
    "spatio_temporal_fay_herriot",
    family="sae",
    reference="Marhuenda, Molina and Morales (2013), Computational Statistics and Data Analysis 58, 308-325",
    assumptions=ASSUMPTIONS,
)
def spatio_temporal_fay_herriot(
    direct: ArrayLike,
    sampling_variance: ArrayLike,
    covariates: ArrayLike,
    proximity_matrix: ArrayLike,
    panel: Panel,
    *,
    serial: bool = True,
    level: float = 0.95,
    bootstrap: Bootstrap | None = None,
) -> EstimateArray:
    """Restricted likelihood fit of y_dt = x'b + u1_d + u2_dt + e_dt, values of shape (D, T).

    u1 is autoregressive in space over ``proximity_matrix`` (D, D), u2 autoregressive in time (``serial=False``:
    independent). Arrays have D T rows in the order of ``panel``. The analytic error is of first order (g1 + g2 + 2
    g3); ``bootstrap`` gives the published one. Raises Refused: ``sae.panel``, ``sae.proximity``, ``sae.island`` and
    those of ``fay_herriot``.

    >>> ring = np.roll(np.eye(4), 1, axis=0) + np.roll(np.eye(4), -1, axis=0)
    >>> panel = Panel.of(["a", "b", "c", "d"], ["2022", "2023", "2024"])
    >>> y = [1, 1.2, 1.1, 2, 2.2, 2.4, 3, 2.9, 3.1, 2, 2.1, 2.0]
    >>> spatio_temporal_fay_herriot(y, [0.05] * 12, np.ones((12, 1)), ring, panel).values.shape
    (4, 3)
    """
    survey = AreaSurvey.checked(direct, sampling_variance, covariates)
    D, T = len(panel.areas), len(panel.periods)
    if survey.direct.size != panel.rows:
        raise Refused(
            "sae.panel", found=f"{survey.direct.size} rows for {D} areas by {T} periods", remedy="give every pair once"
        )
    W = proximity(proximity_matrix, D)
    fit = fit_structured(_structure(W, T, survey.variance, serial=serial), VarianceMethod.REML, survey)
    mse = structured_error(fit, survey).total
    if bootstrap is not None:
        mse = bootstrap_structured(fit, survey, bootstrap.rng, bootstrap.replicates)
    flat = structured_estimates(
        "spatio_temporal_fay_herriot",
        fit,
        mse,
        level=level,
        labels=None,
        assumptions=ASSUMPTIONS,
        seed=None if bootstrap is None else seed_of(bootstrap.rng),
        extra={**describe_structured(fit), "mse": mse.reshape(D, T), "survey": survey},
    )
    return _as_table(flat, panel)


def _as_table(flat: EstimateArray, panel: Panel) -> EstimateArray:
    from dataclasses import replace

    shape = (len(panel.areas), len(panel.periods))
    parts = {name: getattr(flat, name).reshape(shape) for name in ("values", "standard_errors", "low", "high")}
    return replace(flat, labels=(panel.areas, panel.periods), **parts)
