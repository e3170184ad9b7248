"""Rows that stand twice in a file of any length, found from eight bytes a row."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt


def digest_of(cells: Sequence[object]) -> int:
    """Sixty-four bits of a row's cells. Two different rows share them by chance about once in 10 billion files of a million."""
    try:
        text = "\x1f".join(cells)  # type: ignore[arg-type]  # the usual row: texts alone
    except TypeError:
        text = "\x1f".join("" if cell is None else str(cell) for cell in cells)
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


class Repeats:
    """Rows noted one after another; ``found`` says which stand there for the second time or later."""

    def __init__(self) -> None:
        self._digests = array("Q")
        self._rows = array("Q")

    def note(self, digests: Iterable[int], rows: Iterable[int]) -> None:
        """Note rows by their digests and their row numbers; both are walked once and are of one length."""
        self._digests.extend(digests)
        self._rows.extend(rows)

    def found(self) -> list[tuple[int, int]]:
        """Pairs (row, the row that it repeats), in the order of the file.

        >>> repeats = Repeats(); repeats.note([digest_of("ab"), digest_of("cd"), digest_of("ab")], [2, 3, 4]); repeats.found()
        [(4, 2)]
        """
        digests: npt.NDArray[np.uint64] = (
            np.frombuffer(self._digests, dtype=np.uint64) if self._digests else np.empty(0, np.uint64)
        )
        if digests.size < 2:
            return []
        order = np.argsort(digests, kind="stable")
        same = digests[order][1:] == digests[order][:-1]
        pairs = []
        first = 0
        for place in np.flatnonzero(same):
            if place == 0 or not same[place - 1]:
                first = int(order[place])
            pairs.append((self._rows[int(order[place + 1])], self._rows[first]))
        return sorted(pairs)
