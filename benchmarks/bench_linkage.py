"""Linkage of three lists without names, beside Splink on the plain text of the same lists in the same run.

    python benchmarks/bench_linkage.py [people ...]

For each number of people: records, pairs compared, seconds and records a second of both, precision and recall at a chance of
one half, and for the codes the seconds of twenty drawn linkages. Ratios are of one run on one machine; the load of the
machine is printed beside them. The plain side uses Splink's own Jaro-Winkler levels and term frequencies.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marsad.config.settings")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import django

django.setup()

import numpy as np  # noqa: E402
import pyarrow as pa  # noqa: E402
import splink.comparison_library as cl  # noqa: E402
from splink import DuckDBAPI, Linker, SettingsCreator, block_on  # noqa: E402

from linkage.city_lists import CityLists, city_lists  # noqa: E402
from marsad.production.linkage.plan import plan_for  # noqa: E402
from marsad.production.linkage.splink_model import score, train  # noqa: E402
from migstat.estimation.mse_linkage_draws import LinkagePairs, draw_capture_tables  # noqa: E402


def judged(lists: CityLists, left: np.ndarray, right: np.ndarray, chance: np.ndarray) -> str:
    """Precision and recall of the pairs with a chance of one half or more."""
    _, counts = np.unique(lists.who, return_counts=True)
    true = int((counts * (counts - 1) // 2).sum())
    same = (lists.who[left] == lists.who[right])[chance >= 0.5]
    return f"precision {same.mean():.4f}  recall {same.sum() / true:.4f}"


def with_codes(lists: CityLists) -> float:
    begun = time.perf_counter()
    records = lists.records()
    model = train(plan_for(lists.fields), records, seed=1)
    trained = time.perf_counter()
    pairs = score(model, records)
    seconds = time.perf_counter() - begun
    found = judged(lists, pairs.left, pairs.right, pairs.probability)
    print(f"  codes  {seconds:7.1f} s ({trained - begun:.1f} s of it training)  {len(records) / seconds:9,.0f} records/s  "
          f"{pairs.compared:11,} pairs  {found}")  # fmt: skip
    begun = time.perf_counter()
    kept = LinkagePairs(
        records.lists, records.list_of, pairs.left, pairs.right, pairs.log_odds, frozenset(records.lists)
    )
    draw_capture_tables(kept, 20, np.random.default_rng(1))
    print(f"  draws  {time.perf_counter() - begun:7.1f} s for 20 linkages")
    return seconds


def with_names(lists: CityLists) -> float:
    table = pa.concat_tables(lists.plain.values())
    table = table.append_column("unique_id", pa.array(np.arange(table.num_rows)))
    begun = time.perf_counter()
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.JaroWinklerAtThresholds("family_name", [0.92, 0.8]).configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("given_name", [0.92, 0.8]).configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("birth_date", [1, 2]),
            cl.ExactMatch("sex"),
            cl.ExactMatch("citizenship"),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("birth_date"),
            block_on("family_name", "given_name"),
            block_on("family_name", "sex", "citizenship"),
            block_on("substr(birth_date, 1, 4)", "sex", "citizenship"),
        ],
        retain_matching_columns=False,
    )
    linker = Linker(DuckDBAPI().register(table), settings, log_level="ERROR")
    linker.training.estimate_probability_two_random_records_match([block_on("birth_date", "family_name")], recall=0.6)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("birth_date"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("family_name", "given_name"))
    pairs = linker.inference.predict(threshold_match_probability=0.01).as_duckdbpyrelation().to_arrow_table()
    seconds = time.perf_counter() - begun
    left, right, chance = (np.asarray(pairs.column(one)) for one in ("unique_id_l", "unique_id_r", "match_probability"))
    print(
        f"  names  {seconds:7.1f} s  {table.num_rows / seconds:9,.0f} records/s  {judged(lists, left, right, chance)}"
    )
    return seconds


def main() -> None:
    for people in [int(one) for one in sys.argv[1:]] or [30_000, 100_000, 285_000]:
        lists = city_lists(people, families=max(1500, people // 20))
        print(f"{people:,} people, three lists of together {len(lists.who):,} records, load {os.getloadavg()[0]:.1f}")
        ratio = with_codes(lists) / with_names(lists)
        print(f"  codes take {ratio:.2f} times as long as names")


if __name__ == "__main__":
    main()
