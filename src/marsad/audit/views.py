"""The page of the log, for those who may read it."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache

from marsad.audit.forms import FilterForm
from marsad.audit.queries import events, known_actions
from marsad.web.access import AccessRule, access

_PER_PAGE = 50


# The permission is asked of the account itself: the log stands below the accounts and does not import them.
may_read = AccessRule(
    "may audit.read", lambda user: bool(user.has_perm("audit.read")), lambda user: ("accounts.no_role",)
)


@never_cache
@access(may_read)
def log(request: HttpRequest) -> HttpResponse:
    form = FilterForm(request.GET or None)
    asked = form.cleaned_data if form.is_bound and form.is_valid() else {}
    page = Paginator(events(**asked), _PER_PAGE).get_page(request.GET.get("page"))
    keep = urlencode({name: str(value) for name, value in request.GET.items() if name != "page" and value})
    shown = {"form": form, "page": page, "keep": f"{keep}&" if keep else "", "actions": known_actions()}
    return render(request, "audit/events.html", shown)
