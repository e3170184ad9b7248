"""The middlewares of every process: who may open a route, how much may be sent to it, and what a browser may load."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseBase
from django.shortcuts import render, resolve_url
from django.utils.translation import gettext as _

from marsad.web.access import AccessRule, anyone

# The largest forms: a signed paper, a questionnaire, a submission with its pictures, a frame of 40 MiB.
LARGEST_BODY = 48 * 2**20
_NO_WEIGHT = re.compile(r";\s*q=0(\.0*)?\s*$")
Respond = Callable[[HttpRequest], HttpResponse]


def rule_of(view: Any, route_name: str) -> AccessRule | None:
    """The rule that a view carries, or the one the settings' table gives to the named route of another package."""
    own = getattr(view, "access_rule", None) or getattr(getattr(view, "view_class", None), "access_rule", None)
    if isinstance(own, AccessRule):
        return own
    table: dict[str, AccessRule] = import_module(settings.THIRD_PARTY_ACCESS).TABLE
    return table.get(route_name)


class EncodingMiddleware:
    """Takes out of Accept-Encoding what a reader gives no weight to: what compresses looks for the word alone."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = request.META.get("HTTP_ACCEPT_ENCODING", "")
        if "q=0" in asked:
            kept = [part for part in asked.split(",") if not _NO_WEIGHT.search(part)]
            request.META["HTTP_ACCEPT_ENCODING"] = ",".join(kept)
        return self.respond(request)


class BodySizeMiddleware:
    """Refuses a body that no form of the site has, before anything reads it.

    The check of a form's secret reads the whole form, files and all, before it is known who sends it: without a bound
    anybody could fill the disk. Views marked ``takes_large_files`` bound what they take themselves, once they know who
    sends it.
    """

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.respond(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if getattr(view, "takes_large_files", False) or (
            length.isdecimal() and len(length) < 20 and int(length) <= LARGEST_BODY
        ):
            return None
        return HttpResponse(_("What was sent is too large."), content_type="text/plain; charset=utf-8", status=413)


class AccessMiddleware:
    """A view without a rule is closed; a rule that says no sends to the sign-in page, or gives its reasons."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.respond(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        if "\x00" in request.path:
            # No text holds it, and PostgreSQL fails on it.
            return HttpResponseBadRequest()
        rule = rule_of(view, request.resolver_match.view_name if request.resolver_match else "")
        if rule is anyone:
            return None
        user = getattr(request, "user", None) or AnonymousUser()
        if rule is not None and rule.allows(user):
            return None
        if rule is not None and not user.is_authenticated and settings.LOGIN_URL:
            return redirect_to_login(request.get_full_path(), resolve_url(settings.LOGIN_URL))
        reasons = rule.reasons(user) if rule is not None else ("route.no_rule",)
        return render(request, "web/refused.html", {"rule": rule, "reasons": reasons}, status=403)


def content_security_policy(*, embeddable: bool) -> str:
    """What a page may load: only its own host, no inline script or style, no plug-in; workers for the map."""
    tiles = " ".join(settings.CONTENT_HOSTS)
    own = f"'self' {tiles}".strip()
    directives = {
        "default-src": "'self'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": f"{own} data: blob:",
        "connect-src": own,
        "worker-src": "'self' blob:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "*" if embeddable else "'none'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


class SecurityHeadersMiddleware:
    """Sets the content security policy; a view marked ``embeddable`` may stand in another site's frame."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond
        self.closed = content_security_policy(embeddable=False)
        self.open = content_security_policy(embeddable=True)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.respond(request)
        embeddable = getattr(response, "xframe_options_exempt", False)
        response.headers.setdefault("Content-Security-Policy", self.open if embeddable else self.closed)
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
        return response
