"""A questionnaire that comes in notes its visit and its coupon by itself, and rows carry the weight of their dwelling."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fieldwork.cases import AREAS, CHAINS, STRATIFIED, dataflow, dice, frame, network
from instruments.small_form import AT, filled, new_instance, published
from marsad.audit.rules import System
from marsad.collection.fieldwork.arrivals import Arrival, awaited_dataflows, note_arrival
from marsad.collection.fieldwork.models import Case, Coupon, Participant, Sample
from marsad.collection.fieldwork.operations_coupons import print_coupons
from marsad.collection.fieldwork.operations_samples import SampleDetails, draw_sample, move_sample
from marsad.collection.fieldwork.operations_weights import work_out_weights
from marsad.collection.fieldwork.rules import SampleMove
from marsad.collection.fieldwork.weighting import Classes
from marsad.collection.instruments.freezing import freeze_approved
from marsad.collection.instruments.models import Submission
from marsad.collection.instruments.operations_review import review
from marsad.collection.instruments.receiving import receive_submission
from marsad.collection.instruments.rules import Channel, Move
from marsad.collection.keys import keys_for
from marsad.collection.models import CollectedDataflow
from marsad.collection.pseudonyms import pseudonym_of
from marsad.collection.snapshots import read_table
from migstat.model.structure import Kind

pytestmark = pytest.mark.django_db(databases=["default", "confidential"])
TEST = System("test")
LATER = AT + timedelta(hours=3)


@pytest.fixture
def drawn() -> Sample:
    """A sample of dwellings whose codes are the cards of the small form."""
    published()
    flow = CollectedDataflow.objects.get(pk="homes")
    flow.structure["columns"] += [
        {"name": "weight", "role": "weight", "kind": "number"},
        {"name": "stratum", "role": "attribute", "kind": "text"},
    ]
    flow.save()
    details = SampleDetails("wave-1", "Wave", frame().pk, "s", "homes", most_visits=2)
    made = draw_sample(actor=TEST, at=AT, details=details, plan=STRATIFIED)
    move_sample(actor=TEST, at=AT, sample_code="wave-1", move=SampleMove.OPEN)
    return made


def send(code: str, *, result: str = "completed", instance: str = "", meta: str = "") -> Submission:
    xml = filled(instance, home=f"<card>{code}</card>", result=result, meta=meta)
    receipt = receive_submission(actor=TEST, at=LATER, xml=xml, attachments={}, channel=Channel.OPENROSA)
    return Submission.objects.get(pk=receipt.submission)


def test_a_visit_is_noted_once_and_follows_the_answers_and_the_review(drawn: Sample) -> None:
    case = Case.objects.filter(sample=drawn, state="waiting").first()
    first = new_instance()
    submission = send(case.code, result="refused", instance=first)
    send(case.code, result="refused", instance=first)
    case.refresh_from_db()
    assert (case.disposition, case.state, case.visits, case.last_on) == ("2.11", "closed", 1, AT.date())
    # The device corrects what it sent: the visit is the same one, with another outcome.
    send(case.code.lower(), meta=f"<orx:deprecatedID>{first}</orx:deprecatedID>")
    case.refresh_from_db()
    assert (case.disposition, case.visits, case.history.count()) == ("1.1", 1, 2)
    review(actor=TEST, at=LATER, submission_id=submission.pk, move=Move.REJECT, reason="not the dwelling")
    case.refresh_from_db()
    assert (case.disposition, case.state, case.visits) == ("3.11", "worked", 0)
    review(actor=TEST, at=LATER, submission_id=submission.pk, move=Move.REOPEN, reason="it is")
    case.refresh_from_db()
    assert (case.disposition, case.state) == ("1.1", "closed")


def test_what_fits_no_case_is_received_all_the_same(drawn: Sample) -> None:
    reserve = Case.objects.filter(sample=drawn, state="reserve").first()
    for code in ("D-9999", reserve.code):
        assert send(code).state == "received"
    other = Case.objects.filter(sample=drawn, state="waiting").first()
    send(other.code, result="nobody")
    move_sample(actor=TEST, at=LATER, sample_code=drawn.pk, move=SampleMove.CLOSE)
    send(other.code)
    assert not Case.objects.exclude(visits=0).exists()
    assert awaited_dataflows() == frozenset()


def test_rows_that_are_frozen_carry_weight_and_stratum(drawn: Sample) -> None:
    for case in Case.objects.filter(sample=drawn, state="waiting").order_by("pk")[::2]:
        review(actor=TEST, at=LATER, submission_id=send(case.code).pk, move=Move.APPROVE)
    review(actor=TEST, at=LATER, submission_id=send("D-9999").pk, move=Move.APPROVE)
    move_sample(actor=TEST, at=LATER, sample_code=drawn.pk, move=SampleMove.CLOSE)
    work_out_weights(actor=TEST, at=LATER, sample_code=drawn.pk, classes=Classes.STRATUM)
    snapshot = freeze_approved(actor=TEST, at=LATER, dataflow="homes")
    rows = read_table(snapshot.pk, actor=TEST, at=LATER, purpose="estimation").to_pylist()
    assert len(rows) == 16
    assert sum(row["weight"] for row in rows if row["weight"] is not None) == pytest.approx(120)
    assert [row["weight"] for row in rows].count(None) == 1
    assert {row["stratum"] for row in rows} == {*AREAS, None}


def test_an_interview_s_coupons_follow_and_a_bad_one_leaves_it_alone() -> None:
    dataflow(CHAINS)
    network()
    made = print_coupons(actor=TEST, at=AT, network_code="spring", number=2, seeds=True, choose=dice())
    stock = print_coupons(actor=TEST, at=AT, network_code="spring", number=2, seeds=False, choose=dice())
    own, other, *given = [pseudonym_of(code, Kind.TEXT, keys_for("survey")) for code in (*made.codes, *stock.codes)]
    published()

    def arrive(number: int, coupon: str) -> None:
        values = {"coupon__pseudonym": coupon, "network_size": "7", "coupon_1__pseudonym": given[number]}
        told = Arrival(Submission.objects.order_by("pk")[number].pk, ("chains",), values, "", AT.date())
        note_arrival(actor=TEST, at=LATER, arrival=told)

    submissions = [send("x1"), send("x2")]
    assert len(submissions) == 2
    arrive(0, own)
    arrive(0, own)
    arrive(1, own)  # a second interview with one coupon changes nothing
    arrive(1, "nothing that was printed")
    assert [(one.number, one.degree, one.given.count()) for one in Participant.objects.all()] == [(1, 7, 1)]
    arrive(1, other)
    assert Coupon.objects.filter(state="issued", giver__number=2).count() == 1
