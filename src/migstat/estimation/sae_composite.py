"""Composite estimation: a weighted mean of a direct and a synthetic estimate of each area."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from migstat.estimation.arrays import EstimateArray, Floats, choice, finite, normal_quantile, same_length
from migstat.estimation.registry import estimator
from migstat.estimation.sae_assumptions import KNOWN_VARIANCES
from migstat.model import Assumption, Refused, Text

SYNTHETIC_ERROR_KNOWN = Assumption(
    "synthetic_error_known",
    Text(
        fr="L'erreur quadratique moyenne annoncée de l'estimation synthétique comprend son biais.",
        ar="متوسط مربع الخطأ المعلن للتقدير التركيبي يشمل انحيازه.",
        en="The stated mean squared error of the synthetic estimate includes its bias.",
    ),
    Text(
        fr="Si le biais est oublié, trop de poids va au synthétique et l'intervalle est trop étroit.",
        ar="إذا أُهمل الانحياز نال التقدير التركيبي وزناً زائداً وضاق المجال أكثر من اللازم.",
        en="If the bias is forgotten the synthetic estimate weighs too much and the interval is too narrow.",
    ),
)
ASSUMPTIONS = (KNOWN_VARIANCES, SYNTHETIC_ERROR_KNOWN)
MEANING = Text(
    fr="Moyenne pondérée de l'estimation directe et de la synthétique, d'autant plus directe que l'échantillon est "
    "grand. L'intervalle "
    "repose sur les deux erreurs annoncées ; un biais synthétique sous-estimé le romprait.",
    ar="متوسط مرجَّح للتقدير المباشر والتقدير التركيبي، يقترب من المباشر كلما كبرت العينة. يستند المجال إلى الخطأين "
    "المعلنين؛ "
    "وتقليل انحياز التركيبي ينقضه.",
    en="Weighted mean of the direct and the synthetic estimate, the more direct the larger the sample. The interval "
    "rests on the "
    "two stated errors; a synthetic bias underrated would break it.",
)


class CompositeWeight(StrEnum):
    """Weight of the direct estimate: by the two errors, or by how much of the area the sample stands for."""

    OPTIMAL = "optimal"
    SAMPLE_SIZE = "sample_size"


@estimator(
    "composite",
    family="sae",
    reference="Drew, Singh and Choudhry (1982), Survey Methodology 8, 17-47 (sample size dependent); Rao and Molina "
    "(2015), "
    "Small Area Estimation, 2nd ed., (optimal)",
    assumptions=ASSUMPTIONS,
)
def composite(
    direct: ArrayLike,
    direct_variance: ArrayLike,
    synthetic: EstimateArray,
    *,
    weight: CompositeWeight | str = CompositeWeight.OPTIMAL,
    estimated_size: ArrayLike | None = None,
    known_size: ArrayLike | None = None,
    delta: float = 1.0,
) -> EstimateArray:
    """phi direct + (1 - phi) synthetic for D areas, taken as independent of each other.

    ``optimal``: phi = mse(synthetic) / (mse(synthetic) + var(direct)). ``sample_size``: phi = 1 when the area's size
    estimated from the sample reaches ``delta`` times its known size, else the share of it that it reaches. Raises
    Refused: ``sae.sampling_variance``, ``sae.sizes``, ``sae.no_error``.

    >>> from migstat.estimation.sae_synthetic import ClassMeans, synthetic
    >>> model = synthetic(ClassMeans(np.array([0.4, 0.1]), np.diag([0.0004, 0.0004])), [[50, 50], [80, 20]])
    >>> composite([0.35, 0.30], [0.0002, 0.01], model).values.round(4)
    array([0.3   , 0.3389])
    """
    y, v = finite(direct, "direct"), finite(direct_variance, "direct_variance")
    same_length(direct=y, direct_variance=v, synthetic=synthetic.values)
    if (v <= 0).any():
        raise Refused("sae.sampling_variance", found="a direct variance that is not positive", remedy="smooth it first")
    if synthetic.standard_errors is None:
        raise Refused("sae.no_error", found="a synthetic estimate without error", remedy="estimate its error first")
    m = synthetic.standard_errors**2
    if choice(CompositeWeight, weight) is CompositeWeight.OPTIMAL:
        phi = m / (m + v)
    else:
        phi = _reached(estimated_size, known_size, delta, y.size)
    values = phi * y + (1 - phi) * synthetic.values
    mse = phi**2 * v + (1 - phi) ** 2 * m
    error, z = np.sqrt(mse), normal_quantile(synthetic.level)
    return EstimateArray(
        estimand=synthetic.estimand,
        estimator="composite",
        values=values,
        standard_errors=error,
        low=values - z * error,
        high=values + z * error,
        level=synthetic.level,
        interval_method="normal, root of the mean squared error",
        meaning=MEANING,
        labels=synthetic.labels,
        assumptions=(*synthetic.assumptions, *ASSUMPTIONS),
        extra={"mse": mse, "direct_weight": phi},
    )


def _reached(estimated: ArrayLike | None, known: ArrayLike | None, delta: float, areas: int) -> Floats:
    if estimated is None or known is None:
        raise Refused("sae.sizes", found="no sizes", remedy="give estimated_size and known_size for this weight")
    e, k = finite(estimated, "estimated_size"), finite(known, "known_size")
    if e.size != areas or k.size != areas or (e < 0).any() or (k <= 0).any() or delta <= 0:
        raise Refused("sae.sizes", found="sizes or delta out of range", remedy="give positive sizes for every area")
    share: Floats = np.minimum(1.0, e / (delta * k))
    return share
