"""Which pairs reviewers are given: mostly the doubtful ones, some of the sure ones to test the model, drawn by a seed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from marsad.production.linkage.rules import DOUBTFUL, DOUBTFUL_SHARE


def review_sample(probability: NDArray[np.float64], size: int, *, seed: int) -> NDArray[np.int64]:
    """Places of the pairs to review, in an order that tells nothing of their chance; at most ``size``.

    Where there are too few doubtful pairs the sure ones fill up, and the other way round.

    >>> len(review_sample(np.array([0.5, 0.99, 0.02, 0.6]), 3, seed=1))
    3
    """
    dice = np.random.default_rng(seed)
    doubtful = (probability >= DOUBTFUL[0]) & (probability <= DOUBTFUL[1])
    unsure, sure = dice.permutation(np.flatnonzero(doubtful)), dice.permutation(np.flatnonzero(~doubtful))
    wanted = max(round(size * DOUBTFUL_SHARE), size - len(sure))
    first = unsure[:wanted]
    chosen: NDArray[np.int64] = dice.permutation(np.concatenate([first, sure[: size - len(first)]]))
    return chosen
