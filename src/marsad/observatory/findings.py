"""Sentences and titles computed from the data, in three languages, with the grammar of each.

Every sentence has a subject of our own (the share, the rate, the number), so that verbs and adjectives agree with a word we
know, whatever the indicator is called. A sentence never states a change across a break.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from marsad.dissemination.queries import Point
from marsad.observatory.series import Change, Direction
from marsad.web import grammar, numbers
from marsad.web.dates import at_period, period
from marsad.web.words import said

RATES: Final = frozenset({"per_1000", "per_100000"})
COLON: Final = {"fr": "\u00a0: ", "en": ": ", "ar": ": "}
SEMICOLON: Final = {"fr": "\u00a0; ", "en": "; ", "ar": "؛ "}
_UNITS: Final = {
    "households": {
        "fr": {"one": "un ménage", "of": "sur"},
        "en": {"one": "one household", "of": "in"},
        "ar": {"one": "أسرة واحدة", "two": "أسرتين", "few": "أسر", "many": "أسرة", "other": "أسرة"},
    },
    "dwellings": {
        "fr": {"one": "un logement", "of": "sur"},
        "en": {"one": "one dwelling", "of": "in"},
        "ar": {"one": "مسكن واحد", "two": "مسكنين", "few": "مساكن", "many": "مسكنا", "other": "مسكن"},
    },
}
_LEAST_FRACTION, _MOST_FRACTION = 2, 50


@dataclass(frozen=True)
class Subject:
    """What the values of an indicator are called inside a sentence, with its gender where verbs need one."""

    words: str
    feminine: bool


def subject(indicator: Any, language: str) -> Subject:
    """The share, the rate, the number or the value: a noun that we choose and can make verbs agree with."""
    rate = indicator.unit_id in RATES or said(indicator, "name", language).lower().startswith(("taux", "معدل"))
    rate = rate or " rate" in said(indicator, "name", "en").lower()
    if rate:
        return {"fr": Subject("le taux", False), "en": Subject("the rate", False), "ar": Subject("المعدل", False)}[
            language
        ]
    if indicator.unit_id == "percent":
        return {"fr": Subject("la part", True), "en": Subject("the share", True), "ar": Subject("النسبة", True)}[
            language
        ]
    if indicator.decimals == 0:
        return {"fr": Subject("le nombre", False), "en": Subject("the number", False), "ar": Subject("العدد", False)}[
            language
        ]
    return {"fr": Subject("la valeur", True), "en": Subject("the value", True), "ar": Subject("القيمة", True)}[language]


def written(value: float, indicator: Any, language: str) -> str:
    """A value with its unit, as a sentence holds it."""
    return grammar.counted(value, indicator.unit.forms, language, indicator.decimals)


def short(value: float, indicator: Any, language: str) -> str:
    """A value for a label: the number, with its sign where the unit is one."""
    if indicator.unit_id == "percent":
        return numbers.percent(value, language, indicator.decimals)
    return numbers.number(value, language, indicator.decimals)


def one_in(value: float, base: str, language: str) -> str | None:
    """``un ménage sur vingt-deux`` for 4.6 per cent of households; None where no such fraction is near or true.

    Only shares of households or of dwellings: the population base of other shares is not what they are a share of.
    """
    if base not in _UNITS or value <= 0:
        return None
    parts = round(100 / value)
    if not _LEAST_FRACTION <= parts <= _MOST_FRACTION or abs(100 / parts - value) / value > 0.05:
        return None
    forms = _UNITS[base][language]
    if language == "ar":
        return f"{forms['one']} من كل {_arabic_count(parts, forms)}"
    return f"{forms['one']} {forms['of']} {grammar.in_words(parts, language)}"


def _arabic_count(count: int, forms: Mapping[str, str]) -> str:
    """A counted noun after a preposition: the dual says two by itself."""
    if count == 2:
        return forms["two"]
    return f"{count} {forms[grammar.plural_category(count, 'ar')]}"


# --- sentences on one series ------------------------------------------------------------------------------------------------


def clause(found: Change, indicator: Any, language: str) -> str:
    """What happened, without place and without full stop: ``la part est passée de 4,7 % à 0,8 % entre 2014 et 2024``."""
    about = subject(indicator, language)
    before, after = found.before, found.after
    if after is None or after.value is None:
        return {"fr": "aucune valeur publiée", "en": "no published value", "ar": "لا توجد قيمة منشورة"}[language]
    if before is None or before.value is None:
        return f"{written(after.value, indicator, language)} {at_period(after.period, language)}"
    ends = {"a": written(before.value, indicator, language), "b": written(after.value, indicator, language)}
    when = between(before.period, after.period, language)
    if found.direction in (Direction.UP, Direction.DOWN):
        return f"{_moved(found.direction, about, language).format(**ends)} {when}"
    if found.direction is Direction.SAME:
        return f"{_stayed(about, language).format(**ends)} {when}"
    if found.direction is Direction.WITHIN_DOUBT:
        return _within_doubt(language).format(**ends, when=when)
    return _apart(language).format(**ends, p=at_period(before.period, language), q=at_period(after.period, language))


def _moved(direction: Direction, about: Subject, language: str) -> str:
    if language == "fr":
        return f"{about.words} est {'passée' if about.feminine else 'passé'} de {{a}} à {{b}}"
    if language == "en":
        return f"{about.words} {'rose' if direction is Direction.UP else 'fell'} from {{a}} to {{b}}"
    verb = "ارتفع" if direction is Direction.UP else "انخفض"
    return f"{verb}{'ت' if about.feminine else ''} {about.words} من {{a}} إلى {{b}}"


def _stayed(about: Subject, language: str) -> str:
    if language == "fr":
        return f"{about.words} est {'restée' if about.feminine else 'resté'} à {{b}}"
    if language == "en":
        return f"{about.words} stayed at {{b}}"
    return f"{'استقرت' if about.feminine else 'استقر'} {about.words} عند {{b}}"


def _within_doubt(language: str) -> str:
    return {
        "fr": "de {a} à {b} {when}, un écart qui ne dépasse pas la marge d’incertitude",
        "en": "from {a} to {b} {when}, a difference within the margin of uncertainty",
        "ar": "من {a} إلى {b} {when}، وهو فارق لا يتجاوز هامش عدم اليقين",
    }[language]


def _apart(language: str) -> str:
    return {
        "fr": "{a} {p} et {b} {q}, deux valeurs qui ne se comparent pas",
        "en": "{a} {p} and {b} {q}, two values that do not compare",
        "ar": "{a} {p} و{b} {q}، وهما قيمتان لا تقبلان المقارنة",
    }[language]


def between(first: str, last: str, language: str) -> str:
    """``entre 2014 et 2024``."""
    joint = {"fr": "entre {} et {}", "en": "between {} and {}", "ar": "بين {} و{}"}[language]
    return joint.format(period(first, language), period(last, language))


def why_apart(found: Change, language: str) -> str:
    """Why two values do not compare; empty where they do."""
    if found.direction is Direction.BREAK and found.crossed is not None:
        return said(found.crossed, "text", language)
    if found.direction is Direction.BASE:
        return {
            "fr": "Les deux dates n’emploient pas la même base de population.",
            "en": "The two dates do not use the same population base.",
            "ar": "لا يعتمد التاريخان أساس السكان نفسه.",
        }[language]
    return ""


# --- whole sentences ----------------------------------------------------------------------------------------------------------


def change_sentence(found: Change, indicator: Any, area: Any, language: str) -> str:
    """What changed in one place, as a whole sentence."""
    name = said(indicator, "name", language)
    where = grammar.place(area, language)
    if found.comparable and indicator.unit_id != "percent" and indicator.decimals == 0:
        return f"{name}{COLON[language]}{_count_change(found, indicator, where, language)}."
    return f"{name}{COLON[language]}{clause(found, indicator, language)} {where}."


def _count_change(found: Change, indicator: Any, where: str, language: str) -> str:
    before, after = found.before, found.after
    if before is None or after is None or found.relative is None:
        return f"{clause(found, indicator, language)} {where}"
    parts = {
        "b": written(after.value or 0, indicator, language),
        "a": numbers.number(before.value or 0, language, indicator.decimals),
        "where": where,
        "p": at_period(before.period, language),
        "q": at_period(after.period, language),
        "rel": numbers.signed_percent(found.relative, language),
    }
    return {
        "fr": "{b} {where} {q}, contre {a} {p}, soit {rel}",
        "en": "{b} {where} {q}, against {a} {p}, or {rel}",
        "ar": "{b} {where} {q}، مقابل {a} {p}، أي {rel}",
    }[language].format(**parts)


def with_exception(sentence: str, highest: Point, indicator: Any, area: Any, *, still: bool, language: str) -> str:
    """A sentence on the whole, followed by the part where the value is highest: ``…, mais à Souissi, c’est encore …``."""
    amount = one_in(highest.value or 0, highest.base, language) if indicator.unit_id == "percent" else None
    amount = amount or written(highest.value or 0, indicator, language)
    where = grammar.place(area, language)
    ending = {
        "fr": f"mais {where}, c’est encore {amount}"
        if still
        else f"le plus haut se trouve {where}{COLON['fr']}{amount}",
        "en": f"but {where} it is still {amount}" if still else f"the highest is {where}: {amount}",
        "ar": f"لكنها ما زالت {where} تهم {amount}" if still else f"وأعلى قيمة {where}: {amount}",
    }[language]
    joint = {"fr": ", ", "en": ", ", "ar": "، "}[language] if still else SEMICOLON[language]
    return f"{sentence.removesuffix('.')}{joint}{ending}."


# --- titles of charts ---------------------------------------------------------------------------------------------------------


def range_title(
    points: Sequence[Point], indicator: Any, areas: Mapping[str, Any], language: str, name: str = ""
) -> str:
    """From the lowest to the highest place."""
    head = (name or said(indicator, "name", language)) + COLON[language]
    known = sorted((point for point in points if point.value is not None), key=lambda point: point.value or 0.0)
    if not known:
        return (
            head
            + {
                "fr": "aucune valeur publiée à cette échelle",
                "en": "no value published at this scale",
                "ar": "لا توجد قيمة منشورة على هذا المستوى",
            }[language]
        )
    low, high = known[0], known[-1]
    at = [grammar.place(areas[point.area], language) for point in (low, high)]
    values = [written(point.value or 0, indicator, language) for point in (low, high)]
    if values[0] == values[1]:
        return (
            head
            + values[0]
            + (
                f" {at[0]}"
                if len(known) == 1
                else {"fr": " partout", "en": " everywhere", "ar": " في كل مكان"}[language]
            )
        )
    return (
        head
        + {
            "fr": f"de {values[0]} {at[0]} à {values[1]} {at[1]}",
            "en": f"from {values[0]} {at[0]} to {values[1]} {at[1]}",
            "ar": f"من {values[0]} {at[0]} إلى {values[1]} {at[1]}",
        }[language]
    )


def directions_title(
    changes: Mapping[str, Change], areas: Mapping[str, Any], language: str, *, in_city: bool = False
) -> str:
    """In how many places (parts of the city) a value fell, rose or stayed, and where it does not compare."""
    comparable = {code: found for code, found in changes.items() if found.comparable}
    if not comparable:
        return {
            "fr": "Les deux dates ne se comparent dans aucun de ces lieux",
            "en": "The two dates compare in none of the places",
            "ar": "لا يقبل التاريخان المقارنة في أي من هذه الأماكن",
        }[language]
    counts = {
        Direction.DOWN: sum(found.direction is Direction.DOWN for found in comparable.values()),
        Direction.UP: sum(found.direction is Direction.UP for found in comparable.values()),
        Direction.SAME: sum(
            found.direction in (Direction.SAME, Direction.WITHIN_DOUBT) for found in comparable.values()
        ),
    }
    met = [(direction, count) for direction, count in counts.items() if count]
    said_parts = [
        _direction_words(direction, count, language, in_city=in_city, first=index == 0)
        for index, (direction, count) in enumerate(met)
    ]
    title = grammar.listed(said_parts, language)
    first = next(found for found in comparable.values())
    if first.before and first.after:
        title += f" {between(first.before.period, first.after.period, language)}"
    apart = [
        grammar.place(areas[code], language)
        for code, found in changes.items()
        if found.direction in (Direction.BREAK, Direction.BASE)
    ]
    if apart:
        title += (
            SEMICOLON[language]
            + {
                "fr": "pas de comparaison ",
                "en": "no comparison ",
                "ar": "لا مقارنة ",
            }[language]
            + grammar.listed(apart, language)
        )
    return title[0].upper() + title[1:]


_DIRECTION_WORDS: Final = {
    "fr": {Direction.DOWN: "baisse dans {}", Direction.UP: "hausse dans {}", Direction.SAME: "stabilité dans {}"},
    "en": {Direction.DOWN: "down in {}", Direction.UP: "up in {}", Direction.SAME: "unchanged in {}"},
    "ar": {Direction.DOWN: "انخفاض في {}", Direction.UP: "ارتفاع في {}", Direction.SAME: "استقرار في {}"},
}
_PLACES: Final = {
    "fr": {True: ("une", "partie", "parties", " de la ville"), False: ("un", "lieu", "lieux", "")},
    "en": {True: ("one", "part", "parts", " of the city"), False: ("one", "place", "places", "")},
}
_PLACES_AR: Final = {
    True: {"one": "جزء واحد", "two": "جزأين", "few": "أجزاء", "many": "جزءا", "other": "جزء"},
    False: {"one": "مكان واحد", "two": "مكانين", "few": "أماكن", "many": "مكانا", "other": "مكان"},
}


def _direction_words(direction: Direction, count: int, language: str, *, in_city: bool, first: bool) -> str:
    """``baisse dans cinq parties de la ville``; after the first, the number alone where the language lets it stand."""
    if language == "ar":
        forms = _PLACES_AR[in_city]
        places = forms["one"] if count == 1 else _arabic_count(count, forms)
        places += " من المدينة" if in_city and first else ""
    else:
        one, noun, nouns, of_city = _PLACES[language][in_city]
        amount = one if count == 1 else grammar.in_words(count, language)
        places = f"{amount} {noun if count == 1 else nouns}{of_city}" if first else amount
    return _DIRECTION_WORDS[language][direction].format(places)


def parts_title(parts: Sequence[tuple[str, Point]], indicator: Any, area: Any, language: str) -> str:
    """The two largest parts of a distribution in one place; ``area`` is None where they reach beyond it."""
    known = sorted(((name, p) for name, p in parts if p.value is not None), key=lambda part: -(part[1].value or 0.0))
    if not known:
        return range_title([], indicator, {}, language)
    first = (
        f"{known[0][0]}{COLON[language]}{short(known[0][1].value or 0, indicator, language)}{_within(area, language)}"
    )
    if len(known) == 1:
        return first
    joint = {"fr": ", puis {} ({})", "en": ", then {} ({})", "ar": "، ثم {} ({})"}[language]
    return first + joint.format(known[1][0], short(known[1][1].value or 0, indicator, language))


def beside_title(parts: Sequence[tuple[str, Point]], indicator: Any, area: Any, language: str) -> str:
    """Groups beside one another in one place: ``Femmes : 20,1 %, hommes : 17,2 % dans la préfecture de Rabat``."""
    words = [
        f"{name}{COLON[language]}{short(p.value, indicator, language)}" for name, p in parts if p.value is not None
    ]
    if not words:
        return range_title([], indicator, {}, language)
    return ("، " if language == "ar" else ", ").join(words) + _within(area, language)


def _within(area: Any | None, language: str) -> str:
    """The place at the end of a title; nothing where the groups reach beyond any one place."""
    return f" {grammar.place(area, language)}" if area is not None else ""
