"""The residual method: migrants counted, corrected for those missed, less those known to be there with papers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from migstat.estimation.arrays import normal_quantile
from migstat.estimation.registry import estimator
from migstat.model import Assumption, Diagnostic, Estimate, Interval, Refused, Text

UNDERCOUNT_KNOWN = Assumption(
    "undercount_known",
    Text(
        fr="La part des sans-papiers que l'enquête ou le recensement manque est connue, à son erreur près.",
        ar="نسبة غير الحاملين للوثائق الذين يفوتهم المسح أو التعداد معروفة في حدود خطئها.",
        en="The share of people without papers whom the survey or census misses is known, up to its error.",
    ),
    Text(
        fr="Sans mesure de l'omission, le résultat est un plancher, pas une estimation.",
        ar="بدون قياس للإغفال تكون النتيجة حداً أدنى لا تقديراً.",
        en="Without a measure of the omission the result is a floor, not an estimate.",
    ),
)
SAME_DEFINITIONS = Assumption(
    "same_definitions",
    Text(
        fr="Le comptage et le registre portent sur les mêmes nationalités, le même lieu et la même date.",
        ar="يتناول العدّ والسجل الجنسيات نفسها والمكان نفسه والتاريخ نفسه.",
        en="The count and the register are about the same nationalities, place and date.",
    ),
    Text(
        fr="Des titulaires partis mais encore au registre font baisser le résultat d'autant.",
        ar="حاملو الوثائق الذين غادروا وبقوا في السجل يُنقصون النتيجة بقدرهم.",
        en="Holders of papers who left but are still on the register lower the result by as many.",
    ),
)
ASSUMPTIONS = (UNDERCOUNT_KNOWN, SAME_DEFINITIONS)
MEANING = Text(
    fr="Nombre de personnes sans papiers, comme reste. L'intervalle porte l'erreur du comptage, du registre et de la "
    "part manquée ; si les "
    "définitions diffèrent, il ne contient pas la vérité.",
    ar="عدد الأشخاص بلا وثائق بوصفه باقياً. يحمل المجال خطأ العدّ والسجل والنسبة الفائتة؛ وإذا اختلفت التعاريف فلا "
    "يحتوي الحقيقة.",
    en="Number of people without papers, as a rest. The interval holds the error of the count, of the register and "
    "of the share missed; "
    "if definitions differ it does not hold the truth.",
)


@dataclass(frozen=True, slots=True)
class Measured:
    """A number and its standard error."""

    value: float
    standard_error: float = 0.0

    def __post_init__(self) -> None:
        if not (np.isfinite(self.value) and self.value >= 0 and self.standard_error >= 0):
            raise Refused(
                "residual.number", found=repr(self.value), remedy="give numbers of 0 or more with their errors"
            )


@estimator(
    "residual",
    family="flows",
    reference="Warren and Passel (1987), Demography 24, 375-393; Van Hook, Bean, Bachmeier and Tucker (2014), "
    "Demography 51, 699-726 "
    "(coverage error of the residual method)",
    assumptions=ASSUMPTIONS,
)
def residual(
    counted: Measured,
    registered: Measured,
    missed: Measured,
    *,
    still_present: Measured | None = None,
    level: float = 0.95,
) -> Estimate:
    """People without papers: (counted - registered still present) / (1 - missed).

    ``counted`` are all migrants in the survey or census, ``registered`` those on the register of permits,
    ``still_present`` the share of these who have not died or left (1 if not given), ``missed`` the share of people
    without papers whom the count missed; people with papers are taken to be counted whole. A delta-method error,
    terms independent. Raises Refused: ``residual.share``, ``residual.negative`` when the register exceeds the count
    beyond its error.

    >>> residual(Measured(12000, 300), Measured(9000), Measured(0.2, 0.05)).value
    3750.0
    """
    stay = still_present or Measured(1.0)
    if not missed.value < 1 or not 0 < stay.value <= 1:
        raise Refused(
            "residual.share", found="a share out of range", remedy="give shares: missed below 1, present up to 1"
        )
    seen = counted.value - registered.value * stay.value
    spread = np.hypot(
        counted.standard_error, np.hypot(registered.standard_error * stay.value, stay.standard_error * registered.value)
    )
    z = normal_quantile(level)
    if seen < -z * spread:
        raise Refused(
            "residual.negative",
            found="more people on the register than were counted",
            remedy="correct the register for deaths and departures, or the count for omissions of people with papers",
        )
    value = seen / (1 - missed.value)
    error = float(np.hypot(spread, value * missed.standard_error) / (1 - missed.value))
    return Estimate(
        estimand="people without papers",
        estimator="residual",
        value=max(value, 0.0),
        standard_error=error,
        interval=Interval(max(value - z * error, 0.0), max(value + z * error, 0.0), level, "normal, delta method"),
        meaning=MEANING,
        assumptions=ASSUMPTIONS,
        diagnostics=(
            Diagnostic(
                "relative_error", _RELATIVE, error / value if value > 0 else None, concern=not value > 2 * error
            ),
        ),
        extra={"untruncated": value, "seen": seen},
    )


_RELATIVE = Text(
    fr="Erreur rapportée à la valeur : un reste de deux grands nombres est souvent moins sûr qu'il ne paraît.",
    ar="الخطأ نسبة إلى القيمة: الباقي بين عددين كبيرين أقل يقيناً في الغالب مما يبدو.",
    en="Error over value: the rest of two large numbers is often less sure than it looks.",
)
