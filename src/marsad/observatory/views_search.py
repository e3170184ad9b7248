"""The search page."""

from __future__ import annotations

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from marsad.observatory.page_cache import public_page
from marsad.observatory.search import Found
from marsad.observatory.search import search as find
from marsad.web.words import current_language

PER_PAGE = 20
LONGEST = 200

KINDS = {
    "indicator": (_("Indicator"), "observatory:indicator"),
    "area": (_("Place"), "observatory:area"),
    "theme": (_("Theme"), "observatory:theme"),
    "case": (_("Case"), "observatory:case"),
    "figure": (_("Published figure"), "observatory:figure"),
    "source": (_("Source"), "observatory:source"),
    "dataset": (_("Dataset"), "observatory:dataset"),
    "tag": (_("Goal or recommendation"), "observatory:sdg"),
    "actor": (_("Organisation"), "observatory:organisation"),
}


@public_page
def search(request: HttpRequest) -> HttpResponse:
    """Results for ``q``, twenty on a page, each with its kind; nothing searched shows how to search."""
    words = request.GET.get("q", "").strip()[:LONGEST]
    results = find(words, current_language()) if words else []
    page = Paginator([shown(result) for result in results], PER_PAGE).get_page(request.GET.get("page"))
    keep = urlencode({"q": words}) + "&"
    return render(
        request, "observatory/search.html", {"words": words, "page": page, "keep": keep, "count": len(results)}
    )


def shown(result: Found) -> dict[str, object]:
    """A result with the words of its kind and the address of its page."""
    label, route = KINDS[result.kind]
    if result.kind == "tag":
        url = reverse("observatory:sdg" if result.code.startswith("SDG") else "observatory:mc2cm") + f"#{result.code}"
    else:
        url = reverse(route, args=[result.code])
    return {"result": result, "label": label, "url": url}
