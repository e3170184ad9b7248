"""Post-stratified synthetic estimation: what each class of people has everywhere, weighted by the area's classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from migstat.estimation.arrays import EstimateArray, Floats, finite, label_axis, normal_quantile, same_length
from migstat.estimation.registry import estimator
from migstat.model import Assumption, Refused, Text

SAME_CLASS_MEANS = Assumption(
    "same_class_means",
    Text(
        fr="Les personnes d'une même classe ont en moyenne la même valeur dans tous les territoires.",
        ar="للأشخاص من الفئة نفسها القيمة نفسها في المتوسط في كل المناطق.",
        en="People of one class have the same value on average in every area.",
    ),
    Text(
        fr="Un territoire qui diffère à classe égale est biaisé ; sans enquête directe rien ne le montre.",
        ar="المنطقة التي تختلف عند تساوي الفئة يكون تقديرها منحازاً؛ وبدون مسح مباشر لا يظهر ذلك.",
        en="An area that differs within classes is biased; without a direct survey nothing shows it.",
    ),
)
KNOWN_COUNTS = Assumption(
    "known_class_counts",
    Text(
        fr="La composition de chaque territoire par classe est connue.",
        ar="تركيبة كل منطقة حسب الفئات معروفة.",
        en="The make-up of each area by class is known.",
    ),
    Text(
        fr="Un recensement ancien ou qui omet un groupe fausse les poids des classes.",
        ar="تعداد قديم أو يُغفل فئة ما يُفسد أوزان الفئات.",
        en="A census that is old or misses a group makes the class weights wrong.",
    ),
)
ASSUMPTIONS = (SAME_CLASS_MEANS, KNOWN_COUNTS)
MEANING = Text(
    fr="Ce que vaudrait le territoire si ses habitants ressemblaient, classe par classe, à ceux de toute l'enquête. "
    "L'intervalle couvre "
    "l'erreur d'enquête et, quand des estimations directes l'ont permis, le biais moyen ; le biais propre d'un "
    "territoire y échappe.",
    ar="ما كانت لتساويه المنطقة لو شابه سكانها، فئةً فئةً، مجموع المستجوبين. يشمل المجال خطأ المسح، ومتوسط الانحياز "
    "متى أتاحت ذلك "
    "تقديرات مباشرة؛ أما انحياز المنطقة الخاص فلا يشمله.",
    en="What the area would be if its people were, class by class, like those of the whole survey. The interval "
    "covers survey error "
    "and, where direct estimates allowed it, the average bias; the bias of one area of its own escapes it.",
)


@dataclass(frozen=True, slots=True)
class ClassMeans:
    """Means of G classes over the whole survey, and their covariance matrix (G, G)."""

    means: Floats
    covariance: Floats

    @classmethod
    def from_units(cls, y: ArrayLike, weight: ArrayLike, group: ArrayLike, groups: int) -> ClassMeans:
        """Weighted class means of sampled units, with linearised variances of the ratios (with-replacement draw of
        units).

        ``group`` holds 0 to ``groups`` - 1. Raises Refused (``sae.empty_class``) for a class without units.
        """
        values, w = finite(y, "y"), finite(weight, "weight")
        member = np.asarray(group)
        same_length(y=values, weight=w, group=member.astype(np.float64))
        if (w <= 0).any():
            raise Refused("sae.weights", found="weights that are not positive", remedy="leave out units of weight 0")
        if member.dtype.kind not in "iu" or member.min() < 0 or member.max() >= groups:
            raise Refused("sae.class", found="a class outside the list", remedy=f"code classes 0 to {groups - 1}")
        counts = np.bincount(member, minlength=groups)
        if (counts < 2).any():
            raise Refused(
                "sae.empty_class",
                found=f"{int((counts < 2).sum())} classes with fewer than two units",
                remedy="merge classes until each has several units",
            )
        sums = np.bincount(member, weights=w, minlength=groups)
        means = np.bincount(member, weights=w * values, minlength=groups) / sums
        scores = np.bincount(member, weights=(w * (values - means[member])) ** 2, minlength=groups)
        return cls(means, np.diag(scores / sums**2 * counts / (counts - 1)))


@dataclass(frozen=True, slots=True)
class DirectCheck:
    """Direct estimates of the same areas with their variances, (D,) each: lets the average bias be estimated."""

    values: Floats
    variances: Floats


@estimator(
    "synthetic",
    family="sae",
    reference="Gonzalez and Waksberg (1973), IASS meeting, Vienna; Rao and Molina (2015), Small Area Estimation, 2nd "
    "ed., "
    "(average mean squared error)",
    assumptions=ASSUMPTIONS,
)
def synthetic(
    classes: ClassMeans,
    counts: ArrayLike,
    *,
    direct: DirectCheck | None = None,
    areas: Sequence[str] | None = None,
    level: float = 0.95,
) -> EstimateArray:
    """Means of D areas from class means and ``counts`` (D, G) of people by area and class.

    Without ``direct`` the standard error is that of the survey alone; with it, the average squared bias over the
    areas is added. Raises Refused: ``sae.class_counts``, ``input.*``.

    >>> young_old = ClassMeans(np.array([0.4, 0.1]), np.diag([0.0004, 0.0001]))
    >>> synthetic(young_old, [[50, 50], [80, 20]]).values
    array([0.25, 0.34])
    """
    N = finite(counts, "counts", ndim=2)
    if N.shape[1] != classes.means.size or (N < 0).any() or (N.sum(axis=1) == 0).any():
        raise Refused(
            "sae.class_counts",
            found=f"counts of shape {N.shape} for {classes.means.size} classes",
            remedy="give counts of 0 or more for every class, and nobody-areas left out",
        )
    share = N / N.sum(axis=1, keepdims=True)
    values = share @ classes.means
    variance = np.einsum("dg,gh,dh->d", share, classes.covariance, share)
    bias = 0.0 if direct is None else _average_bias(values, variance, direct)
    mse = variance + bias
    error, z = np.sqrt(mse), normal_quantile(level)
    names = label_axis(areas, values.size)
    return EstimateArray(
        estimand="area mean",
        estimator="synthetic",
        values=values,
        standard_errors=error,
        low=values - z * error,
        high=values + z * error,
        level=level,
        interval_method="normal; survey error" + ("" if direct is None else " and average bias"),
        meaning=MEANING,
        labels=None if names is None else (names,),
        assumptions=ASSUMPTIONS,
        extra={"mse": mse, "sampling_variance": variance, "average_squared_bias": bias},
    )


def _average_bias(values: Floats, variance: Floats, direct: DirectCheck) -> float:
    """Mean of (synthetic - direct)^2 - var(direct) - var(synthetic) over the areas, not below 0."""
    same_length(values=values, direct=direct.values, variances=direct.variances)
    if (direct.variances <= 0).any():
        raise Refused("sae.sampling_variance", found="a direct variance that is not positive", remedy="smooth it first")
    return max(float(np.mean((values - direct.values) ** 2 - direct.variances - variance)), 0.0)
