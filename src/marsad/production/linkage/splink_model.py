"""Splink on DuckDB: blocking, u by random pairs, m by EM, predictions. The only module that names Splink.

DuckDB is given numbers alone (places of values among the distinct ones), never a pseudonym or a filter. How alike two filters
are is answered by a function over those numbers, which counts the bits in NumPy: ten times as fast here as ``bit_count`` over
columns of type BIT, since there are few distinct names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from splink import DuckDBAPI, Linker, SettingsCreator
from splink.comparison_level_library import CustomLevel, ElseLevel
from splink.comparison_library import CustomComparison

from marsad.production.linkage.frozen_model import (
    LinkageModel,
    adjusted,
    levels_of,
    log_odds,
    priors_of,
    threshold,
    weights_by_field,
)
from marsad.production.linkage.plan import Field, FieldKind, LinkagePlan, Sign
from marsad.production.linkage.records import Records
from migstat.model.refusals import Refused

_SAMPLED_PAIRS: Final = 1_000_000
_START: Final = 1e-4
# No desk is without slips: a level that EM never saw among pairs of one person must not rule such pairs out.
_LEAST_M: Final = 1e-3
_LEAST_U: Final = 1e-7


@dataclass(frozen=True, eq=False)
class ScoredPairs:
    """Pairs of records whose match probability is worth keeping: places, levels by field, natural log odds."""

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    log_odds: NDArray[np.float64]
    compared: int

    @property
    def probability(self) -> NDArray[np.float64]:
        found: NDArray[np.float64] = 1 / (1 + np.exp(-self.log_odds))
        return found


def _column(name: str) -> str:
    """The name of a column in SQL: letters, digits and underscores."""
    return "c_" + name.replace(".", "_")


def pairs_of_rules(plan: LinkagePlan, records: Records) -> dict[tuple[str, ...], int]:
    """How many pairs each blocking rule brings, before any is made."""
    columns = records.columns(plan)
    return {rule: _pairs_of([columns[name] for name in rule]) for rule in plan.blocking_rules}


def _pairs_of(columns: Sequence[NDArray[Any]]) -> int:
    present = np.all([column >= 0 for column in columns], axis=0)
    stacked = np.column_stack([column[present] for column in columns])
    if not len(stacked):
        return 0
    _, counts = np.unique(stacked, axis=0, return_counts=True)
    return int((counts.astype(np.int64) * (counts - 1) // 2).sum())


def refuse_too_many(plan: LinkagePlan, records: Records) -> dict[tuple[str, ...], int]:
    """The pairs of each rule. Raises ``Refused("linkage.too_many_pairs")`` where they are more than the plan allows."""
    counted = pairs_of_rules(plan, records)
    if sum(counted.values()) > plan.most_pairs:
        worst = max(counted, key=lambda rule: counted[rule])
        raise Refused(
            "linkage.too_many_pairs",
            found=f"{sum(counted.values())} pairs to compare, {counted[worst]} of them by {' and '.join(worst)}",
            remedy=f"narrow the rule, link fewer lists, or allow more than {plan.most_pairs} pairs",
        )
    return counted


def train(plan: LinkagePlan, records: Records, *, seed: int) -> LinkageModel:
    """Estimate u from random pairs, m by EM under two blockings that leave every field free once, priors by EM.

    Raises ``Refused``: ``linkage.too_many_pairs``, ``linkage.no_pairs`` where no two records meet under a rule.
    """
    refuse_too_many(plan, records)
    with _linker(plan, records) as linker:
        linker.training.estimate_u_using_random_sampling(max_pairs=_SAMPLED_PAIRS, seed=seed)
        for rule in _training_rules(plan):
            linker.training.estimate_parameters_using_expectation_maximisation(
                _equal(rule), fix_u_probabilities=True
            )
        m, u = _shares(plan, linker)
        untuned = LinkageModel(plan, m, u, {})
        left, right = _predicted(linker)
    if not len(left):
        raise Refused("linkage.no_pairs", found="no two records that meet", remedy="link lists that overlap")
    weight = _weight(untuned, records, left, right)
    return LinkageModel(plan, m, u, priors_of(records, left, right, weight, _START))


def score(model: LinkageModel, records: Records) -> ScoredPairs:
    """Every pair that the rules bring, weighed by a frozen model; those under ``keep_from`` are forgotten."""
    refuse_too_many(model.plan, records)
    with _linker(model.plan, records) as linker:
        left, right = _predicted(linker)
    odds = log_odds(model, records, left, right, _weight(model, records, left, right))
    kept = odds >= np.log(model.plan.keep_from) - np.log1p(-model.plan.keep_from)
    order = np.lexsort((right[kept], left[kept]))
    return ScoredPairs(left[kept][order], right[kept][order], odds[kept][order], len(left))


def _weight(model: LinkageModel, records: Records, left: Any, right: Any) -> NDArray[np.float64]:
    found = weights_by_field(model, records, levels_of(model.plan, records, left, right), left, right)
    return np.sum(list(found.values()), axis=0)


def _training_rules(plan: LinkagePlan) -> list[tuple[str, ...]]:
    """Two blockings that have no field in common, so that each field is free in one of them at least."""
    names, births = plan.of_kind(FieldKind.NAME), plan.of_kind(FieldKind.BIRTH)
    numbers = plan.of_kind(FieldKind.NUMBER)
    if names and births:
        return [names, births[:1]]
    return [(numbers[0],), names or births] if numbers else [names]


def _equal(columns: Sequence[str]) -> str:
    return " and ".join(f"l.{_column(name)} = r.{_column(name)}" for name in columns)


@contextmanager
def _linker(plan: LinkagePlan, records: Records) -> Iterator[Any]:
    """A Splink linker over an in-memory DuckDB that holds numbers alone; everything is gone at the end."""
    connection = duckdb.connect(":memory:", config={"autoload_known_extensions": "false"})
    try:
        connection.execute("SET enable_progress_bar = false")
        for kind in (FieldKind.NAME, FieldKind.BIRTH):
            _register_dice(connection, f"dice_{kind.value}", records.filters(kind))
        connection.register("numbered", _table(plan, records))
        connection.execute("CREATE TABLE records AS SELECT * FROM numbered")
        api = DuckDBAPI(connection)
        frame = api.register("records", dataset_display_name="lists")
        yield Linker(frame, _settings(plan), log_level="ERROR")
    finally:
        connection.close()


def _register_dice(connection: Any, name: str, filters: Any) -> None:
    def dice(left: Any, right: Any) -> Any:
        one, other = (np.asarray(side.combine_chunks() if hasattr(side, "combine_chunks") else side) for side in (left, right))
        return pa.array(filters.dice(one, other), pa.float32())

    connection.create_function(name, dice, ["INTEGER", "INTEGER"], "FLOAT", type="arrow")


def _table(plan: LinkagePlan, records: Records) -> Any:
    columns = {"unique_id": pa.array(np.arange(len(records), dtype=np.int64))}
    for name, values in records.columns(plan).items():
        columns[_column(name)] = pa.array(values, mask=values < 0)
    columns[_column("year")] = pa.array(records.years, mask=records.years < 0)
    return pa.table(columns)


def _settings(plan: LinkagePlan) -> SettingsCreator:
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[_comparison(plan, field) for field in plan.fields],
        blocking_rules_to_generate_predictions=[_equal(rule) for rule in plan.blocking_rules],
        probability_two_random_records_match=_START,
        retain_matching_columns=False,
        em_convergence=0.0005,
        max_iterations=30,
    )


def _comparison(plan: LinkagePlan, field: Field) -> CustomComparison:
    column = _column(field.name)
    levels: list[Any] = [CustomLevel(_missing(field)).configure(is_null_level=True)]
    for sign in field.levels[:-1]:
        level = CustomLevel(_condition(plan, field, sign), sign.value)
        if sign is Sign.SAME and adjusted(field):
            level = level.configure(tf_adjustment_column=column)
        levels.append(level)
    return CustomComparison(output_column_name=field.name, comparison_levels=[*levels, ElseLevel()])


def _missing(field: Field) -> str:
    column = _column(field.name)
    missing = f"({column}_l IS NULL OR {column}_r IS NULL)"
    return f"{missing} AND (c_year_l IS NULL OR c_year_r IS NULL)" if field.kind is FieldKind.BIRTH else missing


def _condition(plan: LinkagePlan, field: Field, sign: Sign) -> str:
    column = _column(field.name)
    if sign is Sign.SAME:
        return f"{column}_l = {column}_r"
    if sign is Sign.SWAPPED:
        other = _column(field.swapped_with)
        return f"{column}_l = {other}_r OR {other}_l = {column}_r"
    if sign is Sign.SOUND:
        sound = _column(f"{field.name}.sound")
        return f"{sound}_l = {sound}_r"
    if sign is Sign.YEAR:
        return "abs(c_year_l - c_year_r) <= 1"
    return f"dice_{field.kind.value}({column}_l, {column}_r) >= {threshold(plan, sign, field.kind)}"


def _shares(plan: LinkagePlan, linker: Any) -> tuple[Mapping[str, tuple[float, ...]], Mapping[str, tuple[float, ...]]]:
    """m and u of every level, level 0 first. A level that was never seen among the pairs gets a small share."""
    trained = {one["output_column_name"]: one for one in linker.misc.save_model_to_json()["comparisons"]}
    m, u = {}, {}
    for field in plan.fields:
        levels = [one for one in trained[field.name]["comparison_levels"] if not one.get("is_null_level")]
        for target, name, least in ((m, "m_probability", _LEAST_M), (u, "u_probability", _LEAST_U)):
            shares = np.maximum([float(one.get(name) or 0) for one in reversed(levels)], least)
            target[field.name] = tuple(float(each) for each in shares / shares.sum())
    return m, u


def _predicted(linker: Any) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The places of the pairs that the blocking rules bring, each pair once."""
    pairs = linker.inference.compute_blocked_pairs_for_predict()
    relation = linker._db_api._con.sql(f"SELECT * FROM {pairs.physical_name}")
    found = relation.arrow()
    found = found.read_all() if hasattr(found, "read_all") else found
    left, right = (np.asarray(found.column(name), dtype=np.int64) for name in ("join_key_l", "join_key_r"))
    return np.minimum(left, right), np.maximum(left, right)
