"""Exact sums: every amount is counted in thousand-millionths, so that no order of rows and no machine changes a sum.

Floating-point sums depend on the order in which rows are met, and a parallel engine meets them in another order at
each run. A sum of whole numbers does not (Higham, *Accuracy and Stability of Numerical Algorithms*, 2002, chapter 4).
"""

from __future__ import annotations

import math
from typing import Final

UNIT: Final = 10**9
LARGEST: Final = 1e12


def exact(amount: float) -> int:
    """The amount in thousand-millionths, halves up. The amount lies between 0 and ``LARGEST``.

    >>> exact(2.5), exact(0.1) * 3 == exact(0.3)
    (2500000000, True)
    """
    whole = math.floor(amount)
    return whole * UNIT + math.floor((amount - whole) * 1e9 + 0.5)
