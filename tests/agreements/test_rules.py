"""The life of an agreement as a table: every state, every move, every quality in which somebody acts."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agreements.made import STRUCTURE, terms
from marsad.coordination.agreements.due import due_periods
from marsad.coordination.agreements.rules import (
    CLOSED,
    NEEDS_REASON,
    TRANSITIONS,
    WHO,
    AgreementState,
    Hat,
    Move,
    RecipientClass,
    Refusal,
    Side,
    Standing,
    Terms,
    refusals,
    reminder_before_end,
)
from marsad.coordination.agreements.structure_text import read_structure, write_structure
from marsad.coordination.agreements.terms import TermsFault, differences, faults_of
from migstat.model.refusals import Refused
from migstat.model.structure import DataStructure

START, END = date(2026, 1, 1), date(2026, 12, 31)
TODAY = date(2026, 6, 1)
EVERY_PAIR = [(state, move) for state in AgreementState for move in Move]


def test_the_table_is_complete_and_the_closed_states_are_closed() -> None:
    assert set(TRANSITIONS) == set(EVERY_PAIR)
    assert set(WHO) == set(Move)
    assert {state for state, move in EVERY_PAIR if TRANSITIONS[state, move] is None} >= CLOSED
    assert all(TRANSITIONS[state, move] is None for state in CLOSED for move in Move)


def test_every_state_is_reached_from_a_draft() -> None:
    reached = {AgreementState.DRAFT}
    for _ in AgreementState:
        reached |= {after for (state, _move), after in TRANSITIONS.items() if state in reached and after}
    assert reached == set(AgreementState)


def test_force_is_entered_only_from_a_signed_version_or_out_of_a_suspension() -> None:
    into = {(state, move) for (state, move), after in TRANSITIONS.items() if after is AgreementState.IN_FORCE}
    assert into == {(AgreementState.SIGNED, Move.ENFORCE), (AgreementState.SUSPENDED, Move.RESUME)}


@pytest.mark.parametrize(("state", "move"), EVERY_PAIR)
@pytest.mark.parametrize("hat", list(Hat))
def test_every_move_of_every_quality_in_every_state(state: AgreementState, move: Move, hat: Hat) -> None:
    standing = Standing(state, START, END, reviewed=move is not Move.REVIEW, suspended_as=hat)
    today = date(2027, 1, 1) if move is Move.EXPIRE else TODAY
    against = refusals(move, standing, hats=[hat], person=1, today=today, reason="given")
    assert (Refusal.NOT_OPEN in against) == (TRANSITIONS[state, move] is None)
    assert (Refusal.NOT_YOURS in against) == (hat not in WHO[move])
    assert (not against) == (TRANSITIONS[state, move] is not None and hat in WHO[move])


def test_all_reasons_come_at_once() -> None:
    standing = Standing(AgreementState.DRAFT, START, END, faulty=True, signed={Side.PARTNER: 1})
    found = refusals(Move.SIGN, standing, hats=[Hat.PARTNER], person=1, today=date(2027, 5, 1))
    assert found == {
        Refusal.NOT_OPEN,
        Refusal.FAULTY_TERMS,
        Refusal.NOT_REVIEWED,
        Refusal.ALREADY_SIGNED,
        Refusal.PAST_END,
    }


def test_one_person_never_signs_for_both_sides() -> None:
    standing = Standing(AgreementState.NEGOTIATED, START, END, reviewed=True, signed={Side.PARTNER: 7})
    found = refusals(Move.SIGN, standing, hats=[Hat.COORDINATOR], person=7, today=TODAY)
    assert found == {Refusal.SIGNED_FOR_OTHER_SIDE}
    assert refusals(Move.SIGN, standing, hats=list(Hat), person=7, today=TODAY) == {Refusal.SIGNED_FOR_OTHER_SIDE}
    assert not refusals(Move.SIGN, standing, hats=[Hat.COORDINATOR], person=8, today=TODAY)
    assert not refusals(Move.SIGN, standing, hats=list(Hat), person=8, today=TODAY)


@pytest.mark.parametrize("move", sorted(NEEDS_REASON))
def test_a_step_back_says_why(move: Move) -> None:
    state = next(state for state in AgreementState if TRANSITIONS[state, move])
    found = refusals(move, Standing(state, START, END), hats=list(Hat), person=1, today=TODAY, reason="  ")
    assert Refusal.NO_REASON in found


def test_a_version_enters_into_force_within_its_dates() -> None:
    standing = Standing(AgreementState.SIGNED, START, END)
    asked = {"hats": [Hat.COORDINATOR], "person": 1}
    assert refusals(Move.ENFORCE, standing, today=date(2025, 12, 31), **asked) == {Refusal.NOT_STARTED}  # type: ignore[arg-type]
    assert refusals(Move.ENFORCE, standing, today=date(2027, 1, 1), **asked) == {Refusal.PAST_END}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"authorisation_number": " "}, TermsFault.NO_AUTHORISATION),
        ({"authorised_on": None}, TermsFault.NO_AUTHORISATION_DAY),
        ({"recipient_classes": frozenset()}, TermsFault.NO_RECIPIENTS),
        (
            {"recipient_classes": frozenset({RecipientClass.ENFORCEMENT, RecipientClass.PUBLIC})},
            TermsFault.ENFORCEMENT_MIXED,
        ),
        ({"minimum_cell": 2}, TermsFault.MINIMUM_CELL),
        ({"ends_on": date(2025, 1, 1)}, TermsFault.DATES),
        ({"due_days": -1}, TermsFault.DUE_DAYS),
        ({"retention_days": 0}, TermsFault.RETENTION),
        ({"breakdowns": ("shoe_size",)}, TermsFault.BREAKDOWN),
        ({"reviewers": ()}, TermsFault.NO_REVIEWERS),
        ({"covers": "last summer"}, TermsFault.COVERS),
        ({"purpose_words": None}, TermsFault.NO_WORDS),
    ],
)
def test_what_keeps_terms_from_being_agreed_on(changes: dict[str, object], fault: TermsFault) -> None:
    assert faults_of(terms()) == frozenset()
    assert fault in faults_of(terms(**changes))


def test_tables_of_counts_need_no_authorisation() -> None:
    table = DataStructure.from_mapping(
        {"code": "t", "version": "1", "unit": "cell", "columns": [{"name": "n", "role": "measure", "kind": "integer"}]}
    )
    assert faults_of(terms(structure=table, authorisation_number="", authorised_on=None, breakdowns=())) == frozenset()


def test_terms_survive_being_written_down() -> None:
    assert Terms.from_mapping(terms().to_mapping()) == terms()
    assert read_structure(write_structure(STRUCTURE)) == STRUCTURE
    with pytest.raises(Refused, match=r"agreements\.terms"):
        Terms.from_mapping(terms().to_mapping() | {"surprise": 1})
    with pytest.raises(Refused, match=r"agreements\.vocabulary"):
        Terms.from_mapping(terms().to_mapping() | {"purpose": "curiosity"})


def test_differences_name_the_terms_and_the_columns_that_changed() -> None:
    plain = STRUCTURE.to_mapping()
    plain["columns"] = plain["columns"][1:]
    after = terms(minimum_cell=10, version=2, structure=DataStructure.from_mapping(plain))
    found = differences(terms(), after)
    assert [one.field for one in found] == ["column.family_name", "minimum_cell"]
    assert (found[1].before, found[1].after) == (5, 10)
    assert differences(terms(), terms(version=2)) == ()


@pytest.mark.parametrize(
    ("frequency", "periods"),
    [
        ("once", ["2026-01-01/2026-12-31"]),
        ("on_request", []),
        ("yearly", []),
        ("half_yearly", ["2026-01/2026-06"]),
        ("quarterly", ["2026-Q1", "2026-Q2", "2026-Q3"]),
    ],
)
def test_the_periods_that_fall_due(frequency: str, periods: list[str]) -> None:
    assert [one.period for one in due_periods(terms(frequency=frequency), until=END)] == periods


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    frequency=st.sampled_from(["weekly", "monthly", "quarterly", "half_yearly", "yearly"]),
    start=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    length=st.integers(0, 1200),
    due_days=st.integers(0, 90),
)
def test_due_days_lie_within_the_terms_and_in_order(frequency: str, start: date, length: int, due_days: int) -> None:
    end = date.fromordinal(start.toordinal() + length)
    found = due_periods(terms(frequency=frequency, starts_on=start, ends_on=end, due_days=due_days), until=end)
    days = [one.due_on for one in found]
    assert days == sorted(set(days))
    assert all(start <= day <= end for day in days)
    assert len({one.period for one in found}) == len(found)


@pytest.mark.parametrize(("left", "reminder"), [(61, None), (60, 60), (31, 60), (30, 30), (7, 7), (0, 7), (-1, None)])
def test_reminders_before_the_end(left: int, reminder: int | None) -> None:
    assert reminder_before_end(END, today=date.fromordinal(END.toordinal() - left)) == reminder
