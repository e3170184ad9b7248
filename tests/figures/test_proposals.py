"""A figure added and a case settled by two people, through the forms they use."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import translation

from house.people import client_of, person
from marsad.accounts.rules import Role
from marsad.audit.models import Event
from marsad.figures.models import Case, Figure, Proposal
from marsad.figures.rules import ProposalState

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def proposer(db):
    return person(Role.DATA_OFFICER)


@pytest.fixture
def settler(db):
    return person(Role.REVIEWER)


def figure_answers(**changes):
    answers = {
        "indicator": "STK-01", "area": "MAR", "period": "2024", "value": "148152", "quantifier": "exact", "unit": "persons",
        "kind": "stock", "base": "legal", "publisher": "Statistical office", "document": "", "url": "https://example.org/2024",
        "excerpt": "148 152 foreign residents", "read_on": "2026-10-01", "vintage": "", "reliability": "official", "case": "",
        "why": "It is the newest figure",
    }  # fmt: skip
    for name, text in (("concept", "Foreign residents"), ("group", ""), ("note", "")):
        answers |= {f"{name}_{language}": text for language in ("fr", "ar", "en")}
    return answers | changes


def settlement_answers():
    answers = {"recommended": "F4", "reasons": ["scope", "date"]}
    for name in ("explanation", "why"):
        answers |= {f"{name}_{language}": f"{name} in {language}" for language in ("fr", "ar", "en")}
    return answers


def test_a_figure_enters_the_ledger_when_a_second_person_accepts_it(small_city, proposer, settler):
    response = client_of(proposer).post(reverse("figures:propose"), figure_answers())
    assert response.status_code == 302
    proposal = Proposal.objects.get()
    assert not Figure.objects.filter(period="2024").exists()

    answer = {"move": "accept", "answer": "Read and compared"}
    assert client_of(settler).post(reverse("figures:proposal", args=[proposal.pk]), answer).status_code == 302
    figure = Figure.objects.get(code=f"P{proposal.pk}")
    assert (figure.value, figure.indicator_id, figure.excerpt) == (
        Decimal(148152),
        "STK-01",
        "148 152 foreign residents",
    )
    assert (figure.role, figure.from_pack) == ("alone", False)
    assert [event.action for event in Event.objects.order_by("sequence")][-2:] == [
        "figures.propose_figure",
        "figures.decide",
    ]


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"url": "", "document": ""}, "url", "A figure without a source is not kept"),
        ({"kind": "flow"}, "kind", "A stock cannot stand for a flow"),
        ({"period": "last year"}, "period", "Write 2014"),
        ({"value": "many"}, "value", "number"),
        ({"concept_ar": ""}, "concept_ar", "required"),
        ({"why": ""}, "why", "required"),
    ],
)
def test_an_unfit_figure_is_refused_beside_its_field(small_city, proposer, changes, field, words):
    response = client_of(proposer).post(reverse("figures:propose"), figure_answers(**changes))
    assert response.status_code == 200
    assert words in " ".join(response.context["form"].errors[field])
    assert not Proposal.objects.exists()


def test_what_was_typed_is_still_there_after_a_refusal(small_city, proposer):
    response = client_of(proposer).post(reverse("figures:propose"), figure_answers(url=""))
    assert "148 152 foreign residents" in response.content.decode()


def test_a_case_is_settled_by_two_people(small_city, proposer, settler):
    client_of(proposer).post(reverse("figures:settle", args=["share-region"]), settlement_answers())
    proposal = Proposal.objects.get()
    assert Case.objects.get(code="share-region").state == "unsettled"
    answer = {"move": "accept", "answer": "Agreed"}
    client_of(settler).post(reverse("figures:proposal", args=[proposal.pk]), answer)
    case = Case.objects.get(code="share-region")
    assert (case.state, case.recommended_id, case.why_ar) == ("settled", "F4", "why in ar")
    assert (case.decided_by_fr, case.proposed_by_fr) == (settler.name, proposer.name)
    assert set(case.figures.values_list("code", "role")) == {("F4", "recommended"), ("F5", "comparison")}


def test_a_settlement_survives_the_next_load(small_city, small_root, proposer, settler):
    from observatory.test_load_city import reload

    client_of(proposer).post(reverse("figures:settle", args=["share-region"]), settlement_answers())
    client_of(settler).post(
        reverse("figures:proposal", args=[Proposal.objects.get().pk]), {"move": "accept", "answer": "Agreed"}
    )
    reload(small_root)
    assert Case.objects.get(code="share-region").state == "settled"


def test_the_proposer_cannot_decide(small_city):
    both = person(Role.STATISTICIAN)
    client = client_of(both)
    client.post(reverse("figures:propose"), figure_answers())
    proposal = Proposal.objects.get()
    response = client.post(
        reverse("figures:proposal", args=[proposal.pk]), {"move": "accept", "answer": "Mine is right"}
    )
    assert response.status_code == 409
    assert "somebody else decides" in response.content.decode()
    proposal.refresh_from_db()
    assert proposal.state == ProposalState.PROPOSED


def test_a_decision_needs_its_reason(small_city, proposer, settler):
    client_of(proposer).post(reverse("figures:propose"), figure_answers())
    response = client_of(settler).post(
        reverse("figures:proposal", args=[Proposal.objects.get().pk]), {"move": "refuse", "answer": ""}
    )
    assert response.status_code == 409
    assert "Give the reason of your decision." in response.content.decode()


def test_a_proposer_without_the_right_to_settle_cannot_accept(small_city, proposer):
    other = person(Role.PLANNER)
    client_of(proposer).post(reverse("figures:propose"), figure_answers())
    address = reverse("figures:proposal", args=[Proposal.objects.get().pk])
    assert client_of(other).post(address, {"move": "accept", "answer": "Yes"}).status_code == 404
    assert Proposal.objects.get().state == ProposalState.PROPOSED


def test_a_proposer_withdraws(small_city, proposer):
    client = client_of(proposer)
    client.post(reverse("figures:propose"), figure_answers())
    client.post(reverse("figures:proposal", args=[Proposal.objects.get().pk]), {"move": "withdraw", "answer": ""})
    assert Proposal.objects.get().state == ProposalState.WITHDRAWN


@pytest.mark.parametrize("role", [Role.MEMBER, Role.FIELD_AGENT])
def test_who_may_not_propose_is_told_why(small_city, role):
    response = client_of(person(role)).get(reverse("figures:propose"))
    assert response.status_code == 403


def test_nobody_proposes_without_an_account(small_city, client):
    response = client.get(reverse("figures:propose"))
    assert response.status_code == 302
    assert "/account/" in response["Location"]


def test_the_list_of_proposals_starts_empty_and_says_so(small_city, proposer):
    page = client_of(proposer).get(reverse("figures:proposals")).content.decode()
    assert "No proposal yet" in page


def test_an_address_is_never_published_for_a_name(small_city, proposer, settler):
    type(settler).objects.filter(pk=settler.pk).update(name="")
    client_of(proposer).post(reverse("figures:settle", args=["share-region"]), settlement_answers())
    client_of(settler).post(
        reverse("figures:proposal", args=[Proposal.objects.get().pk]), {"move": "accept", "answer": "Agreed"}
    )
    case = Case.objects.get(code="share-region")
    assert (case.decided_by_fr, case.decided_by_en) == ("une personne habilitée", "an authorised person")
    assert "@" not in case.decided_by_ar
