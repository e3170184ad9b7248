"""Rogers-Castro schedules: migration rates by age as a sum of childhood, work, retirement and late-life curves."""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from migstat.estimation.arrays import EstimateArray, Floats, choice, finite, normal_quantile, same_length
from migstat.estimation.registry import estimator
from migstat.model import Assumption, Diagnostic, Refused, Text


class Schedule(StrEnum):
    """7 parameters (childhood, work, constant), 9 (late-life rise), 11 (retirement peak), 13 (both)."""

    STANDARD = "7"
    ELDERLY_RISE = "9"
    RETIREMENT = "11"
    BOTH = "13"


_CHILD, _WORK, _RETIRE, _LATE = (
    ("a1", "alpha1"),
    ("a2", "alpha2", "mu2", "lambda2"),
    ("a3", "alpha3", "mu3", "lambda3"),
    ("a4", "lambda4"),
)
PARAMETERS: Final[Mapping[Schedule, tuple[str, ...]]] = {
    Schedule.STANDARD: (*_CHILD, *_WORK, "c"),
    Schedule.ELDERLY_RISE: (*_CHILD, *_WORK, *_LATE, "c"),
    Schedule.RETIREMENT: (*_CHILD, *_WORK, *_RETIRE, "c"),
    Schedule.BOTH: (*_CHILD, *_WORK, *_RETIRE, *_LATE, "c"),
}
# the fundamental parameters of Rogers and Castro (1981), and usual places of the later curves
_START: Final = {
    "a1": 0.02,
    "alpha1": 0.10,
    "a2": 0.06,
    "alpha2": 0.10,
    "mu2": 20.0,
    "lambda2": 0.40,
    "c": 0.003,
    "a3": 0.01,
    "alpha3": 0.30,
    "mu3": 65.0,
    "lambda3": 0.30,
    "a4": 0.001,
    "lambda4": 0.03,
}
_BOUNDS: Final = {
    **dict.fromkeys(("alpha1", "alpha2", "alpha3", "lambda2", "lambda3"), (0.001, 3.0)),
    "lambda4": (1e-4, 0.3),
    "mu2": (8.0, 45.0),
    "mu3": (50.0, 85.0),
}

CURVES_FIT = Assumption(
    "curves_fit",
    Text(
        fr="Les taux par âge suivent la somme de courbes choisie.",
        ar="تتبع المعدلات حسب السن مجموع المنحنيات المختار.",
        en="Rates by age follow the chosen sum of curves.",
    ),
    Text(
        fr="Une pointe d'études ou de retraite absente du modèle déforme les autres courbes.",
        ar="ذروة الدراسة أو التقاعد الغائبة عن النموذج تشوه المنحنيات الأخرى.",
        en="A peak of study or retirement that the model lacks bends the other curves.",
    ),
)
POISSON_MIGRANTS = Assumption(
    "poisson_migrants",
    Text(
        fr="Les nombres de migrants par âge varient au hasard comme des comptes indépendants.",
        ar="تتغير أعداد المهاجرين حسب السن عشوائياً كأعداد مستقلة.",
        en="Numbers of migrants by age vary at random like independent counts.",
    ),
    Text(
        fr="Des âges arrondis à 0 et 5 élargissent l'erreur au-delà de ce qui est annoncé ; la dispersion le montre.",
        ar="الأعمار المقربة إلى 0 و5 توسع الخطأ أكثر مما أُعلن؛ ويظهره التشتت.",
        en="Ages rounded to 0 and 5 widen the error beyond what is stated; the dispersion shows it.",
    ),
)
ASSUMPTIONS = (CURVES_FIT, POISSON_MIGRANTS)
MEANING = Text(
    fr="Paramètre de la courbe des taux par âge. L'intervalle est celui du hasard des comptes, élargi par la "
    "dispersion observée ; deux "
    "paramètres très liés ont de larges intervalles, et une courbe mal choisie les rend trompeurs.",
    ar="معلم منحنى المعدلات حسب السن. المجال هو مجال صدفة الأعداد موسعاً بالتشتت الملاحظ؛ والمعالم الشديدة الترابط "
    "مجالاتها واسعة، والمنحنى "
    "غير المناسب يجعلها مضللة.",
    en="Parameter of the curve of rates by age. The interval is that of the chance of counts, widened by the "
    "dispersion seen; two "
    "parameters closely bound have wide intervals, and an ill-chosen curve makes them misleading.",
)


def rogers_castro_rates(ages: ArrayLike, parameters: Mapping[str, float]) -> Floats:
    """Rates at ``ages`` (A,): a1 exp(-alpha1 x) + double exponentials at mu2 and mu3 + a4 exp(lambda4 x) + c.

    Rogers and Castro (1981), RR-81-30; curves whose parameters are not given are left out.

    >>> rogers_castro_rates([0.0], {"a1": 0.02, "alpha1": 0.1, "c": 0.003}).round(3)
    array([0.023])
    """
    x = np.asarray(ages, dtype=np.float64)
    rate = np.full(x.shape, float(parameters.get("c", 0.0)))
    if "a1" in parameters:
        rate = rate + parameters["a1"] * np.exp(-parameters["alpha1"] * x)
    for k in ("2", "3"):
        if f"a{k}" in parameters:
            since = x - parameters[f"mu{k}"]
            rise = np.exp(np.minimum(-parameters[f"lambda{k}"] * since, 600.0))
            rate = rate + parameters[f"a{k}"] * np.exp(np.minimum(-parameters[f"alpha{k}"] * since - rise, 600.0))
    if "a4" in parameters:
        rate = rate + parameters["a4"] * np.exp(parameters["lambda4"] * x)
    return rate


@estimator(
    "rogers_castro",
    family="flows",
    reference="Rogers and Castro (1981), Model Migration Schedules, IIASA RR-81-30; 13 "
    "parameters: Rogers, Little and "
    "Raymer (2010), The Indirect Estimation of Migration, chapter 2",
    assumptions=ASSUMPTIONS,
)
def rogers_castro(
    ages: ArrayLike,
    migrants: ArrayLike,
    population: ArrayLike,
    *,
    schedule: Schedule | str = Schedule.STANDARD,
    level: float = 0.95,
) -> EstimateArray:
    """Parameters fitted to ``migrants`` out of ``population`` (A,) at mid-ages ``ages`` (A,) by Poisson maximum
    likelihood.

    Standard errors are from the Fisher information, times the dispersion where that exceeds 1. ``extra`` has the
    parameters by name, the fitted rates, and the derived measures (peaking, child dependency, labour asymmetry,
    regularity, gross migraproduction). Raises Refused: ``schedule.ages``, ``schedule.counts``, ``schedule.no_fit``.

    >>> ages = np.arange(0.5, 80)
    >>> shape = {"a1": 0.02, "alpha1": 0.1, "a2": 0.06, "alpha2": 0.1, "mu2": 20, "lambda2": 0.4, "c": 0.003}
    >>> fit = rogers_castro(ages, 1e5 * rogers_castro_rates(ages, shape), [1e5] * 80)
    >>> round(fit.estimate("mu2").value, 4)
    20.0
    """
    x, y, people = finite(ages, "ages"), finite(migrants, "migrants"), finite(population, "population")
    same_length(ages=x, migrants=y, population=people)
    names = PARAMETERS[choice(Schedule, schedule)]
    if x.size <= len(names) + 1 or (np.diff(x) <= 0).any():
        raise Refused(
            "schedule.ages", found=f"{x.size} ages", remedy=f"give more than {len(names) + 1} increasing ages"
        )
    if (y < 0).any() or (people <= 0).any() or y.sum() == 0:
        raise Refused("schedule.counts", found="counts out of range", remedy="migrants of 0 or more, people above 0")
    theta = _fit(x, y, people, names)
    mean = people * rogers_castro_rates(x, dict(zip(names, theta, strict=True)))
    jacobian = _jacobian(x, people, names, theta)
    information = (jacobian.T / mean) @ jacobian
    scale = 1 / np.sqrt(np.maximum(np.diag(information), 1e-300))
    covariance = scale[:, None] * np.linalg.pinv(scale[:, None] * information * scale, rcond=1e-13) * scale
    dispersion = float(np.sum((y - mean) ** 2 / mean)) / (x.size - len(names))
    error = np.sqrt(np.diag(covariance) * max(dispersion, 1.0))
    z, found = normal_quantile(level), dict(zip(names, (float(one) for one in theta), strict=True))
    edge = _at_the_edge(found, float((mean / people).max()))
    return EstimateArray(
        estimand="schedule parameter",
        estimator="rogers_castro",
        values=theta,
        standard_errors=error,
        low=theta - z * error,
        high=theta + z * error,
        level=level,
        interval_method="normal, Fisher information times dispersion",
        meaning=MEANING,
        labels=(names,),
        assumptions=ASSUMPTIONS,
        diagnostics=(
            Diagnostic("dispersion", _DISPERSION, dispersion, concern=dispersion > 3),
            Diagnostic("at_the_edge", _AT_THE_EDGE, edge, concern=bool(edge)),
        ),
        extra={"parameters": found, "rates": mean / people, "covariance": covariance, **schedule_measures(found)},
    )


def _at_the_edge(parameters: Mapping[str, float], highest: float) -> tuple[str, ...]:
    """Names of parameters pushed to an end of their range: heights to nothing beside the highest rate, slopes and
    ages to a bound."""
    edge = []
    for name, value in parameters.items():
        low, high = _BOUNDS.get(name, (0.0, math.inf))
        margin = 1e-4 * ((high - low) if name in _BOUNDS else highest)
        if value - low < margin or high - value < margin:
            edge.append(name)
    return tuple(edge)


def schedule_measures(parameters: Mapping[str, float]) -> dict[str, float]:
    """Peaking, child and labour dependency, labour asymmetry, regularity (Rogers and Castro 1981).

    >>> shape = {"a1": 0.02, "alpha1": 0.1, "a2": 0.06, "alpha2": 0.1, "mu2": 20, "lambda2": 0.4}
    >>> round(schedule_measures(shape)["child_dependency"], 3)
    0.333
    """
    p = parameters
    return {
        "peaking": p["mu2"],
        "child_dependency": p["a1"] / p["a2"],
        "labour_dependency": p["a2"] / p["a1"] if p["a1"] else float("inf"),
        "labour_asymmetry": p["lambda2"] / p["alpha2"],
        "regularity": p["alpha1"] / p["alpha2"],
    }


def _unpacked(names: tuple[str, ...], free: Floats) -> Floats:
    """From the whole line to each parameter's range: heights by exp, slopes and ages between their bounds."""
    values = np.empty(len(names))
    for k, name in enumerate(names):
        if name in _BOUNDS:
            low, high = _BOUNDS[name]
            values[k] = low + (high - low) / (1 + np.exp(-np.clip(free[k], -40, 40)))
        else:
            values[k] = np.exp(np.clip(free[k], -60, 10))
    return values


def _packed(names: tuple[str, ...], values: Floats) -> Floats:
    free = np.empty(len(names))
    for k, name in enumerate(names):
        if name in _BOUNDS:
            low, high = _BOUNDS[name]
            share = np.clip((values[k] - low) / (high - low), 1e-6, 1 - 1e-6)
            free[k] = np.log(share / (1 - share))
        else:
            free[k] = np.log(max(values[k], 1e-12))
    return free


def _jacobian(x: Floats, people: Floats, names: tuple[str, ...], theta: Floats) -> Floats:
    columns = []
    for k, name in enumerate(names):
        step = 1e-6 * max(abs(float(theta[k])), 1e-4)
        sides = []
        for sign in (1, -1):
            moved = dict(zip(names, theta, strict=True))
            moved[name] = moved[name] + sign * step
            sides.append(people * rogers_castro_rates(x, moved))
        columns.append((sides[0] - sides[1]) / (2 * step))
    return np.column_stack(columns)


def _fit(x: Floats, y: Floats, people: Floats, names: tuple[str, ...]) -> Floats:
    """Poisson deviance as least squares of signed root deviances, from several peaks and heights; the best fit
    stays."""
    from scipy.optimize import least_squares

    level = float(y.sum() / people.sum())

    def residuals(free: Floats) -> Floats:
        rate = rogers_castro_rates(x, dict(zip(names, _unpacked(names, free), strict=True)))
        mean = np.maximum(people * rate, 1e-12)
        deviance = np.where(y > 0, y * np.log(np.where(y > 0, y, 1.0) / mean), 0.0) - y + mean
        signed: Floats = np.sign(mean - y) * np.sqrt(2 * np.maximum(deviance, 0.0))
        return signed

    best, cost = None, np.inf
    for peak in (18.0, 22.0, 27.0):
        for slope in (0.25, 0.6):
            start = np.array([_START[name] for name in names])
            for k, name in enumerate(names):
                start[k] = {"mu2": peak, "lambda2": slope}.get(name, start[k])
                if name == "c" or (name.startswith("a") and not name.startswith("alpha")):
                    start[k] *= level / 0.02
            tried = least_squares(
                residuals, _packed(names, start), method="trf", xtol=1e-14, ftol=1e-14, gtol=1e-12, max_nfev=400
            )
            if tried.cost < cost * (1 - 1e-12):
                best, cost = tried.x, float(tried.cost)
    if best is None or not np.isfinite(cost):
        raise Refused("schedule.no_fit", found="rates that no start fits", remedy="use a schedule with fewer curves")
    return _unpacked(names, best)


_AT_THE_EDGE = Text(
    fr="Paramètres poussés au bord de leur domaine : la courbe a un terme de trop, et leurs intervalles ne valent rien.",
    ar="معالم دُفعت إلى حافة مجالها: في المنحنى حد زائد، ولا قيمة لمجالاتها.",
    en="Parameters pushed to the edge of their range: the curve has a term too many, and their intervals are worthless.",
)
_DISPERSION = Text(
    fr="Variance des comptes rapportée à celle de Poisson ; au-delà de 3, les âges sont mal déclarés ou la courbe "
    "est mal choisie.",
    ar="تباين الأعداد نسبة إلى تباين بواسون؛ إذا تجاوز 3 فالأعمار مصرح بها خطأ أو المنحنى غير مناسب.",
    en="Variance of counts over that of Poisson; above 3, ages are misreported or the curve is ill-chosen.",
)
