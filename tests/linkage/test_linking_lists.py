"""Lists of made-up people linked through their codes alone: who is found, how sure, and the same as Splink says."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from linkage.city_lists import ERRORS, KINDS, CityLists, city_lists
from marsad.collection.bloom import similarity
from marsad.production.linkage.frozen_model import LinkageModel, levels_of, log_odds, weights_by_field
from marsad.production.linkage.plan import Field, FieldKind, Sign, plan_for
from marsad.production.linkage.records import Records, make_records, shared_fields
from marsad.production.linkage.splink_model import ScoredPairs, _blocked, _linker, fitted, pairs_of_rules, score, train
from migstat.estimation.mse_linkage import mse_linkage
from migstat.estimation.mse_linkage_draws import LinkagePairs, balanced, capture_table, draw_capture_tables, most_likely
from migstat.estimation.mse_loglinear import mse_loglinear
from migstat.model import Refused


@pytest.fixture(scope="module")
def records(lists: CityLists) -> Records:
    return lists.records()


@pytest.fixture(scope="module")
def model(lists: CityLists, records: Records) -> LinkageModel:
    return train(plan_for(lists.fields), records, seed=1)


@pytest.fixture(scope="module")
def pairs(model: LinkageModel, records: Records) -> ScoredPairs:
    return score(model, records)


def test_records_are_numbers_for_values_that_are_the_same(lists: CityLists, records: Records) -> None:
    assert len(records) == len(lists.who)
    assert records.lists == ("list0", "list1", "list2")
    plain = np.concatenate([np.asarray(table.column("given_name")) for table in lists.plain.values()])
    same = [np.flatnonzero(plain == name) for name in ("Mohamed", "Fatima")]
    for places in same:
        assert len(places) > 1
        assert len(set(records.codes["given_name"][places].tolist())) == 1
    born = np.concatenate([np.asarray(table.column("birth_date"), dtype=object) for table in lists.plain.values()])
    assert ((records.codes["birth_date"] == -1) == (born == None)).all()  # noqa: E711


def test_dice_is_that_of_the_store(lists: CityLists, records: Records) -> None:
    stored = pa.concat_tables([table.select(["given_name__bloom"]) for table in lists.stored.values()])
    filters = stored.column(0).to_pylist()
    left, right = np.arange(0, 40), np.arange(40, 80)
    code = records.codes["given_name"]
    expected = [similarity(filters[one], filters[other]) for one, other in zip(left, right, strict=True)]
    assert records.names.dice(code[left], code[right]) == pytest.approx(expected, abs=1e-6)


def test_precision_and_recall_on_a_known_truth(lists: CityLists, pairs: ScoredPairs) -> None:
    """Three lists with slips, names swapped, births missing or wrong, one list with a third of its names in Arabic."""
    same = lists.who[pairs.left] == lists.who[pairs.right]
    _, counts = np.unique(lists.who, return_counts=True)
    true = int((counts * (counts - 1) // 2).sum())
    linked = pairs.probability >= 0.5
    assert same[linked].mean() > 0.97
    assert (same & linked).sum() / true > 0.95
    # what the model promises is what is true, on the whole
    assert pairs.probability.sum() == pytest.approx(true, rel=0.03)


def test_a_model_learns_how_desks_write_however_many_strangers_share_a_name() -> None:
    """40,000 people of 300 family names: of the pairs with both names the same, about one in twenty is one person."""
    lists = city_lists(40_000, coverage=(0.3, 0.3), errors=(ERRORS, ERRORS), families=300)
    records = lists.records()
    plan = plan_for(lists.fields)
    shared = np.flatnonzero(np.isin(lists.who[records.list_of == 1], lists.who[records.list_of == 0]))
    right = np.flatnonzero(records.list_of == 1)[shared]
    place = np.full(lists.people, -1)
    place[lists.who[records.list_of == 0]] = np.flatnonzero(records.list_of == 0)
    left = place[lists.who[right]]
    assert pairs_of_rules(plan, records)[("family_name", "given_name")] > 5 * len(left)
    model = train(replace(plan, blocking_rules=plan.blocking_rules[:-4]), records, seed=1)
    for name, levels in levels_of(plan, records, left, right).items():
        true = np.bincount(levels[levels >= 0], minlength=len(model.m[name])) / (levels >= 0).sum()
        assert model.m[name] == pytest.approx(true, abs=0.05), name
    assert model.priors["list0|list1"] == pytest.approx(
        len(left) / np.prod(np.bincount(records.list_of).astype(float)), rel=0.1
    )


@pytest.mark.parametrize("numbers", [("card",), ("card", "telephone")])
def test_lists_that_share_numbers_and_no_names_are_linked_by_these(
    numbers: tuple[str, ...], lists: CityLists, records: Records
) -> None:
    dice = np.random.default_rng(5)
    written = {name: np.where(dice.random(len(records)) < 0.8, lists.who, -1).astype(np.int32) for name in numbers}
    held = replace(records, codes={**written, "sex": records.codes["sex"]}, sounds={})
    plan = plan_for((*(Field(name, FieldKind.NUMBER) for name in numbers), Field("sex", FieldKind.CODE)))
    found = score(train(plan, held, seed=1), held)
    linked = found.probability >= 0.5
    assert (lists.who[found.left] == lists.who[found.right])[linked].all()
    expected = sum(
        (codes[:place] == codes[place]).sum() for codes in written.values() for place in np.flatnonzero(codes >= 0)
    )
    assert linked.sum() > 0.6 * expected / len(numbers)


def test_names_in_two_scripts_are_found(lists: CityLists, pairs: ScoredPairs) -> None:
    family = np.concatenate([np.asarray(table.column("family_name")) for table in lists.plain.values()])
    arabic = np.array([name[0] > "\u0600" for name in family])
    across = arabic[pairs.left] != arabic[pairs.right]
    same = lists.who[pairs.left] == lists.who[pairs.right]
    places = np.arange(len(lists.who))
    one, other = np.meshgrid(places[arabic], places[~arabic], indexing="ij")
    true = int((lists.who[one] == lists.who[other]).sum())
    found = (same & across & (pairs.probability >= 0.5)).sum()
    assert true > 30
    assert found / true > 0.8


def test_weights_are_those_that_splink_gives(model: LinkageModel, records: Records) -> None:
    """The frozen model weighs pairs by itself; with the same m and u Splink weighs them the same."""
    plan = model.plan
    with _linker(plan, records, model.u) as linker:
        for comparison in linker._settings_obj.comparisons:
            shares = model.m[comparison.output_column_name]
            for level in comparison._comparison_levels_excluding_null:
                level.m_probability = shares[level.comparison_vector_value]
        predicted = linker.inference.predict().as_duckdbpyrelation().to_arrow_table()
        blocked, _ = _blocked(linker)
    assert len(blocked) == predicted.num_rows
    one, other = (np.asarray(predicted.column(name)) for name in ("unique_id_l", "unique_id_r"))
    own = weights_by_field(model, records, levels_of(plan, records, one, other), one, other)
    prior = np.log2(1e-4 / (1 - 1e-4))
    theirs = np.asarray(predicted.column("match_weight"))
    # Splink has no frequencies of sounds: pairs that agree by a sound weigh by how frequent it is here alone
    levels = levels_of(plan, records, one, other)
    names = [plan.field(name) for name in plan.of_kind(FieldKind.NAME)]
    sounds = [levels[field.name] == len(field.levels) - 1 - field.levels.index(Sign.SOUND) for field in names]
    plain = ~np.any(sounds, axis=0)
    assert 100 < plain.sum() < len(plain)
    assert (np.sum(list(own.values()), axis=0) + prior)[plain] == pytest.approx(theirs[plain], abs=1e-3)


def test_a_frozen_model_reads_back_and_scores_the_same(
    model: LinkageModel, records: Records, pairs: ScoredPairs
) -> None:
    again = LinkageModel.from_mapping(model.to_mapping())
    assert again.digest == model.digest
    assert train(plan_for(tuple(model.plan.fields)), records, seed=1).digest == model.digest
    repeated = score(again, records)
    assert repeated.left.tolist() == pairs.left.tolist()
    assert repeated.log_odds.tolist() == pairs.log_odds.tolist()
    odds = log_odds(model, records, pairs.left, pairs.right, np.zeros(len(pairs.left)))
    assert (odds < 0).all()


def test_signs_are_found_field_by_field(lists: CityLists, model: LinkageModel, records: Records) -> None:
    plan = model.plan
    names = [(row["family_name"], row["given_name"]) for table in lists.plain.values() for row in table.to_pylist()]
    swapped = next(
        (one, other)
        for one in range(len(names))
        for other in range(one)
        if names[one] == names[other][::-1] and names[one][0] != names[one][1]
    )
    levels = levels_of(plan, records, np.array([swapped[0]]), np.array([swapped[1]]))
    for name in ("family_name", "given_name"):
        assert plan.field(name).sign(int(levels[name][0])) is Sign.SWAPPED
    # One name in the column of the other is one sign: where it tells the family name, the given name says nothing
    crossed = next(
        (one, other)
        for one in range(len(names))
        for other in range(len(names))
        if names[one][0] == names[other][1]
        and names[one][1] not in names[other]
        and names[one][0] not in names[one][1:]
    )
    for pair, told, silent in ((crossed, "family_name", "given_name"), (crossed[::-1], "given_name", "family_name")):
        levels = levels_of(plan, records, np.array(pair[:1]), np.array(pair[1:]))
        assert plan.field(told).sign(int(levels[told][0])) is Sign.SWAPPED
        assert plan.field(silent).sign(int(levels[silent][0])) is Sign.MISSING
    alone = levels_of(plan, records, np.array([3]), np.array([3]))
    assert {plan.field(name).sign(int(level[0])) for name, level in alone.items()} <= {Sign.SAME, Sign.YEAR}


def test_rules_are_counted_before_pairs_are_made(lists: CityLists, records: Records) -> None:
    plan = plan_for(lists.fields)
    counted = pairs_of_rules(plan, records)
    code = records.codes["birth_date"]
    assert counted[("birth_date",)] == sum((code[:place] == code[place]).sum() for place in np.flatnonzero(code >= 0))
    tight = replace(plan, most_pairs=sum(list(counted.values())[:3]))
    kept = fitted(tight, records).blocking_rules
    assert set(list(counted)[:3]) <= set(kept) < set(plan.blocking_rules)
    with pytest.raises(Refused, match=r"linkage\.too_many_pairs"):
        fitted(replace(plan, most_pairs=0), records)


def test_a_size_with_the_doubt_of_the_linkage(lists: CityLists, records: Records, pairs: ScoredPairs) -> None:
    drawn = LinkagePairs(
        records.lists, records.list_of, pairs.left, pairs.right, pairs.log_odds, frozenset(records.lists)
    )
    dice = np.random.default_rng(2)

    def size(table):  # type: ignore[no-untyped-def]
        return mse_loglinear(table, "[1,2,3]", interval="lognormal")

    with_doubt = mse_linkage(draw_capture_tables(balanced(drawn, dice), 15, dice), size)
    once = size(capture_table(most_likely(drawn), drawn))
    assert lists.people in with_doubt.interval
    assert with_doubt.standard_error > np.mean([each.standard_error for each in with_doubt.extra["estimates"]])
    assert once.value > with_doubt.value  # the likeliest linkage misses doubtful links and counts their people twice
    assert 0 < with_doubt.extra["between_share"] < 0.7


def test_lists_that_lack_what_tells_people_apart_are_refused(lists: CityLists) -> None:
    bare = {name: table.select(["sex", "citizenship"]) for name, table in lists.stored.items()}
    with pytest.raises(Refused, match=r"linkage\.fields"):
        plan_for(shared_fields([(table.column_names, KINDS) for table in bare.values()]))
    empty = {**lists.stored, "list2": lists.stored["list2"].slice(0, 0)}
    with pytest.raises(Refused, match=r"linkage\.empty"):
        make_records(empty, lists.fields)


def test_rows_that_agree_in_everything_are_one_record(lists: CityLists) -> None:
    twice = {name: pa.concat_tables([table, table.slice(0, 10)]) for name, table in lists.stored.items()}
    records = make_records(twice, lists.fields)
    assert len(records) == len(lists.who)
    assert records.rows.sum() == len(lists.who) + 30


def test_no_pseudonym_and_no_filter_reaches_the_engine(lists: CityLists, records: Records) -> None:
    """DuckDB is given numbers alone, and an error of its own names no value."""
    plan = plan_for(lists.fields)
    with _linker(plan, records, {field.name: (1.0,) * len(field.levels) for field in plan.fields}) as linker:
        connection = linker._db_api._con
        kinds = {kind for _, kind, *_ in connection.sql("DESCRIBE records").fetchall()}
        assert kinds <= {"INTEGER", "BIGINT"}
        with pytest.raises(duckdb.Error) as raised:
            connection.sql("SELECT error(CAST(c_family_name AS VARCHAR)) FROM records").fetchall()
    secrets = {one for table in lists.stored.values() for one in table.column("family_name__pseudonym").to_pylist()}
    assert not any(one in str(raised.value) for one in secrets)
    assert FieldKind.NAME in {field.kind for field in plan.fields}
