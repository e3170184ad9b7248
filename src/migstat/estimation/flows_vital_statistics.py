"""Net migration from vital statistics: population change that births and deaths do not explain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from migstat.estimation.arrays import EstimateArray, finite, label_axis, normal_quantile, same_length
from migstat.estimation.flows_survival_ratio import SAME_COVERAGE
from migstat.estimation.registry import estimator
from migstat.model import Assumption, Refused, Text

COMPLETE_REGISTRATION = Assumption(
    "complete_registration",
    Text(
        fr="Toutes les naissances et tous les décès des résidents sont enregistrés, au lieu de résidence.",
        ar="كل ولادات المقيمين ووفياتهم مسجلة في مكان إقامتهم.",
        en="All births and deaths of residents are registered, where they live.",
    ),
    Text(
        fr="Une naissance sur vingt non enregistrée ajoute d'autant au solde migratoire.",
        ar="عدم تسجيل ولادة من كل عشرين يضيف القدر نفسه إلى صافي الهجرة.",
        en="One birth in twenty not registered adds as much to net migration.",
    ),
)
ASSUMPTIONS = (COMPLETE_REGISTRATION, SAME_COVERAGE)
MEANING = Text(
    fr="Arrivées moins départs, comme reste de la variation de population. L'intervalle porte les erreurs données "
    "des quatre termes ; toute "
    "omission non déclarée y entre tout entière.",
    ar="الوافدون ناقص المغادرين بوصفه باقي تغير السكان. يحمل المجال أخطاء الحدود الأربعة المعطاة؛ وكل إغفال غير مصرح "
    "به يدخل فيه كاملاً.",
    en="Arrivals less departures, as the rest of population change. The interval holds the given errors of the four "
    "terms; any omission "
    "not declared goes into it whole.",
)


@dataclass(frozen=True, slots=True)
class VitalErrors:
    """Standard errors of the four terms, one number or (K,) each; taken as independent."""

    start: ArrayLike = 0.0
    end: ArrayLike = 0.0
    births: ArrayLike = 0.0
    deaths: ArrayLike = 0.0


@estimator(
    "net_vital_statistics",
    family="flows",
    reference="United Nations (1970), Manual VI: Methods of Measuring Internal Migration, chapter II A",
    assumptions=ASSUMPTIONS,
)
def net_vital_statistics(
    population_start: ArrayLike,
    population_end: ArrayLike,
    births: ArrayLike,
    deaths: ArrayLike,
    *,
    errors: VitalErrors | None = None,
    places: Sequence[str] | None = None,
    level: float = 0.95,
) -> EstimateArray:
    """(end - start) - (births - deaths) for K places or groups, in persons over the period.

    Raises Refused: ``net.negative``, ``net.errors``, ``input.*``.

    >>> net_vital_statistics([515483], [483882], [126886], [51449]).values
    array([-107038.])
    """
    given = {"population_start": population_start, "population_end": population_end, "births": births, "deaths": deaths}
    terms = {name: finite(values, name) for name, values in given.items()}
    count = same_length(**terms)
    if any((term < 0).any() for term in terms.values()):
        raise Refused("net.negative", found="negative counts", remedy="give head counts of 0 or more")
    change = terms["population_end"] - terms["population_start"]
    natural = terms["births"] - terms["deaths"]
    values, error = change - natural, None
    if errors is not None:
        parts = [
            np.broadcast_to(np.asarray(getattr(errors, name), dtype=np.float64), (count,)) for name in errors.__slots__
        ]
        if any((part < 0).any() or not np.isfinite(part).all() for part in parts):
            raise Refused("net.errors", found="a standard error that is negative or unknown", remedy="give 0 or more")
        error = np.sqrt(np.sum(np.square(parts), axis=0))
    z, names = normal_quantile(level), label_axis(places, count)
    return EstimateArray(
        estimand="net migration",
        estimator="net_vital_statistics",
        values=values,
        standard_errors=error,
        low=None if error is None else values - z * error,
        high=None if error is None else values + z * error,
        level=level,
        interval_method="" if error is None else "normal, independent terms",
        meaning=MEANING,
        labels=None if names is None else (names,),
        assumptions=ASSUMPTIONS,
        extra={"population_change": change, "natural_increase": natural},
    )
