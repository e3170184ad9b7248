"""Closed capture models of occasions: M0, Mt, Mh, Mth, Mb and Mbh as Poisson log-linear models."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from migstat.estimation.mse_assumptions import CLOSED, CONFIDENCE, HETEROGENEITY_FORM, LINKED, TRAP_RESPONSE, meaning_of
from migstat.estimation.mse_intervals import refuse_level, size_estimate, unseen_error
from migstat.estimation.mse_poisson import PoissonFit, poisson_fit, runs_off
from migstat.estimation.mse_tables import CaptureTable, captures
from migstat.estimation.mse_two_lists import times_seen
from migstat.estimation.registry import estimator
from migstat.model import Diagnostic, Estimate, Refused, Text

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

ASSUMPTIONS = (CLOSED, LINKED, HETEROGENEITY_FORM, TRAP_RESPONSE)

HISTORY_MODELS: Final = (
    "M0", "Mt", "Mh Chao", "Mh Poisson", "Mh Darroch", "Mh Gamma",
    "Mth Chao", "Mth Poisson", "Mth Darroch", "Mth Gamma", "Mb", "Mbh",
)  # fmt: skip
COUNT_MODELS: Final = ("M0", "Mh Chao", "Mh Poisson", "Mh Darroch", "Mh Gamma")
MOST_OCCASIONS: Final = 14
MOST_COUNTED: Final = 500
MOST_CHAO: Final = 60


@dataclass(frozen=True, slots=True)
class ClosedFit:
    """One closed capture model: its size, error and fit. ``fixed`` counts heterogeneity terms set to 0 for being negative."""

    model: str
    observed: int
    size: float
    standard_error: float
    deviance: float
    df: int
    aic: float
    bic: float
    converged: bool
    fixed: int


def heterogeneity(form: str, times: Floats, theta: float | None = None) -> Floats:
    """The column h(k) of a form for k captures: Poisson theta^k - 1, Darroch k^2 / 2, Gamma log(theta / (theta + k)).

    Baillargeon and Rivest 2007, Journal of Statistical Software 19(5), table 2. Raises Refused ``mse.heterogeneity``.
    """
    if form == "Poisson":
        return np.asarray((2.0 if theta is None else theta) ** times - 1, dtype=np.float64)
    if form == "Darroch":
        return times**2 / 2
    if form == "Gamma":
        shape = 3.5 if theta is None else theta
        return np.asarray(math.log(shape) - np.log(shape + times), dtype=np.float64)
    raise Refused("mse.heterogeneity", found=repr(form), remedy="use Chao, Poisson, Darroch or Gamma")


def chao_columns(times: Floats, occasions: int) -> Floats:
    """(n, t - 2) columns max(k - j + 1, 0) for j = 3 to t: heterogeneity without a form."""
    columns = [np.maximum(times - j + 1, 0) for j in range(3, occasions + 1)]
    return np.stack(columns, axis=1) if columns else np.zeros((len(times), 0))


def fit_closed(table: CaptureTable, model: str, *, theta: float | None = None) -> ClosedFit:
    """Fit one of ``HISTORY_MODELS`` to capture histories, the lists in their order being the occasions.

    >>> from migstat.estimation.mse_tables import table_from_overlaps
    >>> people = {"A": 90, "B": 70, "C": 50, "AB": 30, "AC": 20, "BC": 15, "ABC": 8}
    >>> round(fit_closed(table_from_overlaps(people, ("A", "B", "C")), "Mt").size, 1)
    493.5
    """
    t = table.n_lists
    if t > MOST_OCCASIONS:
        raise Refused(
            "mse.many_occasions",
            found=f"{t} occasions",
            remedy="give counts of people seen once, twice, ... instead",
        )
    _refuse_model(model, HISTORY_MODELS, t)
    histories = (np.arange(1, 1 << t)[:, None] >> np.arange(t)) & 1
    counts = table.counts[1:]
    if model in ("Mb", "Mbh"):
        return _fit_trap_response(counts, histories, model)
    times = captures(t)[1:].astype(np.float64)
    base = histories.astype(np.float64) if model.startswith("Mt") else times[:, None]
    return _fit_form(model, counts, base, times, t, None, theta)


def fit_closed_counts(
    people: CaptureTable | Sequence[int], model: str, *, occasions: int | None = None, theta: float | None = None
) -> ClosedFit:
    """Fit one of ``COUNT_MODELS`` to how many were seen once, twice, ... in so many ``occasions``.

    Counts that are not given are 0 up to ``occasions``. Without occasions (a register that people may come to at any
    time) captures are Poisson, and only the given counts are fitted.

    >>> round(fit_closed_counts([1645, 183, 37, 13, 1, 1], "M0").size, 1)
    7079.9
    """
    seen = times_seen(people, occasions)
    t = seen.occasions or len(seen.counts)
    if t > MOST_COUNTED:
        raise Refused(
            "mse.many_occasions", found=f"{t} occasions", remedy="leave occasions out: captures are then Poisson"
        )
    offset = _log_poisson(t) if seen.occasions is None else log_choose(t)
    _refuse_model(model, COUNT_MODELS, t)
    if model.endswith("Chao") and t > MOST_CHAO:
        raise Refused("mse.many_occasions", found=f"{t} occasions", remedy="use mse_chao, which gives the same bound")
    counts = np.zeros(t)
    counts[: len(seen.counts)] = seen.counts
    times = np.arange(1, t + 1, dtype=np.float64)
    return _fit_form(model, counts, times[:, None], times, t, offset, theta)


def log_choose(occasions: int) -> Floats:
    """(t,) logarithm of the number of histories with k = 1 to t captures."""
    # Logarithms of whole numbers of any length: 21! does not fit into 64 bits.
    return np.array([math.log(math.comb(occasions, k)) for k in range(1, occasions + 1)])


def _log_poisson(most: int) -> Floats:
    """(most,) logarithm of 1 / k!, the limit of the binomial counts when occasions have no number."""
    return np.array([-math.log(math.factorial(k)) for k in range(1, most + 1)])


def _refuse_model(model: str, known: tuple[str, ...], occasions: int) -> None:
    if model not in known:
        raise Refused("mse.closed_model", found=repr(model), remedy=f"use one of {', '.join(known)}")
    if occasions < 3 and model not in ("M0", "Mt", "Mb"):
        raise Refused("mse.few_occasions", found=f"{occasions} occasions", remedy="bring three occasions or more")


def _fit_form(
    model: str, counts: Floats, base: Floats, times: Floats, occasions: int, offset: Floats | None, theta: float | None
) -> ClosedFit:  # fmt: skip
    """M0, Mt and the heterogeneity models: the unseen count is exp of the intercept."""
    plain = np.column_stack([np.ones(len(counts)), base])
    fixed = 0
    design = plain
    if model.endswith("Chao"):
        design = np.column_stack([plain, chao_columns(times, occasions)])
        fit, fixed = fit_without_negative(counts, plain, design[:, plain.shape[1] :], offset)
    else:
        if " " in model:
            design = np.column_stack([plain, heterogeneity(model.split()[1], times, theta)])
        fit = poisson_fit(counts, design, offset)
    if not fit.converged:
        _refuse_without_limit(model, counts, design)
    unseen = math.exp(fit.coefficients[0])
    error = unseen_error(unseen, float(fit.covariance[0, 0]))
    return _closed_fit(model, counts, fit, counts.sum() + unseen, error, fixed)


def _refuse_without_limit(model: str, counts: Floats, design: Floats) -> None:
    if runs_off(counts, design, np.eye(design.shape[1])[0]):
        raise Refused(
            "mse.not_estimable",
            found=f"model {model} whose number of unseen people has no limit on this table",
            remedy="bring lists that overlap more, or take a model with fewer parameters",
        )


def fit_without_negative(counts: Floats, plain: Floats, extra: Floats, offset: Floats | None) -> tuple[PoissonFit, int]:
    """Fit with Chao's columns; the first negative one is taken out until none is (Rivest and Baillargeon 2007).

    A negative one would mean less than no heterogeneity.
    """
    columns = list(range(extra.shape[1]))
    while True:
        fit = poisson_fit(counts, np.column_stack([plain, extra[:, columns]]), offset)
        negative = [i for i, value in enumerate(fit.coefficients[plain.shape[1] :]) if value < 0]
        if not negative:
            return fit, extra.shape[1] - len(columns)
        del columns[negative[0]]


def _fit_trap_response(counts: Floats, histories: Integers, model: str) -> ClosedFit:
    """Mb and Mbh: probability p of a first capture (p1 on the first occasion with Mbh), c of a later one.

    The design has occasions before the first capture (b1 = log((1 - p) / (1 - c))) and captures after it (b2 = logit c);
    the size is a function of the coefficients, its variance by the delta method less the Poisson variance of N.
    """
    t = histories.shape[1]
    before = histories.argmax(axis=1).astype(np.float64)
    after = histories.sum(axis=1) - 1.0
    late = [] if model == "Mb" else [(before > 0).astype(np.float64)]
    fit = poisson_fit(counts, np.column_stack([np.ones(len(counts)), *late, before, after]))
    gamma, b1, b2 = fit.coefficients[0], fit.coefficients[-2], fit.coefficients[-1]
    c = 1 / (1 + math.exp(-b2))
    missed = math.exp(b1) * (1 - c)
    p = 1 - missed
    if p < 1e-8:  # what rounding leaves of 0: the size would be infinite
        raise Refused(
            "mse.not_estimable",
            found="first captures that do not decline",
            remedy="take a model without a response to capture",
        )
    slope_p = missed / p
    if model == "Mb":
        size = math.exp(gamma) / (p * (1 - c) ** (t - 1))
        gradient = size * np.array([1.0, slope_p, (t - 1) * c - slope_p * c])
    else:
        first = math.exp(gamma) / (1 - c) ** (t - 1)
        rest = math.exp(gamma + fit.coefficients[1] + b1) / (1 - c) ** (t - 2) / p
        size = first + rest
        gradient = np.array([size, rest, rest / p, first * (t - 1) * c + rest * ((t - 2) * c - slope_p * c)])
    variance = float(gradient @ fit.covariance @ gradient) - size
    return _closed_fit(model, counts, fit, size, math.sqrt(max(variance, 0.0)), 0)


def _closed_fit(model: str, counts: Floats, fit: PoissonFit, size: float, error: float, fixed: int) -> ClosedFit:
    observed = int(counts.sum())
    n_parameters = len(fit.coefficients)
    bic = fit.aic + (math.log(observed) - 2) * n_parameters
    return ClosedFit(model, observed, float(size), error, fit.deviance, fit.df, fit.aic, bic, fit.converged, fixed)


def closed_models(
    people: CaptureTable | Sequence[int], *, by_counts: bool = False, occasions: int | None = None
) -> tuple[ClosedFit, ...]:
    """All closed models that the number of occasions allows, in the order of their names above.

    From histories, or with ``by_counts`` (or from plain counts) from how often people were seen.
    """
    if isinstance(people, CaptureTable) and not by_counts:
        few = people.n_lists < 3
        return tuple(fit_closed(people, m) for m in HISTORY_MODELS if not few or m in ("M0", "Mt", "Mb"))
    few = (times_seen(people, occasions).occasions or 3) < 3
    return tuple(fit_closed_counts(people, m, occasions=occasions) for m in COUNT_MODELS if not few or m == "M0")


@estimator(
    "mse_closedp",
    family="mse",
    reference="Otis et al. 1978, Wildlife Monographs 62; Rivest and Baillargeon 2007, Biometrics 63, 999",
    assumptions=ASSUMPTIONS,
)
def mse_closedp(
    people: CaptureTable | Sequence[int],
    model: str = "Mth Chao",
    *,
    occasions: int | None = None,
    theta: float | None = None,
    level: float = 0.95,
) -> Estimate:
    """Size by a closed capture model, from histories (a table) or from how many were seen once, twice, ...

    ``theta`` is the constant of the Poisson (2) and Gamma (3.5) forms.
    Raises Refused ``mse.closed_model``, ``mse.few_occasions``, ``mse.many_occasions``, ``mse.not_estimable``.

    >>> round(mse_closedp([1645, 183, 37, 13, 1, 1], "Mh Poisson").value, 1)
    8617.6
    """
    refuse_level(level)
    if isinstance(people, CaptureTable):
        fit = fit_closed(people, model, theta=theta)
    else:
        fit = fit_closed_counts(people, model, occasions=occasions, theta=theta)
    return size_estimate(
        "mse_closedp",
        fit.observed,
        fit.size,
        fit.standard_error,
        level=level,
        meaning=_meaning(model),
        assumptions=ASSUMPTIONS,
        diagnostics=(_settled(fit),),
        fit=fit,
    )


def _settled(fit: ClosedFit) -> Diagnostic:
    return Diagnostic(
        "converged",
        Text("L'ajustement a convergé.", "تقارب حساب النموذج.", "The fit has converged."),
        fit.converged,
        concern=not fit.converged,
    )


def _meaning(model: str) -> Text:
    return meaning_of(
        Text(
            f"Effectif total de la population selon le modèle de capture {model}.",
            f"الحجم الكلي للمجتمع وفق نموذج الرصد {model}.",
            f"Total size of the population under the capture model {model}.",
        ),
        CONFIDENCE,
        Text(
            "Une hétérogénéité d'une autre forme que celle du modèle le rendrait faux.",
            "ويفسده كل تباين في احتمال الرصد يخالف شكل النموذج.",
            "Heterogeneity of another form than the model's would make it wrong.",
        ),
    )
