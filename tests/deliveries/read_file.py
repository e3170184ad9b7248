"""A file read, mapped and checked without a database: code lists of Rabat straight from its pack."""

from __future__ import annotations

import csv
import io
from datetime import date
from functools import cache
from typing import Any

from deliveries.delivery_cases import RABAT
from marsad.collection.deliveries.checking import CheckResult, Promised, check
from marsad.collection.deliveries.layout import Layout, LayoutChoices, recognise_layout
from marsad.collection.deliveries.mapping import MappingProposal, propose_mapping
from marsad.collection.deliveries.reading_sources import ReadingChoices, Source, open_source
from marsad.collection.deliveries.typed_rows import Reading
from migstat.model.structure import DataStructure
from migstat.quality.codes import CodeIndex, KnownCode

TODAY = date(2026, 11, 1)


@cache
def indices() -> dict[str, CodeIndex]:
    with (RABAT / "areas.csv").open(encoding="utf-8", newline="") as file:
        areas = tuple(
            KnownCode(
                row["code"], tuple({row["name_fr"], row["name_ar"], row["name_en"]}),
                numbers=tuple(n for n in {row["hcp_2014"], row["hcp_2024"], row["code"].replace(".", "")} if n.isdigit()),
            )
            for row in csv.DictReader(file)
        )  # fmt: skip
    with (RABAT / "codelists" / "citizenship.csv").open(encoding="utf-8", newline="") as file:
        citizenships = tuple(
            KnownCode(
                row["code"], tuple({row["name_fr"], row["name_ar"], row["name_en"]}), row["iso2"], row["unhcr"],
                confused_with=tuple(one for one in row["confused_with"].split(";") if one),
            )
            for row in csv.DictReader(file)
        )  # fmt: skip
    return {"area": CodeIndex(areas), "citizenship": CodeIndex(citizenships)}


def opened(content: bytes, **choices: str) -> Source:
    return open_source(lambda: io.BytesIO(content), ReadingChoices(**choices), size=len(content))


def laid_out(content: bytes, structure: DataStructure, period: str = "") -> tuple[Source, Layout, MappingProposal]:
    source = opened(content)
    layout, head = recognise_layout(source, LayoutChoices())
    return source, layout, propose_mapping(structure, layout, head, indices(), period)


def checked(content: bytes, structure: DataStructure, promised: Promised | None = None, **more: Any) -> CheckResult:
    source, layout, proposal = laid_out(content, structure)
    reading = Reading(source, layout, proposal.mapping, structure, indices(), TODAY, **more)
    return check(reading, promised or Promised())
