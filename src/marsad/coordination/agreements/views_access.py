"""Who opens the pages of agreements, and finding one without telling others that it exists."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from marsad.accounts.rules import may
from marsad.coordination.agreements import queries
from marsad.coordination.agreements.rules import HAT_PERMISSIONS
from marsad.web.access import AccessRule

_RULES = [may(permission) for permission in HAT_PERMISSIONS.values()]


def _reasons(user: Any) -> tuple[str, ...]:
    every = [rule.reasons(user) for rule in _RULES]
    return min(every, key=len)


concerned = AccessRule("may work on agreements", lambda user: any(rule.allows(user) for rule in _RULES), _reasons)


def agreement_or_404(request: HttpRequest, code: str) -> Any:
    """An agreement that this person may open; any other one does not exist for them."""
    found = queries.agreement_of(code)
    if found is None or not queries.may_read(request.user, found.organisation_id):
        raise Http404(_("No such agreement."))
    return found


def version_or_404(request: HttpRequest, code: str, number: int) -> Any:
    agreement = agreement_or_404(request, code)
    found = queries.version_of(agreement.code, number)
    if found is None:
        raise Http404(_("No such agreement."))
    return found
