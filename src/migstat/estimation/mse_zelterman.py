"""Zelterman: the size from the rate at which people seen once are seen twice."""

from __future__ import annotations

import math
from collections.abc import Sequence

from migstat.estimation.mse_assumptions import CLOSED, CONFIDENCE, LINKED, LOWER_BOUND, meaning_of
from migstat.estimation.mse_intervals import refuse_level, size_estimate
from migstat.estimation.mse_tables import CaptureTable
from migstat.estimation.mse_two_lists import refuse_without_doubles, times_seen
from migstat.estimation.registry import estimator
from migstat.model import Estimate, Text

ASSUMPTIONS = (CLOSED, LINKED, LOWER_BOUND)


@estimator(
    "mse_zelterman",
    family="mse",
    reference="Zelterman 1988, Journal of Statistical Planning and Inference 18, 225; Boehning 2008, Statistical "
    "Methodology 5, 410 (variance)",
    assumptions=ASSUMPTIONS,
)
def mse_zelterman(people: CaptureTable | Sequence[int], *, level: float = 0.95) -> Estimate:
    """N = n / (1 - exp(-l)) with l = 2 f2 / f1, which people seen three times or more do not disturb.

    Variance n G (1 + n G l^2 (1 / f1 + 1 / f2)) with G = exp(-l) / (1 - exp(-l))^2. ``people`` is a table, or how
    many were seen once, twice, ... on one register. Raises Refused ``mse.no_doubles``, ``mse.shape``.

    >>> round(mse_zelterman([1645, 183, 37, 13, 1, 1]).value, 1)
    9424.6
    """
    refuse_level(level)
    seen = times_seen(people)
    refuse_without_doubles(seen, twice=True)
    rate = 2 * seen.twice / seen.once
    missed = math.exp(-rate)
    ratio = missed / (1 - missed) ** 2
    n = seen.observed
    variance = n * ratio * (1 + n * ratio * rate**2 * (1 / seen.once + 1 / seen.twice))
    return size_estimate(
        "mse_zelterman",
        n,
        n / (1 - missed),
        math.sqrt(variance),
        level=level,
        meaning=_MEANING,
        assumptions=ASSUMPTIONS,
        rate=rate,
    )


_MEANING = meaning_of(
    Text(
        "Effectif total de la population, d'après les personnes vues une et deux fois.",
        "الحجم الكلي للمجتمع استنادا إلى من رُصدوا مرة أو مرتين.",
        "Total size of the population, from people seen once and twice.",
    ),
    CONFIDENCE,
    Text(
        "Des doublons non reconnus, ou des personnes qui évitent le registre après une première visite, le gonflent.",
        "وتضخمه الازدواجات غير المكتشفة ومن يتجنبون السجل بعد زيارة أولى.",
        "Unrecognised duplicates, or people who avoid the register after a first visit, inflate it.",
    ),
)
