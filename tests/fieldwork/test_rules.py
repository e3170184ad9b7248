"""Tables that are complete, dispositions, coupon numbers, frames that are refused with where and why."""

from __future__ import annotations

import itertools
import secrets
from enum import StrEnum

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldwork.cases import AREAS, frame_csv
from marsad.collection.fieldwork import dispositions as told
from marsad.collection.fieldwork import rules
from marsad.collection.fieldwork.coupon_codes import LETTERS, new_coupon_code, normal_coupon_code, spaced
from marsad.collection.fieldwork.frame_files import FrameRefused, checksum_of, read_frame
from marsad.collection.fieldwork.labels import (
    CASE_STATE_LABELS,
    COUPON_STATE_LABELS,
    DISPOSITION_LABELS,
    FINDING_LABELS,
    NETWORK_STATE_LABELS,
    SAMPLE_STATE_LABELS,
)
from marsad.collection.fieldwork.rules import UnitKind, reached
from migstat.estimation.survey_nonresponse import Disposition
from migstat.model import Refused

TABLES = [
    (rules.SAMPLE_TRANSITIONS, rules.SampleState, rules.SampleMove),
    (rules.CASE_TRANSITIONS, rules.CaseState, rules.CaseMove),
    (rules.NETWORK_TRANSITIONS, rules.NetworkState, rules.NetworkMove),
    (rules.COUPON_TRANSITIONS, rules.CouponState, rules.CouponMove),
]


@pytest.mark.parametrize(("table", "states", "moves"), TABLES)
def test_each_table_says_something_of_every_pair(table, states: type[StrEnum], moves: type[StrEnum]) -> None:
    assert set(table) == set(itertools.product(states, moves))
    for (state, move), after in table.items():
        if after is None:
            with pytest.raises(Refused, match=r"fieldwork\.move"):
                reached(table, state, move)
        else:
            assert reached(table, state, move) is after
    reachable = {next(iter(states))} | {after for after in table.values() if after}
    assert reachable >= set(states) - {next(iter(states))} - ({rules.CaseState.RESERVE})


def test_a_used_or_void_coupon_and_an_ended_sample_never_come_back() -> None:
    for move in rules.CouponMove:
        assert rules.COUPON_TRANSITIONS[rules.CouponState.REDEEMED, move] is None
        assert rules.COUPON_TRANSITIONS[rules.CouponState.VOID, move] is None
    for state, move in itertools.product(rules.ENDED, rules.SampleMove):
        assert rules.SAMPLE_TRANSITIONS[state, move] is None


def test_everything_has_its_words() -> None:
    assert set(told.DISPOSITIONS) == set(DISPOSITION_LABELS)
    for labels, states in [
        (SAMPLE_STATE_LABELS, rules.SampleState), (CASE_STATE_LABELS, rules.CaseState),
        (NETWORK_STATE_LABELS, rules.NetworkState), (COUPON_STATE_LABELS, rules.CouponState),
    ]:  # fmt: skip
        assert set(labels) == {state.value for state in states}


@pytest.mark.parametrize(
    ("codes", "final", "ends"),
    [
        ([], "3.11", False),
        (["2.24"], "2.24", False),
        (["2.24", "2.25", "3.17"], "2.25", True),
        (["2.11"], "2.11", True),
        (["2.11", "2.24"], "2.11", True),
        (["2.11", "1.1"], "1.1", True),
        (["2.24", "4.6"], "4.6", True),
        (["2.33"], "2.33", False),
    ],
)
def test_the_final_disposition_says_most(codes: list[str], final: str, ends: bool) -> None:
    assert told.final_disposition(codes) == final
    assert told.is_final(codes, 3) is ends


def test_answers_of_questionnaires_are_outcomes_or_nothing() -> None:
    assert set(told.OUTCOME_OF_ANSWER.values()) <= set(told.OUTCOMES)
    assert told.outcome_of_answer("vacant") == "4.6"
    assert told.outcome_of_answer("something else") is None
    assert told.outcome_of_answer(told.NOT_ATTEMPTED) is None
    assert {told.category(code) for code in told.DISPOSITIONS} == set(Disposition)
    with pytest.raises(Refused, match=r"fieldwork\.disposition"):
        told.category("9.9")


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_a_mistyped_coupon_is_noticed(data: st.DataObject) -> None:
    code = new_coupon_code(lambda n: data.draw(st.integers(0, n - 1)))
    assert normal_coupon_code(spaced(code).lower()) == code
    place = data.draw(st.integers(0, 9))
    other = data.draw(
        st.sampled_from([sign for sign in (LETTERS if place < 4 else "0123456789") if sign != code[place]])
    )
    assert normal_coupon_code(code[:place] + other + code[place + 1 :]) is None
    if place < 9 and code[place] != code[place + 1] and place != 3:
        turned = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        assert normal_coupon_code(turned) is None


def test_coupon_numbers_are_all_different_and_of_the_questionnaire_s_shape() -> None:
    codes = {new_coupon_code(secrets.randbelow) for _ in range(2000)}
    assert len(codes) == 2000
    assert {code[0] for code in codes} == set(LETTERS)
    for text in ("", "KTRM 4827", "AAAA000000", "x" * 50, "ΑΒΓΔ000011", "BBBB٠٠٠٠52"):
        assert normal_coupon_code(text) is None


def frame_of(*lines: str, kind: UnitKind = UnitKind.DWELLING):
    return read_frame("\n".join(lines).encode(), kind, AREAS)


def test_a_frame_is_read_whole() -> None:
    rows = read_frame(b"\xef\xbb\xbf" + frame_csv(), UnitKind.DWELLING, AREAS)
    assert len(rows) == 120
    assert (rows[0].code, rows[0].stratum, rows[0].block) == ("D-0000", "agdal", "B00")
    (area,) = frame_of("CODE\tarea\tsize", "04.421.01\tagdal\t120", "", kind=UnitKind.AREA)
    assert area.size == 120
    assert checksum_of(UnitKind.DWELLING, rows) != checksum_of(UnitKind.DWELLING, rows[::-1])


@pytest.mark.parametrize(
    ("lines", "line", "column", "rule"),
    [
        (["code,area", "D-1,agdal", "D-1,agdal"], 3, "code", "frame_twice"),
        (["code,area", "D-11,agdal", "D11,agdal"], 3, "code", "frame_twice"),
        (["code,area", "Fatima,agdal"], 2, "code", "frame_code"),
        (["code,area", "FATIMA,agdal"], 2, "code", "frame_code"),
        (["code,area", "D-1,elsewhere"], 2, "area", "frame_area"),
        (["code,area", "D-1"], 2, "", "frame_cells"),
        (["code,area,stratum", "D-1,agdal,a b"], 2, "stratum", "frame_label"),
        (["code,area,block", "D-1,agdal,B1", "D-2,agdal,"], 3, "block", "frame_block"),
        (["code,area,block", "D-1,agdal,B1", "D-2,hassan,B1"], 3, "block", "frame_nested"),
        (["code,area,locator", "D-1,agdal," + "x" * 201], 2, "locator", "frame_locator"),
    ],
)
def test_a_row_that_cannot_stand_is_told_without_what_stood_there(lines, line, column, rule) -> None:
    with pytest.raises(FrameRefused) as refused:
        frame_of(*lines)
    (finding,) = refused.value.findings
    assert (finding.line, finding.column, finding.rule) == (line, column, rule)
    assert rule in FINDING_LABELS
    assert "atima" not in str(refused.value).lower()


def test_sizes_of_areas_are_whole_numbers() -> None:
    for size in ("0", "-3", "1.5", "many", "٣"):
        with pytest.raises(FrameRefused):
            frame_of("code,area,size", f"A-1,agdal,{size}", kind=UnitKind.AREA)


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "frame_columns"),
        (b"code,area", "frame_empty"),
        (b"code,area,name\nD-1,agdal,Fatima", "frame_columns"),
        (b"code,area,area\nD-1,agdal,agdal", "frame_columns"),
        (b"area\nagdal", "frame_columns"),
        (b"\xff\xfe\x00code", "frame_text"),
        (b"PK\x03\x04\x00\x00", "frame_text"),
        (b'code,area\n"D-1,agdal', "frame_text"),
    ],
)
def test_a_file_that_is_no_frame_is_refused(content: bytes, rule: str) -> None:
    with pytest.raises(Refused, match=rule):
        read_frame(content, UnitKind.DWELLING, AREAS)
