"""Fay-Herriot on the log scale, for positive values with a long tail, brought back without the bias of a bare exp."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from migstat.estimation.arrays import EstimateArray, Floats, choice, finite, normal_quantile
from migstat.estimation.registry import estimator
from migstat.estimation.sae_area_model import AreaFit, VarianceMethod, leverage
from migstat.estimation.sae_assumptions import INDEPENDENT_AREAS, KNOWN_VARIANCES, LINEAR_LINK, NORMAL_EFFECTS
from migstat.estimation.sae_fay_herriot import fay_herriot
from migstat.model import Assumption, Refused, Text

LOGNORMAL_ERRORS = Assumption(
    "lognormal_errors",
    Text(
        fr="Les erreurs d'enquête sont symétriques sur l'échelle logarithmique.",
        ar="أخطاء المسح متناظرة على السلّم اللوغاريتمي.",
        en="Survey errors are symmetric on the log scale.",
    ),
    Text(
        fr="Avec un coefficient de variation direct supérieur à 30 %, la variance reportée sur le logarithme est "
        "trop grossière.",
        ar="إذا تجاوز معامل التغير المباشر 30 % أصبح التباين المنقول إلى اللوغاريتم تقريبياً أكثر من اللازم.",
        en="With a direct coefficient of variation above 30 % the variance carried to the logarithm is too coarse.",
    ),
)
ASSUMPTIONS = (KNOWN_VARIANCES, LINEAR_LINK, NORMAL_EFFECTS, INDEPENDENT_AREAS, LOGNORMAL_ERRORS)
MEANING = Text(
    fr="Valeur moyenne attendue du territoire sur l'échelle d'origine. L'intervalle est calculé sur le logarithme "
    "puis ramené : il "
    "n'est jamais négatif et n'est pas symétrique. Des valeurs directes très imprécises le rendraient trop étroit.",
    ar="القيمة المتوسطة المتوقعة للمنطقة على السلّم الأصلي. يُحسب المجال على اللوغاريتم ثم يُعاد: فلا يكون سالباً "
    "أبداً وليس متناظراً. "
    "القيم المباشرة القليلة الدقة جداً تجعله أضيق من اللازم.",
    en="Expected value of the area on the original scale. The interval is made on the logarithm and brought back: it "
    "is never "
    "negative and not symmetric. Very imprecise direct values would make it too narrow.",
)


class LogReturn(StrEnum):
    """Back-transformation: Slud and Maiti (2006), or the crude exp(prediction + mse / 2) of Rao (2003)."""

    SLUD_MAITI = "slud_maiti"
    CRUDE = "crude"


@estimator(
    "fay_herriot_log",
    family="sae",
    reference="Slud and Maiti (2006), JRSS B 68, 239-257; crude form: Rao (2003), Small Area Estimation, p. 133",
    assumptions=ASSUMPTIONS,
)
def fay_herriot_log(
    direct: ArrayLike,
    sampling_variance: ArrayLike,
    covariates: ArrayLike,
    *,
    method: VarianceMethod | str = VarianceMethod.REML,
    back: LogReturn | str = LogReturn.SLUD_MAITI,
    areas: Sequence[str] | None = None,
    level: float = 0.95,
) -> EstimateArray:
    """Fay-Herriot for log(direct), with sampling variance / direct^2 on that scale, returned to the original scale.

    Arguments as in ``fay_herriot``; ``direct`` and ``sampling_variance`` on the original scale.
    Raises Refused: ``sae.not_positive`` and those of ``fay_herriot``.

    >>> blend = fay_herriot_log([10.0, 12.0, 30.0, 18.0], [4.0, 4.0, 9.0, 9.0], [[1.0]] * 4)
    >>> bool((blend.low > 0).all())
    True
    """
    y, psi = finite(direct, "direct"), finite(sampling_variance, "sampling_variance")
    if (y <= 0).any():
        raise Refused(
            "sae.not_positive",
            found=f"{int((y <= 0).sum())} direct values that are zero or negative",
            remedy="a logarithm needs positive values: use fay_herriot, or beta_binomial for counts",
        )
    inner = fay_herriot(np.log(y), psi / y**2, covariates, method=method, areas=areas, level=level)
    fit: AreaFit = inner.extra["model"]
    variance, mse_log = psi / y**2, inner.extra["mse"]
    if choice(LogReturn, back) is LogReturn.CRUDE:
        values = np.exp(inner.values + 0.5 * mse_log)
        mse = values**2 * mse_log
    else:
        values = np.exp(inner.values + 0.5 * fit.sigma2 * (1 - fit.shrinkage))
        mse = _slud_maiti_error(fit, variance)
    spread = normal_quantile(level) * np.sqrt(mse_log)
    return EstimateArray(
        estimand="area value",
        estimator="fay_herriot_log",
        values=values,
        standard_errors=np.sqrt(np.maximum(mse, 0.0)),
        low=np.exp(inner.values - spread),
        high=np.exp(inner.values + spread),
        level=level,
        interval_method="normal on the log scale",
        meaning=MEANING,
        labels=inner.labels,
        assumptions=ASSUMPTIONS,
        diagnostics=inner.diagnostics,
        extra={**inner.extra, "mse": mse, "log_scale": inner},
    )


def _slud_maiti_error(fit: AreaFit, psi: Floats) -> Floats:
    """Slud and Maiti (2006): mean squared error of exp(prediction + (1 - gamma) sigma2 / 2)."""
    A, gamma = fit.sigma2, fit.shrinkage
    tau = A + psi
    quadratic = leverage(fit)
    spread = 2 / float(np.sum(tau**-2.0))
    ratio = psi**2 / tau**2
    faded = np.exp(-gamma * psi)
    scale, inner = np.exp(2 * (fit.synthetic + A)), np.exp(2 * fit.synthetic + A * (1 + gamma))
    leading = scale * (1 - faded)
    slope = ratio * inner * (quadratic + spread * (0.25 * (1 + 3 * gamma) ** 2 + 1 / tau))
    lean = 2 * (1 - faded) * quadratic - spread * (2 + (ratio - 2) * faded) * float(np.sum(quadratic / tau**2))
    curve = 2 + (2 * ratio - 2) * faded - psi**2 / tau**3 * faded * (1 + psi**2 / (2 * tau))
    mse: Floats = leading + slope - scale * (lean + spread * curve)
    return mse
