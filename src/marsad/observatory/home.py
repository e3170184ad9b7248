"""The first page: what ``city.toml`` asks to be found out, computed from what is published today."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from marsad.catalogue import queries as catalogue
from marsad.dissemination import queries as dissemination
from marsad.figures import queries as ledger
from marsad.observatory import findings
from marsad.observatory.cards import Card, Choice, card
from marsad.observatory.city import city
from marsad.observatory.series import Direction
from marsad.observatory.shown import Shown
from marsad.web import numbers
from marsad.web.dates import period
from marsad.web.grammar import counted, place
from marsad.web.words import current_language, said


@dataclass(frozen=True)
class Finding:
    """A sentence with its number set apart, the doubt about it in words, and where it leads."""

    sentence: str
    number: str
    doubt: str
    url: str
    attention: str = ""


@dataclass(frozen=True)
class Theme:
    theme: Any
    indicators: int
    measured: int


@dataclass(frozen=True)
class Home:
    findings: list[Finding]
    cards: list[Card]
    themes: list[Theme]
    unknown: list[tuple[str, str]]


def home(publication: Any, absolute: Callable[[str], str]) -> Home:
    """Everything on the first page."""
    asked = city()["home"]["findings"]
    indicators = list(catalogue.indicators())
    shown = _shown(publication, indicators, [each["indicator"] for each in asked if "indicator" in each])
    found = [_finding(each, shown) for each in asked]
    first = next((shown[each["indicator"]] for each in asked if each.get("indicator") in shown), None)
    drawn = [card(first, chart, Choice(), absolute) for chart in ("map", "change")] if first is not None else []
    cards = [made for made in drawn if made is not None]
    return Home([each for each in found if each is not None], cards, _themes(publication, indicators), _unknown())


def _shown(publication: Any, listed: list[Any], codes: list[str]) -> dict[str, Shown]:
    """The indicators of the findings, with what they share read once."""
    language = current_language()
    indicators = {found.code: found for found in listed if found.code in codes}
    points = dissemination.points(publication, indicators=codes)
    areas = {area.code: area for area in catalogue.areas_with_geometry()}
    breaks = list(catalogue.breaks_of(codes))
    editions = list(dissemination.every_edition())
    return {
        code: Shown(
            publication=publication,
            indicator=indicators[code],
            points=[point for point in points if point.indicator == code],
            areas=areas,
            breaks=[found for found in breaks if found.indicator_id == code],
            codes={},
            every_edition=editions,
            language=language,
        )
        for code in codes
        if code in indicators
    }


def _finding(asked: Mapping[str, Any], shown: Mapping[str, Shown]) -> Finding | None:
    if asked["kind"] == "figure":
        return _figure_finding(asked)
    about = shown.get(asked["indicator"])
    return None if about is None else _change_finding(about, by_area=asked["kind"] == "change_by_area")


def _change_finding(shown: Shown, *, by_area: bool) -> Finding | None:
    language, indicator = shown.language, shown.indicator
    if shown.home not in shown.areas:
        return None
    found = shown.change(shown.home)
    if found.after is None or found.after.value is None:
        return None
    area = shown.areas[shown.home]
    sentence = findings.change_sentence(found, indicator, area, language)
    parts = [point for code in shown.mapped if (point := shown.last(code, "")) is not None and point.value is not None]
    if by_area and parts:
        highest = max(parts, key=lambda point: point.value or 0.0)
        still = found.direction is Direction.DOWN and indicator.direction == "higher_is_worse"
        sentence = findings.with_exception(
            sentence, highest, indicator, shown.areas[highest.area], still=still, language=language
        )
    number = findings.short(found.after.value, indicator, language)
    if found.before is not None and found.comparable and indicator.decimals == 0 and found.relative is not None:
        number = numbers.signed_percent(found.relative, language)
    doubt = findings.why_apart(found, language)
    if not doubt and (sampled := shown.sampled([found.after])):
        doubt = f"{_('The same definition at both dates.')} {sampled}"
    doubt = doubt or _("The same definition at both dates; the source publishes no margin of error.")
    return Finding(sentence, number, doubt, reverse("observatory:indicator", args=[indicator.code]))


def _figure_finding(asked: Mapping[str, Any]) -> Finding | None:
    """A figure of the ledger: in the sentence that the pack has for it, where it has one, else in its own words."""
    figure = ledger.figure(asked["figure"])
    if figure is None:
        return None
    language = current_language()
    value = counted(figure.value, figure.unit.forms, language, _places(figure.value))
    where = place(figure.area, language) if figure.area else figure.area_text
    when = period(figure.period, language)
    concept = said(figure, "concept", language)
    doubt, attention = _("Printed once; nothing known contradicts it."), ""
    url = reverse("observatory:figure", args=[figure.code])
    if figure.case is not None:
        url = reverse("observatory:case", args=[figure.case_id])
        settled = figure.case.state == "settled"
        doubt = said(figure.case, "why" if settled else "explanation", language)
        attention = _("several published figures, settled") if settled else _("several published figures, not settled")
    comma = "، " if language == "ar" else ", "
    sentence = f"{concept}{findings.COLON[language]}{value} ({where}{comma}{when})."
    if f"text_{language}" in asked:
        sentence = said(asked, "text", language).format(value=value)
    change = numbers.signed_percent if asked.get("signed") else numbers.percent
    write = change if figure.unit_id == "percent" else numbers.number
    number = write(figure.value, language, _places(figure.value))
    return Finding(sentence, number, doubt, url, attention)


def _places(value: Any) -> int:
    return max(0, -int(value.normalize().as_tuple().exponent))


def _themes(publication: Any, indicators: list[Any]) -> list[Theme]:
    measured = dissemination.measured_indicators(publication)
    by_theme: dict[str, list[str]] = {}
    for indicator in indicators:
        by_theme.setdefault(indicator.theme_id, []).append(indicator.code)
    return [
        Theme(theme, len(codes := by_theme.get(theme.code, [])), sum(code in measured for code in codes))
        for theme in catalogue.themes()
    ]


def _unknown() -> list[tuple[str, str]]:
    """What is not known yet, and the page of the indicator that would say."""
    return [
        (
            said(each, "text"),
            reverse("observatory:indicator", args=[each["indicator"]]) if each.get("indicator") else "",
        )
        for each in city()["home"].get("unknown", [])
    ]
