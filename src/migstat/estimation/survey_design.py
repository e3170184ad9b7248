"""A sample design: weights, strata, primary sampling units, finite populations, and the calibrations it went through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from migstat.model import Refused

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
LonelyUnit = Literal["refuse", "certainty", "adjust", "average"]


class WeightStep(Protocol):
    """An adjustment of the weights that variances must know of."""

    def residuals(self, weighted: Floats) -> Floats: ...


@dataclass(frozen=True, eq=False)
class PostStratification:
    """Adjustment to known counts of groups: ``group`` (codes) of each row, weights ``before`` and ``after``."""

    group: Ints
    before: Floats
    after: Floats

    def residuals(self, weighted: Floats) -> Floats:
        """Weighted influence values (n x k) less their group means."""
        share = self.before / np.bincount(self.group, weights=self.before)[self.group]
        values = np.divide(weighted, self.after[:, None], out=np.zeros_like(weighted), where=self.after[:, None] != 0)
        columns = [np.bincount(self.group, weights=share * column)[self.group] for column in values.T]
        return weighted - np.stack(columns, axis=1) * self.after[:, None]


@dataclass(frozen=True, eq=False)
class CalibrationStep:
    """One adjustment of weights to known totals, kept so that variances know of it (Deville and Särndal 1992, eq. 3.4).

    ``basis`` is an orthonormal basis (n x p) of the auxiliary variables times the root of the weights before the step.
    """

    basis: Floats
    root_before: Floats
    after: Floats

    @classmethod
    def of(cls, auxiliary: Floats, before: Floats, after: Floats) -> CalibrationStep:
        root = np.sqrt(before)
        left, singular, _ = np.linalg.svd(auxiliary * root[:, None], full_matrices=False)
        kept = singular > singular.max(initial=0.0) * 1e-10 * max(auxiliary.shape)
        return cls(np.ascontiguousarray(left[:, kept]), root, after)

    def residuals(self, weighted: Floats) -> Floats:
        """Weighted influence values (n x k) less what the auxiliary variables explain of them."""
        lift = np.divide(self.after, self.root_before, out=np.zeros_like(self.after), where=self.root_before > 0)
        scaled = np.divide(weighted, lift[:, None], out=np.zeros_like(weighted), where=lift[:, None] != 0)
        scaled -= self.basis @ (self.basis.T @ scaled)
        scaled *= lift[:, None]
        return scaled


@dataclass(frozen=True, eq=False)
class SurveyDesign:
    """A one-stage (ultimate cluster) view of a sample. Build it with ``SurveyDesign.of``.

    ``stratum_of_unit`` gives the stratum of each primary sampling unit, ``unit_of_row`` the unit of each row, and
    ``sampling_fraction`` (one a stratum) the share of the stratum's units that were drawn, 0 where not known.
    """

    weights: Floats
    unit_of_row: Ints
    stratum_of_unit: Ints
    strata: tuple[Any, ...]
    label_of_unit: NDArray[Any] = field(repr=False)
    sampling_fraction: Floats = field(repr=False)
    lonely_unit: LonelyUnit = "refuse"
    steps: tuple[WeightStep, ...] = ()

    @classmethod
    def of(
        cls,
        weights: ArrayLike,
        *,
        strata: Sequence[Any] | NDArray[Any] | None = None,
        units: Sequence[Any] | NDArray[Any] | None = None,
        population_units: ArrayLike | None = None,
        lonely_unit: LonelyUnit = "refuse",
    ) -> SurveyDesign:
        """A design from columns of one length (one entry a row).

        ``units`` are the primary sampling units, told apart within strata (the same label in two strata is two units);
        without them every row is a unit. ``population_units`` is the number of units in the row's stratum in the
        population, for the finite population correction; without it the draw counts as made with replacement.
        ``lonely_unit`` says what to do with a stratum of one unit: refuse, take it as drawn with certainty, centre
        it at the mean of all strata (adjust), or give it the average variance of the others.

        Raises Refused when lengths differ, weights are negative or not finite, a label is missing, population
        counts differ within a stratum or are below the sample, or a stratum has one unit and ``lonely_unit`` refuses.

        >>> design = SurveyDesign.of([10, 10, 5, 5], strata=["n", "n", "s", "s"], population_units=[20, 20, 10, 10])
        >>> design.degrees_of_freedom, design.population_size
        (2, 30.0)
        """
        weight = checked_column(weights, None, "weights")
        if (weight < 0).any() or not weight.sum() > 0:
            raise Refused(
                "survey.weights",
                found="negative weights or a sum of 0",
                remedy="give the inverse of each row's inclusion probability",
            )
        if lonely_unit not in ("refuse", "certainty", "adjust", "average"):
            raise Refused(
                "survey.lonely_unit", found=repr(lonely_unit), remedy="use refuse, certainty, adjust or average"
            )
        stratum_labels, stratum_of_row = _codes(strata, weight.size, "strata")
        unit_labels, label_of_row = _codes(units, weight.size, "units", each_row=True)
        pair = stratum_of_row * len(unit_labels) + label_of_row
        pairs, unit_of_row = np.unique(pair, return_inverse=True)
        stratum_of_unit = pairs // len(unit_labels)
        names = unit_labels[pairs % len(unit_labels)]
        fraction = _sampling_fractions(population_units, stratum_of_row, np.bincount(stratum_of_unit))
        design = cls(weight, unit_of_row, stratum_of_unit, tuple(stratum_labels.tolist()), names, fraction, lonely_unit)
        design._refuse_lonely_units()
        return design

    def _refuse_lonely_units(self) -> None:
        lonely = int(((self.units_per_stratum == 1) & (self.sampling_fraction < 1)).sum())
        if lonely and (self.lonely_unit == "refuse" or lonely == len(self.strata)):
            raise Refused(
                "survey.lonely_unit",
                found=f"{lonely} of {len(self.strata)} strata with one primary sampling unit",
                remedy="join each to a neighbouring stratum, or choose lonely_unit='certainty', 'adjust' or 'average'",
            )

    @property
    def rows(self) -> int:
        return self.weights.size

    @cached_property
    def units_per_stratum(self) -> Ints:
        return np.bincount(self.stratum_of_unit, minlength=len(self.strata))

    @cached_property
    def population_size(self) -> float:
        """The sum of the weights: the population that the sample stands for."""
        return float(self.weights.sum())

    @property
    def degrees_of_freedom(self) -> int:
        return self.stratum_of_unit.size - len(self.strata)

    def freedom_in(self, mask: Mask) -> int:
        """Degrees of freedom of a domain (Korn and Graubard 1999, section 5.2): the units that hold a row of it less the
        strata that do, at least 1. Units elsewhere say nothing about how its units differ.

        >>> design = SurveyDesign.of([1.0] * 6, strata=[0, 0, 0, 1, 1, 1])
        >>> design.degrees_of_freedom, design.freedom_in(np.array([True] * 3 + [False] * 3))
        (4, 2)
        """
        if mask.all():
            return self.degrees_of_freedom
        units = np.unique(self.unit_of_row[mask & (self.weights > 0)])
        return max(int(units.size - np.unique(self.stratum_of_unit[units]).size), 1)

    def reweighted(self, weights: Floats, step: WeightStep | None = None) -> SurveyDesign:
        """The same design with other weights, remembering ``step`` for its variances."""
        return replace(self, weights=weights, steps=self.steps if step is None else (*self.steps, step))

    def column(self, values: ArrayLike, name: str) -> Floats:
        """``values`` as numbers, one a row; refused when missing or of another length."""
        return checked_column(values, self.rows, name)

    def domain(self, domain: ArrayLike | None) -> Mask:
        """A mask of rows (all of them for None). Refused when it is not boolean or selects no weight."""
        if domain is None:
            return np.ones(self.rows, dtype=np.bool_)
        mask = np.asarray(domain)
        if mask.dtype != np.bool_ or mask.shape != (self.rows,):
            raise Refused(
                "survey.domain",
                found=f"a domain of type {mask.dtype} and shape {mask.shape}",
                remedy=f"give {self.rows} booleans, one a row",
            )
        if not self.weights[mask].sum() > 0:
            raise Refused("survey.domain_empty", found="no row with weight in the domain", remedy="widen the domain")
        return mask

    def unit_totals(self, weighted: Floats) -> Floats:
        """Sums (units x k) of weighted values (n x k) within primary sampling units."""
        units = self.stratum_of_unit.size
        if units == self.rows and np.array_equal(self.unit_of_row, np.arange(units)):
            return weighted
        columns = [np.bincount(self.unit_of_row, weights=column, minlength=units) for column in weighted.T]
        return np.stack(columns, axis=1)


def checked_column(values: ArrayLike, rows: int | None, name: str) -> Floats:
    """A one-dimensional column of finite numbers, refused otherwise: a missing answer is never taken for a number."""
    try:
        column = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise Refused("survey.column", found=f"{name} that are not numbers", remedy="give one number a row") from None
    if column.ndim != 1 or column.size == 0 or (rows is not None and column.size != rows):
        raise Refused(
            "survey.column",
            found=f"{name} of shape {column.shape}",
            remedy="give one number a row" if rows is None else f"give {rows} numbers, one a row",
        )
    if not np.isfinite(column).all():
        raise Refused(
            "survey.missing",
            found=f"{int((~np.isfinite(column)).sum())} missing values in {name}",
            remedy="impute them, or pass a domain of those who answered together with filled-in values",
        )
    return column


def _codes(
    labels: Sequence[Any] | NDArray[Any] | None, rows: int, name: str, *, each_row: bool = False
) -> tuple[NDArray[Any], Ints]:
    if labels is None:
        codes = np.arange(rows) if each_row else np.zeros(rows, dtype=np.int64)
        return (np.arange(rows) if each_row else np.array(["all"])), codes
    column = np.asarray(labels)
    if column.shape != (rows,):
        raise Refused("survey.column", found=f"{name} of shape {column.shape}", remedy=f"give {rows} labels, one a row")
    missing = column == None if column.dtype == object else column != column  # noqa: E711 - elementwise
    if np.any(missing):
        raise Refused("survey.missing", found=f"missing labels in {name}", remedy="give every row its label")
    found, codes = np.unique(column, return_inverse=True)
    return found, codes.astype(np.int64)


def _sampling_fractions(population: ArrayLike | None, stratum_of_row: Ints, drawn: Ints) -> Floats:
    if population is None:
        return np.zeros(drawn.size)
    of_row = checked_column(population, stratum_of_row.size, "population_units")
    low = np.full(drawn.size, np.inf)
    high = np.zeros(drawn.size)
    np.minimum.at(low, stratum_of_row, of_row)
    np.maximum.at(high, stratum_of_row, of_row)
    if (low != high).any():
        raise Refused(
            "survey.population_units",
            found="different population counts within one stratum",
            remedy="give each stratum one number of units in the population",
        )
    if (high < drawn).any():
        raise Refused(
            "survey.population_units",
            found="fewer units in the population than in the sample",
            remedy="give the number of primary sampling units of the whole stratum, not of persons or a share",
        )
    return drawn / high
