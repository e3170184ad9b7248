"""States, verdicts, agreement, plans and the sample of a review: plain values."""

from __future__ import annotations

import re

import numpy as np
import pytest
from django.utils.translation import override

from marsad.production.linkage.kept_pairs import KeptPairs
from marsad.production.linkage.labels import FIELDS, REFUSALS, SIGNS, STATES, VERDICTS, words_of
from marsad.production.linkage.plan import BANDS, Field, FieldKind, LinkagePlan, Sign, plan_for
from marsad.production.linkage.review_sample import review_sample
from marsad.production.linkage.rules import (
    TRANSITIONS,
    LinkageMove,
    LinkageState,
    Verdict,
    agreement,
    consensus,
    reached,
)
from marsad.production.linkage.templatetags.linkage_words import chance
from migstat.model import Refused

NAMES = (Field("family_name", FieldKind.NAME, "given_name"), Field("given_name", FieldKind.NAME, "family_name"))
BORN = Field("birth_date", FieldKind.BIRTH)
SEX = Field("sex", FieldKind.CODE)


@pytest.mark.parametrize("state", LinkageState)
@pytest.mark.parametrize("move", LinkageMove)
def test_every_state_and_move_is_decided(state: LinkageState, move: LinkageMove) -> None:
    after = TRANSITIONS[state, move]
    if after is None:
        with pytest.raises(Refused, match=r"linkage\.move"):
            reached(state, move)
    else:
        assert reached(state, move) is after


def test_every_code_has_its_words() -> None:
    assert set(STATES) == set(LinkageState)
    assert set(SIGNS) == set(Sign)
    assert set(VERDICTS) == set(Verdict)
    assert words_of(FIELDS, "family_name") != "family_name"
    for rule in ("linkage.lists", "keys.master_lost", "snapshot.changed"):
        assert words_of(REFUSALS, rule) != rule


@pytest.mark.parametrize(
    ("said", "together"),
    [
        ([], None),
        ([Verdict.MATCH], Verdict.MATCH),
        ([Verdict.UNSURE], None),
        ([Verdict.NO_MATCH, Verdict.NO_MATCH], Verdict.NO_MATCH),
        ([Verdict.MATCH, Verdict.NO_MATCH], None),
        ([Verdict.MATCH, Verdict.UNSURE], None),
    ],
)
def test_only_what_all_say_is_decided(said: list[Verdict], together: Verdict | None) -> None:
    assert consensus(said) is together


def test_kappa_is_that_of_the_book() -> None:
    # Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions, 3rd ed. 2003, table 18.1: kappa 0.676
    cells = [[75, 1, 4], [5, 4, 1], [0, 0, 10]]
    verdicts = list(Verdict)
    judged = [(verdicts[i], verdicts[j]) for i in range(3) for j in range(3) for _ in range(cells[i][j])]
    found = agreement(judged)
    assert found.pairs == 100
    assert found.alike == pytest.approx(0.89)
    assert found.kappa == pytest.approx(0.676, abs=0.001)
    assert agreement([]).kappa is None
    assert agreement([(Verdict.MATCH, Verdict.MATCH)]).kappa is None


def test_no_chance_is_said_to_be_certain() -> None:
    with override("en"):
        said = [re.sub("<[^>]*>", "", chance(share)) for share in (1.0, 0.9996, 0.994, 0.5, 1e-9)]
    assert [one.replace("\u00a0", " ").replace("\u202f", " ") for one in said] == [
        "more than 99.9%", "more than 99.9%", "99.4%", "50.0%", "less than 0.1%",
    ]  # fmt: skip


def test_a_plan_says_what_it_compares_and_reads_back_the_same() -> None:
    plan = plan_for((*NAMES, BORN, SEX))
    assert LinkagePlan.from_mapping(plan.to_mapping()) == plan
    assert plan.digest == LinkagePlan.from_mapping(plan.to_mapping()).digest
    assert plan.with_rules(plan.blocking_rules[:1]).digest != plan.digest
    assert ("family_name", "given_name") in plan.blocking_rules
    assert sum(rule[0].startswith("band.") for rule in plan.blocking_rules) == BANDS
    assert plan.field("sex").sign(1) is Sign.SAME
    assert plan.field("sex").sign(-1) is Sign.MISSING
    assert plan.field("family_name").sign(0) is Sign.OTHER
    assert Sign.SWAPPED not in Field("family_name", FieldKind.NAME).levels


@pytest.mark.parametrize("fields", [(SEX,), (BORN, SEX), NAMES, (NAMES[0], BORN)])
def test_fields_that_tell_nobody_apart_are_refused(fields: tuple[Field, ...]) -> None:
    with pytest.raises(Refused, match=r"linkage\.fields"):
        plan_for(fields)


@pytest.mark.parametrize(("doubtful", "sure", "size"), [(500, 500, 100), (5, 500, 100), (500, 5, 100), (3, 4, 100)])
def test_reviewers_get_mostly_doubtful_pairs_and_never_the_same_twice(doubtful: int, sure: int, size: int) -> None:
    chances = np.concatenate([np.full(doubtful, 0.5), np.full(sure, 0.995)])
    places = review_sample(chances, size, seed=4)
    assert len(places) == len(set(places.tolist())) == min(size, doubtful + sure)
    if doubtful > size < sure:
        assert (chances[places] == 0.5).sum() == 60
    assert places.tolist() == review_sample(chances, size, seed=4).tolist()


def test_pairs_are_kept_as_numbers() -> None:
    kept = KeptPairs(np.array([0, 0, 1]), np.array([0, 1]), np.array([2, 2]), np.array([1.5, -3.25]))
    read = KeptPairs.from_bytes(kept.to_bytes())
    assert read.list_of.tolist() == [0, 0, 1]
    assert list(zip(read.left.tolist(), read.right.tolist(), read.log_odds.tolist(), strict=True)) == [
        (0, 2, 1.5),
        (1, 2, -3.25),
    ]
    none = KeptPairs(np.zeros(2, int), np.zeros(0, int), np.zeros(0, int), np.zeros(0))
    assert len(KeptPairs.from_bytes(none.to_bytes()).left) == 0
