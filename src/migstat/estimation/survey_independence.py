"""Is one answer linked to another? Pearson's test on a survey with the second-order correction of Rao and Scott."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from migstat.estimation.registry import estimator
from migstat.estimation.survey_design import Floats, SurveyDesign
from migstat.estimation.survey_taylor import covariance_of_totals
from migstat.estimation.survey_texts import MEANING_OF_TEST, P_VALUE, SURVEY_ASSUMPTIONS
from migstat.model import Diagnostic, Estimate, Refused


@estimator(
    "survey_independence",
    family="survey",
    reference="Rao and Scott (1984), Annals of Statistics 12, 46-60; F form: Thomas and Rao (1987), JASA 82, 630-636",
    assumptions=SURVEY_ASSUMPTIONS,
)
def survey_independence(
    design: SurveyDesign, rows: Sequence[Any] | NDArray[Any], columns: Sequence[Any] | NDArray[Any]
) -> Estimate:
    """F statistic of the independence of two categorical columns; ``extra`` holds p_value, the two degrees of freedom
    and the weighted table of shares.

    Raises Refused when a column has fewer than two categories, and for columns of the wrong length.

    >>> answers = ["yes"] * 6 + ["no"] * 6
    >>> sexes = ["f"] * 5 + ["m"] * 6 + ["f"]
    >>> test = survey_independence(SurveyDesign.of([1.0] * 12), answers, sexes)
    >>> round(test.value, 2), round(test.extra["p_value"], 4)
    (4.89, 0.0491)
    """
    row_names, row = _codes(design, rows, "rows")
    column_names, column = _codes(design, columns, "columns")
    height, width = len(row_names), len(column_names)
    cells = np.eye(height * width)[row * width + column]
    shares = design.weights @ cells / design.population_size
    covariance = covariance_of_totals(design, (cells - shares) / design.population_size)
    deviations = _generalised_effects(shares, covariance, height, width, design.rows)
    trace = float(np.trace(deviations))
    freedom = trace**2 / float(np.trace(deviations @ deviations))
    statistic = _pearson(shares.reshape(height, width), design.rows) / trace
    second = freedom * design.degrees_of_freedom
    p_value = float(special.fdtrc(freedom, second, statistic))
    return Estimate(
        "independence of two variables",
        "survey_independence",
        statistic,
        None,
        None,
        MEANING_OF_TEST,
        SURVEY_ASSUMPTIONS,
        (Diagnostic("survey.p_value", P_VALUE, p_value),),
        extra={
            "p_value": p_value,
            "degrees_of_freedom": (freedom, second),
            "rows": row_names,
            "columns": column_names,
            "shares": shares.reshape(height, width),
        },
    )


def _generalised_effects(shares: Floats, covariance: Floats, height: int, width: int, cases: int) -> Floats:
    """Rao and Scott's matrix of generalised design effects of the interaction contrasts."""
    rows, columns = np.divmod(np.arange(height * width), width)
    main = np.column_stack([np.eye(height)[rows], np.eye(width)[columns][:, 1:]])
    crossed = np.column_stack(
        [(rows == i).astype(float) * (columns == j) for i in range(1, height) for j in range(1, width)]
    )
    contrasts = crossed - main @ np.linalg.lstsq(main, crossed)[0]
    inverse = np.divide(1.0, shares, out=np.zeros_like(shares), where=shares > 0)
    scaled = contrasts * inverse[:, None]
    simple = contrasts.T @ scaled / cases
    effects: Floats = np.linalg.solve(simple, scaled.T @ covariance @ scaled)
    return effects


def _pearson(shares: Floats, cases: int) -> float:
    expected = np.outer(shares.sum(axis=1), shares.sum(axis=0))
    return float(cases * ((shares - expected) ** 2 / expected).sum())


def _codes(
    design: SurveyDesign, labels: Sequence[Any] | NDArray[Any], name: str
) -> tuple[tuple[Any, ...], NDArray[np.int64]]:
    column = np.asarray(labels)
    if column.shape != (design.rows,):
        raise Refused("survey.column", found=f"{name} of shape {column.shape}", remedy=f"give {design.rows} labels")
    found = np.unique(column[design.weights > 0])
    if found.size < 2:
        raise Refused("survey.categories", found=f"one category in {name}", remedy="test columns that vary")
    codes = np.searchsorted(found, column).clip(0, found.size - 1)
    return tuple(found.tolist()), codes.astype(np.int64)
