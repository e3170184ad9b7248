"""Flows with the uncertainty of the stocks, of births and deaths, and of the method itself carried to every cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from migstat.estimation.arrays import EstimateArray, Floats, refuse_without_generator, seed_of
from migstat.estimation.flows_accounting import BIRTHS_DEATHS_RIGHT, AccountingRules
from migstat.estimation.flows_pseudo_bayes import BETWEEN_EXTREMES, MixtureWeight, both_extremes
from migstat.estimation.flows_tables import counts_by_place, flow_estimates, stocks
from migstat.estimation.registry import estimator
from migstat.model import Assumption, Diagnostic, Refused, Text

ERRORS_STATED = Assumption(
    "errors_stated",
    Text(
        fr="Les erreurs relatives des stocks, des naissances et des décès, et leur corrélation d'une date à l'autre, "
        "sont celles données.",
        ar="الأخطاء النسبية للأرصدة والمواليد والوفيات، وارتباطها بين التاريخين، هي المعطاة.",
        en="The relative errors of stocks, births and deaths, and their correlation between the dates, are those "
        "given.",
    ),
    Text(
        fr="Une omission qui change d'un recensement à l'autre est une erreur de plus ; non déclarée, l'intervalle "
        "est trop étroit.",
        ar="الإغفال الذي يتغير بين تعداد وآخر خطأ إضافي؛ فإن لم يُصرَّح به كان المجال أضيق من اللازم.",
        en="Omission that changes between censuses is one more error; not declared, the interval is too narrow.",
    ),
)
ASSUMPTIONS = (ERRORS_STATED, BETWEEN_EXTREMES, BIRTHS_DEATHS_RIGHT)
MEANING = Text(
    fr="Flux et intervalle qui portent ensemble l'erreur des stocks et le doute sur la méthode (entre migration "
    "minimale et libre). Si les "
    "erreurs déclarées sont justes, environ 95 flux sur 100 sont dans l'intervalle à 95 % ; un changement de stock "
    "plus petit que son "
    "erreur donne un flux trop haut, signalé par un diagnostic.",
    ar="تدفق ومجال يحملان معاً خطأ الأرصدة والشك في الطريقة (بين الهجرة الدنيا والحرة). إذا صحت الأخطاء المصرح بها "
    "يقع نحو 95 تدفقاً من "
    "كل 100 داخل مجال 95 %؛ وتغير الرصيد الأصغر من خطئه يعطي تدفقاً أعلى من الحقيقة، ويشير إليه تشخيص.",
    en="A flow and an interval that hold both the error of the stocks and the doubt about the method (between "
    "minimum and free "
    "migration). If the errors stated are right about 95 flows in 100 are inside the 95 % interval; a change of "
    "stock smaller than its "
    "error gives a flow that is too high, which a diagnostic flags.",
)


@dataclass(frozen=True, slots=True)
class StockErrors:
    """Relative standard errors: of stocks (number or (n, n)), births and deaths; and the correlation of a cell's
    error over time.

    An error that is the same at both dates (correlation 1) hardly moves the flows; independent ones move them most.
    """

    stock: ArrayLike
    births: float = 0.0
    deaths: float = 0.0
    correlation: float = 0.0

    def __post_init__(self) -> None:
        relative = np.asarray(self.stock, dtype=np.float64)
        parts = [float(relative.min()), self.births, self.deaths]
        if not np.isfinite(relative).all() or min(parts) < 0 or float(relative.max()) > 1:
            raise Refused("flows.errors", found="a relative error outside 0 to 1", remedy="give shares such as 0.03")
        if not -1 <= self.correlation <= 1:
            raise Refused("flows.errors", found=repr(self.correlation), remedy="give a correlation between -1 and 1")


@dataclass(frozen=True, slots=True)
class Draws:
    """The dice, how often they are thrown, and whether every drawn table is kept in ``extra["draws"]``."""

    rng: np.random.Generator
    count: int = 500
    keep: bool = False

    def __post_init__(self) -> None:
        refuse_without_generator(self.rng)
        if self.count < 50:
            raise Refused("flows.draws", found=str(self.count), remedy="draw at least 50 times, better 500")


@estimator(
    "flows_with_uncertainty",
    family="flows",
    reference="Accounting of Abel and Cohen (2019), Scientific Data 6:82, and mixture of Azose and Raftery (2019), "
    "PNAS 116, under the Monte "
    "Carlo propagation of JCGM 101:2008, section 5 (Supplement 1 to the GUM)",
    assumptions=ASSUMPTIONS,
)
def flows_with_uncertainty(
    stock_start: ArrayLike,
    stock_end: ArrayLike,
    births: ArrayLike | None = None,
    deaths: ArrayLike | None = None,
    *,
    errors: StockErrors,
    weight: MixtureWeight,
    draws: Draws,
    rules: AccountingRules | None = None,
    places: Sequence[str] | None = None,
    level: float = 0.95,
) -> EstimateArray:
    """Flows (origin, destination) by the mixture of ``weight``, each with a standard error and a percentile interval.

    Every draw multiplies stocks, births and deaths by lognormal errors of mean 1 and draws the mixing weight from the
    beta law with its value and standard error. ``extra`` splits the variance: ``stock_variance`` (weight held) and
    ``method_variance``. Raises Refused: ``flows.errors``, ``flows.weight``, ``flows.draws`` and those of
    ``flows_accounting``.

    >>> fuzzy = flows_with_uncertainty([[80, 20], [20, 80]], [[60, 40], [40, 60]], errors=StockErrors(0.02),
    ...     weight=MixtureWeight(1.0), draws=Draws(np.random.default_rng(1), 100), rules=AccountingRules("open-own"))
    >>> bool(fuzzy.low[0, 1] < 20 < fuzzy.high[0, 1])
    True
    """
    first, last = stocks(stock_start, stock_end)
    n = first.shape[0]
    born, died = counts_by_place(births, "births", n), counts_by_place(deaths, "deaths", n)
    least, free = both_extremes(first, last, born, died, rules)
    values = weight.value * least + (1 - weight.value) * free
    mixes = _weights(weight, draws)
    tables, fixed = np.empty((draws.count, n, n)), np.empty((draws.count, n, n))
    for k in range(draws.count):
        one, two = _disturbed(first, last, errors, draws.rng)
        low, high = both_extremes(
            one, two, _times(born, errors.births, draws.rng), _times(died, errors.deaths, draws.rng), rules
        )
        tables[k] = mixes[k] * low + (1 - mixes[k]) * high
        fixed[k] = weight.value * low + (1 - weight.value) * high
    tail = 0.5 * (1 - level)
    bounds = np.quantile(tables, [tail, 1 - tail], axis=0)
    stock_variance = fixed.var(axis=0, ddof=1)
    shift = _relative_shift(values, fixed)
    plain = flow_estimates("flows_with_uncertainty", values, MEANING, places=places, assumptions=ASSUMPTIONS)
    extra = {
        "minimum": least,
        "free": free,
        "stock_variance": stock_variance,
        "method_variance": ((least - free) * weight.standard_error) ** 2,
    }
    return EstimateArray(
        estimand="flow",
        estimator="flows_with_uncertainty",
        values=values,
        standard_errors=tables.std(axis=0, ddof=1),
        low=bounds[0],
        high=bounds[1],
        level=level,
        interval_method="percentiles of draws",
        meaning=MEANING,
        labels=plain.labels,
        assumptions=ASSUMPTIONS,
        diagnostics=(Diagnostic("noise_made_flow", _SHIFT, shift, concern=shift > 0.1),),
        seed=seed_of(draws.rng),
        extra=extra | ({"draws": tables} if draws.keep else {}),
    )


def _relative_shift(values: Floats, tables: Floats) -> float:
    """How much larger the flows of the disturbed stocks are in sum: flow that is made of noise."""
    return float(tables.mean(axis=0).sum() / values.sum() - 1) if values.sum() > 0 else float("inf")


def _weights(weight: MixtureWeight, draws: Draws) -> Floats:
    m, s = weight.value, weight.standard_error
    if s == 0:
        return np.full(draws.count, m)
    size = m * (1 - m) / s**2 - 1
    if size <= 0:
        raise Refused(
            "flows.weight", found="a standard error too large for a share", remedy="0.28 means that nothing is known"
        )
    drawn: Floats = draws.rng.beta(m * size, (1 - m) * size, draws.count)
    return drawn


def _times(values: Floats, relative: float, rng: np.random.Generator) -> Floats:
    return values * _factors(rng.standard_normal(values.shape), np.full(values.shape, relative))


def _factors(normal: Floats, relative: Floats) -> Floats:
    """Lognormal factors of mean 1 with these relative standard errors."""
    sigma = np.sqrt(np.log1p(relative**2))
    factor: Floats = np.exp(sigma * normal - 0.5 * sigma**2)
    return factor


def _disturbed(start: Floats, end: Floats, errors: StockErrors, rng: np.random.Generator) -> tuple[Floats, Floats]:
    relative = np.broadcast_to(np.asarray(errors.stock, dtype=np.float64), start.shape)
    first, own = rng.standard_normal((2, *start.shape))
    second = errors.correlation * first + np.sqrt(1 - errors.correlation**2) * own
    return start * _factors(first, relative), end * _factors(second, relative)


_SHIFT = Text(
    fr="Part de flux que crée le seul bruit des stocks ; au-delà de 10 %, les changements de stock sont noyés dans "
    "leur erreur.",
    ar="حصة التدفق التي يصنعها تشويش الأرصدة وحده؛ إذا تجاوزت 10 % فتغيرات الأرصدة غارقة في خطئها.",
    en="Share of flow that the noise of the stocks makes by itself; above 10 % the changes of stock drown in their "
    "error.",
)
