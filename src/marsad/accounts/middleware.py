"""Whoever holds a role that needs a second factor sets one up before anything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.sites.requests import RequestSite
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from marsad.web.access import anyone
from marsad.web.middleware import rule_of

_SET_UP = """
mfa_index mfa_activate_totp mfa_view_recovery_codes mfa_generate_recovery_codes mfa_download_recovery_codes
mfa_list_webauthn mfa_add_webauthn mfa_reauthenticate mfa_reauthenticate_webauthn account_reauthenticate
account_logout account_email account_change_password
"""
ROUTES_WITHOUT_FACTOR = frozenset(_SET_UP.split())


class SecondFactorMiddleware:
    """Open pages stay open; every other one sends to the set-up of the second factor until there is one."""

    def __init__(self, respond: Callable[[HttpRequest], HttpResponse]) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.respond(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in ROUTES_WITHOUT_FACTOR or rule_of(view, name) is anyone:
            return None
        user: Any = request.user
        if not user.is_authenticated or not user.must_add_second_factor:
            return None
        messages.warning(
            request, _("Your role needs a second factor: set up an authenticator app or a passkey to go on.")
        )
        return redirect("mfa_index")


class LeaveNothingMiddleware:
    """Whoever signs out leaves nothing in the browser: its cache and stores are cleared by the answer itself.

    Where sealed records of somebody else still wait on a shared device, the page says so and they stay: it has deleted
    everything of the person who leaves before it asks.
    """

    ways_out = frozenset({"account_logout", "accounts:erase"})

    def __init__(self, respond: Callable[[HttpRequest], HttpResponse]) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.respond(request)
        route = request.resolver_match.view_name if request.resolver_match else ""
        if request.method == "POST" and route in self.ways_out and not request.user.is_authenticated:
            cleared = '"cache"' if request.POST.get("keep-records") == "1" else '"cache", "storage"'
            response.headers["Clear-Site-Data"] = cleared
        return response


class HouseLayoutMiddleware:
    """The pages of allauth name the request's host ``site``, which is what our layout calls the observatory."""

    def __init__(self, respond: Callable[[HttpRequest], HttpResponse]) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.respond(request)

    def process_template_response(self, request: HttpRequest, response: TemplateResponse) -> TemplateResponse:
        if isinstance((response.context_data or {}).get("site"), RequestSite):
            assert response.context_data is not None
            del response.context_data["site"]
        return response
