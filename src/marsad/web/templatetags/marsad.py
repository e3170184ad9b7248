"""The words, numbers, dates and marks of every template: ``{% load marsad %}``."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache, wraps
from typing import Any

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import override

from marsad.web import dates, grammar, numbers
from marsad.web.markdown import rendered
from marsad.web.words import current_language, said

register = template.Library()


def of_what_is_there(worded: Callable[..., str]) -> Callable[..., str]:
    """A filter that answers nothing for None, and for the "" that Django hands it where a variable is not there.

    So the counts of work that waits or has failed, which holds none, leave their places empty.
    """

    @wraps(worded)
    def answer(value: Any, *rest: Any) -> str:
        return "" if value is None or value == "" else worded(value, *rest)

    filtered: Callable[..., str] = register.filter(answer)
    return filtered


@register.filter
def words(record: Any, field: str) -> str:
    """``{{ area|words:"name" }}``: a field in the language of the page."""
    return said(record, field)


@of_what_is_there
def number(value: float | Decimal, decimals: int | None = None) -> str:
    """A number with the separators of the language, isolated so that a right-to-left page keeps it in one piece."""
    return _piece(numbers.number(value, current_language(), decimals))


@of_what_is_there
def signed(value: float | Decimal, decimals: int | None = None) -> str:
    return _piece(numbers.signed(value, current_language(), decimals))


@of_what_is_there
def percent(value: float | Decimal, decimals: int | None = 1) -> str:
    return _piece(numbers.percent(value, current_language(), decimals))


@of_what_is_there
def counted(value: float | Decimal, unit: Any) -> str:
    """A number with its unit in the form that the number asks for; ``unit`` has ``forms``."""
    return escape(grammar.counted(value, unit.forms, current_language(), _decimals(value)))


@register.filter
def plural(value: float, forms: str) -> str:
    """``{{ n|plural:"one|two|few|many|other" }}``: the form a count asks for, where the five are already in one language."""
    names = ("one", "two", "few", "many", "other")
    chosen = dict(zip(names, forms.split("|"), strict=False))
    category = grammar.plural_category(value, current_language())
    return chosen.get(category) or chosen.get("many") or forms.split("|")[-1]


@register.filter
def isolated(code: object) -> str:
    """A code such as an edition's number, kept left to right inside an Arabic sentence."""
    return numbers.isolated(str(code), current_language())


@of_what_is_there
def day(when: date) -> str:
    return dates.day(when, current_language())


@register.filter
def period(text: str) -> str:
    """A period of the pack in words: ``2014/2024`` becomes ``2014–2024``."""
    return _piece(dates.period(text, current_language()))


@register.filter
def markdown(text: str, top: int = 2) -> str:
    """A note of the pack, written in the small Markdown that packs may use, as safe HTML."""
    return mark_safe(rendered(text, top=top))  # nosec B308 B703 # noqa: S308 -- the parser escapes all HTML of the text


@register.simple_tag
def state_mark(state: str, withheld_for: str = "") -> str:
    """The mark of a cell that holds no value: each of the three looks and reads different, and none of them is zero."""
    words = state_words(state, withheld_for)
    return format_html('<span class="state state-{}">{}</span>', state, words)


@register.simple_tag
def cell(point: Any, decimals: int = 0, unit: Any = None) -> str:
    """One cell of a table: the number, a zero that says it was counted, or the mark of the state."""
    if point is None:
        return state_mark("missing")
    if point.state != "value":
        return state_mark(point.state, point.withheld_for)
    written = numbers.number(point.value, current_language(), decimals)
    if unit is not None and unit.code == "percent":
        written = numbers.percent(point.value, current_language(), decimals)
    if point.value == 0:
        return format_html('<bdi class="state state-zero">{}</bdi>', written)
    return _piece(written)


def state_words(state: str, withheld_for: str = "") -> str:
    """What the state of a cell is called."""
    if state == "withheld":
        return _("withheld to protect another cell") if withheld_for == "D" else _("withheld")
    return {"missing": _("not measured"), "not_applicable": _("not applicable"), "value": _("value")}[state]


@register.filter
def named(code: str, names: Mapping[str, str]) -> str:
    """The name of a code, where it has one; the code otherwise."""
    return names.get(code) or code


@register.filter
def page_numbers(page: Any) -> list[int | None]:
    """The pages that a list links to: the first and last ones and those around this one; None where some are left out."""
    shown = page.paginator.get_elided_page_range(page.number)
    return [one if isinstance(one, int) else None for one in shown]


@register.simple_tag
def colon() -> str:
    """A colon as the language spaces it."""
    return "\u00a0: " if current_language() == "fr" else ": "


@register.simple_tag
def asset(name: str) -> str:
    """The address of a built file, with a piece of its checksum: the name stays, the address changes with the content."""
    address = static(f"build/{name}")
    return address if settings.DEBUG else f"{address}?v={_checksum(name)}"


@register.simple_tag
def url_or_nothing(name: str, *args: str, **kwargs: str) -> str:
    """The address of a route, or nothing where the process does not have that page: links lead only to pages that exist."""
    try:
        return reverse(name, args=args, kwargs=kwargs)
    except NoReverseMatch:
        return ""


@register.simple_tag
def in_language(language: str, message: str) -> str:
    """An English message in a given language, whatever the page's: for the page that knows no language."""
    with override(language):
        return _(message)


@cache
def _checksum(name: str) -> str:
    path = finders.find(f"build/{name}")
    if not path:
        return "0"
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]


def _piece(text: str) -> SafeString:
    bare = text.replace(numbers.ISOLATE_LTR, "").replace(numbers.END_ISOLATE, "")
    if bare == text:
        return format_html('<bdi class="number">{}</bdi>', text)
    return format_html('<bdi class="number" dir="ltr">{}</bdi>', bare)


def _decimals(value: float | Decimal) -> int:
    exponent = numbers.rounded(value, 2).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
