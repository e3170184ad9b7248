"""Who opens the pages of the dialogue, and finding a thing without telling others that it exists."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from marsad.accounts.rules import may
from marsad.coordination.dialogue import labels, queries
from marsad.coordination.dialogue import queries_sessions as sessions
from marsad.coordination.dialogue.rules import MoveRefused
from marsad.web.access import signed_in

# Every account reads what its organisations and invitations open to it; each thing decides for itself.
reader = signed_in
holder = may(queries.HOLD)


def or_404(found: Any) -> Any:
    if found is None:
        raise Http404(_("There is no such page, or it is not for you."))
    return found


def discussion_or_404(request: HttpRequest, number: int) -> Any:
    return or_404(queries.discussion_for(request.user, number))


def session_or_404(request: HttpRequest, number: int) -> Any:
    return or_404(sessions.session_for(request.user, number))


def commitment_or_404(request: HttpRequest, number: int) -> Any:
    return or_404(sessions.commitment_for(request.user, number))


def challenge_or_404(request: HttpRequest, number: int) -> Any:
    return or_404(sessions.challenges_for(request.user).filter(pk=number).first())


def tell_refusal(request: HttpRequest, refused: MoveRefused) -> None:
    for refusal in sorted(refused.refusals):
        messages.error(request, str(labels.REFUSALS[refusal]))
