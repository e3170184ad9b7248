"""Who opens the pages of needs and requests."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from marsad.accounts.rules import may
from marsad.coordination.needs import queries
from marsad.web.access import AccessRule

_RULES = [may(permission) for permission in ("needs.state", "requests.make", "requests.assess")]


def _reasons(user: Any) -> tuple[str, ...]:
    return min((rule.reasons(user) for rule in _RULES), key=len)


concerned = AccessRule("may ask for data", lambda user: any(rule.allows(user) for rule in _RULES), _reasons)


def need_or_404(request: HttpRequest, number: int, *, mine: bool = False) -> Any:
    """A need that this person may read (or may change, where it is to be theirs); any other one does not exist for them."""
    found = queries.need_for(request.user, number)
    if found is None or (mine and not queries.may_change(request.user, found)):
        raise Http404(_("No such need."))
    return found


def request_or_404(request: HttpRequest, number: int, *, mine: bool = False) -> Any:
    """A request, as ``need_or_404``."""
    found = queries.request_for(request.user, number)
    if found is None or (mine and not queries.may_change(request.user, found)):
        raise Http404(_("No such request."))
    return found
