"""Every model of a space on one table: criteria, weights, the average, and the range of answers beside any number."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from migstat.estimation import mse_irls as irls
from migstat.estimation.mse_assumptions import (
    CLOSED,
    CONFIDENCE,
    HOMOGENEOUS,
    LINKED,
    MODEL_CHOSEN,
    NO_HIGHEST_INTERACTION,
    meaning_of,
)
from migstat.estimation.mse_existence import STATUS_NAMES
from migstat.estimation.mse_intervals import lognormal_interval, refuse_level, size_estimate
from migstat.estimation.mse_loglinear import fit_row
from migstat.estimation.mse_models import Codes, HierarchicalModel, all_models, main_effects, parameters_of
from migstat.estimation.mse_tables import CaptureTable
from migstat.estimation.registry import estimator
from migstat.model import Diagnostic, Estimate, Interval, Refused, Text

Floats = NDArray[np.float64]
Criterion = Literal["aic", "bic"]

ASSUMPTIONS = (CLOSED, LINKED, HOMOGENEOUS, NO_HIGHEST_INTERACTION, MODEL_CHOSEN)

WITHIN = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class ModelSpace:
    """All fits of a model space on one table, one row a model. ``sizes`` is NaN, n or infinite where ``usable`` is not.

    ``status`` holds the codes of ``mse_irls``. AIC and BIC count every parameter, minus infinite ones too; BIC takes
    the logarithm of the people seen.
    """

    n_lists: int
    observed: int
    codes: Codes
    sizes: Floats
    standard_errors: Floats
    deviances: Floats
    logliks: Floats
    n_parameters: NDArray[np.int64]
    status: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Models whose size is estimated on this table."""
        return np.asarray(self.status <= irls.EXTENDED)

    @property
    def aic(self) -> Floats:
        return self.criterion("aic")

    @property
    def bic(self) -> Floats:
        return self.criterion("bic")

    def criterion(self, name: Criterion) -> Floats:
        """(models,) AIC or BIC. Raises Refused ``mse.criterion``."""
        penalty = criterion_penalty(name, self.observed)
        return np.asarray(-2 * self.logliks + penalty * self.n_parameters, dtype=np.float64)

    def model(self, row: int) -> HierarchicalModel:
        return HierarchicalModel.from_code(int(self.codes[row]), self.n_lists)

    def order(self, name: Criterion) -> NDArray[np.int64]:
        """Rows of usable models from the best to the worst."""
        rows = np.flatnonzero(self.usable)
        if len(rows) == 0:
            raise Refused("mse.no_model", found="no model with an estimate", remedy="bring lists that overlap more")
        return np.asarray(rows[np.argsort(self.criterion(name)[rows], kind="stable")])

    def within(self, name: Criterion, width: float = WITHIN) -> NDArray[np.int64]:
        """Rows of usable models whose criterion is within ``width`` of the best, best first."""
        order = self.order(name)
        values = self.criterion(name)[order]
        return np.asarray(order[values <= values[0] + width])

    def weights(self, name: Criterion) -> Floats:
        """(models,) exp(-difference / 2), adding up to 1 over usable models (Burnham and Anderson 2002, section 2.9)."""
        values = np.where(self.usable, self.criterion(name), np.inf)
        raw = np.exp(-(values - values.min()) / 2)
        return np.asarray(raw / raw.sum(), dtype=np.float64)

    def average(self, name: Criterion) -> tuple[float, float]:
        """Weighted mean of the sizes and its unconditional standard error (Burnham and Anderson 2002, equation 4.9)."""
        rows = np.flatnonzero(self.usable & (self.weights(name) > 0))
        weights, sizes = self.weights(name)[rows], self.sizes[rows]
        mean = float(weights @ sizes)
        return mean, float(weights @ np.sqrt(self.standard_errors[rows] ** 2 + (sizes - mean) ** 2))

    def rows(self, which: NDArray[np.int64], name: Criterion) -> list[dict[str, Any]]:
        """Plain rows for a table on a page: model, size, standard error, criterion, difference, weight, status."""
        values, weights = self.criterion(name), self.weights(name)
        best = values[self.order(name)[0]]
        return [
            {
                "model": self.model(row).name,
                "size": float(self.sizes[row]),
                "standard_error": float(self.standard_errors[row]),
                "criterion": float(values[row]),
                "difference": float(values[row] - best),
                "weight": float(weights[row]),
                "parameters": int(self.n_parameters[row]),
                "deviance": float(self.deviances[row]),
                "status": STATUS_NAMES[int(self.status[row])],
            }
            for row in map(int, which)
        ]


def criterion_penalty(name: str, observed: float) -> float:
    """What one parameter costs: 2 for AIC, the logarithm of the people seen for BIC."""
    if name not in ("aic", "bic"):
        raise Refused("mse.criterion", found=repr(name), remedy='ask for "aic" or "bic"')
    return 2.0 if name == "aic" else math.log(observed)


def fit_all(table: CaptureTable, *, max_order: int | None = None, codes: Codes | None = None) -> ModelSpace:
    """Fit every hierarchical model of 3 to 6 lists (or the given codes), sparse tables included.

    ``max_order`` defaults to all orders up to 5 lists and to pairs for 6, where all orders mean 7,785,061 models (an
    hour). Models that Newton's method cannot place are settled by a linear programme.

    >>> from migstat.estimation.mse_tables import table_from_overlaps
    >>> people = {"A": 90, "B": 70, "C": 50, "AB": 30, "AC": 20, "BC": 15, "ABC": 8}
    >>> space = fit_all(table_from_overlaps(people, ("A", "B", "C")))
    >>> len(space), space.model(int(space.order("bic")[0])).name
    (8, '[1,2,3]')
    """
    n_lists = table.n_lists
    if codes is None:
        codes = all_models(n_lists, 2 if max_order is None and n_lists == 6 else max_order)
    results = np.empty((len(codes), irls.N_COLUMNS))
    irls.fit_codes(np.array(table.counts), codes, main_effects(n_lists), n_lists, results)
    for row in np.flatnonzero(results[:, irls.STATUS] == irls.UNDECIDED):
        results[row] = fit_row(table.counts, HierarchicalModel.from_code(int(codes[row]), n_lists))[0]
    unseen = results[:, irls.UNSEEN]
    return ModelSpace(
        n_lists=n_lists,
        observed=table.observed,
        codes=codes,
        sizes=table.observed + unseen,
        standard_errors=np.sqrt(unseen + unseen**2 * results[:, irls.VARIANCE]),
        deviances=results[:, irls.DEVIANCE],
        logliks=results[:, irls.LOGLIK],
        n_parameters=parameters_of(codes, n_lists),
        status=results[:, irls.STATUS].astype(np.int64),
    )


@estimator(
    "mse_multimodel",
    family="mse",
    reference="Burnham and Anderson 2002, Model Selection and Multimodel Inference, sections 2.9 and 4.3",
    assumptions=ASSUMPTIONS,
)
def mse_multimodel(
    table: CaptureTable,
    *,
    criterion: Criterion = "bic",
    answer: Literal["average", "best"] = "average",
    within: float = WITHIN,
    max_order: int | None = None,
    level: float = 0.95,
) -> Estimate:
    """Size by all hierarchical models, with the range of all that the criterion cannot tell from the best.

    ``extra["range"]`` is the least and greatest size among models within ``within`` units of the best criterion and
    ``extra["range_interval"]`` the outer ends of their intervals: show them beside the value, whatever it is.
    ``answer`` makes the value the weighted average (with its unconditional error) or the size of the best model.

    Raises Refused ``mse.criterion``, ``mse.answer``, ``mse.max_order``, ``mse.model_space``, ``mse.no_model``.

    >>> from migstat.estimation.mse_tables import table_from_overlaps
    >>> people = {"A": 90, "B": 70, "C": 50, "AB": 30, "AC": 20, "BC": 15, "ABC": 8}
    >>> estimate = mse_multimodel(table_from_overlaps(people, ("A", "B", "C")))
    >>> low, high = estimate.extra["range"]
    >>> bool(low <= estimate.extra["best"]["size"] <= high)
    True
    """
    refuse_level(level)
    if answer not in ("average", "best"):
        raise Refused("mse.answer", found=repr(answer), remedy='ask for "average" or "best"')
    if not within >= 0:
        raise Refused("mse.within", found=repr(within), remedy="give a difference of 0 or more, such as 3")
    space = fit_all(table, max_order=max_order)
    close = space.within(criterion, within)
    best = int(close[0])
    average = space.average(criterion)
    value, error = average if answer == "average" else (float(space.sizes[best]), float(space.standard_errors[best]))
    intervals = [lognormal_interval(space.observed, space.sizes[r], space.standard_errors[r], level) for r in close]
    sizes = space.sizes[close]
    return size_estimate(
        "mse_multimodel",
        table.observed,
        value,
        error,
        level=level,
        meaning=range_meaning(float(sizes.min()), float(sizes.max()), within),
        assumptions=ASSUMPTIONS,
        diagnostics=(_spread(sizes, table.observed), _unusable(space)),
        range=(float(sizes.min()), float(sizes.max())),
        range_interval=_outer(intervals, level),
        best=space.rows(close[:1], criterion)[0],
        average=average,
        models=space.rows(close, criterion),
        criterion=criterion,
        within=within,
        n_models=len(space),
        space=space,
    )


def _outer(intervals: list[Interval], level: float) -> Interval:
    low, high = min(one.low for one in intervals), max(one.high for one in intervals)
    return Interval(low, high, level, "outer ends of log-normal intervals")


def range_meaning(low: float, high: float, within: float) -> Text:
    """What the range of the models says; numbers are written with Western digits in every language."""
    ends = f"{low:,.0f}", f"{high:,.0f}"
    french = [end.replace(",", "\u202f") for end in ends]
    return meaning_of(
        Text(
            "Effectif total de la population selon l'ensemble des modèles log-linéaires des listes.",
            "الحجم الكلي للمجتمع وفق مجموع النماذج اللوغاريتمية الخطية للقوائم.",
            "Total size of the population by all log-linear models of the lists.",
        ),
        Text(
            f"Des modèles presque aussi bons que le meilleur (à {within:g} unités du critère) vont de {french[0]} à "
            f"{french[1]} : citer cette fourchette avec le chiffre.",
            f"النماذج القريبة من أفضلها (في حدود {within:g} وحدات من المعيار) تعطي ما بين {ends[0]} و{ends[1]}: "
            "تُذكر هذه الحدود مع الرقم.",
            f"Models almost as good as the best (within {within:g} units of the criterion) go from {ends[0]} to "
            f"{ends[1]}: quote this range with the number.",
        ),
        CONFIDENCE,
    )


def _spread(sizes: Floats, observed: int) -> Diagnostic:
    low, high = float(sizes.min()), float(sizes.max())
    return Diagnostic(
        "model_range",
        Text(
            "Effectifs extrêmes parmi les modèles que le critère ne distingue pas du meilleur.",
            "أصغر حجم وأكبر حجم بين النماذج التي لا يميزها المعيار عن أفضلها.",
            "Least and greatest size among models that the criterion cannot tell from the best.",
        ),
        (low, high),
        concern=high - observed > 1.5 * max(low - observed, 0.0),
    )


def _unusable(space: ModelSpace) -> Diagnostic:
    return Diagnostic(
        "models_without_estimate",
        Text(
            "Modèles dont l'effectif n'est pas estimable sur ce tableau ; ils sont laissés de côté.",
            "نماذج لا يمكن تقدير حجمها على هذا الجدول، وقد تُركت جانبا.",
            "Models whose size cannot be estimated on this table; they are left out.",
        ),
        int((~space.usable).sum()),
        concern=bool((~space.usable).mean() > 0.5),
    )
