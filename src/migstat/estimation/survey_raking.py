"""Post-stratification and raking: weights adjusted to known counts of groups, one or several margins at a time.

Holt and Smith (1979), *Post stratification*, JRSS A 142; Deming and Stephan (1940), Annals of Mathematical Statistics 11.
Variances use residuals from the margins, weighted by the weights before (Deville, Sarndal and Sautory 1993, JASA 88).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from migstat.estimation.survey_design import CalibrationStep, Floats, Ints, PostStratification, SurveyDesign
from migstat.model import Refused

Residuals = Literal["weighted", "unweighted"]


@dataclass(frozen=True, eq=False)
class Margin:
    """A known margin: the group of each row and the population count of each group."""

    labels: Sequence[Any] | NDArray[Any]
    counts: Mapping[Any, float]


def post_stratify(design: SurveyDesign, margin: Margin) -> SurveyDesign:
    """The design with weights that add up to the known count of each group.

    Raises Refused for a group without a count, a count without a respondent, or a count that is not above 0.

    >>> design = SurveyDesign.of([10.0, 10.0, 10.0])
    >>> post_stratify(design, Margin(["f", "m", "m"], {"f": 20, "m": 10})).weights.tolist()
    [20.0, 5.0, 5.0]
    """
    group, counts = _coded(design, margin)
    after = scaled_to_counts(design.weights, group, counts)
    return design.reweighted(after, PostStratification(group, design.weights, after))


def rake(
    design: SurveyDesign,
    margins: Sequence[Margin],
    *,
    tolerance: float = 1e-13,
    rounds: int = 10_000,
    residuals: Residuals = "weighted",
) -> SurveyDesign:
    """The design with weights that meet every margin, by scaling to each in turn until nothing moves.

    ``tolerance`` is the largest relative distance to any count that is let stand. ``residuals`` is how variances take out
    what the margins explain: by the weights before, which is right, or "unweighted" as ``rake`` of R's survey 4.1 and svy do,
    which differs where weights before are unequal and may be far too large (docs/methods/survey.md).

    Raises Refused for an unknown kind of residuals, margins that add up to different populations or do not converge
    within ``rounds`` (an empty combination that the margins need), and as ``post_stratify`` does.

    >>> design = SurveyDesign.of([1.0] * 4)
    >>> sex = Margin(["f", "f", "m", "m"], {"f": 60, "m": 40})
    >>> age = Margin(["<30", "30+", "<30", "30+"], {"<30": 50, "30+": 50})
    >>> rake(design, [sex, age]).weights.round(9).tolist()
    [30.0, 30.0, 20.0, 20.0]
    """
    if residuals not in ("weighted", "unweighted"):
        raise Refused("survey.raking_residuals", found=repr(residuals), remedy="use weighted or unweighted")
    coded = [_coded(design, margin) for margin in margins]
    _refuse_unequal_populations([counts.sum() for _, counts in coded])
    after = raked(design.weights, coded, tolerance, rounds)
    dummies = [np.eye(counts.size)[group] for group, counts in coded]
    before = design.weights if residuals == "weighted" else np.ones(design.rows)
    return design.reweighted(after, CalibrationStep.of(np.hstack(dummies), before, after))


def raked(weights: Floats, coded: Sequence[tuple[Ints, Floats]], tolerance: float, rounds: int) -> Floats:
    """Weights after iterative proportional fitting to (codes, counts) margins; the core of ``rake``.

    Rows of one combination of groups are scaled alike, so the fitting runs over combinations, not rows.
    """
    cell, cell_groups = _cells([group for group, _ in coded], [counts.size for _, counts in coded])
    before: Floats = np.bincount(cell, weights=weights, minlength=cell_groups[0].size).astype(np.float64)
    fitted: Floats = before
    margins = [(group, counts) for group, (_, counts) in zip(cell_groups, coded, strict=True)]
    for _ in range(rounds):
        for group, counts in margins:
            fitted = scaled_to_counts(fitted, group, counts)
        gaps = [
            np.abs(np.bincount(group, weights=fitted, minlength=counts.size) / counts - 1).max()
            for group, counts in margins
        ]
        if max(gaps) <= tolerance:
            return weights * np.divide(fitted, before, out=np.zeros_like(before), where=before > 0)[cell]
    raise Refused(
        "survey.raking_diverges",
        found=f"margins missed by {100 * max(gaps):.3g} % after {rounds} rounds",
        remedy="join small groups: some combination that the margins need has no respondent",
    )


def _cells(groups: Sequence[Ints], sizes: Sequence[int]) -> tuple[Ints, list[Ints]]:
    """The combination of groups that each row is in, and the group of every combination on each margin."""
    cell = np.zeros(groups[0].size, dtype=np.int64)
    for group, size in zip(groups, sizes, strict=True):
        # Codes are made dense again at every margin, so that they never outgrow the number of rows.
        _, cell = np.unique(cell * size + group, return_inverse=True)
    first = np.zeros(int(cell.max()) + 1, dtype=np.int64)
    first[cell] = np.arange(cell.size)
    return cell, [group[first] for group in groups]


def scaled_to_counts(weights: Floats, group: Ints, counts: Floats) -> Floats:
    """Weights multiplied group by group so that they add up to ``counts``."""
    sums = np.bincount(group, weights=weights, minlength=counts.size)
    return weights * np.divide(counts, sums, out=np.zeros_like(sums), where=sums > 0)[group]


def _coded(design: SurveyDesign, margin: Margin) -> tuple[Ints, Floats]:
    labels = np.asarray(margin.labels)
    if labels.shape != (design.rows,):
        raise Refused(
            "survey.column", found=f"margin labels of shape {labels.shape}", remedy=f"give {design.rows} labels"
        )
    found, group = np.unique(labels, return_inverse=True)
    names = found.tolist()
    unknown = [name for name in names if name not in margin.counts]
    empty = [name for name in margin.counts if name not in set(names)]
    if unknown or empty:
        raise Refused(
            "survey.margin_groups",
            found=f"{len(unknown)} groups without a count and {len(empty)} counts without a respondent",
            remedy="give every group its count, and join groups in which nobody answered to a neighbour",
        )
    counts = np.array([margin.counts[name] for name in names], dtype=np.float64)
    if not (np.isfinite(counts) & (counts > 0)).all():
        raise Refused("survey.margin_counts", found="a count that is not above 0", remedy="drop or join the group")
    if not (np.bincount(group, weights=design.weights) > 0).all():
        raise Refused("survey.margin_groups", found="a group whose weights are all 0", remedy="join it to a neighbour")
    return group.astype(np.int64), counts


def _refuse_unequal_populations(sizes: Sequence[float]) -> None:
    if not sizes:
        raise Refused("survey.margins", found="no margin", remedy="give at least one")
    if max(sizes) - min(sizes) > 1e-8 * max(sizes):
        raise Refused(
            "survey.margins",
            found=f"margins that add up to {min(sizes):.10g} and {max(sizes):.10g}",
            remedy="bring all margins to one population (one base, one date) before raking",
        )
