"""Stock differencing: the growth of each bilateral stock taken for a flow."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from migstat.estimation.arrays import EstimateArray, choice
from migstat.estimation.flows_tables import STOCKS_COMPARABLE, flow_estimates, stocks, without_diagonal
from migstat.estimation.registry import estimator
from migstat.model import Assumption, Diagnostic, Text

ONLY_BIRTHPLACE_MOVES = Assumption(
    "only_moves_from_birthplace",
    Text(
        fr="On ne quitte que son lieu de naissance (ou l'on y retourne) ; personne ne meurt entre les deux dates.",
        ar="لا يُغادَر إلا مكان الميلاد (أو يُعاد إليه)؛ ولا أحد يموت بين التاريخين.",
        en="People only leave their birthplace (or go back to it); nobody dies between the dates.",
    ),
    Text(
        fr="Les passages par un pays tiers sont attribués au pays natal, et les décès de migrants deviennent des "
        "retours.",
        ar="يُنسب العبور عبر بلد ثالث إلى بلد الميلاد، وتصبح وفيات المهاجرين عودات.",
        en="Moves on from a third country are put down to the country of birth, and deaths of migrants become returns.",
    ),
)
ASSUMPTIONS = (STOCKS_COMPARABLE, ONLY_BIRTHPLACE_MOVES)
MEANING = Text(
    fr="Croissance de chaque stock bilatéral, lue comme un flux. Sans intervalle : la méthode n'a pas de modèle "
    "d'erreur, et les décès "
    "comme les départs vers un tiers la faussent.",
    ar="نمو كل رصيد ثنائي مقروءاً على أنه تدفق. بلا مجال: ليس للطريقة نموذج للخطأ، وتفسدها الوفيات والمغادرات نحو "
    "بلد ثالث.",
    en="Growth of each bilateral stock read as a flow. No interval: the method has no model of error, and deaths as "
    "well as moves "
    "on to third places make it wrong.",
)


class Decrease(StrEnum):
    """What a shrinking stock means: nothing, or returns to the birthplace."""

    ZERO = "zero"
    RETURN = "return"


@estimator(
    "flows_stock_difference",
    family="flows",
    reference="Beine and Parsons (2015), Scandinavian Journal of Economics 117, 723-767 (returns); Bertoli and "
    "Fernandez-Huertas Moraga "
    "(2015), Regional Science and Urban Economics 51 (zeros); reviewed by Abel and Cohen (2019), Scientific Data "
    "6:82",
    assumptions=ASSUMPTIONS,
)
def flows_stock_difference(
    stock_start: ArrayLike,
    stock_end: ArrayLike,
    *,
    decrease: Decrease | str = Decrease.RETURN,
    native_born: bool = False,
    places: Sequence[str] | None = None,
) -> EstimateArray:
    """Flows (origin, destination) from stocks (birthplace, residence); ``native_born`` keeps the change of natives on
    the diagonal.

    Raises Refused: ``flows.square``, ``flows.negative_stock``, ``flows.stock_shapes``.

    >>> flows_stock_difference([[9, 5], [4, 9]], [[9, 8], [2, 9]]).values
    array([[0., 5.],
           [0., 0.]])
    """
    first, last = stocks(stock_start, stock_end)
    change = last - first if native_born else without_diagonal(last - first)
    flow = np.maximum(change, 0.0)
    if choice(Decrease, decrease) is Decrease.RETURN:
        flow = flow + np.maximum(-change.T, 0.0)
    shrunk = float(np.maximum(-without_diagonal(change), 0.0).sum())
    return flow_estimates(
        "flows_stock_difference",
        flow,
        MEANING,
        places=places,
        assumptions=ASSUMPTIONS,
        diagnostics=(Diagnostic("shrinking_stocks", _SHRUNK, shrunk, concern=shrunk > flow.sum() / 2),),
    )


_SHRUNK = Text(
    fr="Baisse totale des stocks, que la méthode ignore ou lit comme des retours.",
    ar="مجموع انخفاض الأرصدة الذي تتجاهله الطريقة أو تقرؤه عودات.",
    en="Total decrease of stocks, which the method ignores or reads as returns.",
)
