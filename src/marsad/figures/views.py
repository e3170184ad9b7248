"""Proposing and deciding on the ledger: two people, one decision."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marsad.accounts.rules import may
from marsad.figures import operations, queries
from marsad.figures.forms import AnswerForm, FigureForm, SettlementForm
from marsad.figures.rules import ProposalMove, ProposalState, StepRefused, refusals
from marsad.figures.words import PROPOSAL_MOVES, REFUSALS
from marsad.web.access import access, signed_in

PER_PAGE = 30


@access(signed_in)
def proposals(request: HttpRequest) -> HttpResponse:
    """Every proposal, the open ones first."""
    found = sorted(queries.proposals(), key=lambda proposal: proposal.state != ProposalState.PROPOSED)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request, "figures/proposals.html", {"page": page, "may_propose": request.user.has_perm("figures.propose")}
    )


@access(may("figures.propose"))
@require_http_methods(["GET", "POST"])
def propose_figure(request: HttpRequest) -> HttpResponse:
    form = FigureForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        why = form.cleaned_data["why"]
        operations.propose_figure(content=form.content, why=why, actor=request.user, at=timezone.now())
        messages.success(request, _("Your figure waits for a second person."))
        return redirect("figures:proposals")
    return render(request, "figures/propose.html", {"form": form, "title": _("Propose a figure")})


@access(may("figures.propose"))
@require_http_methods(["GET", "POST"])
def propose_settlement(request: HttpRequest, code: str) -> HttpResponse:
    case = queries.case(code)
    if case is None:
        raise Http404(_("No such case."))
    form = SettlementForm(request.POST or None, case=case)
    if request.method == "POST" and form.is_valid():
        why = form.cleaned_data["why_fr"]
        operations.propose_settlement(case=case, content=form.content, why=why, actor=request.user, at=timezone.now())
        messages.success(request, _("Your settlement waits for a second person."))
        return redirect("figures:proposals")
    return render(request, "figures/propose.html", {"form": form, "case": case, "title": _("Propose a settlement")})


@access(signed_in)
@require_http_methods(["GET", "POST"])
def proposal(request: HttpRequest, number: int) -> HttpResponse:
    """A proposal, with the steps that are open to this person and, beside the others, why they are not."""
    found = queries.proposal(number)
    if found is None:
        raise Http404(_("No such proposal."))
    form = AnswerForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        answer, move = form.cleaned_data["answer"], request.POST.get("move", "")
        try:
            _decide(request, found, move, answer)
        except StepRefused as refused:
            status = 409
            for refusal in sorted(refused.refusals):
                form.add_error(None, REFUSALS[refusal])
        else:
            messages.success(request, _("Your decision is recorded."))
            return redirect("figures:proposals")
    context = {"proposal": found, "form": form, "steps": _steps(request, found), "shown": queries.shown_content(found)}
    return render(request, "figures/proposal.html", context, status=status)


def _decide(request: HttpRequest, found: Any, move: str, answer: str) -> None:
    if move not in set(ProposalMove):
        raise Http404(_("No such step."))
    chosen = ProposalMove(move)
    if chosen is not ProposalMove.WITHDRAW and not request.user.has_perm("figures.settle"):
        raise Http404(_("No such step."))
    operations.decide(proposal=found, move=chosen, answer=answer, actor=request.user, at=timezone.now())


def _steps(request: HttpRequest, found: Any) -> list[dict[str, Any]]:
    """The moves to show: whoever may settle sees accept and refuse, the proposer sees withdraw; with what forbids each."""
    settles = request.user.has_perm("figures.settle")
    steps = []
    for move in ProposalMove:
        forbidden = refusals(
            state=ProposalState(found.state),
            move=move,
            proposer=found.proposer_id,
            person=request.user.pk,
            answer="given",
        )
        if move is ProposalMove.WITHDRAW or settles:
            reasons = [REFUSALS[refusal] for refusal in sorted(forbidden)]
            steps.append({"move": move, "label": PROPOSAL_MOVES[move], "reasons": reasons})
    return steps
