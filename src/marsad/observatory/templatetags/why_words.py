"""The words of chains and marks: ``{% load why_words %}``."""

from __future__ import annotations

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marsad.catalogue import queries as catalogue
from marsad.web.words import said

register = template.Library()

CAUSES: dict[str, Promise | str] = {
    "source_corrected": _("A source was corrected"),
    "rows_erased": _("Rows were erased from a source"),
    "estimate_revised": _("The values were revised"),
    "definition_changed": _("The definition was changed"),
}
KINDS: dict[str, Promise | str] = {
    "snapshot": _("Snapshot"),
    "delivery": _("Delivery"),
    "agreement": _("Agreement"),
    "run": _("Run"),
}


@register.filter
def cause_words(cause: str) -> str:
    return str(CAUSES.get(cause, cause))


@register.filter
def ground_words(kind: str) -> str:
    return str(KINDS.get(kind, kind))


@register.simple_tag
def place_names() -> dict[str, str]:
    """The name of every area by its code, asked for once for all the marks of a page."""
    return {one.code: said(one, "name") for one in catalogue.areas()}


@register.filter
def place_of(names: dict[str, str], code: str) -> str:
    """The name of an area; its code where there is none."""
    return names.get(code, code)


@register.filter
def words_or_nothing(record: object, field: str) -> str:
    """A field in the language of the page; nothing where there is no record."""
    return said(record, field) if record is not None else ""
