"""Keeping the directory: each organisation its own entry, the coordination all of them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from marsad.accounts.rules import may
from marsad.actors import operations, queries
from marsad.actors.rules import ChangeMove, ChangeRefused, ChangeState, Subject, refusals
from marsad.catalogue.queries import areas
from marsad.coordination.directory import follow
from marsad.coordination.directory.forms import (
    AliasForm,
    AnswerForm,
    ContactForm,
    IdentifierForm,
    MemberForm,
    MergeForm,
    form_of,
)
from marsad.coordination.directory.words import MOVES, REASONS, REFUSALS
from marsad.web.access import AccessRule, access
from marsad.web.words import said
from migstat.model.refusals import Refused

_PER_PAGE = 30


def _keeps_some(user: Any) -> bool:
    return bool(user.has_perm("actors.edit_own") or user.has_perm("actors.validate"))


keeps_entries = AccessRule(
    "may actors.edit_own or actors.validate", _keeps_some, lambda user: ("accounts.no_role", "actors.edit_own")
)


def _entry(request: HttpRequest, code: str, *, standing: bool = True) -> Any:
    """The entry, for those who speak for it and those who validate; for all others it is not there.

    One that was merged into another is changed no more: only its page leads on.
    """
    found = queries.organisation(code)
    mine = request.user.has_perm("actors.edit_own") and queries.is_member(request.user, code)
    if found is None or not (mine or request.user.has_perm("actors.validate")):
        raise Http404(_("No such organisation."))
    if standing and found.merged_into is not None:
        raise Http404(_("No such organisation."))
    return found


def _places() -> list[tuple[str, str]]:
    return [(area.code, said(area, "name")) for area in areas()]


def _say(request: HttpRequest, refusal: Refused) -> None:
    messages.error(request, str(REFUSALS.get(refusal.rule, refusal)))


@never_cache
@access(keeps_entries)
def entries(request: HttpRequest) -> HttpResponse:
    """One's own organisations; for those who validate, also all of them, the oldest first, and what waits."""
    validates = request.user.has_perm("actors.validate")
    aged = queries.aged_entries(today=timezone.localdate()) if validates else []
    page = Paginator(aged, _PER_PAGE).get_page(request.GET.get("page"))
    shown = {
        "mine": queries.organisations_of(request.user),
        "validates": validates,
        "waiting": queries.changes(waiting=True)[:_PER_PAGE] if validates else [],
        "page": page,
    }
    return render(request, "directory/entries.html", shown)


@never_cache
@access(keeps_entries)
def entry(request: HttpRequest, code: str) -> HttpResponse:
    found = _entry(request, code, standing=False)
    if found.merged_into is not None:
        words = {"name": said(found.merged_into, "name")}
        messages.info(request, _("This entry was made one with %(name)s.") % words)
        return redirect("directory:entry", found.merged_into.code)
    shown = {
        "organisation": found,
        "services": queries.services_of(code),
        "mandates": queries.mandates_of(code),
        "contacts": queries.contacts_of(code),
        "memberships": queries.memberships_of(code),
        "changes": queries.changes(organisation=code)[:_PER_PAGE],
        "validates": request.user.has_perm("actors.validate"),
        "alias_form": AliasForm(),
        "identifier_form": IdentifierForm(),
        "member_form": MemberForm(),
        "contact_form": ContactForm(initial={"consented_on": timezone.localdate()}),
    }
    return render(request, "directory/entry.html", shown)


@never_cache
@access(keeps_entries)
@require_http_methods(["GET", "POST"])
def change_entry(request: HttpRequest, code: str, subject: str, target: str = "") -> HttpResponse:
    """Propose a change to an entry, a service or a mandate, or a new service or mandate."""
    found = _entry(request, code)
    if subject not in set(Subject):
        raise Http404(_("No such page."))
    kind = Subject(subject)
    row = found if kind is Subject.ORGANISATION else _row(code, kind, target)
    form = form_of(kind, _places())(request.POST or None, standing=vars(row) if row else {})
    if request.method == "POST" and form.is_valid():
        try:
            follow.propose(
                actor=request.user,
                at=timezone.now(),
                organisation=code,
                subject=kind,
                content=form.content,
                target=target,
            )
        except Refused as refusal:
            form.add_error(None, str(REFUSALS.get(refusal.rule, refusal)))
        else:
            messages.success(request, _("Your change waits for validation, seven days at most."))
            return redirect("directory:entry", code)
    return render(request, "directory/change_entry.html", {"organisation": found, "form": form, "subject": kind})


def _row(code: str, kind: Subject, target: str) -> Any:
    if not target:
        return None
    rows = queries.services_of(code) if kind is Subject.SERVICE else queries.mandates_of(code)
    row = rows.filter(pk=target).first()
    if row is None:
        raise Http404(_("No such entry."))
    return row


@require_POST
@access(keeps_entries)
def confirm(request: HttpRequest, code: str) -> HttpResponse:
    _entry(request, code)
    actor: Any = request.user
    follow.confirm(actor=actor, at=timezone.now(), organisation=code)
    messages.success(request, _("Noted: the entry still holds."))
    return redirect("directory:entry", code)


@never_cache
@access(keeps_entries)
def contacts(request: HttpRequest) -> HttpResponse:
    """Whom one may turn to at the other organisations, as far as these persons consented."""
    text = request.GET.get("q", "").strip()[:80]
    page = Paginator(queries.contacts_for(request.user, text=text), _PER_PAGE).get_page(request.GET.get("page"))
    shown = {"page": page, "text": text, "keep": f"{urlencode({'q': text})}&" if text else ""}
    return render(request, "directory/contacts.html", shown)


@require_POST
@access(keeps_entries)
def add_contact(request: HttpRequest, code: str) -> HttpResponse:
    _entry(request, code)
    form = ContactForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("The contact lacks a name, a function or the day of the consent."))
        return redirect("directory:entry", code)
    person = dict(form.cleaned_data)
    scope, day = person.pop("scope"), person.pop("consented_on")
    actor: Any = request.user
    try:
        operations.add_contact(
            actor=actor, at=timezone.now(), organisation=code, scope=scope, consented_on=day, person=person
        )
    except Refused as refusal:
        _say(request, refusal)
    return redirect("directory:entry", code)


@require_POST
@access(keeps_entries)
def withdraw_contact(request: HttpRequest, code: str, contact_id: int) -> HttpResponse:
    _entry(request, code)
    actor: Any = request.user
    if operations.withdraw_contact(actor=actor, at=timezone.now(), organisation=code, contact_id=contact_id):
        messages.success(request, _("The contact was deleted."))
    return redirect("directory:entry", code)


@never_cache
@access(keeps_entries)
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, number: int) -> HttpResponse:
    """A change with what stands and what it would write, and the moves that are open to this person."""
    found = queries.change(number)
    if found is None:
        raise Http404(_("No such change."))
    _entry(request, found.organisation_id, standing=False)
    form = AnswerForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            follow.decide(
                actor=request.user,
                at=timezone.now(),
                change_id=number,
                move=_move(request),
                answer=form.cleaned_data["answer"],
            )
        except ChangeRefused as refused:
            status = 409
            for reason in sorted(refused.refusals):
                form.add_error(None, REASONS[reason])
        else:
            messages.success(request, _("Your decision is recorded."))
            return redirect("directory:change", number)
    old = queries.before(found)
    rows = [(name, old[name], value) for name, value in found.content.items()]
    shown = {"change": found, "rows": rows, "form": form, "steps": _steps(request, found)}
    return render(request, "directory/change.html", shown, status=status)


def _move(request: HttpRequest) -> ChangeMove:
    asked = request.POST.get("move", "")
    if asked not in set(ChangeMove):
        raise Http404(_("No such step."))
    move = ChangeMove(asked)
    if move is not ChangeMove.WITHDRAW and not request.user.has_perm("actors.validate"):
        raise Http404(_("No such step."))
    return move


def _steps(request: HttpRequest, found: Any) -> list[dict[str, Any]]:
    steps = []
    for move in ChangeMove:
        if move is not ChangeMove.WITHDRAW and not request.user.has_perm("actors.validate"):
            continue
        forbidden = refusals(
            state=ChangeState(found.state),
            move=move,
            proposer=found.proposer_id,
            person=request.user.pk,
            answer="given",
        )
        reasons = [REASONS[reason] for reason in sorted(forbidden)]
        steps.append({"move": move, "label": MOVES[move], "reasons": reasons})
    return steps


@require_POST
@access(may("actors.validate"))
def add_alias(request: HttpRequest, code: str) -> HttpResponse:
    _entry(request, code)
    form = AliasForm(request.POST)
    actor: Any = request.user
    if form.is_valid():
        operations.add_alias(actor=actor, at=timezone.now(), organisation=code, **form.cleaned_data)
    return redirect("directory:entry", code)


@require_POST
@access(may("actors.validate"))
def add_identifier(request: HttpRequest, code: str) -> HttpResponse:
    _entry(request, code)
    form = IdentifierForm(request.POST)
    actor: Any = request.user
    if form.is_valid():
        try:
            operations.add_identifier(actor=actor, at=timezone.now(), organisation=code, **form.cleaned_data)
        except Refused as refusal:
            _say(request, refusal)
    return redirect("directory:entry", code)


@require_POST
@access(may("actors.validate"))
def add_member(request: HttpRequest, code: str) -> HttpResponse:
    _entry(request, code)
    form = MemberForm(request.POST)
    account = queries.account_of(form.cleaned_data["email"]) if form.is_valid() else None
    if account is None:
        messages.error(request, _("No account has this address. Invite the person first."))
        return redirect("directory:entry", code)
    actor: Any = request.user
    operations.add_membership(
        actor=actor,
        at=timezone.now(),
        user_id=account.pk,
        organisation=code,
        function=form.cleaned_data["function"],
    )
    messages.success(request, _("This account now speaks for the organisation."))
    return redirect("directory:entry", code)


@require_POST
@access(may("actors.validate"))
def end_membership(request: HttpRequest, code: str, membership_id: int) -> HttpResponse:
    _entry(request, code)
    if not queries.memberships_of(code).filter(pk=membership_id).exists():
        raise Http404(_("No such member."))
    actor: Any = request.user
    operations.end_membership(actor=actor, at=timezone.now(), membership_id=membership_id)
    return redirect("directory:entry", code)


@never_cache
@access(may("actors.validate"))
@require_http_methods(["GET", "POST"])
def merge(request: HttpRequest) -> HttpResponse:
    """Make two entries one, and take merges back."""
    choices = [("", ""), *((one.code, said(one, "name")) for one in queries.organisations())]
    form = MergeForm(request.POST or None, entries=choices)
    actor: Any = request.user
    if request.method == "POST" and form.is_valid():
        try:
            operations.merge(actor=actor, at=timezone.now(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(REFUSALS.get(refusal.rule, refusal)))
        else:
            messages.success(request, _("The two entries are one. You can take it back below."))
            return redirect("directory:merge")
    return render(request, "directory/merge.html", {"form": form, "merges": queries.merges()[:_PER_PAGE]})


@require_POST
@access(may("actors.validate"))
def undo_merge(request: HttpRequest, merge_id: int) -> HttpResponse:
    if not queries.merges().filter(pk=merge_id).exists():
        raise Http404(_("No such merge."))
    actor: Any = request.user
    try:
        operations.undo_merge(actor=actor, at=timezone.now(), merge_id=merge_id)
    except Refused as refusal:
        _say(request, refusal)
    return redirect("directory:merge")
