"""Files of agreements: the paper to sign, the paper that was signed, the calendar of due days."""

from __future__ import annotations

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from marsad.coordination.agreements import queries
from marsad.coordination.agreements.calendars import calendar_of
from marsad.coordination.agreements.paper import agreement_pdf
from marsad.coordination.agreements.views_access import agreement_or_404, concerned, version_or_404
from marsad.web.access import access
from marsad.web.words import LANGUAGES

_YEAR, _BEHIND = timedelta(days=366), timedelta(days=120)


def _file(content: bytes, name: str, content_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@never_cache
@access(concerned)
@require_safe
def paper(request: HttpRequest, code: str, number: int, language: str) -> HttpResponse:
    """The agreement as a PDF in one of the three languages."""
    version = version_or_404(request, code, number)
    if language not in LANGUAGES:
        raise Http404(_("No such file."))
    name = f"{code}-{number}-{language}.pdf"
    return _file(agreement_pdf(version, language=language), name, "application/pdf")


@never_cache
@access(concerned)
@require_safe
def signed_paper(request: HttpRequest, code: str, number: int, side: str) -> HttpResponse:
    """The scanned paper that one side gave with its signature."""
    version = version_or_404(request, code, number)
    document = queries.signed_document(version, side)
    if not document:
        raise Http404(_("No such file."))
    return _file(document, f"{code}-{number}-{side}.pdf", "application/pdf")


@never_cache
@access(concerned)
@require_safe
def calendar(request: HttpRequest, code: str = "") -> HttpResponse:
    """Due days of the year to come, and of the months behind: of one agreement, or of all that this person may open."""
    today = timezone.localdate()
    codes = (
        [agreement_or_404(request, code).code] if code else [one.code for one in queries.agreements_for(request.user)]
    )
    each = queries.due_of_each(codes, today + _YEAR)
    due = [one for found in codes for one in each.get(found, ()) if one.due_on >= today - _BEHIND]
    return _file(calendar_of(due, at=timezone.now()), f"{code or 'agreements'}.ics", "text/calendar; charset=utf-8")
