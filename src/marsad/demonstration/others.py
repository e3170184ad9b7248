"""Workers beside a building from the console may take up a step that it has just asked for: it waits until they are done."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

_BETWEEN: Final = 0.2
_LONGEST: Final = 300.0


def await_others(is_done: Callable[[], bool]) -> bool:
    """Ask until it is done, for five minutes at most; returns whether it is."""
    turns = int(_LONGEST / _BETWEEN)
    while not is_done() and turns:
        time.sleep(_BETWEEN)
        turns -= 1
    return is_done()
