"""The store as its keepers see it: what is held and why, snapshots without rows, the access log, certificates."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from marsad.accounts.rules import may
from marsad.actors.queries import codes_of
from marsad.collection import operations_access, queries_snapshots
from marsad.collection.access import look_through_glass
from marsad.collection.certificates import is_sound
from marsad.collection.erasure import erase_pseudonym
from marsad.collection.forms_store import LogForm, PersonForm, PseudonymsForm, ReasonForm, RowsForm
from marsad.collection.labels_store import REFUSALS
from marsad.collection.operations_pseudonyms import tell_pseudonyms
from marsad.collection.queries import request_of
from marsad.collection.queries_dataflows import (
    collected_dataflow,
    collected_dataflows,
    identifying_columns,
    structure_of,
)
from marsad.collection.queries_snapshots import LogFilter
from marsad.collection.rules_store import GLASS_TRANSITIONS, GlassMove, GlassState
from marsad.coordination.agreements.queries import terms_in_force
from marsad.web.access import AccessRule, access
from marsad.web.words import current_language
from migstat.model.refusals import Refused

_PER_PAGE = 50


def either(*permissions: str) -> AccessRule:
    """The rule of a page that one of several permissions opens."""
    rules = [may(permission) for permission in permissions]
    return AccessRule(
        " or ".join(rule.name for rule in rules),
        lambda user: any(rule.allows(user) for rule in rules),
        rules[0].reasons,
    )


keepers = either("privacy.manage", "production.run")
lookers = either("rows.look", "rows.second")
tellers = either("privacy.manage", "deliveries.send")


def words_of(refusal: Refused) -> str:
    return str(REFUSALS.get(refusal.rule, refusal))


def _page(request: HttpRequest, found: Any) -> Any:
    return Paginator(found, _PER_PAGE).get_page(request.GET.get("page"))


@never_cache
@access(keepers)
def register(request: HttpRequest) -> HttpResponse:
    """The register of processing: every collected dataflow, and what is held of it now."""
    return render(request, "collection/register.html", {"lines": queries_snapshots.register_of_processing()})


@never_cache
@access(keepers)
def dataflow(request: HttpRequest, code: str) -> HttpResponse:
    try:
        found = collected_dataflow(code)
    except Refused:
        raise Http404 from None
    page = _page(request, queries_snapshots.snapshots(code))
    return render(
        request, "collection/dataflow.html", {"dataflow": found, "structure": structure_of(code), "page": page}
    )


@never_cache
@access(keepers)
def snapshot(request: HttpRequest, snapshot_id: UUID) -> HttpResponse:
    """A snapshot without its rows: where it comes from, until when it is kept, who read it."""
    found = queries_snapshots.snapshot(snapshot_id)
    if found is None:
        raise Http404
    page = _page(request, queries_snapshots.access_log(LogFilter(subject=f"snapshot:{found.pk}")))
    shown = {
        "snapshot": found,
        "newer": queries_snapshots.snapshots().filter(replaces=found).first(),
        "page": page,
        # Who works with snapshots sees that they were read, and the officer by whom.
        "names": queries_snapshots.names_of(one.actor for one in page)
        if request.user.has_perm("privacy.manage")
        else {},
        "form": ReasonForm() if request.user.has_perm("rows.look") else None,
    }
    return render(request, "collection/snapshot.html", shown)


@never_cache
@access(may("rows.look"))
@require_POST
def ask(request: HttpRequest, snapshot_id: UUID) -> HttpResponse:
    """Ask to see rows of a snapshot; without a reason the page of the snapshot says so."""
    actor: Any = request.user
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(REFUSALS["access.reason"]))
        return redirect("store:snapshot", snapshot_id)
    try:
        glass = operations_access.ask_look(
            actor=actor, at=timezone.now(), snapshot_id=snapshot_id, reason=form.cleaned_data["reason"]
        )
    except Refused as refusal:
        messages.error(request, words_of(refusal))
        return redirect("store:snapshot", snapshot_id)
    messages.success(request, _("A second person can grant it now."))
    return redirect("store:look", glass.pk)


@never_cache
@access(may("privacy.manage"))
def log(request: HttpRequest) -> HttpResponse:
    dataflows = list(collected_dataflows().values_list("code", flat=True))
    form = LogForm(request.GET, dataflows=dataflows, readers=queries_snapshots.readers())
    # A day that is none, or a dataflow that is gone, narrows nothing and is said beside its field.
    form.is_valid()
    page = _page(request, queries_snapshots.access_log(LogFilter(**form.cleaned_data)))
    keep = urlencode({name: str(said) for name, said in request.GET.items() if name != "page" and said})
    shown = {
        "page": page, "form": form, "keep": f"{keep}&" if keep else "",
        "names": queries_snapshots.names_of(one.actor for one in page),
    }  # fmt: skip
    return render(request, "collection/access_log.html", shown)


@never_cache
@access(may("privacy.manage"))
def certificates(request: HttpRequest) -> HttpResponse:
    return render(request, "collection/certificates.html", {"page": _page(request, queries_snapshots.certificates())})


@never_cache
@access(may("privacy.manage"))
def certificate(request: HttpRequest, number: str) -> HttpResponse:
    found = queries_snapshots.certificate(number)
    if found is None:
        raise Http404
    return render(request, "collection/certificate.html", {"certificate": found, "sound": is_sound(found)})


@never_cache
@access(lookers)
def looks(request: HttpRequest) -> HttpResponse:
    page = _page(request, queries_snapshots.glasses())
    names = queries_snapshots.names_of(one.asked_by for one in page)
    return render(request, "collection/looks.html", {"page": page, "now": timezone.now(), "names": names})


def _moves(glass: Any, user: Any) -> list[GlassMove]:
    """The steps that are open to this person: who asked closes, a second person grants or refuses."""
    own = user.audit_code == glass.asked_by
    wanted = [GlassMove.CLOSE] if own else [GlassMove.GRANT, GlassMove.REFUSE]
    if not own and not user.has_perm("rows.second"):
        wanted = []
    open_now = timezone.now() < glass.expires_at
    return [move for move in wanted if open_now and GLASS_TRANSITIONS[GlassState(glass.state), move]]


@never_cache
@access(lookers)
@require_http_methods(["GET", "POST"])
def look(request: HttpRequest, glass_id: UUID) -> HttpResponse:
    """A request to look: its steps, and, for who was granted, the rows; these are shown only in the answer to a POST."""
    actor: Any = request.user
    glass = queries_snapshots.glass(glass_id)
    if glass is None:
        raise Http404
    form, rows, status = RowsForm(request.POST if "first" in request.POST else None), None, 200
    try:
        if "move" in request.POST:
            _decide(actor, glass_id, request.POST["move"])
            messages.success(request, _("The step was recorded."))
            return redirect("store:look", glass_id)
        if form.is_bound and form.is_valid():
            first, count = form.cleaned_data["first"] - 1, form.cleaned_data["count"]
            rows = look_through_glass(actor=actor, at=timezone.now(), glass_id=glass_id, first=first, count=count)
    except Refused as refusal:
        messages.error(request, words_of(refusal))
        status = 409
    own = actor.audit_code == glass.asked_by and glass.state == GlassState.GRANTED and timezone.now() < glass.expires_at
    shown = {
        "glass": glass, "moves": _moves(glass, actor), "form": form if own else None, "rows": rows,
        "names": queries_snapshots.names_of([glass.asked_by, glass.decided_by]),
    }  # fmt: skip
    return render(request, "collection/look.html", shown, status=status)


def _decide(actor: Any, glass_id: UUID, said: str) -> None:
    if said not in set(GlassMove):
        raise Refused("glass.move", found="no step of that name", remedy="choose an open step")
    move = GlassMove(said)
    glass = queries_snapshots.glass(glass_id)
    own = glass is not None and actor.audit_code == glass.asked_by
    if not (move is GlassMove.CLOSE and own) and not actor.has_perm("rows.second"):
        raise Refused("access.role", found="no second person", remedy="let a second person decide")
    operations_access.decide_look(actor=actor, at=timezone.now(), glass_id=glass_id, move=move)


@never_cache
@access(may("privacy.manage"))
@require_http_methods(["GET", "POST"])
def erase(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Erase the rows of a person whose request was granted, by the pseudonyms that the partner gives."""
    actor: Any = request.user
    row = request_of(request_id, today=timezone.localdate())
    if row is None:
        raise Http404
    form = PseudonymsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            issued = erase_pseudonym(
                actor=actor, at=timezone.now(), request=request_id, pseudonyms=form.cleaned_data["pseudonyms"]
            )
        except Refused as refusal:
            form.add_error(None, words_of(refusal))
        else:
            if sum(issued.counts.values()):
                messages.success(request, _("The rows were erased; this is the certificate."))
            else:
                messages.warning(request, _("No row of these pseudonyms was found anywhere; nothing was erased."))
            return redirect("store:certificate", issued.number)
    return render(request, "collection/erase.html", {"row": row, "form": form, "dataflows": collected_dataflows()})


def _may_tell(user: Any, code: str) -> bool:
    """Whether an account may find pseudonyms of a dataflow: the officer, or a partner who delivers it under an agreement."""
    if user.has_perm("privacy.manage"):
        return True
    mine = codes_of(user)
    return any(terms_in_force(organisation, code, timezone.localdate()) for organisation in mine)


@never_cache
@access(tellers)
@require_http_methods(["GET", "POST"])
def pseudonyms(request: HttpRequest, code: str) -> HttpResponse:
    """The pseudonyms of a person, for who knows the person; shown only in the answer to a POST, and never kept."""
    actor: Any = request.user
    try:
        found = collected_dataflow(code)
    except Refused:
        raise Http404 from None
    if not _may_tell(actor, code):
        raise Http404
    structure = structure_of(code)
    columns = [structure.column(name) for name in identifying_columns(found)]
    form = PersonForm(request.POST or None, columns=columns, language=current_language())
    told: tuple[str, ...] = ()
    if form.is_valid():
        try:
            told = tell_pseudonyms(actor=actor, at=timezone.now(), dataflow=code, said=form.said())
        except Refused as refusal:
            form.add_error(None, words_of(refusal))
        else:
            form = PersonForm(columns=columns, language=current_language())
    shown = {"dataflow": found, "form": form, "told": told, "manages": actor.has_perm("privacy.manage")}
    return render(request, "collection/pseudonyms.html", shown)
