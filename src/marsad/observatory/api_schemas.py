"""The shapes of the open API, as its OpenAPI description tells them. Words are in three languages, codes are texts for ever."""

from __future__ import annotations

from datetime import date
from typing import Any, Generic, TypeVar

from ninja import Schema
from pydantic import Field

Item = TypeVar("Item")


class Words(Schema):
    """The same words in French, Arabic and English."""

    fr: str
    ar: str
    en: str


class Problem(Schema):
    """Why there is no answer (RFC 9457): which rule, what was found, what to do."""

    type: str
    title: str
    status: int
    detail: str
    rule: str
    found: str
    remedy: str


class Page(Schema, Generic[Item]):
    """Some items, and the address of the next ones: null at the end."""

    items: list[Item]
    next: str | None = None


class IndicatorBrief(Schema):
    code: str
    theme: str
    name: Words
    unit: str
    stock_or_flow: str
    population_base: str
    breakdowns: list[str]
    page: str


class IndicatorWhole(IndicatorBrief):
    definition: Words
    method: Words
    decimals: int
    additive: bool
    standard: str


class AreaBrief(Schema):
    code: str
    sdmx_code: str
    level: str
    parent: str | None
    name: Words
    valid_from: date | None
    valid_to: date | None


class AreaWhole(AreaBrief):
    geometry: dict[str, Any] | None = Field(description="A GeoJSON geometry, or null where no boundary is published.")


class CodeBrief(Schema):
    code: str
    parent: str
    name: Words


class CodelistWhole(Schema):
    code: str
    codes: list[CodeBrief]


class EditionBrief(Schema):
    dataflow: str
    number: str
    published_on: date
    reason: Words
    vintage: str
    checksum: str
    observations: int
    origin: str
    stale: bool
    page: str
    files: dict[str, str]


class DataflowBrief(Schema):
    code: str
    sdmx_id: str
    title: Words
    description: Words
    source: str
    latest: str | None


class DataflowWhole(DataflowBrief):
    editions: list[EditionBrief]


class ObservationBrief(Schema):
    """One cell. ``value`` is null unless ``state`` is ``value``: withheld, missing and not applicable are never 0."""

    indicator: str
    area: str
    period: str
    period_start: date
    period_end: date
    breakdown: dict[str, str]
    state: str
    value: float | None
    unit: str
    stock_or_flow: str
    population_base: str
    low: float | None
    high: float | None
    obs_status: str
    conf_status: str
    heading: str
    note_fr: str
    note_ar: str
    note_en: str
    dataflow: str
    edition: str
    vintage: str
    source: str
    origin: str


class Change(Schema):
    """What happened to one cell from one edition to another: added, removed or revised."""

    change: str
    indicator: str
    area: str
    period: str
    breakdown: str
    population_base: str
    old_state: str | None
    old_value: float | None
    old_low: float | None
    old_high: float | None
    old_status: str | None
    new_state: str | None
    new_value: float | None
    new_low: float | None
    new_high: float | None
    new_status: str | None


class FigureBrief(Schema):
    """A figure found in print, with its role in the case where it stands beside others."""

    code: str
    indicator: str | None
    concept: Words
    area: str | None
    area_text: str
    period: str
    quantifier: str
    value: str
    unit: str
    stock_or_flow: str
    population_base: str
    publisher: str
    url: str
    excerpt: str
    reliability: str
    role: str
    case: str | None
    page: str


class FoundPage(Schema):
    kind: str
    code: str
    title: str
    summary: str
