"""Which choice moves the ranks? (step 9 of the handbook): Sobol's indices, through SALib (extra ``sensitivity``).

Saltelli et al. (2010), *Variance based sensitivity analysis of model output*, Computer Physics Communications 181, 259-270.
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from migstat.estimation.arrays import refuse_without_generator, seed_of
from migstat.estimation.composite_index import Recipe, ranks_of
from migstat.estimation.composite_structure import Floats, IndexStructure, Ints
from migstat.estimation.composite_texts import FIRST_ORDER, MEANING_OF_SENSITIVITY, UNCERTAINTY_ASSUMPTIONS
from migstat.estimation.composite_uncertainty import Doubts, IndexSimulator
from migstat.estimation.registry import estimator
from migstat.model import Diagnostic, Estimate, Interval, Refused

_COLUMNS = ("imputation", "data", "weights", "treatment", "normalisation", "aggregation")
_DRAWS = 512


@estimator(
    "composite_sensitivity",
    family="composite",
    reference="Saltelli et al. (2010), Computer Physics Communications 181, 259-270, table 2 (b) and (f)",
    assumptions=UNCERTAINTY_ASSUMPTIONS,
)
def composite_sensitivity(
    structure: IndexStructure,
    values: ArrayLike,
    doubts: Doubts,
    rng: np.random.Generator,
    *,
    recipe: Recipe | None = None,
    base_samples: int = 512,
    level: float = 0.95,
) -> dict[str, Estimate]:
    """Total Sobol index of each doubt ("data", "weights", "normalisation" ...) for the mean shift of ranks from the recipe.

    Errors of the data and weights enter as one factor each, a place in a table of 512 drawn sets. ``base_samples`` is a
    power of 2; the index is worked out ``base_samples`` times (factors + 2). ``extra`` holds the first-order index too.

    Raises Refused when fewer than two things are in doubt, the ranks never move, the number of samples is not a power
    of 2, or SALib is not installed.

    >>> from migstat.estimation.composite_normalisation import Normalisation
    >>> from migstat.estimation.composite_structure import Node
    >>> structure = IndexStructure((Node("a", "i"), Node("b", "i")), (Node("i", None),))
    >>> doubts = Doubts(weight_spread=0.5, normalisations=(Normalisation("rank"),))
    >>> found = composite_sensitivity(
    ...     structure, [[1, 9], [4, 8], [6, 1], [9, 3]], doubts, np.random.default_rng(1), base_samples=64)
    >>> found["weights"].value > found["normalisation"].value
    True
    """
    refuse_without_generator(rng)
    if base_samples < 64 or base_samples & (base_samples - 1):
        raise Refused(
            "composite.base_samples", found=repr(base_samples), remedy="give a power of 2 from 64, such as 512"
        )
    simulator = IndexSimulator.of(structure, values, recipe or Recipe(), doubts)
    factors = _factors(simulator)
    if len(factors) < 2:
        raise Refused(
            "composite.one_doubt", found=f"{len(factors)} things in doubt", remedy="give two or more to compare"
        )
    sample, analyse = _load()
    problem = {"num_vars": len(factors), "names": list(factors), "bounds": [[0.0, 1.0]] * len(factors)}
    own_seed = int(rng.integers(2**31))
    points = sample.sample(problem, base_samples, calc_second_order=False, seed=own_seed)
    shifts = _mean_shifts(simulator, factors, points, rng)
    if np.ptp(shifts) == 0:
        raise Refused("composite.ranks_still", found="ranks that never move", remedy="there is nothing to explain")
    found = analyse.analyze(
        problem, shifts, calc_second_order=False, conf_level=level, seed=own_seed, print_to_console=False
    )
    return {name: _index(name, place, found, level, seed_of(rng)) for place, name in enumerate(factors)}


def _factors(simulator: IndexSimulator) -> dict[str, int]:
    """How many values each factor takes, of those that take more than one, by name."""
    counts = simulator.alternatives()
    if simulator.has_noise:
        counts["data"] = _DRAWS
    if simulator.has_weights:
        counts["weights"] = _DRAWS
    return {name: counts[name] for name in _COLUMNS if counts.get(name, 1) > 1}


def _mean_shifts(
    simulator: IndexSimulator, factors: dict[str, int], points: Floats, rng: np.random.Generator
) -> Floats:
    """Mean absolute shift of ranks from the recipe's (Saisana et al. 2005, eq. 2) at each point of the unit cube."""
    noise = simulator.noise(_DRAWS, rng)
    weights = np.vstack([simulator.structure.edges[2][None, :], simulator.edge_weights(_DRAWS, rng)])
    nominal = ranks_of(simulator.scores(np.array([[0, -1, 0, 0, 0, 0]]), noise, weights))
    choices = _choices(factors, points)
    shifts: Floats = np.abs(ranks_of(simulator.scores(choices, noise, weights)) - nominal).mean(axis=1)
    return shifts


def _choices(factors: dict[str, int], points: Floats) -> Ints:
    choices = np.zeros((points.shape[0], len(_COLUMNS)), dtype=np.int64)
    choices[:, _COLUMNS.index("data")] = -1
    for place, (name, count) in enumerate(factors.items()):
        picked = np.minimum((points[:, place] * count).astype(np.int64), count - 1)
        # Row 0 of the weights is the recipe's own; drawn sets come after it.
        choices[:, _COLUMNS.index(name)] = picked + 1 if name == "weights" else picked
    return choices


def _index(name: str, place: int, found: dict[str, Any], level: float, seed: int | None) -> Estimate:
    total, reach = float(found["ST"][place]), float(found["ST_conf"][place])
    first = float(found["S1"][place])
    # SALib gives half the width of the interval at the level asked for.
    error = reach / float(ndtri(0.5 + level / 2))
    return Estimate(
        f"total Sobol index of {name}",
        "composite_sensitivity",
        total,
        error,
        Interval(total - reach, total + reach, level, "bootstrap of Sobol samples"),
        MEANING_OF_SENSITIVITY,
        UNCERTAINTY_ASSUMPTIONS,
        (Diagnostic("composite.first_order", FIRST_ORDER, first),),
        seed=seed,
        extra={"first_order": first, "first_order_reach": float(found["S1_conf"][place])},
    )


def _load() -> tuple[Any, Any]:
    try:
        return importlib.import_module("SALib.sample.sobol"), importlib.import_module("SALib.analyze.sobol")
    except ImportError:
        raise Refused(
            "composite.salib_absent", found="no SALib on this machine", remedy="install migstat with 'sensitivity'"
        ) from None
