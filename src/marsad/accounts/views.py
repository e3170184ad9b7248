"""Pages of accounts: one call into queries or operations, then a page."""

from __future__ import annotations

from collections.abc import Mapping
from smtplib import SMTPException
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from allauth.account.utils import perform_login
from allauth.decorators import rate_limit
from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, translate_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from marsad.accounts import operations, queries
from marsad.accounts.forms import AcceptForm, ConfirmForm, InvitationForm, RoleForm
from marsad.accounts.labels import REFUSAL_LABELS
from marsad.accounts.mail import send_invitation
from marsad.accounts.rules import GRANTABLE, INVITATION_LIFE, may
from marsad.audit.rules import System
from marsad.web.access import access, anyone, signed_in
from migstat.model.refusals import Refused

_PEOPLE_PER_PAGE: Final = 25


def words_of(refusal: Refused) -> str:
    return str(REFUSAL_LABELS.get(refusal.rule, refusal))


@never_cache
@access(signed_in)
def account(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    sessions = queries.sessions_of(user.pk)
    return render(request, "accounts/account.html", {"sessions": sessions, "roles": sorted(user.role_names)})


@require_POST
@access(signed_in)
def end_session(request: HttpRequest, session_id: int) -> HttpResponse:
    user: Any = request.user
    try:
        operations.end_session(actor=user, at=timezone.now(), session_id=session_id)
    except Refused as refusal:
        messages.error(request, words_of(refusal))
    else:
        messages.success(request, _("The session was ended."))
    return redirect("accounts:account")


@never_cache
@access(signed_in)
@reauthentication_required  # type: ignore[untyped-decorator]
def erase(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    form = ConfirmForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            operations.erase_account(actor=user, at=timezone.now(), user_id=user.pk)
        except Refused as refusal:
            form.add_error(None, words_of(refusal))
        else:
            logout(request)
            messages.success(request, _("Your account was erased."))
            return redirect("root")
    return render(request, "accounts/erase.html", {"form": form})


@never_cache
@access(may("accounts.manage"))
def people(request: HttpRequest) -> HttpResponse:
    """Everybody with an account, or who holds a role, by pages."""
    role = _role_of(request.GET)
    page = Paginator(queries.accounts(role), _PEOPLE_PER_PAGE).get_page(request.GET.get("page"))
    shown = {"page": page, "grantable": GRANTABLE, "chosen": role, "keep": f"of={role}&" if role else ""}
    return render(request, "accounts/people.html", shown)


def _role_of(said: Mapping[str, str]) -> str:
    """The role whose holders are shown; none where it is no role."""
    return next((str(role) for role in GRANTABLE if role == said.get("of")), "")


def _same_people(request: HttpRequest) -> HttpResponse:
    """Back to the page of people that a change was made on."""
    page = request.POST.get("page", "")
    kept = {"of": _role_of(request.POST), "page": page if page.isdigit() else ""}
    query = urlencode({name: said for name, said in kept.items() if said})
    return redirect(f"{reverse('accounts:people')}{'?' if query else ''}{query}")


@require_POST
@access(may("accounts.manage"))
def change_role(request: HttpRequest, user_id: UUID, move: str) -> HttpResponse:
    user: Any = request.user
    form = RoleForm(request.POST)
    change = operations.grant_role if move == "grant" else operations.revoke_role
    if not form.is_valid():
        messages.error(request, _("Choose a role from the list."))
        return _same_people(request)
    try:
        change(actor=user, at=timezone.now(), user_id=str(user_id), role=form.cleaned_data["role"])
    except Refused as refusal:
        messages.error(request, words_of(refusal))
    else:
        messages.success(request, _("The role was changed."))
    return _same_people(request)


@never_cache
@access(may("accounts.invite"))
def invitations(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    form = InvitationForm(request.POST or None, initial={"language": "fr"})
    link = ""
    if request.method == "POST" and form.is_valid():
        try:
            sent = operations.invite(actor=user, at=timezone.now(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, words_of(refusal))
        else:
            link = _send(request, sent, form.cleaned_data["language"])
            form = InvitationForm(initial={"language": "fr"})
    shown = {"form": form, "link": link, "invitations": queries.invitations(now=timezone.now())}
    return render(request, "accounts/invitations.html", shown)


def _send(request: HttpRequest, sent: operations.SentInvitation, language: str) -> str:
    path = translate_url(reverse("accounts:accept", args=[sent.token]), language)
    link = request.build_absolute_uri(path)
    try:
        send_invitation(email=sent.email, language=language, link=link, days=INVITATION_LIFE.days)
    except (OSError, SMTPException):
        messages.warning(request, _("The message could not be sent. Hand the link over yourself."))
    else:
        messages.success(request, _("The invitation was sent."))
    return link


@require_POST
@access(may("accounts.invite"))
def withdraw(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    user: Any = request.user
    try:
        operations.withdraw_invitation(actor=user, at=timezone.now(), invitation_id=str(invitation_id))
    except Refused as refusal:
        messages.error(request, words_of(refusal))
    else:
        messages.success(request, _("The invitation was withdrawn."))
    return redirect("accounts:invitations")


@never_cache
@access(anyone)
@rate_limit(action="invitation")  # type: ignore[untyped-decorator]
def accept(request: HttpRequest, token: str) -> HttpResponse:
    invitation = queries.open_invitation(token, now=timezone.now())
    if invitation is None:
        return render(request, "accounts/accept_closed.html", status=410)
    form = AcceptForm(request.POST or None, ask_email=invitation.email is None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            user = operations.accept_invitation(
                actor=System("invitation"),
                at=timezone.now(),
                token=token,
                email=given.get("email", ""),
                name=given["name"],
                password=given["password"],
            )
        except Refused as refusal:
            form.add_error(None, words_of(refusal))
        except ValidationError as too_weak:
            form.add_error("password", too_weak)
        else:
            messages.success(request, _("Your account was made."))
            done: HttpResponse = perform_login(request, user, email_verification="none")
            return done
    return render(request, "accounts/accept.html", {"form": form, "invitation": invitation})
