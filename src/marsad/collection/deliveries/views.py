"""Pages of deliveries for a partner's focal point: send, see what was recognised, confirm, answer, follow."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from marsad.accounts.rules import may
from marsad.actors.queries import codes_of
from marsad.collection.deliveries import operations_decisions as decisions
from marsad.collection.deliveries import pages, queries
from marsad.collection.deliveries.forms import AnswersForm, MappingForm, ReadingForm, SendForm
from marsad.collection.deliveries.jobs import start_advancing
from marsad.collection.deliveries.labels import words_of
from marsad.collection.deliveries.operations_decisions import Decision
from marsad.collection.deliveries.operations_intake import AlreadyThere, Order, receive
from marsad.collection.deliveries.report_pages import report_file
from marsad.collection.deliveries.rules import Channel, Move
from marsad.collection.deliveries.steps import advance
from marsad.collection.deliveries.uploads import SealedUploadHandler, drop
from marsad.collection.firewall import demand_cells
from marsad.coordination.agreements.operations import note_refusal
from marsad.coordination.agreements.queries import agreement_of
from marsad.web.access import access, takes_large_files
from marsad.web.words import current_language
from migstat.model.refusals import Refused

# A file of this size is read and checked while its sender waits; a larger one by the worker.
AT_ONCE = 2 * 1024 * 1024
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def go_on(delivery_id: UUID, size: int) -> None:
    """Have the machine take the next steps: here where it is quick, by the worker otherwise."""
    if size <= AT_ONCE:
        advance(delivery_id)
    else:
        start_advancing()


@never_cache
@access(may("deliveries.send"))
def list_deliveries(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    mine = sorted(codes_of(user))
    shown = pages.listed(queries.deliveries_of(mine), request.GET) | {
        "terms": queries.open_terms(user, today=timezone.localdate()), "member": bool(mine),
        "reviews": user.has_perm("deliveries.review"),
    }  # fmt: skip
    return render(request, "deliveries/list.html", shown)


@never_cache
@csrf_exempt
@access(may("deliveries.send"))
@takes_large_files
def send(request: HttpRequest) -> HttpResponse:
    """The form to send a file. The upload handler is set before anything looks into the request, so the check of the
    form's secret comes after it.
    """
    handler = SealedUploadHandler(request)
    request.upload_handlers = [handler]
    return _send(request, handler)


@csrf_protect
def _send(request: HttpRequest, handler: SealedUploadHandler) -> HttpResponse:
    user: Any = request.user
    terms = queries.open_terms(user, today=timezone.localdate())
    wanted = {name: request.GET[name] for name in ("agreement", "corrects", "period") if name in request.GET}
    form = SendForm(request.POST if request.method == "POST" else None, terms=terms, initial=wanted)
    upload: Any = request.FILES.get("file")
    if request.method != "POST":
        return render(request, "deliveries/send.html", {"form": form, "terms": terms})
    if handler.problem is not None or upload is None:
        form.add_error(None, words_of(handler.problem or "deliveries.no_file"))
    if not form.is_valid():
        if upload is not None:
            drop(upload)
        _count_refusal(request, form)
        return render(request, "deliveries/send.html", {"form": form, "terms": terms}, status=422)
    return _received(request, form, terms, upload)


def _count_refusal(request: HttpRequest, form: SendForm) -> None:
    """A file for an agreement of one's own that is not in force any more is refused and counted, as at the door for
    machines: the page may have stood open since before."""
    kept = agreement_of(request.POST.get("agreement", "")[:80])
    if kept is None or not queries.speaks_for(request.user, kept.organisation_id):
        return
    try:
        queries.demand_terms(kept.code, kept.organisation_id, today=timezone.localdate())
    except Refused as refusal:
        actor: Any = request.user
        note_refusal(actor=actor, at=timezone.now(), agreement=kept.code, kind=refusal.rule)
        form.add_error(None, words_of(refusal))


def _received(request: HttpRequest, form: SendForm, terms: Any, upload: Any) -> HttpResponse:
    user: Any = request.user
    said = form.cleaned_data
    chosen = next(one for one in terms if one.code == said["agreement"])
    order = Order(
        chosen.code,
        chosen.organisation,
        said["period"],
        upload.name,
        Channel.PAGE,
        said["again"],
        said["hours"],
        said["corrects"],
    )
    try:
        found = receive(actor=user, at=timezone.now(), order=order, spooled=upload.spooled)
    except AlreadyThere as told:
        drop(upload)
        messages.info(request, words_of(told))
        return redirect("deliveries:show", told.delivery)
    except Refused as refusal:
        drop(upload)
        form.add_error(None, words_of(refusal))
        return render(request, "deliveries/send.html", {"form": form, "terms": terms}, status=422)
    go_on(found.pk, found.bytes)
    return redirect("deliveries:show", found.pk)


def seen(request: HttpRequest, delivery_id: UUID) -> Any:
    """The delivery, where this account may open it; otherwise there is none."""
    found = queries.delivery(delivery_id)
    if found is None or not queries.may_see(request.user, found):
        raise Http404
    if not queries.speaks_for(request.user, found.organisation):
        demand_cells(request)
    return found


@never_cache
@access(may("deliveries.send"))
def show(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    found = seen(request, delivery_id)
    htmx: Any = getattr(request, "htmx", False)
    if htmx:
        return render(request, "deliveries/progress.html", {"delivery": found, "under_way": pages.is_under_way(found)})
    return render(request, "deliveries/show.html", pages.shown(found, request.user, request.GET))


def _own(request: HttpRequest, delivery_id: UUID) -> Any:
    """A delivery of an organisation that this account speaks for; nobody else changes it."""
    found = seen(request, delivery_id)
    if not queries.speaks_for(request.user, found.organisation):
        raise Http404
    return found


@require_POST
@access(may("deliveries.send"))
def correct(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    found = _own(request, delivery_id)
    user: Any = request.user
    layout = queries.layout_of(found) if found.layout is not None else None
    form = ReadingForm(request.POST, layout=layout, file_format=found.file_format)
    if not form.is_valid():
        return render(request, "deliveries/show.html", pages.shown(found, user, reading=form), status=422)
    return _after(
        request,
        found,
        lambda: decisions.correct_reading(actor=user, at=timezone.now(), delivery_id=found.pk, choices=form.choices()),
    )


@require_POST
@access(may("deliveries.send"))
def confirm(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    found = _own(request, delivery_id)
    user: Any = request.user
    parts = pages.mapping_parts(found)
    if parts is None:
        return _after(request, found, _not_open)
    form = MappingForm(request.POST, **parts, language=current_language())
    if not form.is_valid():
        return render(request, "deliveries/show.html", pages.shown(found, user, mapping=form), status=422)
    return _after(
        request,
        found,
        lambda: decisions.confirm_mapping(actor=user, at=timezone.now(), delivery_id=found.pk, mapping=form.chosen()),
    )


def _not_open() -> None:
    raise Refused("deliveries.move", found="a delivery that is not read", remedy="look at its page again")


@require_POST
@access(may("deliveries.send"))
def answer(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    found = _own(request, delivery_id)
    user: Any = request.user
    form = AnswersForm(request.POST, **pages.question_parts(found))
    if not form.is_valid():
        return render(request, "deliveries/show.html", pages.shown(found, user, answers=form), status=422)
    return _after(
        request,
        found,
        lambda: decisions.answer_codes(actor=user, at=timezone.now(), delivery_id=found.pk, answers=form.answers()),
    )


@require_POST
@access(may("deliveries.send"))
def withdraw(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    found = _own(request, delivery_id)
    user: Any = request.user
    return _after(
        request,
        found,
        lambda: decisions.decide(actor=user, at=timezone.now(), delivery_id=found.pk, decision=Decision(Move.WITHDRAW)),
    )


def _after(request: HttpRequest, found: Any, act: Any) -> HttpResponse:
    try:
        act()
    except Refused as refusal:
        messages.error(request, words_of(refusal))
    else:
        go_on(found.pk, found.bytes)
    return redirect("deliveries:show", found.pk)


@never_cache
@access(may("deliveries.send"))
def report(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """The report as a workbook: with the cells marked for the organisation whose file it is, without rows for others."""
    found = seen(request, delivery_id)
    if found.report is None:
        raise Http404
    own = queries.speaks_for(request.user, found.organisation)
    content = report_file(found, pages.structure(found), with_rows=own)
    name = f"marsad-report-{str(found.pk)[:8]}.xlsx"
    return HttpResponse(
        content, content_type=_WORKBOOK, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
