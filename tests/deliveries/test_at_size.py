"""Many deliveries, many findings, many unknown spellings: what a page reads and what a check looks for stays bounded."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django import forms
from django.db import connections
from django.test.html import parse_html
from django.test.utils import CaptureQueriesContext

from deliveries.delivery_cases import AT
from house.people import client_of, person
from marsad.accounts.rules import Role
from marsad.audit.rules import System
from marsad.collection.deliveries import operations_retention as retention
from marsad.collection.deliveries import typed_rows
from marsad.collection.deliveries.forms import LongSelect
from marsad.collection.deliveries.models import Delivery
from migstat.model.structure import Column, Kind
from migstat.model.structure import Role as ColumnRole
from migstat.quality.cells import CellRules
from migstat.quality.codes import CodeIndex, KnownCode

FINDING = {"rule": "quality.number", "row": 1, "position": 0, "column": "age", "found": "x", "values": {}}


def delivery(number: int, findings: int = 1, **said: Any) -> Delivery:
    report = {"counts": {"quality.number": 900}, "findings": [FINDING | {"row": row} for row in range(findings)]}
    columns = {
        "agreement": f"camp-{number % 2}", "organisation": "camp", "dataflow": "visits", "period": f"2026-0{number % 9 + 1}",
        "channel": "page", "file_name": f"file {number}.csv", "state": "checked", "sender": "user:1",
        "begun_at": AT, "received_at": AT, "report": report, "digest": uuid4().hex,
    }  # fmt: skip
    return Delivery.objects.create(**columns | said)


@pytest.mark.django_db(databases=["default", "confidential"])
def test_a_list_of_deliveries_reads_no_report_is_narrowed_and_its_pages_keep_that() -> None:
    officer = client_of(person(Role.DATA_OFFICER))
    for number in range(110):
        delivery(number)
    page = "/en/deliveries/queue/?agreement=camp-1"
    officer.get(page)
    with CaptureQueriesContext(connections["confidential"]) as asked:
        shown = officer.get(page).content.decode()
    assert len(asked) == 3 and not any('"report",' in one["sql"] for one in asked.captured_queries)
    assert (shown.count("data-delivery="), "agreement=camp-1&amp;page=2" in shown) == (50, True)
    assert officer.get(f"{page}&page=2").content.decode().count("data-delivery=") == 5
    assert "data-delivery" not in officer.get("/en/deliveries/queue/?state=read").content.decode()
    assert "data-delivery" in officer.get("/en/deliveries/queue/?period=2026").content.decode()


@pytest.mark.django_db(databases=["default", "confidential"])
def test_a_report_has_pages_of_one_severity_and_says_how_much_it_lists() -> None:
    officer = client_of(person(Role.DATA_OFFICER))
    found = delivery(1, findings=150)
    page = f"/en/deliveries/{found.pk}/"
    first, second = (officer.get(f"{page}{said}").content.decode() for said in ("", "?severity=error&page=2"))
    assert (first.count("<tr data-severity"), second.count("<tr data-severity")) == (100, 50)
    assert "150 of 900 findings" in re.sub("<[^>]*>", "", first)
    assert "<tr data-severity" not in officer.get(f"{page}?severity=warning").content.decode()


@pytest.mark.django_db(databases=["default", "confidential"])
def test_cells_are_forgotten_a_few_at_once_and_all_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "_AT_ONCE", 2)
    for number in range(5):
        delivery(number, state="returned", decided_at=AT)
    machine, later = System("test"), AT + timedelta(days=91)
    assert retention.forget_cells(actor=machine, at=later) == 2
    assert retention.forget_all_cells(actor=machine, at=later) == 3
    assert not Delivery.objects.exclude(file_name="").exists()


def test_the_nearest_codes_of_a_column_are_looked_for_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typed_rows, "_MOST_PROPOSED", 2)
    index = CodeIndex((KnownCode("SEN", ("Senegal",)), KnownCode("NER", ("Niger",), confused_with=("NGA",))))
    column = Column("citizenship", ColumnRole.QUASI_IDENTIFIER, Kind.CODE, codelist="citizenship")
    reader = typed_rows.ColumnReader(CellRules(column, codes=index))
    readings, _ = reader.read_all(["Senegall", "Senegaal", "Sennegal", "Senegal", "Senegall"])
    assert [one.proposals for one in readings] == [("SEN",), ("SEN",), (), (), ("SEN",)]
    assert [one.value for one in readings] == [None, None, None, "SEN", None]


def test_a_long_choice_is_written_as_django_would() -> None:
    choices: list[Any] = [
        ("", "not decided"),
        ("SEN", "Sénégal <SEN>"),
        ("All codes", [("NER", "Niger"), ("NGA", "Nigeria")]),
    ]
    for value in ("NER", "SEN", "", None):
        long, plain = (
            kind(choices=choices).render("answer_0", value, {"id": "id_answer_0", "class": "form-select"})
            for kind in (LongSelect, forms.Select)
        )
        assert parse_html(long) == parse_html(plain)
