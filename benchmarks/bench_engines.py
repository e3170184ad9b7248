"""Indicator engines side by side: a definition on DuckDB beside SQL written by hand, and the same on a Spark cluster.

    python benchmarks/bench_engines.py --rows 100000 1000000 10000000 --spark-rows 1000000

Synthetic persons are drawn with NumPy in pieces and laid down as Parquet in a temporary folder. The definition and the
hand-written statements read the same files, one after the other, in one process; each is timed ``--times`` times and
the fastest counts. The table printed is the one of docs/benchmarks/engines.md.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from indicators.cluster import JAVA, spark_cluster
from indicators.comparing import assert_same
from marsad.production.engines import Engine, engine_of
from marsad.production.ibis_engine import evaluation
from migstat.indicators import Indicator

PIECE = 1_000_000
AREAS = [f"A{number:02d}" for number in range(20)]
CITIZENSHIPS = [f"C{number:02d}" for number in range(60)]
BASE = {
    "version": "1",
    "indicator": "BENCH",
    "kind": "flow",
    "unit": "persons",
    "base": "registered",
    "dataflow": "persons",
    "where": [{"column": "age", "between": [15, 64]}],
    "period": {"column": "on"},
    "periods": ["2024"],
    "by": [
        {"column": "sex", "codes": ["F", "M"]},
        {"column": "area", "codes": AREAS},
        {"column": "citizenship", "codes": CITIZENSHIPS},
    ],
}
CHOSEN = "FROM read_parquet('{files}') WHERE age BETWEEN 15 AND 64 AND \"on\" BETWEEN DATE '2024-01-01' AND DATE '2024-12-31'"
CUBE = "GROUP BY CUBE (sex, area, citizenship)"
DEFINITIONS: dict[str, tuple[dict[str, object], str]] = {
    "count": ({"statistic": "count"}, f"SELECT sex, area, citizenship, count(*) {CHOSEN} {CUBE}"),
    "weighted share": (
        {"statistic": "share", "weight": "weight", "part": [{"column": "employed", "equals": True}], "per": 100},
        "SELECT sex, area, citizenship, 100 * sum(weight) FILTER (WHERE employed) / sum(weight) FILTER (WHERE employed IS "
        "NOT NULL), count(*) FILTER (WHERE employed), count(*) FILTER (WHERE NOT employed), "
        f"count(*) FILTER (WHERE employed IS NULL) {CHOSEN} {CUBE}",
    ),
    "weighted mean, 5 largest": (
        {"statistic": "mean", "value": "income", "weight": "weight"},
        "SELECT sex, area, citizenship, sum(income * weight) / sum(weight) FILTER (WHERE income IS NOT NULL), count(income), "
        "count(*) - count(income), arg_max({{'income': income, 'weight': weight}}, income, 5) "
        f"{CHOSEN} {CUBE}",
    ),
    "contributors, 5 largest": (
        {"statistic": "count", "contributor": "who"},
        "SELECT s, a, c, sum(n), count(*), max(n, 5) FROM (SELECT sex AS s, area AS a, citizenship AS c, "
        f"GROUPING(sex, area, citizenship) AS g, who, count(*) AS n {CHOSEN} GROUP BY CUBE (sex, area, citizenship), who) "
        "GROUP BY s, a, c, g",
    ),
}


def lay_down(folder: Path, rows: int) -> None:
    """``rows`` synthetic persons in pieces of a million, the same for the same number."""
    for number, first in enumerate(range(0, rows, PIECE)):
        dice = np.random.default_rng([20260401, number])
        size = min(PIECE, rows - first)

        def unknown(share: float, dice: np.random.Generator = dice, size: int = size) -> np.ndarray:
            return dice.random(size) < share

        table = pa.table(
            {
                "sex": pa.array(np.array(["F", "M"])[dice.integers(0, 2, size)], mask=unknown(0.01)),
                "area": pa.array(np.array(AREAS)[dice.integers(0, len(AREAS), size)]),
                "citizenship": pa.array(
                    np.array(CITIZENSHIPS)[np.minimum(dice.geometric(0.08, size) - 1, 59)], mask=unknown(0.02)
                ),
                "age": pa.array(dice.integers(0, 100, size, dtype=np.int32)),
                "income": pa.array(np.round(dice.lognormal(8, 1, size), 2), mask=unknown(0.05)),
                "weight": pa.array(np.round(dice.lognormal(1, 0.5, size), 3)),
                "employed": pa.array(dice.random(size) < 0.6, mask=unknown(0.03)),
                "on": pa.array(np.datetime64("2023-07-01") + dice.integers(0, 730, size)),
                "who": pa.array(dice.integers(0, max(rows // 3, 1), size)),
            }
        )
        pq.write_table(table, folder / f"part-{number:03d}.parquet")


def fastest(run: Callable[[], object], times: int) -> float:
    """Seconds of the processors, all threads together: a machine that others use does not change them."""
    taken = []
    for _ in range(times):
        start = time.process_time()
        run()
        taken.append(time.process_time() - start)
    return min(taken)


def by_hand(statement: str) -> None:
    with duckdb.connect(":memory:") as connection:
        connection.execute(statement).to_arrow_table()


def beside_duckdb(sizes: list[int], times: int) -> None:
    print("| rows | definition | this engine, s | SQL by hand, s | ratio |\n|---|---|---|---|---|")
    for rows in sizes:
        with tempfile.TemporaryDirectory() as folder:
            lay_down(Path(folder), rows)
            for name, (changes, sql) in DEFINITIONS.items():
                indicator = Indicator.from_mapping({**BASE, "code": name, **changes})
                sources = {"persons": Path(folder)}
                statement = sql.format(files=f"{folder}/*.parquet")
                ours, theirs = [], []
                for _ in range(times):
                    ours.append(fastest(lambda one=indicator, rows=sources: evaluation(one, rows, Engine()), 1))
                    theirs.append(fastest(lambda said=statement: by_hand(said), 1))
                own, other = min(ours), min(theirs)
                print(f"| {rows:,} | {name} | {own:.2f} | {other:.2f} | {own / other:.2f} |", flush=True)


def on_spark(rows: int, workers: int) -> None:
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as home:
        lay_down(Path(folder), rows)
        sources = {"persons": Path(folder)}
        with spark_cluster(Path(home), workers=workers, small=False) as address:
            print(f"\n| rows | definition | DuckDB, s | Spark, {workers} workers, s | cells |\n|---|---|---|---|---|")
            for name, (changes, _) in DEFINITIONS.items():
                indicator = Indicator.from_mapping({**BASE, "code": name, **changes})
                start = time.perf_counter()
                expected = evaluation(indicator, sources, Engine())
                middle = time.perf_counter()
                found = evaluation(indicator, sources, engine_of(address))
                end = time.perf_counter()
                assert_same(expected, found)
                print(f"| {rows:,} | {name} | {middle - start:.2f} | {end - middle:.2f} | the same |", flush=True)


def main() -> None:
    said = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    said.add_argument("--rows", type=int, nargs="*", default=[100_000, 1_000_000, 10_000_000])
    said.add_argument("--times", type=int, default=3)
    said.add_argument("--spark-rows", type=int, default=1_000_000, help="0 leaves Spark out")
    said.add_argument("--workers", type=int, default=2)
    said.add_argument("--only", nargs="*", default=list(DEFINITIONS), choices=list(DEFINITIONS))
    asked = said.parse_args()
    for name in set(DEFINITIONS) - set(asked.only):
        del DEFINITIONS[name]
    beside_duckdb(asked.rows, asked.times)
    if asked.spark_rows and JAVA is not None:
        on_spark(asked.spark_rows, asked.workers)


if __name__ == "__main__":
    main()
