"""Many estimates at once: a vector of areas or a table of flows, each cell as good as an ``Estimate`` of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from migstat.model import Assumption, Diagnostic, Estimate, Interval, Refused, Text

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class EstimateArray:
    """Estimates in one array of any shape, with one list of labels for each axis (or none).

    ``standard_errors``, ``low`` and ``high`` have the shape of ``values`` or are None where the method has none.
    ``estimate(...)`` gives one cell as an ``Estimate``, by position or by label. ``extra`` holds what is particular
    to the method, as plain values and arrays.

    >>> from migstat.model import Text
    >>> both = EstimateArray("share", "demonstration", np.array([0.2, 0.3]), np.array([0.05, 0.04]),
    ...                      meaning=Text("part", "حصة", "share"), labels=(("Agdal", "Hassan"),))
    >>> both.estimate("Hassan").value
    0.3
    """

    estimand: str
    estimator: str
    values: Floats
    standard_errors: Floats | None
    meaning: Text
    low: Floats | None = None
    high: Floats | None = None
    level: float = 0.95
    interval_method: str = ""
    labels: tuple[tuple[str, ...], ...] | None = None
    assumptions: Sequence[Assumption] = ()
    diagnostics: Sequence[Diagnostic] = ()
    seed: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("standard_errors", "low", "high"):
            part = getattr(self, name)
            if part is not None and part.shape != self.values.shape:
                raise Refused(
                    "estimates.shape",
                    found=f"{name} of shape {part.shape} for values of shape {self.values.shape}",
                    remedy="give arrays of one shape",
                )
        if self.labels is not None and tuple(len(axis) for axis in self.labels) != self.values.shape:
            raise Refused(
                "estimates.labels",
                found=f"labels of lengths {tuple(len(axis) for axis in self.labels)} for shape {self.values.shape}",
                remedy="give one label for each row of each axis",
            )

    def __len__(self) -> int:
        return int(self.values.shape[0])

    def position(self, *where: int | str) -> tuple[int, ...]:
        """The position of a cell given by positions or labels, one for each axis. Raises Refused for an unknown
        one."""
        if len(where) != self.values.ndim:
            raise Refused(
                "estimates.position",
                found=f"{len(where)} coordinates for {self.values.ndim} axes",
                remedy="give one position or label for each axis",
            )
        return tuple(self._on_axis(axis, one) for axis, one in enumerate(where))

    def _on_axis(self, axis: int, one: int | str) -> int:
        if isinstance(one, str):
            known = () if self.labels is None else self.labels[axis]
            if one not in known:
                raise Refused("estimates.label", found=repr(one), remedy=f"use one of the {len(known)} labels")
            return known.index(one)
        if not 0 <= one < self.values.shape[axis]:
            raise Refused(
                "estimates.position",
                found=f"{one} on an axis of {self.values.shape[axis]}",
                remedy="count positions from 0",
            )
        return int(one)

    def estimate(self, *where: int | str) -> Estimate:
        """One cell with its standard error, interval, meaning, assumptions and diagnostics.

        Raises Refused (``estimates.position``, ``estimates.label``) for a cell that is not there.
        """
        at = self.position(*where)
        error = None if self.standard_errors is None else float(self.standard_errors[at])
        names = [str(one) if self.labels is None else self.labels[axis][one] for axis, one in enumerate(at)]
        return Estimate(
            estimand=f"{self.estimand} [{', '.join(names)}]",
            estimator=self.estimator,
            value=float(self.values[at]),
            standard_error=error,
            interval=self._interval(at),
            meaning=self.meaning,
            assumptions=self.assumptions,
            diagnostics=self.diagnostics,
            seed=self.seed,
        )

    def _interval(self, at: tuple[int, ...]) -> Interval | None:
        if self.low is None or self.high is None:
            return None
        return Interval(float(self.low[at]), float(self.high[at]), self.level, self.interval_method)


def normal_quantile(level: float) -> float:
    """z such that a standard normal lies in [-z, z] with probability ``level``. Raises Refused outside (0, 1).

    >>> round(normal_quantile(0.95), 6)
    1.959964
    """
    if not 0 < level < 1:
        raise Refused("estimate.level", found=repr(level), remedy="give a level between 0 and 1, such as 0.95")
    from scipy.special import ndtri

    return float(ndtri(0.5 + level / 2))


def refuse_without_generator(rng: object) -> None:
    """Refused (``input.generator``) is raised for dice that are no numpy Generator, such as a bare seed.

    >>> refuse_without_generator(np.random.default_rng(1))
    """
    if not isinstance(rng, np.random.Generator):
        raise Refused(
            "input.generator",
            found=f"dice of type {type(rng).__name__}",
            remedy="pass numpy.random.default_rng(seed), made once with a seed that you write down",
        )


def choice(kind: type[E], given: E | str) -> E:
    """A choice given by its word, in any case, or as a member of its list. Raises Refused (``input.choice``) for another word.

    >>> from enum import StrEnum
    >>> choice(StrEnum("Side", ["LEFT", "RIGHT"]), "left")
    <Side.LEFT: 'left'>
    """
    words = {member.value.casefold(): member for member in kind}
    if str(given).casefold() in words:
        return words[str(given).casefold()]
    raise Refused(
        "input.choice",
        found=f"{given!r} for {kind.__name__}",
        remedy=f"use one of {', '.join(member.value for member in kind)}",
    )


def numbers(values: ArrayLike, name: str) -> Floats:
    """``values`` as an array of floats. Raises Refused (``input.not_numbers``) for words, or rows of unequal length.

    >>> numbers([1, 2], "counts").tolist()
    [1.0, 2.0]
    """
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):  # numpy's own words would repeat the value
        raise Refused(
            "input.not_numbers", found=f"{name} that are not numbers", remedy=f"give {name} as rows of numbers"
        ) from None


def seed_of(rng: np.random.Generator) -> int | None:
    """The seed a Generator was made with, where it was made with one number."""
    sequence = getattr(rng.bit_generator, "seed_seq", None)
    entropy = getattr(sequence, "entropy", None)
    return entropy if isinstance(entropy, int) else None


def finite(values: ArrayLike, name: str, *, ndim: int = 1) -> Floats:
    """``values`` as a finite float array of ``ndim`` axes.

    Raises Refused (``input.not_numbers``, ``input.shape``, ``input.not_finite``).
    """
    array = numbers(values, name)
    if array.ndim != ndim or array.size == 0:
        raise Refused(
            "input.shape",
            found=f"{name} of shape {array.shape}",
            remedy=f"give {name} as a filled array of {ndim} axes",
        )
    if not np.isfinite(array).all():
        count = int((~np.isfinite(array)).sum())
        raise Refused(
            "input.not_finite",
            found=f"{count} unknown or infinite values in {name}",
            remedy="leave unknown units out or estimate them first: unknown is not 0",
        )
    return array


def same_length(**arrays: Floats) -> int:
    """The common length of the first axes. Raises Refused (``input.lengths``) when they differ."""
    lengths = {name: int(array.shape[0]) for name, array in arrays.items()}
    if len(set(lengths.values())) != 1:
        found = ", ".join(f"{name}: {length}" for name, length in lengths.items())
        raise Refused("input.lengths", found=found, remedy="give one row for each unit, in the same order")
    return next(iter(lengths.values()))


def label_axis(labels: Sequence[str] | None, length: int) -> tuple[str, ...] | None:
    """Labels of one axis, checked: as many as rows, none twice. Raises Refused (``labels.count``,
    ``labels.twice``)."""
    if labels is None:
        return None
    names = tuple(labels)
    if len(names) != length:
        raise Refused("labels.count", found=f"{len(names)} labels for {length} rows", remedy="give one for each row")
    if len(set(names)) != length:
        raise Refused("labels.twice", found="a label that is there twice", remedy="give each row a label of its own")
    return names
