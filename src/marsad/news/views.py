"""A reader asks to be told of releases, confirms the address, and ends the messages: without account."""

from __future__ import annotations

from smtplib import SMTPException
from typing import Any

from allauth.decorators import rate_limit
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from marsad.audit.rules import System
from marsad.news import operations, queries
from marsad.news.forms import AskForm
from marsad.news.mail import send_confirmation
from marsad.news.rules import CONFIRMED_WITHIN
from marsad.web.access import access, anyone

_READER = System("reader")


@never_cache
@access(anyone)
@rate_limit(action="news")  # type: ignore[untyped-decorator]
def ask(request: HttpRequest) -> HttpResponse:
    """The answer is the same whether the address was known or not: the page tells nobody who reads."""
    form = AskForm(request.POST or None, initial={"theme": request.GET.get("theme", "")})
    if request.method == "POST" and form.is_valid():
        language = get_language() or "fr"
        given = form.cleaned_data
        asked, is_due = operations.ask(
            actor=_READER, at=timezone.now(), email=given["email"], language=language, theme=given["theme"]
        )
        if is_due and not _sent(asked):
            form.add_error(None, _("The message could not be sent just now. Please try again in a while."))
        else:
            messages.success(request, _("If this address is yours, a message is on its way: its link starts the news."))
            return redirect("news:ask")
    return render(request, "news/ask.html", {"form": form}, status=400 if form.errors else 200)


def _sent(asked: Any) -> bool:
    try:
        token = queries.token_of(asked)
        send_confirmation(email=asked.email, language=asked.language, token=token, days=CONFIRMED_WITHIN.days)
    except (SMTPException, OSError):
        return False
    return True


@never_cache
@access(anyone)
@rate_limit(action="news")  # type: ignore[untyped-decorator]
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Programs that fetch every link of a message confirm nothing: the reader presses the button."""
    found = queries.subscription_of(token, now=timezone.now())
    if found is None:
        return render(request, "news/closed.html", status=410)
    if request.method == "POST":
        operations.confirm(actor=_READER, at=timezone.now(), subscription=found)
    return render(request, "news/confirm.html", {"subscription": found})


@never_cache
@access(anyone)
@rate_limit(action="news")  # type: ignore[untyped-decorator]
def end(request: HttpRequest, token: str) -> HttpResponse:
    found = queries.subscription_of(token, now=timezone.now())
    if found is None:
        return render(request, "news/closed.html", status=410)
    if request.method == "POST":
        operations.end(actor=_READER, at=timezone.now(), subscription=found)
        return render(request, "news/ended.html")
    return render(request, "news/end.html", {"subscription": found})


@csrf_exempt
@require_POST
@never_cache
@access(anyone)
@rate_limit(action="news")  # type: ignore[untyped-decorator]
def end_at_once(request: HttpRequest, token: str) -> HttpResponse:
    """What a mail program sends for its reader (RFC 8058); the signed token is what allows it."""
    found = queries.subscription_of(token, now=timezone.now())
    if found is not None:
        operations.end(actor=_READER, at=timezone.now(), subscription=found)
    return HttpResponse(status=200 if found else 410)
