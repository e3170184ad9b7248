"""From a frame to weights: versions, the draw kept, reserve, assignment, visits, the account, weights, forgetting."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction

from fieldwork.cases import AT, LATER, STRATIFIED, TEST, TWO_STAGE, agent, dataflow, frame, frame_csv, sample
from marsad.collection.fieldwork import queries, queries_board
from marsad.collection.fieldwork.drawing import Method, Plan
from marsad.collection.fieldwork.erasing import erase_links
from marsad.collection.fieldwork.models import Case, Frame, FrameUnit, Sample, Visit
from marsad.collection.fieldwork.operations_retention import forget_old_fieldwork
from marsad.collection.fieldwork.operations_samples import (
    SampleDetails,
    assign_cases,
    draw_sample,
    drawn_again,
    move_sample,
    release_reserve,
)
from marsad.collection.fieldwork.operations_visits import VisitNote, move_case, note_visit, strike_visit
from marsad.collection.fieldwork.operations_weights import work_out_weights
from marsad.collection.fieldwork.rules import CaseMove, SampleMove
from marsad.collection.fieldwork.sealing import LocatorSeal
from marsad.collection.fieldwork.weighting import Classes
from marsad.collection.keys import keys_for
from marsad.collection.pseudonyms import pseudonym_of
from migstat.estimation.survey_allocation import Allocation
from migstat.estimation.survey_design import SurveyDesign
from migstat.estimation.survey_total import survey_total
from migstat.model import Refused
from migstat.model.structure import Kind

pytestmark = pytest.mark.django_db(databases=["default", "confidential"])


def visit(case: Case, code: str) -> Case:
    return note_visit(actor=TEST, at=LATER, case_id=case.pk, note=VisitNote(AT.date(), code))


def test_versions_of_a_frame_stand_and_ways_to_dwellings_are_sealed() -> None:
    first = frame()
    unit = FrameUnit.objects.get(frame=first, code="D-0003")
    assert b"second floor" not in bytes(unit.sealed_locator)
    assert LocatorSeal().open(unit.sealed_locator, f"frame:{first.pk}:D-0003") == "door 3, second floor"
    with pytest.raises(Refused, match=r"fieldwork\.seal"):
        LocatorSeal().open(unit.sealed_locator, f"frame:{first.pk}:D-0004")
    with pytest.raises(Refused, match=r"fieldwork\.frame_same"):
        frame()
    second = frame(frame_csv(150))
    assert (first.version, second.version, second.units) == (1, 2, 150)
    with pytest.raises(Refused, match=r"fieldwork\.frame_kind"):
        frame(frame_csv(90), is_synthetic=True)
    first.title = "other"
    with pytest.raises(Refused, match=r"fieldwork\.frame_fixed"):
        first.save()


def test_a_sample_is_kept_with_what_it_takes_to_draw_it_again() -> None:
    drawn = sample(TWO_STAGE)
    main = Case.objects.filter(sample=drawn).exclude(state="reserve")
    assert (main.count(), Case.objects.filter(sample=drawn, state="reserve").count()) == (30, 6)
    assert sum(case.design_weight for case in main) == pytest.approx(120)
    assert drawn_again(drawn)
    assert main.first().pseudonym == pseudonym_of(main.first().code, Kind.TEXT, keys_for("survey"))
    Sample.objects.filter(pk=drawn.pk).update(seed="another")
    assert not drawn_again(Sample.objects.get(pk=drawn.pk))


@pytest.mark.parametrize(
    ("rule", "plan", "details"),
    [
        ("fieldwork.sample_small", Plan(Method.STRATIFIED, 29), {}),
        ("fieldwork.method", Plan(Method.AREAS, 5), {}),
        ("fieldwork.reserve", Plan(Method.STRATIFIED, 40, reserve=1.5), {}),
        ("survey.sample_large", Plan(Method.STRATIFIED, 121), {}),
        ("survey.spread", Plan(Method.STRATIFIED, 40, Allocation.NEYMAN, spread={"agdal": 1.0}), {}),
        ("survey.seed", STRATIFIED, {"seed": ""}),
        ("fieldwork.frame", STRATIFIED, {"frame": 999_999}),
        ("collection.dataflow", STRATIFIED, {"dataflow": "none"}),
        ("fieldwork.dataflow", STRATIFIED, {"dataflow": "two"}),
        ("fieldwork.synthetic", STRATIFIED, {"dataflow": "invented"}),
    ],
)
def test_a_draw_is_refused(rule: str, plan: Plan, details: dict) -> None:
    structure = {"code": "two", "version": "1", "unit": "person", "columns": [
        {"name": "a", "role": "direct_identifier", "kind": "text"},
        {"name": "b", "role": "direct_identifier", "kind": "text"},
    ]}  # fmt: skip
    dataflow(structure, identified_by=["a", "b"])
    dataflow({**structure, "code": "invented"}, is_synthetic=True, authorisation_number="")
    given = {"code": "x", "title": "X", "frame": frame().pk, "seed": "s", **details}
    with pytest.raises(Refused, match=rule), transaction.atomic(using="confidential"):
        draw_sample(actor=TEST, at=AT, details=SampleDetails(**given), plan=plan)
    assert not Sample.objects.exists()


def test_a_released_reserve_changes_everybody_s_chance_alike() -> None:
    drawn = sample()
    before = Case.objects.filter(sample=drawn, stratum="agdal").exclude(state="reserve")
    assert {case.design_weight for case in before} == {4.0}
    assert release_reserve(actor=TEST, at=LATER, sample_code=drawn.pk, stratum="agdal") == 4
    released = Case.objects.filter(sample=drawn, stratum="agdal")
    assert {(case.drawn, case.held) for case in released} == {(24, 80)}
    assert sum(case.design_weight for case in released) == pytest.approx(80)
    assert queries.reserve_of(drawn.pk) == {"hassan": 2}
    with pytest.raises(Refused, match=r"fieldwork\.no_reserve"):
        release_reserve(actor=TEST, at=LATER, sample_code=drawn.pk, stratum="agdal")


def test_cases_are_given_taken_back_and_never_from_the_reserve() -> None:
    drawn, code = sample(), agent().pk
    every = list(Case.objects.filter(sample=drawn).values_list("pk", flat=True))
    assert assign_cases(actor=TEST, at=LATER, sample_code=drawn.pk, case_ids=every, agent_code=code) == 30
    assert queries.states_of(drawn.pk) == {"reserve": 6, "waiting": 0, "assigned": 30, "worked": 0, "closed": 0}
    mine = queries.cases_of_agent(queries.agents().get(pk=code))
    assert mine.count() == 30
    visit(mine[0], "1.1")
    assert assign_cases(actor=TEST, at=LATER, sample_code=drawn.pk, case_ids=every, agent_code="") == 29
    with pytest.raises(Refused, match=r"fieldwork\.agent"):
        assign_cases(actor=TEST, at=LATER, sample_code=drawn.pk, case_ids=every, agent_code="nobody")
    with pytest.raises(Refused, match=r"fieldwork\.no_case"):
        assign_cases(actor=TEST, at=LATER, sample_code=drawn.pk, case_ids=[], agent_code=code)


def test_visits_lead_a_case_to_its_end_and_a_wrong_one_is_struck() -> None:
    drawn = sample()
    case = Case.objects.filter(sample=drawn, state="waiting").first()
    assert visit(case, "2.24").state == "worked"
    assert visit(case, "2.24").disposition == "2.24"
    case = visit(case, "2.25")
    assert (case.state, case.visits, case.disposition) == ("closed", 3, "2.25")
    last = Visit.objects.get(case=case, number=3)
    case = strike_visit(actor=TEST, at=LATER, visit_id=last.pk, reason="another dwelling")
    assert (case.state, case.visits, case.disposition) == ("worked", 2, "2.24")
    assert visit(case, "1.1").state == "closed"
    assert [one.number for one in queries.visits_of(case)] == [1, 2, 3, 4]
    assert move_case(actor=TEST, at=LATER, case_id=case.pk, move=CaseMove.REOPEN).state == "worked"
    for rule, note in [
        ("disposition", VisitNote(AT.date(), "3.11")),
        ("day", VisitNote(AT.date() - timedelta(days=1), "1.1")),
        ("day", VisitNote(LATER.date() + timedelta(days=1), "1.1")),
    ]:
        with pytest.raises(Refused, match=rule), transaction.atomic(using="confidential"):
            note_visit(actor=TEST, at=LATER, case_id=case.pk, note=note)
    with pytest.raises(Refused, match=r"fieldwork\.visit"):
        strike_visit(actor=TEST, at=LATER, visit_id=last.pk, reason="again")
    with pytest.raises(Refused, match=r"fieldwork\.reason"):
        strike_visit(actor=TEST, at=LATER, visit_id=last.pk, reason=" ")
    reserve = Case.objects.filter(sample=drawn, state="reserve").first()
    with pytest.raises(Refused, match=r"fieldwork\.move"):
        visit(reserve, "1.1")


def worked() -> Sample:
    """A sample in which, in turn, some answer, refuse, are away, are vacant, and the last are never visited."""
    drawn = sample()
    held = Case.objects.filter(sample=drawn, state="waiting").order_by("pk")
    for case, code in zip(held, ["1.1", "1.1", "2.11", "2.24", "4.6", "1.2", "1.1", "3.18"] * 3, strict=False):
        visit(case, code)
    return drawn


def test_the_account_counts_every_released_case_once() -> None:
    drawn = worked()
    account = queries_board.account_of(drawn)
    counts = account.counts
    assert (counts.complete, counts.partial, counts.refusal, counts.non_contact) == (9, 3, 3, 3)
    assert (counts.not_eligible, counts.unknown_eligibility, counts.cases) == (3, 9, 30)
    assert account.rates.response_rate_1 == 9 / 27
    assert account.rates.response_rate_3 == pytest.approx(9 / (18 + 9 * 18 / 21))
    for by in ("area", "stratum", "agent"):
        lines = queries_board.accounts(drawn, by)
        assert sum(line.counts.cases for line in lines) == 30
        assert sum(line.visits for line in lines) == 24
    (day,) = queries_board.accounts(drawn, "day")
    assert (day.name, day.counts.cases) == (AT.date(), 24)
    assert dict(queries_board.dispositions_of(drawn))["3.11"] == 6


def test_weights_carry_all_and_meet_known_totals() -> None:
    drawn = worked()
    with pytest.raises(Refused, match=r"fieldwork\.not_closed"):
        work_out_weights(actor=TEST, at=LATER, sample_code=drawn.pk, classes=Classes.STRATUM)
    move_sample(actor=TEST, at=LATER, sample_code=drawn.pk, move=SampleMove.CLOSE)
    kept = work_out_weights(actor=TEST, at=LATER, sample_code=drawn.pk, classes=Classes.STRATUM)
    assert kept.weighting["sum_design"] == pytest.approx(120)
    # 3 of 21 resolved cases are not eligible; each stratum's share of them is its own.
    cases = list(Case.objects.filter(sample=drawn).exclude(state="reserve"))
    for stratum, held in (("agdal", 80), ("hassan", 40)):
        inside = [case for case in cases if case.stratum == stratum]
        known = [case for case in inside if not case.disposition.startswith("3")]
        eligible = sum(not case.disposition.startswith("4") for case in known) / len(known)
        assert sum(case.nonresponse_weight for case in inside) == pytest.approx(held * eligible)
    totals = {"agdal": 70.0, "hassan": 36.0}
    work_out_weights(actor=TEST, at=LATER, sample_code=drawn.pk, classes=Classes.ALL, totals=totals)
    rows = list(Case.objects.filter(sample=drawn, calibrated_weight__gt=0))
    assert sum(case.calibrated_weight for case in rows if case.area == "agdal") == pytest.approx(70)
    with pytest.raises(Refused, match=r"fieldwork\.totals"):
        work_out_weights(actor=TEST, at=LATER, sample_code=drawn.pk, classes=Classes.ALL, totals={"agdal": 70.0})
    given = queries.weights_by_pseudonym("dwellings")
    assert len(given) == 12
    lines = list(given.values())
    design = SurveyDesign.of([one.weight for one in lines], strata=[one.stratum for one in lines])
    assert survey_total(design, [1.0] * 12).value == pytest.approx(106)
    assert queries.weights_by_pseudonym("other") == {}


def test_what_ended_is_forgotten_and_a_person_is_cut_out() -> None:
    drawn = worked()
    case = Case.objects.filter(sample=drawn, disposition="1.1").first()
    Visit.objects.filter(case=case).update(submission=uuid4())
    assert erase_links([case.pseudonym]) == 1
    case.refresh_from_db()
    assert (case.pseudonym, case.history.get().submission, case.unit.sealed_locator) == ("", None, None)
    for move in (SampleMove.CLOSE, SampleMove.FINISH):
        assert queries.has_locators(drawn.frame)
        move_sample(actor=TEST, at=LATER, sample_code=drawn.pk, move=move)
    assert not queries.has_locators(drawn.frame)
    assert forget_old_fieldwork(actor=TEST, at=LATER + timedelta(days=364)) == 0
    assert forget_old_fieldwork(actor=TEST, at=LATER + timedelta(days=366)) == 1
    assert not Case.objects.exists()
    assert Frame.objects.exists()


def test_one_sample_at_a_time_feeds_a_dataflow() -> None:
    first = sample()
    other = sample(opened=False, code="wave-2", on=first.frame)
    with pytest.raises(Refused, match=r"fieldwork\.open_already"):
        move_sample(actor=TEST, at=LATER, sample_code=other.pk, move=SampleMove.OPEN)
    move_sample(actor=TEST, at=LATER, sample_code=other.pk, move=SampleMove.DISCARD)
    assert queries.has_locators(first.frame)
