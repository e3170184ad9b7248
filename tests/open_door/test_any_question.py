"""Whatever is asked, the open door answers as it says it does: no fault of the service, no undeclared answer."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from marsad.dissemination.models import Edition
from migstat.exchange.sdmx_artefacts import Component, DataStructure
from migstat.exchange.sdmx_query import moment, parse_filters, parse_key, reference, whole_number
from migstat.model import Refused
from open_door.conftest import body

BOUNDED = settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much, HealthCheck.too_slow],
)
schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())


@pytest.mark.django_db
@schema.parametrize()
@BOUNDED
def test_the_api_answers_as_its_description_says(case: schemathesis.Case, second: Edition) -> None:
    case.call_and_validate(headers={"Accept-Encoding": "identity"})


# Parts of keys that come near the real ones, and anything that an address can hold.
PART = st.one_of(
    st.sampled_from(["", "*", "MAR", "FLW-02", "_T", "04_421", "A+B", "registered", "+", "NER+NGA"]),
    st.text(st.characters(exclude_characters="/?#\x00", exclude_categories=["Cs"]), max_size=8),
)
KEY = st.one_of(
    st.lists(PART, min_size=5, max_size=5).map(".".join),
    st.lists(PART, max_size=8).map(".".join),
    st.lists(st.lists(PART, min_size=5, max_size=5).map(".".join), min_size=1, max_size=3).map(",".join),
)
VALUE = st.one_of(
    st.sampled_from(
        ["2024", "ge:2023", "ge:2023 le:2024", "sw:N", "ne:_T", "co:2", "ge:1", "lt:x", "2024-02-30", "C,D", ":"]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)
PARAMETERS = st.dictionaries(
    st.sampled_from(
        [
            "c[TIME_PERIOD]", "c[CITIZENSHIP]", "c[OBS_VALUE]", "c[CONF_STATUS]", "c[X]", "startPeriod", "asOf",
            "updatedAfter", "includeHistory", "firstNObservations", "lastNObservations", "dimensionAtObservation",
            "attributes", "measures", "detail", "format", "labels", "keys",
        ]
    ),
    VALUE,
    max_size=4,
)  # fmt: skip


@pytest.mark.django_db
@settings(BOUNDED, max_examples=60)
@given(key=KEY, parameters=PARAMETERS)
def test_any_question_in_sdmx_is_answered_or_refused(
    second: Edition, reader: Client, key: str, parameters: dict[str, str]
) -> None:
    answer = reader.get(f"/sdmx/data/dataflow/SMALL/ASYLUM/~/{key}", parameters)
    assert answer.status_code in {200, 400, 404, 406, 501}
    if answer.status_code == 200:
        assert body(answer)
    elif answer["Content-Type"] == "application/problem+json":
        assert json.loads(answer.content)["rule"]


STRUCTURE = DataStructure(
    "SMALL",
    "DSD",
    {},
    dimensions=[Component(name, {}) for name in ("INDICATOR", "REF_AREA", "SEX", "TIME_PERIOD")],
    measures=[Component("OBS_VALUE", {}, text_type="Double")],
)


@settings(BOUNDED, max_examples=300)
@given(text=st.one_of(KEY, VALUE))
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    readers = (
        lambda: parse_key(text, STRUCTURE),
        lambda: parse_filters({f"c[{name}]": [text] for name in ("TIME_PERIOD", "SEX", "OBS_VALUE")}, STRUCTURE),
        lambda: moment(text, "asOf"),
        lambda: whole_number(text, "firstNObservations"),
        lambda: reference("*", "*", text),
    )
    for read in readers:
        with suppress(Refused):
            read()


@pytest.mark.django_db
@settings(BOUNDED, max_examples=15)
@given(codes=st.lists(st.sampled_from(["_T", "NER", "NGA", "XXX"]), min_size=1, max_size=3, unique=True))
def test_a_key_finds_what_the_same_filter_finds(second: Edition, reader: Client, codes: list[str]) -> None:
    root = "/sdmx/data/dataflow/SMALL/ASYLUM/~"
    by_key = reader.get(f"{root}/*.*.{'+'.join(codes)}.*.*?format=csv")
    by_filter = reader.get(f"{root}/*?format=csv&c[CITIZENSHIP]={','.join(codes)}")
    assert by_key.status_code == by_filter.status_code
    if by_key.status_code == 200:
        assert body(by_key) == body(by_filter)
