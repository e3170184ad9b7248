"""Splink on DuckDB: blocking, u by random pairs, m by EM, predictions. The only module that names Splink.

DuckDB is given numbers alone (places of values among the distinct ones), never a pseudonym or a filter. How alike two filters
are is answered by a function over those numbers, which counts the bits in NumPy: ten times as fast here as ``bit_count`` over
columns of type BIT, since there are few distinct names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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

from marsad.production.linkage.chance_agreements import (
    LEAST_U,
    Shares,
    among_strangers,
    chance_agreements,
    floored,
    pairs_of,
)
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

_START: Final = 1e-4
_WHOLE: Final = 40
# No desk is without slips: a level that EM never saw among pairs of one person must not rule such pairs out.
_LEAST_M: Final = 1e-3


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
    return {rule: pairs_of([columns[name] for name in rule]) for rule in plan.blocking_rules}


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
    sessions: list[tuple[tuple[str, ...], Shares]] = []
    for rule in _training_rules(plan):
        sessions.append((rule, _session(plan, records, u, rule, seed, sessions[0][1] if sessions else {})))
    m = {name: next((found[name] for rule, found in sessions if name not in rule), sessions[0][1][name]) for name in u}
    with _linker(plan, records, u) as linker:
        left, right = _blocked(linker)
    u = {field: _where_seen(shares, m[field]) for field, shares in u.items()}
    if not len(left):
        raise Refused("linkage.no_pairs", found="no two records that meet", remedy="link lists that overlap")
    weight = _weight(LinkageModel(plan, m, u, {}), records, left, right)
    return LinkageModel(plan, m, u, priors_of(records, left, right, weight, _START))


def _session(
    plan: LinkagePlan, records: Records, u: Shares, rule: tuple[str, ...], seed: int, before: Shares
) -> Shares:
    """m of every field that a blocking leaves free, by EM over the pairs it brings; codes keep the m that they had before.

    Of fields that the blocking fixes, Splink's own first guess.
    """
    u = {**u, **among_strangers(plan, records, u, rule, seed=seed)}
    known = {one.name: before[one.name] for one in plan.fields if before and one.kind is FieldKind.CODE}
    # Sums of fractions depend on their order: one thread keeps it, and the same records give the same model to the last bit
    with _linker(plan, records, u, known, threads=1) as linker:
        # With frequencies Splink would weigh the same code by its share of all records, whatever u is within the blocking
        linker.training.estimate_parameters_using_expectation_maximisation(
            _equal(rule), estimate_without_term_frequencies=True
        )
        return _m_of(plan, linker)


def _where_seen(u: Sequence[float], m: Sequence[float]) -> tuple[float, ...]:
    """u with the levels that were seen neither among random pairs nor by EM made as likely as m: they weigh nothing."""
    unseen = [rare <= 2 * LEAST_U and usual <= 1.1 * _LEAST_M for rare, usual in zip(u, m, strict=True)]
    return tuple(usual if never else rare for rare, usual, never in zip(u, m, unseen, strict=True))


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
    """Two blockings that have no field in common, so that each field is free in one; one where a number is all there is.

    First the one that ties the codes least: strangers of one birth differ in names and codes as any two do, those of one name
    hardly in sex.
    """
    names, births = plan.of_kind(FieldKind.NAME), plan.of_kind(FieldKind.BIRTH)
    numbers = plan.of_kind(FieldKind.NUMBER)
    if names and births:
        return [births[:1], names]
    return [one for one in (numbers[:1], names or births or numbers[1:2]) if one]


def _equal(columns: Sequence[str]) -> str:
    return " and ".join(f"l.{_column(name)} = r.{_column(name)}" for name in columns)


@contextmanager
def _linker(
    plan: LinkagePlan, records: Records, u: Shares, m: Shares | None = None, *, threads: int | None = None
) -> Iterator[Any]:
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
        yield Linker(frame, _settings(plan, u, m or {}), log_level="ERROR")
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


def _settings(plan: LinkagePlan, u: Shares, m: Shares) -> SettingsCreator:
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[_comparison(plan, field, u[field.name], m.get(field.name)) for field in plan.fields],
        blocking_rules_to_generate_predictions=[CustomRule(_equal(rule)) for rule in plan.blocking_rules],
        probability_two_random_records_match=_START,
        retain_matching_columns=False,
        em_convergence=0.0001,
        max_iterations=60,
    )


def _comparison(plan: LinkagePlan, field: Field, u: Sequence[float], m: Sequence[float] | None) -> CustomComparison:
    """The levels of a field with their u; with their m too where it is known already."""
    column = _column(field.name)
    levels: list[Any] = []
    for place, sign in enumerate(field.levels):
        level: Any = ElseLevel() if sign is field.levels[-1] else CustomLevel(_condition(plan, field, sign), sign.value)
        level = level.configure(u_probability=u[-1 - place])
        if m is not None:
            level = level.configure(m_probability=m[-1 - place], fix_m_probability=True)
        if sign is Sign.SAME and adjusted(field):
            level = level.configure(tf_adjustment_column=column)
        levels.append(level)
    return CustomComparison(
        output_column_name=field.name,
        comparison_levels=[CustomLevel(_missing(field)).configure(is_null_level=True), *levels],
    )


def _missing(field: Field) -> str:
    column = _column(field.name)
    missing = f"({column}_l IS NULL OR {column}_r IS NULL)"
    if field.kind is FieldKind.BIRTH:
        return f"{missing} AND (c_year_l IS NULL OR c_year_r IS NULL)"
    if not field.swapped_with:
        return missing
    other = _column(field.swapped_with)
    told = f"{other}_l = {column}_r AND {column}_l <> {column}_r AND ({column}_l <> {other}_r OR {other}_r IS NULL)"
    return f"{missing} OR ({told})"


def _condition(plan: LinkagePlan, field: Field, sign: Sign) -> str:
    column = _column(field.name)
    if sign is Sign.SAME:
        return f"{column}_l = {column}_r"
    if sign is Sign.SWAPPED:
        other = _column(field.swapped_with)
        return f"{column}_l = {other}_r"
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
        m[field.name] = floored([float(one.get("m_probability") or 0) for one in reversed(levels)], _LEAST_M)
    return m


def _blocked(linker: Any) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The places of the pairs that the blocking rules bring, each pair once."""
    pairs = linker.inference.compute_blocked_pairs_for_predict()
    found = pairs.as_duckdbpyrelation().to_arrow_table()
    left, right = (np.asarray(found.column(name), dtype=np.int64) for name in ("join_key_l", "join_key_r"))
    return np.minimum(left, right), np.maximum(left, right)
