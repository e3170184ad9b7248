"""The trait whose share is estimated: labels turned into codes, unknown answers kept apart."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from migstat.estimation.rds_recruitment import Floats, Ints, Recruitment
from migstat.model import Refused


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """``codes`` (n,) index into ``categories``, -1 where the answer is not known."""

    codes: Ints
    categories: tuple[Hashable, ...]

    @property
    def known(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        return self.codes >= 0

    @property
    def unknown_count(self) -> int:
        return int((self.codes < 0).sum())

    def position(self, category: Hashable) -> int:
        """The code of ``category``; raises Refused ``rds.category`` for one that nobody gave."""
        if category not in self.categories:
            raise Refused(
                "rds.category",
                found="a category that no respondent gave",
                remedy=f"ask for one of the {len(self.categories)} categories of the outcome",
            )
        return self.categories.index(category)

    def sums(self, amounts: Floats) -> Floats:
        """(categories,) the sum of ``amounts`` (n,) by category; respondents with unknown answer left out."""
        known = self.known
        totals = np.bincount(self.codes[known], amounts[known], minlength=len(self.categories))
        return totals.astype(np.float64)

    def shares(self, weights: Floats) -> Floats:
        """(categories,) shares of the weights (n,); respondents with unknown answer left out."""
        sums = self.sums(weights)
        shares: Floats = sums / sums.sum()
        return shares


def outcome_of(labels: Sequence[Hashable | None], recruitment: Recruitment) -> Outcome:
    """Code the labels (None or NaN: not known), one for each respondent; categories in order of their text.

    Raises Refused: ``rds.length``, ``rds.one_category``.

    >>> from migstat.estimation.rds_recruitment import recruitment_from_rows
    >>> outcome_of(["f", "m", None], recruitment_from_rows([-1, 0, 0], [2, 2, 2])).codes.tolist()
    [0, 1, -1]
    """
    if len(labels) != len(recruitment):
        raise Refused(
            "rds.length", found=f"{len(recruitment)} respondents and {len(labels)} labels", remedy="give one each"
        )
    plain = [None if _is_unknown(label) else label for label in labels]
    categories = tuple(sorted({label for label in plain if label is not None}, key=str))
    if len(categories) < 2:
        raise Refused(
            "rds.one_category",
            found=f"{len(categories)} category among the answers",
            remedy="a share needs at least two categories; say in words that all answers were the same",
        )
    code_of = {label: code for code, label in enumerate(categories)}
    codes = np.array([SKIPPED if label is None else code_of[label] for label in plain], dtype=np.int64)
    return Outcome(codes, categories)


SKIPPED = -1


def _is_unknown(label: Hashable | None) -> bool:
    return label is None or (isinstance(label, float | np.floating) and math.isnan(label))
