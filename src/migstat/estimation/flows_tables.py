"""What every flow method asks of its stock and flow tables, and how it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from migstat.estimation.arrays import EstimateArray, Floats, finite, label_axis
from migstat.model import Assumption, Diagnostic, Refused, Text


def square(table: ArrayLike, name: str) -> Floats:
    """A square table of finite values. Raises Refused (``flows.square``, ``flows.one_place``, ``input.*``)."""
    array = finite(table, name, ndim=2)
    if array.shape[0] != array.shape[1]:
        raise Refused(
            "flows.square", found=f"{name} of shape {array.shape}", remedy="give the same places on both axes"
        )
    if array.shape[0] < 2:
        raise Refused("flows.one_place", found="one place", remedy="flows need at least two places")
    return array


def stocks(start: ArrayLike, end: ArrayLike) -> tuple[Floats, Floats]:
    """Two stock tables (birthplace, residence). Raises Refused (``flows.negative_stock``, ``flows.stock_shapes``)."""
    first, last = square(start, "stock_start"), square(end, "stock_end")
    if first.shape != last.shape:
        raise Refused(
            "flows.stock_shapes",
            found=f"shapes {first.shape} and {last.shape}",
            remedy="give the same places at both dates",
        )
    for name, table in (("stock_start", first), ("stock_end", last)):
        if (table < 0).any():
            raise Refused(
                "flows.negative_stock",
                found=f"{int((table < 0).sum())} negative cells in {name}",
                remedy="a stock is a head count: correct it, or leave the place out",
            )
    return first, last


def counts_by_place(values: ArrayLike | None, name: str, places: int) -> Floats:
    """Births or deaths by place; None means that there are none. Raises Refused (``flows.counts``)."""
    if values is None:
        return np.zeros(places)
    array = finite(values, name)
    if array.size != places or (array < 0).any():
        raise Refused(
            "flows.counts",
            found=f"{array.size} {name} for {places} places, or negative ones",
            remedy="give one count each",
        )
    return array


def flow_estimates(
    estimator: str,
    flow: Floats,
    meaning: Text,
    *,
    places: Sequence[str] | None,
    assumptions: Sequence[Assumption],
    diagnostics: Sequence[Diagnostic] = (),
    extra: Mapping[str, Any] | None = None,
) -> EstimateArray:
    """An origin by destination table without standard errors, its cells labelled by places."""
    names = label_axis(places, flow.shape[0])
    return EstimateArray(
        estimand="flow",
        estimator=estimator,
        values=flow,
        standard_errors=None,
        meaning=meaning,
        labels=None if names is None else (names, names),
        assumptions=assumptions,
        diagnostics=diagnostics,
        extra=extra or {},
    )


def without_diagonal(table: Floats) -> Floats:
    """The table with zeros where origin and destination are the same place."""
    copy = table.copy()
    np.fill_diagonal(copy, 0.0)
    return copy


STOCKS_COMPARABLE: Final = Assumption(
    "stocks_comparable",
    Text(
        fr="Les deux tableaux de stocks comptent les mêmes personnes selon la même définition.",
        ar="جدولا الأرصدة يعدّان الأشخاص أنفسهم وفق التعريف نفسه.",
        en="Both stock tables count the same people by the same definition.",
    ),
    Text(
        fr="Un changement de définition ou de couverture entre les deux dates apparaît comme un flux qui n'a pas eu "
        "lieu.",
        ar="أي تغيير في التعريف أو التغطية بين التاريخين يظهر تدفقاً لم يحدث.",
        en="A change of definition or coverage between the dates appears as a flow that did not take place.",
    ),
)
NO_HIDDEN_MOVES: Final = Assumption(
    "no_hidden_moves",
    Text(
        fr="Personne ne part et ne revient entre les deux dates, et le nombre de déplacements est le plus petit "
        "possible.",
        ar="لا أحد يغادر ثم يعود بين التاريخين، وعدد التنقلات هو الأصغر الممكن.",
        en="Nobody leaves and comes back between the dates, and there are as few moves as can be.",
    ),
    Text(
        fr="Les allers et retours qui se compensent sont invisibles : le vrai flux est plus grand, parfois de "
        "plusieurs fois.",
        ar="التنقلات المتعاكسة التي يعوض بعضها بعضاً لا تُرى: فالتدفق الحقيقي أكبر، وقد يكون أضعافاً.",
        en="Moves both ways that cancel out are not seen: the true flow is larger, at times several times larger.",
    ),
)
