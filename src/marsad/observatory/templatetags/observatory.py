"""Counts and kinds in words, for the pages of the observatory: ``{% load observatory %}``."""

from __future__ import annotations

from typing import Final

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from marsad.web.grammar import Forms, counted, plural_category
from marsad.web.words import current_language

register = template.Library()

_INDICATORS: Final[Forms] = {
    "fr": {"one": "indicateur", "many": "indicateurs"},
    "en": {"one": "indicator", "many": "indicators"},
    "ar": {"one": "مؤشر", "two": "مؤشران", "few": "مؤشرات", "many": "مؤشرا", "other": "مؤشر"},
}
_MEASURED: Final[Forms] = {
    "fr": {"one": "mesuré", "many": "mesurés"},
    "en": {"one": "measured", "many": "measured"},
    "ar": {
        "one": "منها واحد مقيس",
        "two": "منها اثنان مقيسان",
        "few": "منها {} مقيسة",
        "many": "منها {} مقيسا",
        "other": "منها {} مقيس",
    },
}
_UNMEASURED: Final[Forms] = {
    "fr": {
        "one": "{} indicateur que personne ne mesure encore",
        "many": "{} indicateurs que personne ne mesure encore",
    },
    "en": {"one": "{} indicator that nobody measures yet", "many": "{} indicators that nobody measures yet"},
    "ar": {
        "one": "مؤشر واحد لا يقيسه أحد بعد",
        "two": "مؤشران لا يقيسهما أحد بعد",
        "few": "{} مؤشرات لا يقيسها أحد بعد",
        "many": "{} مؤشرا لا يقيسه أحد بعد",
        "other": "{} مؤشر لا يقيسه أحد بعد",
    },
}
LEVELS: Final = {
    "country": gettext_noop("country"),
    "region": gettext_noop("region"),
    "province": gettext_noop("prefecture or province"),
    "commune": gettext_noop("commune"),
    "arrondissement": gettext_noop("arrondissement"),
}


@register.simple_tag
def indicator_count(indicators: int, measured: int) -> str:
    """How many indicators a theme has, and how many of them are measured."""
    language = current_language()
    joint = "، " if language == "ar" else ", "
    return counted(indicators, _INDICATORS, language) + joint + _measured(measured, language)


def _measured(count: int, language: str) -> str:
    form = _MEASURED[language][plural_category(count, language)]
    if language != "ar":
        return f"{count} {form}"
    return "لا شيء منها مقيس" if count == 0 else form.format(count)


@register.simple_tag
def unmeasured_count(count: int) -> str:
    language = current_language()
    return _UNMEASURED[language][plural_category(count, language)].format(count)


@register.filter
def level_words(level: str) -> str:
    """What kind of place it is."""
    return _(LEVELS.get(level, level))
