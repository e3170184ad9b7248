"""Networks of recruitment: coupons printed, presented and given; chains, waves, diagnostics, the snapshot."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from marsad.accounts.rules import may
from marsad.collection.fieldwork import pictures, queries_networks
from marsad.collection.fieldwork.coupon_paper import coupon_pdf
from marsad.collection.fieldwork.diagnosing import SITE, diagnostics_of
from marsad.collection.fieldwork.forms import (
    CouponForm,
    DiagnosticsForm,
    GiveForm,
    MoveCouponForm,
    NetworkForm,
    PrintForm,
)
from marsad.collection.fieldwork.freezing import freeze_recruitment
from marsad.collection.fieldwork.labels import refusal_words
from marsad.collection.fieldwork.operations_coupons import (
    NetworkDetails,
    give_coupons,
    make_network,
    move_coupon,
    move_network,
    print_coupons,
    redeem_coupon,
    void_batch,
)
from marsad.collection.fieldwork.queries_networks import SMALL
from marsad.collection.fieldwork.rules import NETWORK_TRANSITIONS, NetworkMove, NetworkState, moves_from
from marsad.collection.fieldwork.views import dataflow_choices, manages
from marsad.observatory.city import city
from marsad.web.access import access
from marsad.web.words import current_language, said
from migstat.model.refusals import Refused

fills = may("forms.fill")
_CHAINS = 5


def _network(code: str) -> Any:
    found = queries_networks.network(code)
    if found is None:
        raise Http404
    return found


def _tried(request: HttpRequest, done: str, step: Callable[[], object]) -> None:
    """Take a step, and say that it was taken or why not."""
    try:
        step()
    except Refused as refusal:
        messages.error(request, refusal_words(refusal))
    else:
        messages.success(request, done)


@never_cache
@access(manages)
def new_network(request: HttpRequest) -> HttpResponse:
    actor: Any = request.user
    form = NetworkForm(request.POST or None, dataflows=dataflow_choices(coupons=True))
    if request.method == "POST" and form.is_valid():
        try:
            network = make_network(actor=actor, at=timezone.now(), details=NetworkDetails(**form.cleaned_data))
        except Refused as refusal:
            form.add_error(None, refusal_words(refusal))
        else:
            messages.success(request, _("The network was prepared."))
            return redirect("fieldwork:network", network.code)
    return render(request, "fieldwork/new_network.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@access(manages)
def show_network(request: HttpRequest, code: str) -> HttpResponse:
    network = _network(code)
    roots = queries_networks.chains(code)
    page = Paginator(roots, _CHAINS).get_page(request.GET.get("page"))
    context = {
        "network": network,
        "states": queries_networks.coupons_by_state(code),
        "waves": queries_networks.waves(code),
        "batches": queries_networks.batches(code),
        "page": page,
        "trees": [(pictures.tree_of(root), root) for root in page],
        "moves": moves_from(NETWORK_TRANSITIONS, NetworkState(network.state)),
        "print_form": PrintForm(),
        "move_form": MoveCouponForm(auto_id="move_%s"),
        "is_open": network.state == NetworkState.OPEN,
    }
    return render(request, "fieldwork/network.html", context)


@require_POST
@access(manages)
def move(request: HttpRequest, code: str) -> HttpResponse:
    actor: Any = request.user
    wanted = request.POST.get("move", "")
    if wanted in set(NetworkMove):
        _tried(
            request,
            _("The step was recorded."),
            lambda: move_network(actor=actor, at=timezone.now(), network_code=code, move=NetworkMove(wanted)),
        )
    return redirect("fieldwork:network", code)


@require_POST
@access(manages)
def print_sheets(request: HttpRequest, code: str) -> HttpResponse:
    """The coupons as a PDF, once: their numbers are kept nowhere else."""
    actor: Any = request.user
    _network(code)
    form = PrintForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Print 1 to 500 coupons at a time."))
        return redirect("fieldwork:network", code)
    given = form.cleaned_data
    try:
        batch = print_coupons(
            actor=actor,
            at=timezone.now(),
            network_code=code,
            number=given["number"],
            seeds=given["seeds"],
            choose=secrets.randbelow,
        )
    except Refused as refusal:
        messages.error(request, refusal_words(refusal))
        return redirect("fieldwork:network", code)
    # The name of the observatory would tell whoever finds the paper what its holder was asked about.
    invites = (said(city()["contact"], "address", "fr"), said(city()["contact"], "address", "ar"))
    paper = coupon_pdf(batch, invites=invites, sheet=given["sheet"])
    response = HttpResponse(paper, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="coupons-{code}-{batch.number}.pdf"'
    return response


@require_POST
@access(manages)
def void(request: HttpRequest, code: str, batch: int) -> HttpResponse:
    actor: Any = request.user
    _tried(
        request,
        _("What of this batch was not given is void."),
        lambda: void_batch(actor=actor, at=timezone.now(), network_code=code, batch=batch),
    )
    return redirect("fieldwork:network", code)


@require_POST
@access(manages)
def change_coupon(request: HttpRequest, code: str) -> HttpResponse:
    actor: Any = request.user
    form = MoveCouponForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        _tried(
            request,
            _("The step was recorded."),
            lambda: move_coupon(
                actor=actor, at=timezone.now(), network_code=code, typed=given["coupon"], move=given["move"]
            ),
        )
    else:
        messages.error(request, _("Type the number of the coupon."))
    return redirect("fieldwork:network", code)


@never_cache
@access(fills)
def reception(request: HttpRequest) -> HttpResponse:
    """The networks that recruit now: where an agent receives somebody with a coupon."""
    found = [one for one in queries_networks.networks() if one.state == NetworkState.OPEN]
    return render(request, "fieldwork/reception.html", {"networks": found})


@never_cache
@access(fills)
def receive(request: HttpRequest, code: str) -> HttpResponse:
    """Somebody presents a coupon: it is used, and the person has a number from then on."""
    network = _network(code)
    actor: Any = request.user
    form = CouponForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            found = redeem_coupon(
                actor=actor, at=timezone.now(), network_code=code, typed=given["coupon"], site=given["site"]
            )
        except Refused as refusal:
            form.add_error("coupon", refusal_words(refusal))
        else:
            messages.success(
                request, _("The coupon is good. Its holder is number %(number)s.") % {"number": found.number}
            )
            return redirect("fieldwork:participant", code, found.number)
    page = Paginator(queries_networks.participants(code), 25).get_page(request.GET.get("page"))
    context = {"network": network, "form": form, "page": page}
    return render(request, "fieldwork/receive.html", context, status=422 if form.errors else 200)


@never_cache
@access(fills)
def participant(request: HttpRequest, code: str, number: int) -> HttpResponse:
    network = _network(code)
    found = queries_networks.participant(code, number)
    if found is None:
        raise Http404
    actor: Any = request.user
    form = GiveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            give_coupons(
                actor=actor,
                at=timezone.now(),
                network_code=code,
                number=number,
                typed=given["coupons"],
                degree=given["degree"],
            )
        except Refused as refusal:
            form.add_error("coupons", refusal_words(refusal))
        else:
            messages.success(request, _("Noted. Coupons given: %(number)s.") % {"number": len(given["coupons"])})
            return redirect("fieldwork:participant", code, number)
    last = network.last_wave is not None and found.wave >= network.last_wave
    left = 0 if last else network.coupons_each - found.coupons_given
    context = {"network": network, "found": found, "form": form, "left": left}
    return render(request, "fieldwork/participant.html", context, status=422 if form.errors else 200)


@never_cache
@access(manages)
def diagnostics(request: HttpRequest, code: str) -> HttpResponse:
    """Whether the chains forgot their seeds. Compared by an answer, rows of the last snapshot are read, and that is logged."""
    network = _network(code)
    actor: Any = request.user
    language = current_language()
    columns = [(SITE, _("place of reception"))] + [
        (name, label.in_language(language) if label else name)
        for name, label in queries_networks.columns_to_compare(network.dataflow)
    ]
    form = DiagnosticsForm(request.POST or None, columns=columns)
    context: dict[str, Any] = {"network": network, "form": form}
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            found = diagnostics_of(
                actor=actor,
                at=timezone.now(),
                network=network,
                column=given["column"],
                degree_for_unknown=given["unknown"],
            )
        except Refused as refusal:
            form.add_error(None, refusal_words(refusal))
        else:
            context |= {
                "found": found,
                "lines": pictures.drawn_lines(found.convergence),
                "trees": pictures.drawn_lines(found.bottleneck),
                "said": [(one, one.statement.in_language(language)) for one in found.diagnostics],
                "why": [refusal_words(Refused(rule, found="", remedy="")) for rule in found.rules],
                "small": SMALL,
            }
    return render(request, "fieldwork/diagnostics.html", context, status=422 if form.errors else 200)


@require_POST
@access(manages)
def freeze(request: HttpRequest, code: str) -> HttpResponse:
    actor: Any = request.user
    _tried(
        request,
        _("The chains were frozen as a snapshot."),
        lambda: freeze_recruitment(actor=actor, at=timezone.now(), network_code=code),
    )
    return redirect("fieldwork:network", code)
