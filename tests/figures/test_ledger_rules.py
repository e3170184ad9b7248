"""The rules of the ledger: every step of every proposal, and what makes a figure unfit."""

from __future__ import annotations

import itertools

import pytest

from marsad.figures.rules import (
    TRANSITIONS,
    Fault,
    ProposalMove,
    ProposalState,
    Refusal,
    faults,
    refusals,
)


def test_the_table_of_transitions_is_complete():
    assert set(TRANSITIONS) == set(itertools.product(ProposalState, ProposalMove))


@pytest.mark.parametrize(("state", "move"), list(itertools.product(ProposalState, ProposalMove)))
def test_only_an_open_proposal_moves(state, move):
    person = 1 if move is ProposalMove.WITHDRAW else 2
    found = refusals(state=state, move=move, proposer=1, person=person, answer="because")
    assert found == (frozenset() if state is ProposalState.PROPOSED else {Refusal.NOT_OPEN})


@pytest.mark.parametrize("move", [ProposalMove.ACCEPT, ProposalMove.REFUSE])
def test_nobody_decides_on_their_own_proposal(move):
    found = refusals(state=ProposalState.PROPOSED, move=move, proposer=1, person=1, answer="because")
    assert found == {Refusal.OWN_PROPOSAL}


def test_only_the_proposer_withdraws():
    found = refusals(state=ProposalState.PROPOSED, move=ProposalMove.WITHDRAW, proposer=1, person=2, answer="")
    assert found == {Refusal.NOT_PROPOSER}


def test_all_the_reasons_come_at_once():
    found = refusals(state=ProposalState.REFUSED, move=ProposalMove.ACCEPT, proposer=1, person=1, answer=" ")
    assert found == {Refusal.NOT_OPEN, Refusal.OWN_PROPOSAL, Refusal.NO_REASON}


@pytest.mark.parametrize(
    ("url", "document", "kind", "indicator_kind", "expected"),
    [
        ("https://example.org", "", "stock", "stock", set()),
        ("", "Annual report", "flow", None, set()),
        ("", " ", "stock", "stock", {Fault.NO_SOURCE}),
        ("https://example.org", "", "stock", "flow", {Fault.STOCK_FOR_FLOW}),
        ("", "", "flow", "stock", {Fault.NO_SOURCE, Fault.STOCK_FOR_FLOW}),
    ],
)
def test_faults(url, document, kind, indicator_kind, expected):
    assert faults(url=url, document=document, kind=kind, indicator_kind=indicator_kind) == expected
