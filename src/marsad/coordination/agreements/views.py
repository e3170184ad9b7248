"""The list of agreements, an agreement with what may be done next, its steps and its signatures."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from marsad.coordination.agreements import labels, operations, queries, shown
from marsad.coordination.agreements.forms import ReasonForm, SignForm
from marsad.coordination.agreements.rules import (
    BY_PERSONS,
    OPEN,
    TRANSITIONS,
    WHO,
    AgreementState,
    Hat,
    Move,
    MoveRefused,
    Refusal,
    acting_hat,
    refusals,
)
from marsad.coordination.agreements.terms import differences, faults_of
from marsad.coordination.agreements.views_access import agreement_or_404, concerned, version_or_404
from marsad.web.access import access
from migstat.model.refusals import Refused

PER_PAGE = 25
_RECEIPTS = 12
_DUE_AHEAD = timedelta(days=120)
_ON_OWN_PAGE = {Move.EDIT: "agreements:edit", Move.SIGN: "agreements:sign"}


@never_cache
@access(concerned)
def agreements(request: HttpRequest) -> HttpResponse:
    """The agreements that this person may open, by state and partner."""
    every = [(one, queries.shown_version(one.versions.all())) for one in queries.agreements_for(request.user)]
    state, partner = request.GET.get("state", ""), request.GET.get("partner", "")
    rows = [
        (one, version)
        for one, version in every
        if version is not None
        and (not state or version.state == state)
        and (not partner or one.organisation_id == partner)
    ]
    partners = {one.organisation_id: one.organisation for one, _version in every}
    context = {
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "states": [(str(one), labels.STATES[one]) for one in AgreementState],
        "partners": partners.values(),
        "state": state,
        "partner": partner,
        "may_draft": _may_draft(request.user),
        "none_at_all": not every,
    }
    return render(request, "agreements/list.html", context)


def _may_draft(user: Any) -> bool:
    return bool(user.has_perm("agreements.draft") or queries.organisations_to_draft_for(user))


@never_cache
@access(concerned)
def agreement(request: HttpRequest, code: str) -> HttpResponse:
    """One agreement: the version that stands or the one asked for, what may be done with it, what came under it."""
    found = agreement_or_404(request, code)
    versions = list(queries.versions_of(code))
    version = _asked(request, versions)
    return _agreement_page(request, found, versions, version, ReasonForm())


def _asked(request: HttpRequest, versions: list[Any]) -> Any:
    asked = request.GET.get("version", "")
    for version in versions:
        if str(version.number) == asked:
            return version
    open_versions = [version for version in versions if version.state in OPEN]
    shown_one = (open_versions or [queries.shown_version(versions)])[-1]
    if shown_one is None:
        raise Http404(_("No such agreement."))
    return shown_one


def _agreement_page(
    request: HttpRequest, found: Any, versions: list[Any], version: Any, form: ReasonForm, status: int = 200
) -> HttpResponse:
    today = timezone.localdate()
    terms = version.terms
    before = next((one for one in versions if one.number == version.number - 1), None)
    due = queries.due_deliveries(found.code, today + _DUE_AHEAD)
    received = queries.receipts(found.code).order_by("-received_on", "-id")
    context = {
        "agreement": found,
        "version": version,
        "versions": versions,
        "terms": terms,
        "facts": shown.facts_of(terms),
        "changes": shown.changes(differences(before.terms, terms)) if before else None,
        "faults": [labels.FAULTS[fault] for fault in sorted(faults_of(terms))],
        "steps": _steps(request, version, today),
        "may_amend": queries.may_amend(request.user, found),
        "due": [(one, one.late_days(today=today), one.is_overdue(today=today)) for one in due],
        "receipts": Paginator(received, _RECEIPTS).get_page(request.GET.get("page")),
        "refusals": queries.refusal_counts(found.code),
        "form": form,
        "keep": f"version={version.number}&",
    }
    return render(request, "agreements/agreement.html", context, status=status)


def _steps(request: HttpRequest, version: Any, today: date) -> list[dict[str, Any]]:
    """The moves that the present state leaves open, each with what forbids it to this person."""
    standing = queries.standing_of(version)
    hats = queries.hats_of(request.user, version.agreement.organisation_id)
    steps = []
    for move in BY_PERSONS:
        if TRANSITIONS[standing.state, move] is None:
            continue
        against = refusals(move, standing, hats=hats, person=request.user.pk, today=today, reason=_("given"))
        steps.append(
            {
                "move": move.value,
                "label": labels.MOVES[move],
                "main": acting_hat(move, hats, standing) is not None and move not in _SIDE_STEPS,
                "url": reverse(_ON_OWN_PAGE[move], args=[version.agreement_id, version.number])
                if move in _ON_OWN_PAGE
                else "",
                "reasons": [_reason(refusal, move) for refusal in sorted(against)],
            }
        )
    return steps


_SIDE_STEPS = frozenset({Move.EDIT, Move.REOPEN, Move.SUSPEND, Move.END, Move.WITHDRAW})


def _reason(refusal: Refusal, move: Move) -> str:
    if refusal is not Refusal.NOT_YOURS:
        return str(labels.REFUSALS[refusal])
    hats = _(" or ").join(str(labels.HATS[hat]) for hat in WHO[move] if hat is not Hat.CLOCK)
    return _("This step belongs to %(hats)s.") % {"hats": hats}


@access(concerned)
@require_POST
def step(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Make a move, or show the agreement again with every reason against it."""
    version = version_or_404(request, code, number)
    form = ReasonForm(request.POST)
    wanted = request.POST.get("move", "")
    if wanted not in {str(move) for move in BY_PERSONS}:
        raise Http404(_("No such step."))
    actor: Any = request.user
    if form.is_valid():
        try:
            operations.move(
                actor=actor,
                at=timezone.now(),
                code=code,
                number=number,
                move=Move(wanted),
                reason=form.cleaned_data["reason"],
            )
        except MoveRefused as refused:
            for refusal in sorted(refused.refusals):
                form.add_error(None, _reason(refusal, Move(wanted)))
        except Refused as refused:
            form.add_error(None, str(labels.RULES.get(refused.rule, refused.rule)))
        else:
            messages.success(request, _("The step is recorded."))
            return redirect(f"{reverse('agreements:agreement', args=[code])}?version={number}")
    versions = list(queries.versions_of(code))
    return _agreement_page(request, version.agreement, versions, version, form, status=409)


@never_cache
@access(concerned)
@require_http_methods(["GET", "POST"])
def sign(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Sign for one's side, on the page or with the scanned paper."""
    version = version_or_404(request, code, number)
    initial = {"checksum": version.checksum}
    form = SignForm(request.POST or None, request.FILES or None, initial=initial)
    actor: Any = request.user
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.sign(
                actor=actor,
                at=timezone.now(),
                code=code,
                number=number,
                checksum=form.cleaned_data["checksum"],
                document=_bytes(form.cleaned_data["document"]),
            )
        except MoveRefused as refused:
            status = 409
            for refusal in sorted(refused.refusals):
                form.add_error(None, _reason(refusal, Move.SIGN))
        except Refused as refused:
            status = 409
            form.add_error(None, str(labels.RULES[refused.rule]))
        else:
            messages.success(request, _("Your signature is recorded."))
            return redirect(f"{reverse('agreements:agreement', args=[code])}?version={number}")
    context = {
        "agreement": version.agreement,
        "version": version,
        "form": form,
        "text": queries.text_in_language(version),
        "hats": sorted(queries.hats_of(request.user, version.agreement.organisation_id)),
    }
    return render(request, "agreements/sign.html", context, status=status)


def _bytes(uploaded: Any) -> bytes:
    content: bytes = uploaded.read(operations.LARGEST_DOCUMENT + 1) if uploaded else b""
    return content
