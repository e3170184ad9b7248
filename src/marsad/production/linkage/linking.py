"""The work of linking: read the lists, number their values, train, score, choose what reviewers see, enter it all at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from marsad.audit.rules import Actor
from marsad.collection.models import CollectedDataflow, Snapshot
from marsad.collection.pseudonyms import BLOOM, PSEUDONYM, SOUND
from marsad.collection.queries_snapshots import snapshot as snapshot_of
from marsad.collection.snapshots import read_table
from marsad.production.linkage import queries
from marsad.production.linkage.frozen_model import LinkageModel, levels_of, log_odds, weights_by_field
from marsad.production.linkage.kept_pairs import KeptPairs
from marsad.production.linkage.models import Linkage
from marsad.production.linkage.operations import PairShown, enter_linkage, erase_linkage, move_linkage
from marsad.production.linkage.plan import FieldKind, plan_for
from marsad.production.linkage.records import Records, make_records, shared_fields
from marsad.production.linkage.review_sample import review_sample
from marsad.production.linkage.rules import LinkageMove
from marsad.production.linkage.splink_model import ScoredPairs, score, train
from marsad.work.jobs import Report
from migstat.estimation.mse_linkage_draws import LinkagePairs, most_likely
from migstat.model.refusals import Refused
from migstat.model.structure import DataStructure, Kind, Role

_YEAR = "birth_year"
_STEPS = 4


def kinds_of(flow: CollectedDataflow) -> dict[str, FieldKind]:
    """The fields by which the records of a dataflow can be compared, and how."""
    found: dict[str, FieldKind] = {}
    for column in DataStructure.from_mapping(flow.structure).columns:
        if column.role is Role.DIRECT_IDENTIFIER:
            if column.kind is Kind.DATE:
                found[column.name] = FieldKind.BIRTH
            else:
                tells = column.name in flow.identified_by and column.kind is Kind.TEXT
                found[column.name] = FieldKind.NAME if tells else FieldKind.NUMBER
        elif column.role is Role.QUASI_IDENTIFIER and column.kind is Kind.CODE:
            found[column.name] = FieldKind.CODE
    return found


def _wanted(snapshot: Snapshot, names: Mapping[str, FieldKind]) -> list[str]:
    """The columns of a snapshot that are read, and no other."""
    kinds = {name + suffix for name in names for suffix in ("", PSEUDONYM, BLOOM, SOUND)}
    return [name for name in snapshot.columns if name in kinds | {"age", *_periods(snapshot)}]


def _periods(snapshot: Snapshot) -> list[str]:
    structure = DataStructure.from_mapping(snapshot.dataflow.structure)
    return [column.name for column in structure.with_role(Role.PERIOD)]


def _with_year(table: Any, periods: Sequence[str]) -> Any:
    """The year of birth, from the age and the year of the record, where a list has both."""
    period = next((name for name in periods if name in table.column_names), "")
    if not period or "age" not in table.column_names:
        return table
    years = pc.utf8_slice_codeunits(table.column(period).cast(pa.string()), 0, 4)
    digits = pc.match_substring_regex(years, r"^\d{4}$")
    written = pc.if_else(digits, years, pa.scalar(None, pa.string())).cast(pa.int32())
    return table.append_column(_YEAR, pc.subtract(written, table.column("age").cast(pa.int32())))


def read_lists(linkage: Linkage, *, actor: Actor, at: datetime) -> tuple[dict[str, Any], tuple[Any, ...]]:
    """The pseudonymised tables of the lists and the fields that they share; each reading is logged by the store.

    Raises ``Refused``: ``linkage.changed`` where a snapshot is not the one that was asked for, and what reading raises.
    """
    tables, offered = {}, []
    for one in linkage.lists:
        snapshot = snapshot_of(one["snapshot"])
        if snapshot is None or snapshot.checksum != one["checksum"]:
            raise Refused("linkage.changed", found="a list that has changed", remedy="ask for the linkage anew")
        kinds = kinds_of(snapshot.dataflow)
        columns = _wanted(snapshot, kinds)
        table = read_table(snapshot.pk, actor=actor, at=at, purpose="linkage", columns=columns)
        tables[one["name"]] = _with_year(table, _periods(snapshot))
        offered.append((columns, kinds))
    return tables, shared_fields(offered)


def link(linkage: Linkage, *, actor: Actor, at: datetime, report: Report) -> Linkage:
    """Do one linkage from its lists to its pairs. Raises ``Refused`` for lists that cannot be linked."""
    report(0, _STEPS, "linkage.read")
    tables, fields = read_lists(linkage, actor=actor, at=at)
    plan = plan_for(fields)
    records = make_records(tables, fields)
    del tables
    report(1, _STEPS, "linkage.train")
    model = train(plan, records, seed=linkage.seed)
    report(2, _STEPS, "linkage.score")
    pairs = score(model, records)
    report(3, _STEPS, "linkage.enter")
    kept = KeptPairs(records.list_of.astype(np.int64), pairs.left, pairs.right, pairs.log_odds)
    return enter_linkage(
        actor=actor,
        at=at,
        linkage_id=linkage.pk,
        model=model.to_mapping(),
        digest=model.digest,
        counts=_counts(linkage, records, pairs, len(plan.blocking_rules) - len(model.plan.blocking_rules)),
        content=kept.to_bytes(),
        shown=_shown(linkage, model, records, pairs),
    )


_EDGES = (0.0, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 1.0)


def _counts(linkage: Linkage, records: Records, pairs: ScoredPairs, rules_left_out: int) -> dict[str, Any]:
    """Counts for the page of a linkage: records and rows of each list, pairs by chance, persons and those on several."""
    list_of = records.list_of.astype(np.int64)
    drawn = LinkagePairs(
        records.lists, list_of, pairs.left, pairs.right, pairs.log_odds, frozenset(linkage.one_record_each)
    )
    label = most_likely(drawn)
    on_lists = np.zeros(len(records), dtype=np.int64)
    np.bitwise_or.at(on_lists, label, 1 << list_of)
    several = np.bincount(np.bitwise_count(on_lists[on_lists > 0].astype(np.uint64)), minlength=len(records.lists) + 1)
    histogram, _ = np.histogram(pairs.probability, bins=np.array(_EDGES))
    return {
        "records": np.bincount(records.list_of, minlength=len(records.lists)).tolist(),
        "rows": np.bincount(records.list_of, weights=records.rows, minlength=len(records.lists)).astype(int).tolist(),
        "compared": pairs.compared,
        "pairs": len(pairs.left),
        "rules_left_out": rules_left_out,
        "histogram": [[_EDGES[place], _EDGES[place + 1], int(count)] for place, count in enumerate(histogram)],
        "persons": int((on_lists > 0).sum()),
        "on_lists": several[1:].tolist(),
    }


def _shown(linkage: Linkage, model: LinkageModel, records: Records, pairs: ScoredPairs) -> list[PairShown]:
    """What reviewers are shown: levels and weights of the sampled pairs, by number."""
    chosen = review_sample(pairs.probability, linkage.review_size, seed=linkage.seed)
    left, right = pairs.left[chosen], pairs.right[chosen]
    levels = levels_of(model.plan, records, left, right)
    weights = weights_by_field(model, records, levels, left, right)
    nothing = np.zeros(len(chosen))
    prior = log_odds(model, records, left, right, nothing) / np.log(2)
    names = records.lists
    return [
        PairShown(
            int(chosen[row]),
            (names[records.list_of[left[row]]], names[records.list_of[right[row]]]),
            {field: int(each[row]) for field, each in levels.items()},
            {field: round(float(each[row]), 2) for field, each in weights.items()},
            round(float(prior[row]), 2),
            round(float(pairs.probability[chosen[row]]), 4),
        )
        for row in range(len(chosen))
    ]


def link_asked(*, actor: Actor, at: datetime, report: Report) -> int:
    """Do the linkages that were asked for, each whole or failed with its reason; erase those whose lists are gone."""
    for one in queries.without_lists():
        erase_linkage(actor=actor, at=at, linkage_id=one.pk)
    done = 0
    for linkage in list(queries.asked()):
        try:
            link(linkage, actor=actor, at=at, report=report)
            done += 1
        except Refused as refused:
            if refused.rule == "linkage.move":  # another worker was quicker
                continue
            _fail(actor, at, linkage.pk, refused.rule)
    return done


def _fail(actor: Actor, at: datetime, linkage_id: UUID, rule: str) -> None:
    move_linkage(actor=actor, at=at, linkage_id=linkage_id, move=LinkageMove.FAIL, failed_for=rule)
