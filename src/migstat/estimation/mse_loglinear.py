"""One hierarchical log-linear model of the lists, fitted by maximum likelihood (extended where the table is sparse)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from migstat.estimation import mse_irls as irls
from migstat.estimation.mse_assumptions import (
    CLOSED,
    CONFIDENCE,
    DEPENDENCE_BREAKS,
    HOMOGENEOUS,
    LINKED,
    NO_HIGHEST_INTERACTION,
    meaning_of,
)
from migstat.estimation.mse_existence import STATUS_NAMES, existence_of_counts
from migstat.estimation.mse_intervals import lognormal_interval, refuse_level, size_estimate, unseen_error
from migstat.estimation.mse_models import HierarchicalModel
from migstat.estimation.mse_tables import CaptureTable, captures
from migstat.estimation.registry import estimator
from migstat.model import Diagnostic, Estimate, Interval, Refused, Text

Floats = NDArray[np.float64]

ASSUMPTIONS = (CLOSED, LINKED, HOMOGENEOUS, NO_HIGHEST_INTERACTION)


@dataclass(frozen=True, slots=True)
class LogLinearFit:
    """A fitted model. Counts of parameters include those that are minus infinity.

    ``unseen`` is the fitted number of people on no list (NaN where the table does not say), ``log_variance`` the
    variance of its logarithm, ``fitted`` (2^L,) all fitted counts with the unseen at 0, ``coefficients`` by the names
    of the lists. ``empty_overlaps``: for each pair of lists without common people the chance of that by the model
    without their term.
    """

    model: HierarchicalModel
    observed: int
    unseen: float
    log_variance: float
    deviance: float
    df: int
    loglik: float
    aic: float
    bic: float
    status: str
    fitted: Floats
    coefficients: dict[str, float]
    empty_overlaps: dict[str, float]

    @property
    def size(self) -> float:
        return self.observed + self.unseen

    @property
    def standard_error(self) -> float:
        return unseen_error(self.unseen, self.log_variance)

    @property
    def estimates_size(self) -> bool:
        return self.status in (STATUS_NAMES[irls.EXISTS], STATUS_NAMES[irls.EMPTY_MARGINS], STATUS_NAMES[irls.EXTENDED])


def fit_loglinear(table: CaptureTable, model: HierarchicalModel | str) -> LogLinearFit:
    """Fit one model to a table. ``model`` may be a name such as ``"[12,3]"``. Never refuses a sparse table.

    >>> from migstat.estimation.mse_tables import table_from_overlaps
    >>> table = table_from_overlaps({"A": 60, "B": 40, "AB": 20}, ("A", "B"))
    >>> round(fit_loglinear(table, "[1,2]").size, 9)
    240.0
    """
    chosen = HierarchicalModel.parse(model, table.n_lists) if isinstance(model, str) else model
    if chosen.n_lists != table.n_lists:
        raise Refused(
            "mse.model_lists", found=f"a model of {chosen.n_lists} lists for {table.n_lists}", remedy="use one number"
        )
    row, eta, alive = fit_row(table.counts, chosen)
    penalised = -2 * row[irls.LOGLIK]
    coefficients = _coefficients(eta, chosen, table)
    return LogLinearFit(
        model=chosen,
        observed=table.observed,
        unseen=float(row[irls.UNSEEN]),
        log_variance=float(row[irls.VARIANCE]),
        deviance=float(row[irls.DEVIANCE]),
        df=(1 << table.n_lists) - 1 - chosen.n_parameters,
        loglik=float(row[irls.LOGLIK]),
        aic=float(penalised + 2 * chosen.n_parameters),
        bic=float(penalised + math.log(table.observed) * chosen.n_parameters),
        status=STATUS_NAMES[int(row[irls.STATUS])],
        fitted=_fitted(eta, alive, float(row[irls.UNSEEN])),
        coefficients=coefficients,
        empty_overlaps=_empty_overlaps(coefficients, chosen, table),
    )


def fit_row(counts: Floats, model: HierarchicalModel) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Results of one fit as the compiled loop gives them, with the linear programme where that could not decide."""
    people = np.array(counts, dtype=np.float64)
    alive = np.ones(len(people), dtype=np.bool_)
    eta = np.zeros(len(people))
    row = np.empty(irls.N_COLUMNS)
    terms = model.terms
    irls.fit_hierarchical(people, terms, len(terms), model.n_lists, alive, False, eta, row)
    if row[irls.STATUS] >= irls.NO_SIZE:
        decided = existence_of_counts(people, terms, model.n_lists)
        alive = decided.positive.copy()
        irls.fit_hierarchical(people, terms, len(terms), model.n_lists, alive, True, eta, row)
        row[irls.STATUS] = decided.code
        if not decided.estimates_size:
            row[irls.UNSEEN] = {irls.LIMIT_ZERO: 0.0, irls.LIMIT_INFINITE: math.inf}.get(decided.code, math.nan)
            row[irls.VARIANCE] = math.nan
    return row, eta, alive


def _fitted(eta: Floats, alive: NDArray[np.bool_], unseen: float) -> Floats:
    means = np.where(alive, np.exp(np.minimum(eta, 700.0)), 0.0)
    means[0] = unseen
    return means


def _coefficients(eta: Floats, model: HierarchicalModel, table: CaptureTable) -> dict[str, float]:
    """Alternating sums of the linear predictor over the parts of each term; minus infinity above an empty margin."""
    masks = np.arange(len(eta))
    values = {}
    for term in [0, *map(int, model.terms[:-1])]:
        parts = masks[(masks & term) == masks]
        signs = (-1.0) ** (term.bit_count() - captures(model.n_lists)[parts])
        people = table.counts[(masks & term) == term].sum()
        name = "*".join(table.lists[j] for j in range(table.n_lists) if term >> j & 1) or "(intercept)"
        values[name] = float(signs @ eta[parts]) if people > 0 else -math.inf
    return values


def _empty_overlaps(coefficients: dict[str, float], model: HierarchicalModel, table: CaptureTable) -> dict[str, float]:
    """exp(-mu), mu the overlap expected by the model without the term (Chan, Silverman and Vincent 2021, section 3)."""
    masks = np.arange(1 << table.n_lists)
    chances = {}
    for pair in (mask for mask in model.interactions if mask.bit_count() == 2):
        name = "*".join(table.lists[j] for j in range(table.n_lists) if pair >> j & 1)
        if math.isinf(coefficients[name]):
            rest = tuple(mask for mask in model.interactions if mask & pair != pair)
            row, eta, alive = fit_row(table.counts, HierarchicalModel(table.n_lists, rest))
            expected = _fitted(eta, alive, math.nan)[(masks & pair) == pair].sum()
            chances[name] = math.exp(-expected) if row[irls.STATUS] <= irls.EXTENDED else math.nan
    return chances


def refuse_without_size(fit: LogLinearFit) -> None:
    """Raises Refused ``mse.not_estimable`` when the model leaves the number of the unseen open on this table."""
    if not fit.estimates_size:
        raise Refused(
            "mse.not_estimable",
            found=f"model {fit.model.name} whose number of unseen people {_WHY[fit.status]}",
            remedy="take a model with fewer interactions, or merge lists that hardly overlap",
        )


_WHY = {
    STATUS_NAMES[irls.LIMIT_ZERO]: "runs off to 0 on this table",
    STATUS_NAMES[irls.LIMIT_INFINITE]: "runs off to infinity on this table",
    STATUS_NAMES[irls.NOT_IDENTIFIABLE]: "is not determined by this table",
}


def existence_diagnostic(fit: LogLinearFit) -> Diagnostic:
    return Diagnostic(
        "existence",
        Text(
            "État de l'estimation du maximum de vraisemblance sur ce tableau.",
            "حالة تقدير الإمكانية العظمى على هذا الجدول.",
            "State of the maximum likelihood estimate on this table.",
        ),
        fit.status,
        concern=fit.status != STATUS_NAMES[irls.EXISTS],
    )


def deviance_diagnostic(fit: LogLinearFit) -> Diagnostic:
    return Diagnostic(
        "deviance",
        Text(
            "Déviance du modèle et degrés de liberté ; très supérieure à ceux-ci, elle dénote un mauvais ajustement.",
            "انحراف النموذج ودرجات الحرية؛ إذا فاقها كثيرا دل ذلك على توافق ضعيف.",
            "Deviance of the model and degrees of freedom; far above them it shows a poor fit.",
        ),
        (fit.deviance, fit.df),
        concern=fit.df > 0 and fit.deviance > fit.df + 3 * math.sqrt(2 * fit.df),
    )


def loglinear_meaning(name: str) -> Text:
    return meaning_of(
        Text(
            f"Effectif total de la population, personnes absentes des listes comprises, selon le modèle {name}.",
            f"الحجم الكلي للمجتمع، بمن فيهم الغائبون عن كل القوائم، وفق النموذج {name}.",
            f"Total size of the population, people on no list included, under the model {name}.",
        ),
        CONFIDENCE,
        DEPENDENCE_BREAKS,
    )


@estimator(
    "mse_loglinear",
    family="mse",
    reference="Fienberg 1972, Biometrika 59, 591; Cormack 1989, Biometrics 45, 395; Fienberg and Rinaldo 2012",
    assumptions=ASSUMPTIONS,
)
def mse_loglinear(
    table: CaptureTable,
    model: HierarchicalModel | str,
    *,
    level: float = 0.95,
    interval: Literal["profile", "lognormal"] = "profile",
) -> Estimate:
    """Size of the population under one hierarchical log-linear model of the lists.

    log m(s) = sum of u(t) over terms t contained in the history s; the unseen cell is exp(u(empty)). The interval is
    the multinomial profile likelihood (Cormack 1992, Biometrics 48, 567) or the log-normal of Chao (1987).

    Raises Refused ``mse.not_estimable`` when the model does not say how many are unseen on this table,
    ``mse.model_lists`` and ``mse.level``.

    >>> from migstat.estimation.mse_tables import table_from_overlaps
    >>> people = {"A": 90, "B": 70, "C": 50, "AB": 30, "AC": 20, "BC": 15, "ABC": 8}
    >>> estimate = mse_loglinear(table_from_overlaps(people, ("A", "B", "C")), "[1,2,3]")
    >>> round(estimate.value, 1), round(estimate.standard_error, 1)
    (493.5, 37.5)
    """
    refuse_level(level)
    fit = fit_loglinear(table, model)
    refuse_without_size(fit)
    return size_estimate(
        "mse_loglinear",
        table.observed,
        fit.size,
        fit.standard_error,
        level=level,
        interval=_interval(table, fit, level, interval),
        meaning=loglinear_meaning(fit.model.name),
        assumptions=ASSUMPTIONS,
        diagnostics=(existence_diagnostic(fit), deviance_diagnostic(fit)),
        fit=fit,
        model=fit.model.name,
    )


def _interval(table: CaptureTable, fit: LogLinearFit, level: float, kind: str) -> Interval:
    if kind == "profile":
        from migstat.estimation.mse_profile import profile_interval

        return profile_interval(table, fit.model, level)[1]
    if kind == "lognormal":
        return lognormal_interval(table.observed, fit.size, fit.standard_error, level)
    raise Refused("mse.interval", found=repr(kind), remedy='ask for "profile" or "lognormal"')
