"""Pages that hold several lists, each with pages of its own: the address says which of them is turned."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest


def page_of(request: HttpRequest, rows: Any, per_page: int, *, part: str = "") -> Page[Any]:
    """The page of a list that the address asks for; the first one where it turns another list (``?part=``)."""
    asked = request.GET.get("page") if request.GET.get("part", "") == part else None
    return Paginator(rows, per_page).get_page(asked)
