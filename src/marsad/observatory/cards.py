"""Figures of an indicator: for each chart its finding, subtitle, picture, doubt, source, table, files, citation and embed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from marsad.dissemination.queries import Point
from marsad.observatory import findings, rendering
from marsad.observatory.city import city
from marsad.observatory.drawings import Picture, picture
from marsad.observatory.shown import Shown
from marsad.observatory.tables import Table
from marsad.web.words import said
from migstat.model import Origin

CHARTS: Final = ("map", "change", "parts", "sex", "pyramid")


@dataclass(frozen=True)
class Link:
    label: str
    url: str


@dataclass(frozen=True)
class Choice:
    """What the reader has chosen on a page: an area to look at, a part of a distribution, areas and periods to compare."""

    area: str = ""
    part: str = ""
    areas: tuple[str, ...] = ()
    first: str = ""
    last: str = ""

    @property
    def query(self) -> str:
        pairs = [("area", self.area), ("part", self.part), *(("areas", code) for code in self.areas)]
        pairs += [("first", self.first), ("last", self.last)]
        return urlencode([(name, value) for name, value in pairs if value])


@dataclass(frozen=True)
class Card:
    """What ``web/components/figure.html`` shows."""

    code: str
    title: str
    subtitle: str
    svg: SafeString
    width: str
    legend: Sequence[Any]
    doubt: str
    source: str
    edition: str
    table: Table
    downloads: Sequence[Link] = field(default_factory=tuple)
    citation: str = ""
    embed: str = ""
    embed_archived: str = ""
    origin_url: str = ""


def card(shown: Shown, chart: str, choice: Choice, absolute: Callable[[str], str]) -> Card | None:
    """One figure of an indicator, or None where its data cannot fill that chart. ``absolute`` makes an address whole."""
    drawn = picture(shown, chart, choice)
    if drawn is None:
        return None
    source = source_line(shown)
    return Card(
        code=chart,
        title=drawn.title,
        subtitle=drawn.subtitle,
        svg=mark_safe(rendering.svg(drawn.drawing, drawn.title)),  # nosec B308 B703 # noqa: S308 -- rendering refuses all but shapes and words
        width=drawn.width,
        legend=drawn.legend,
        doubt=doubt(shown, drawn.points),
        source=source,
        edition=shown.publication.number,
        table=drawn.table,
        downloads=_downloads(shown, chart, choice),
        citation=citation(shown, drawn, source, absolute),
        embed=absolute(_address("observatory:embed", shown, choice, chart=chart)),
        embed_archived=absolute(
            _address("observatory:embed", shown, choice, chart=chart, publication=shown.publication.number)
        ),
        origin_url=_address("observatory:why_indicator", shown, Choice()),
    )


def cards(shown: Shown, choice: Choice, absolute: Callable[[str], str]) -> list[Card]:
    """Every figure that the data of an indicator can fill."""
    return [made for chart in CHARTS if (made := card(shown, chart, choice, absolute)) is not None]


def framed(shown: Shown, chart: str, choice: Choice) -> tuple[Picture, dict[str, str]] | None:
    """The picture and the words around it, for a file."""
    drawn = picture(shown, chart, choice)
    if drawn is None:
        return None
    source = f"{source_line(shown)} {_('Edition %(number)s') % {'number': shown.publication.number}}"
    return drawn, {"title": drawn.title, "subtitle": drawn.subtitle, "source": source}


def source_line(shown: Shown) -> str:
    """Who published the numbers, and which vintage of them."""
    comma = "، " if shown.language == "ar" else ", "
    parts = []
    for source in shown.sources:
        name = said(source.publisher, "name", shown.language)
        publisher = name if shown.language == "ar" else source.publisher.acronym or name
        parts.append(f"{publisher}{comma}{said(source, 'title', shown.language)} ({source.vintage})")
    joint = "؛ " if shown.language == "ar" else "; "
    source = _("Source: %(sources)s.") % {"sources": joint.join(parts)}
    if any(point.origin == Origin.SYNTHETIC for point in shown.points):
        made_up = _("Synthetic data, for demonstration: they describe nobody.")
        source = f"{made_up} {source}"
    return source


def doubt(shown: Shown, points: Sequence[Point]) -> str:
    """The doubt in words: intervals, breaks that were met, and what the source says of its own cells."""
    sentences = (
        [_("The lines across the marks are the intervals that the source publishes.")]
        if any(p.low is not None for p in points)
        else []
    )
    if not sentences and any(p.state == "value" for p in points):
        sentences.append(shown.sampled(points) or _("The source publishes no margin of error for these values."))
    drawn_areas = {point.area for point in points}
    for found in shown.breaks:
        if found.area_id is None or found.area_id in drawn_areas:
            where = f"{shown.name_of(found.area_id)}{findings.COLON[shown.language]}" if found.area_id else ""
            sentences.append(where + said(found, "text", shown.language))
    bases = {p.base for p in points if p.state == "value"}
    if len(bases) > 1:
        sentences.append(_("The periods do not all use the same population base."))
    sentences += list(dict.fromkeys(note for p in points if (note := said(p, "note", shown.language))))[:2]
    return " ".join(dict.fromkeys(sentence.rstrip(". ") + "." for sentence in sentences))


def citation(shown: Shown, drawn: Picture, source: str, absolute: Callable[[str], str]) -> str:
    """A line that leads back to this very edition, for good."""
    address = reverse(
        "observatory:indicator", kwargs={"publication": shown.publication.number, "code": shown.indicator.code}
    )
    parts = {
        "observatory": said(city(), "observatory", shown.language),
        "year": shown.publication.published_at.year,
        "title": drawn.title,
        "name": said(shown.indicator, "name", shown.language),
        "number": shown.publication.number,
        "source": source,
        "url": absolute(address),
    }
    return _("%(observatory)s (%(year)s). %(name)s: %(title)s. Edition %(number)s. %(source)s %(url)s") % parts


def _downloads(shown: Shown, chart: str, choice: Choice) -> list[Link]:
    code = shown.indicator.code
    cited = [shown.language, shown.publication.number, code]
    return [
        Link(_("Values (CSV)"), reverse("observatory:indicator_csv", args=[code])),
        Link(_("Values (JSON)"), reverse("observatory:indicator_json", args=[code])),
        *([Link(_("Places on a map (GeoJSON)"), _mapped(shown, choice))] if chart == "map" else []),
        Link(_("Picture (SVG)"), _address("observatory:chart_svg", shown, choice, chart=chart)),
        Link(_("Picture (PNG)"), _address("observatory:chart_png", shown, choice, chart=chart)),
        Link(_("Citation (BibTeX)"), reverse("open:cite_indicator_of_bib", args=cited)),
        Link(_("Citation (CSL-JSON)"), reverse("open:cite_indicator_of_json", args=cited)),
    ]


def _mapped(shown: Shown, choice: Choice) -> str:
    """The places with the values that the map shows: of a part where the indicator has no total."""
    address, part = reverse("open:geojson", args=[shown.indicator.code]), shown.key_or_default(choice.part)
    return f"{address}?{urlencode({'breakdown': part})}" if part else address


def _address(route: str, shown: Shown, choice: Choice, **more: str) -> str:
    address = reverse(route, kwargs={"code": shown.indicator.code, **more})
    return f"{address}?{choice.query}" if choice.query else address
