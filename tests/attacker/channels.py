"""Everything that the public side shows, collected as a stranger would: pages in three languages, pictures, files, APIs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise

from django.test import Client
from django.urls import NoReverseMatch, reverse

LANGUAGES = ("fr", "ar", "en")
_GROUPS = re.compile(r"(?<=\d)[\u202f\u00a0\u2009 ,](?=\d{3}(?!\d))")
_OPEN_FILES = (
    "data.csv",
    "jsonstat.json",
    "sdmx.xml",
    "sdmx.json",
    "sdmx.csv",
    "datapackage.json",
    "data.csv-metadata.json",
)


def text_of(address: str) -> str | None:
    """What an address answers, whole; None where there is no such page."""
    answer = Client().get(address)
    if answer.status_code not in {200, 410}:
        return None
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body.decode("utf-8", errors="ignore")


def numbers_in(text: str) -> str:
    """The text with its numbers in one spelling: no separator between groups of digits."""
    before = ""
    while before != text:
        before, text = text, _GROUPS.sub("", text)
    return text


def holds(text: str, value: int) -> bool:
    """Whether a text says a number, however it is grouped; a comma may also stand between two numbers of a list."""
    number = re.compile(rf"(?<![\d.#]){value}(?![\d])")
    return any(number.search(spelt) for spelt in (text, numbers_in(text)))


def addresses(indicator: str, areas: list[str], parts: list[str], periods: list[str], editions: list[tuple[str, str]],
              publications: list[str]) -> Iterator[str]:  # fmt: skip
    for language in LANGUAGES:
        root = f"/{language}"
        yield f"{root}/"
        yield f"{root}/indicators/{indicator}/"
        yield f"{root}/indicators/{indicator}/data.json"
        yield f"{root}/areas/map.json"
        yield f"{root}/why/{indicator}/"
        for dataflow, number in editions:
            yield f"{root}/datasets/{dataflow}/"
            yield f"{root}/datasets/{dataflow}/{number}/"
    for publication in publications:
        yield f"/fr/e/{publication}/indicators/{indicator}/"
        yield f"/fr/e/{publication}/indicators/{indicator}/data.csv"
        yield f"/en/e/{publication}/compare/{indicator}/"
    for area in areas:
        yield f"/fr/areas/{area}/"
        yield f"/ar/areas/{area}/data.csv"
        yield f"/en/why/{indicator}/?area={area}"
        yield f"/ar/why/{indicator}/{area}/?period={periods[0]}&part={parts[-1]}"
        for part in parts:
            for period in periods:
                yield f"/fr/why/{indicator}/{area}/chain.json?period={period}&part={part}"
    for chart in ("change", "map", "bars", "parts", "sex"):
        for part in ["", parts[-1]]:
            yield f"/en/indicators/{indicator}/{chart}.svg?part={part}"
    for dataflow, number in editions:
        yield f"/en/datasets/{dataflow}/{number}.csv"
        yield from (f"/data/{dataflow}/{number}/{name}" for name in _OPEN_FILES)
        yield f"/sdmx/data/{dataflow}"
        yield f"/api/v1/observations?dataflow={dataflow}&limit=1000"
    numbers = sorted({number for _, number in editions})
    for dataflow, _ in editions:
        for old, new in pairwise(numbers):
            yield f"/fr/datasets/{dataflow}/{old}/changes/{new}/"
            yield f"/data/{dataflow}/{old}/changes/{new}.csv"
    with suppress(NoReverseMatch):
        yield reverse("open:geojson", args=[indicator])


def rows_of(dataflow: str, number: str) -> list[dict[str, str]]:
    """The rows of an edition's file."""
    text = text_of(f"/en/datasets/{dataflow}/{number}.csv")
    assert text is not None
    return list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
