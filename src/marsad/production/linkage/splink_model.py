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
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from splink import DuckDBAPI, Linker, SettingsCreator
from splink.blocking_rule_library import CustomRule
from splink.comparison_level_library import CustomLevel, ElseLevel
from splink.comparison_library import CustomComparison

from marsad.production.linkage.frozen_model import (
    LinkageModel,
    adjusted,
    frequencies,
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
_WHOLE: Final = 40
Shares = Mapping[str, tuple[float, ...]]
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
    named = {f"c{place}": column[present] for place, column in enumerate(columns)}
    sizes = np.asarray(pa.table(named).group_by(list(named)).aggregate([([], "count_all")]).column("count_all"))
    return int((sizes * (sizes - 1) // 2).sum())


def fitted(plan: LinkagePlan, records: Records) -> LinkagePlan:
    """The plan with the rules whose pairs together are no more than it allows, taken in their order.

    Raises ``Refused("linkage.too_many_pairs")`` where not even the first rule fits.
    """
    taken, total, counted = [], 0, pairs_of_rules(plan, records)
    for rule, pairs in counted.items():
        if total + pairs <= plan.most_pairs:
            taken.append(rule)
            total += pairs
    if not taken or taken[0] != plan.blocking_rules[0]:
        raise Refused(
            "linkage.too_many_pairs",
            found=f"{counted[plan.blocking_rules[0]]} pairs to compare by the first rule alone",
            remedy=f"link fewer lists, or allow more than {plan.most_pairs} pairs",
        )
    return plan.with_rules(taken)


def train(plan: LinkagePlan, records: Records, *, seed: int) -> LinkageModel:
    """Estimate u from random pairs, m by EM under two blockings that leave every field free once, priors by EM.

    Raises ``Refused``: ``linkage.too_many_pairs``, ``linkage.no_pairs`` where no two records meet under a rule.
    """
    plan = fitted(plan, records)
    u = chance_agreements(plan, records, seed=seed)
    # Sums of fractions depend on their order: one thread keeps it, and the same records give the same model to the last bit
    with _linker(plan, records, u, threads=1) as linker:
        for rule in _training_rules(plan):
            linker.training.estimate_parameters_using_expectation_maximisation(_equal(rule))
        m = _m_of(plan, linker)
        left, right = _blocked(linker)
    u = {field: _where_seen(shares, m[field]) for field, shares in u.items()}
    if not len(left):
        raise Refused("linkage.no_pairs", found="no two records that meet", remedy="link lists that overlap")
    weight = _weight(LinkageModel(plan, m, u, {}), records, left, right)
    return LinkageModel(plan, m, u, priors_of(records, left, right, weight, _START))


def chance_agreements(plan: LinkagePlan, records: Records, *, seed: int) -> Shares:
    """u of every level: its share among random pairs of records, nearly all of two persons; ``same`` exactly."""
    dice = np.random.default_rng(seed)
    left, right = dice.integers(0, len(records), (2, _SAMPLED_PAIRS))
    left, right = left[left != right], right[left != right]
    found = {}
    for field, levels in zip(plan.fields, levels_of(plan, records, left, right).values(), strict=True):
        shares = np.bincount(levels[levels >= 0], minlength=len(field.levels)) / max((levels >= 0).sum(), 1)
        if field.kind is not FieldKind.BIRTH:
            shares[-1] = (frequencies(records, field.name) ** 2).sum()
        found[field.name] = _floored(shares, _LEAST_U)
    return found


def _where_seen(u: Sequence[float], m: Sequence[float]) -> tuple[float, ...]:
    """u with the levels that were seen neither among random pairs nor by EM made as likely as m: they weigh nothing."""
    unseen = [rare <= 2 * _LEAST_U and usual <= 1.1 * _LEAST_M for rare, usual in zip(u, m, strict=True)]
    return tuple(usual if never else rare for rare, usual, never in zip(u, m, unseen, strict=True))


def _floored(shares: Any, least: float) -> tuple[float, ...]:
    floored = np.maximum(np.asarray(shares, dtype=np.float64), least)
    return tuple(float(each) for each in floored / floored.sum())


def score(model: LinkageModel, records: Records) -> ScoredPairs:
    """Every pair that the rules bring, weighed by a frozen model, and every pair among records that likely pairs join.

    Pairs under ``keep_from`` are forgotten, unless other pairs join their records: then they speak against it.
    """
    with _linker(model.plan, records, model.u) as linker:
        left, right = _blocked(linker)
    odds = log_odds(model, records, left, right, _weight(model, records, left, right))
    least = np.log(model.plan.keep_from) - np.log1p(-model.plan.keep_from)
    kept = odds >= least
    one, other = _completed(len(records), left[kept], right[kept])
    within = log_odds(model, records, one, other, _weight(model, records, one, other))
    order = np.lexsort((other, one))
    return ScoredPairs(one[order], other[order], within[order], len(left))


def _completed(records: int, left: Any, right: Any) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All pairs of each group of records that the given pairs join; of a group of more than ``_WHOLE``, the given ones."""
    graph = coo_array((np.ones(len(left)), (left, right)), shape=(records, records))
    _, label = connected_components(graph, directed=False)
    sizes = np.bincount(label)
    order = np.argsort(label, kind="stable")
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    large = sizes[label[left]] > _WHOLE
    found = [np.column_stack([left[large], right[large]])]
    for size in range(2, min(int(sizes.max(initial=0)), _WHOLE) + 1):
        members = order[starts[sizes == size][:, None] + np.arange(size)]
        one, other = np.triu_indices(size, 1)
        found.append(np.column_stack([members[:, one].ravel(), members[:, other].ravel()]))
    pairs = np.sort(np.concatenate(found), axis=1)
    return pairs[:, 0], pairs[:, 1]


def _weight(model: LinkageModel, records: Records, left: Any, right: Any) -> NDArray[np.float64]:
    found = weights_by_field(model, records, levels_of(model.plan, records, left, right), left, right)
    total: NDArray[np.float64] = np.sum(list(found.values()), axis=0)
    return total


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
def _linker(plan: LinkagePlan, records: Records, u: Shares, *, threads: int | None = None) -> Iterator[Any]:
    """A Splink linker over an in-memory DuckDB that holds numbers alone; everything is gone at the end."""
    connection = duckdb.connect(":memory:", config={"autoload_known_extensions": "false"})
    try:
        if threads:
            connection.execute(f"SET threads = {threads}")
        connection.execute("SET enable_progress_bar = false")
        for kind in (FieldKind.NAME, FieldKind.BIRTH):
            _register_dice(connection, f"dice_{kind.value}", records.filters(kind))
        connection.register("numbered", _table(plan, records))
        connection.execute("CREATE TABLE records AS SELECT * FROM numbered")
        api = DuckDBAPI(connection)
        frame = api.register("records", dataset_display_name="lists")
        yield Linker(frame, _settings(plan, u), log_level="ERROR")
    finally:
        connection.close()


def _register_dice(connection: Any, name: str, filters: Any) -> None:
    def dice(left: Any, right: Any) -> Any:
        one, other = (
            np.asarray(side.combine_chunks() if hasattr(side, "combine_chunks") else side) for side in (left, right)
        )
        return pa.array(filters.dice(one, other), pa.float32())

    connection.create_function(name, dice, ["INTEGER", "INTEGER"], "FLOAT", type="arrow")


def _table(plan: LinkagePlan, records: Records) -> Any:
    columns = {"unique_id": pa.array(np.arange(len(records), dtype=np.int64))}
    for name, values in records.columns(plan).items():
        columns[_column(name)] = pa.array(values, mask=values < 0)
    columns[_column("year")] = pa.array(records.years, mask=records.years < 0)
    return pa.table(columns)


def _settings(plan: LinkagePlan, u: Shares) -> SettingsCreator:
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[_comparison(plan, field, u[field.name]) for field in plan.fields],
        blocking_rules_to_generate_predictions=[CustomRule(_equal(rule)) for rule in plan.blocking_rules],
        probability_two_random_records_match=_START,
        retain_matching_columns=False,
        em_convergence=0.0005,
        max_iterations=30,
    )


def _comparison(plan: LinkagePlan, field: Field, u: Sequence[float]) -> CustomComparison:
    column = _column(field.name)
    levels: list[Any] = [CustomLevel(_missing(field)).configure(is_null_level=True)]
    for sign, share in zip(field.levels[:-1], reversed(u), strict=False):
        level = CustomLevel(_condition(plan, field, sign), sign.value).configure(u_probability=share)
        if sign is Sign.SAME and adjusted(field):
            level = level.configure(tf_adjustment_column=column)
        levels.append(level)
    levels.append(ElseLevel().configure(u_probability=u[0]))
    return CustomComparison(output_column_name=field.name, comparison_levels=levels)


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


def _m_of(plan: LinkagePlan, linker: Any) -> Shares:
    """m of every level, level 0 first. A level that was never seen among pairs of one person keeps a small share."""
    trained = {one["output_column_name"]: one for one in linker.misc.save_model_to_json()["comparisons"]}
    m = {}
    for field in plan.fields:
        levels = [one for one in trained[field.name]["comparison_levels"] if not one.get("is_null_level")]
        m[field.name] = _floored([float(one.get("m_probability") or 0) for one in reversed(levels)], _LEAST_M)
    return m


def _blocked(linker: Any) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The places of the pairs that the blocking rules bring, each pair once."""
    pairs = linker.inference.compute_blocked_pairs_for_predict()
    found = pairs.as_duckdbpyrelation().to_arrow_table()
    left, right = (np.asarray(found.column(name), dtype=np.int64) for name in ("join_key_l", "join_key_r"))
    return np.minimum(left, right), np.maximum(left, right)
