"""Malformed input in the full measure: 10,000 submissions and 2,000 files, each refused by a rule that has its words.

The suite reads a few hundred of the same kinds at each run; this reads all of them, prints what was told how often, and fails
where anything else than a refusal came out. Run: ``python benchmarks/fuzz_intake.py [submissions] [files]``.
"""

from __future__ import annotations

import os
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / folder) for folder in ("src", "tests")]
os.environ["MARSAD_HOME"] = tempfile.mkdtemp(prefix="marsad-fuzz-")
os.environ["DJANGO_SETTINGS_MODULE"] = "marsad.config.settings_test"

import django  # noqa: E402

django.setup()

from deliveries.malformed import malformed  # noqa: E402
from deliveries.test_malformed import told_of  # noqa: E402
from instruments.small_form import compiled  # noqa: E402
from instruments.test_fuzz import mutated, read  # noqa: E402
from marsad.collection.deliveries.labels import REFUSAL_LABELS as OF_FILES  # noqa: E402
from marsad.collection.instruments import flows  # noqa: E402
from marsad.collection.instruments.labels import REFUSAL_LABELS as OF_SUBMISSIONS  # noqa: E402


def shown(what: str, told: Counter[str], began: float) -> None:
    took, count = time.perf_counter() - began, sum(told.values())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{count:,} {what} in {took:.1f} s ({count / took:,.0f} a second), peak {peak} MiB")
    for rule, number in told.most_common():
        print(f"  {number:>6,}  {rule}")


def submissions(count: int) -> None:
    dice, places = random.Random(20260105), flows.places(compiled().questions)
    began = time.perf_counter()
    told = Counter(read(mutated(dice), places) or "read" for _ in range(count))
    assert set(told) - {"read"} <= set(OF_SUBMISSIONS), told
    shown("malformed submissions", told, began)


def files(count: int) -> None:
    began = time.perf_counter()
    told = Counter(told_of(content) for _, content in malformed(count, seed=20261122))
    assert set(told) - {"harmless"} <= set(OF_FILES), told
    shown("malformed files", told, began)


if __name__ == "__main__":
    submissions(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
    files(int(sys.argv[2]) if len(sys.argv) > 2 else 2_000)
