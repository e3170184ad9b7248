"""Measures of risk for records that leave one desk for another inside the house. No record is ever published."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations

from migstat.model import Refused

Record = Mapping[str, str]


def _classes(records: Sequence[Record], names: Sequence[str]) -> list[tuple[str, ...]]:
    if not records or not names:
        raise Refused("microdata.empty", found="no record or no variable", remedy="give both")
    try:
        return [tuple(record[name] for name in names) for record in records]
    except KeyError as missing:
        raise Refused("microdata.variable", found=f"no {missing} in a record", remedy="name variables of all") from None


def k_anonymity(records: Sequence[Record], quasi_identifiers: Sequence[str]) -> int:
    """The size of the smallest group of records alike in the quasi-identifiers (Sweeney 2002).

    >>> k_anonymity([{"sex": "F"}, {"sex": "F"}, {"sex": "M"}], ["sex"])
    1
    """
    return min(Counter(_classes(records, quasi_identifiers)).values())


def l_diversity(records: Sequence[Record], quasi_identifiers: Sequence[str], sensitive: str) -> tuple[int, float]:
    """The fewest distinct sensitive values in a group, and the least exp(entropy) (Machanavajjhala et al. 2007).

    >>> l_diversity([{"sex": "F", "permit": "yes"}, {"sex": "F", "permit": "no"}], ["sex"], "permit")
    (2, 2.0)
    """
    groups: dict[tuple[str, ...], Counter[str]] = {}
    values = _classes(records, [sensitive])
    for group, (value,) in zip(_classes(records, quasi_identifiers), values, strict=True):
        groups.setdefault(group, Counter())[value] += 1
    return min(len(counts) for counts in groups.values()), min(_effective(counts) for counts in groups.values())


def _effective(counts: Counter[str]) -> float:
    size = counts.total()
    return math.exp(-sum(count / size * math.log(count / size) for count in counts.values()))


def uniqueness(records: Sequence[Record], quasi_identifiers: Sequence[str]) -> float:
    """The share of records that are alone in their group.

    >>> uniqueness([{"sex": "F"}, {"sex": "F"}, {"sex": "M"}, {"sex": "X"}], ["sex"])
    0.5
    """
    counts = Counter(_classes(records, quasi_identifiers))
    return sum(1 for count in counts.values() if count == 1) / len(records)


def special_uniques(records: Sequence[Record], quasi_identifiers: Sequence[str], *, largest: int) -> list[float]:
    """A score per record from its minimal sample uniques of up to ``largest`` variables (SUDA: Elliot, Manning, Ford
    2002): being unique on few variables counts most.

    The weight of a minimal unique of k variables is the product of (m - i) for i = k .. largest - 1.

    >>> special_uniques([{"a": "1", "b": "1"}, {"a": "1", "b": "2"}, {"a": "2", "b": "2"}], ["a", "b"], largest=2)
    [1.0, 1.0, 1.0]
    """
    m = len(quasi_identifiers)
    if not 1 <= largest <= m:
        raise Refused("suda.largest", found=repr(largest), remedy=f"give 1 to {m} variables")
    scores = [0.0] * len(records)
    found: list[list[frozenset[str]]] = [[] for _ in records]
    for size in range(1, largest + 1):
        weight = float(math.prod(m - i for i in range(size, largest)))
        for names in combinations(quasi_identifiers, size):
            classes = _classes(records, names)
            counts = Counter(classes)
            own = frozenset(names)
            for place, group in enumerate(classes):
                if counts[group] == 1 and not any(smaller <= own for smaller in found[place]):
                    found[place].append(own)
                    scores[place] += weight
    return scores
