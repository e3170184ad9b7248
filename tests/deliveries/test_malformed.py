"""Malformed files: each is refused with a clear problem or read as the harmless table that it is; memory stays bounded."""

from __future__ import annotations

import io
import resource
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from deliveries.delivery_cases import GOOD_ROWS, VISITS, csv_bytes, stage, workbook_bytes
from deliveries.malformed import malformed
from deliveries.read_file import checked, laid_out, opened
from house.people import client_of
from marsad.collection.deliveries.labels import REFUSAL_LABELS, RULE_LABELS
from marsad.collection.deliveries.models import Delivery
from marsad.collection.deliveries.rules import State, safe_name
from migstat.model.refusals import Refused
from migstat.quality.findings import RULES

COUNT = 2_000


def told_of(content: bytes) -> str:
    """The rule of the refusal, or ``harmless`` for what reads as a table to its end."""
    try:
        laid_out(content, VISITS)
        checked(content, VISITS)
    except Refused as problem:
        return problem.rule
    return "harmless"


def test_two_thousand_malformed_files() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    told = [(kind, told_of(content)) for kind, content in malformed(COUNT, seed=20261122)]
    assert [(kind, rule) for kind, rule in told if rule != "harmless" and rule not in REFUSAL_LABELS] == []
    tables = {"_bitten", "_encoding", "_text", "_truncated", "_one_line", "_quotes", "_noise"}
    assert {kind for kind, rule in told if rule == "harmless"} <= tables
    seen = Counter(rule for _, rule in told)
    assert seen["harmless"] < COUNT / 4, seen
    assert {"deliveries.harmful", "deliveries.broken", "deliveries.format", "deliveries.binary"} <= set(seen), seen
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 900 * 1024


def test_every_rule_has_its_words() -> None:
    assert set(RULES) == set(RULE_LABELS)


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "..\\..\\x", "a\x00b.csv", "\u202egpj.exe", "", "." * 300, "/", "C:\\x.xlsx"]
)
def test_a_name_is_never_a_path(name: str) -> None:
    kept = safe_name(name)
    assert kept and "/" not in kept and "\\" not in kept and ".." not in kept and len(kept) <= 120
    assert all(letter.isprintable() for letter in kept)


def test_a_gigabyte_of_nothing_is_refused_by_its_first_bytes() -> None:
    """The stream would give a gigabyte; only a sample of it is asked for."""

    class Zeros:
        read_so_far = 0

        def __enter__(self) -> Zeros:
            return self

        def __exit__(self, *rest: object) -> None:
            return None

        def read(self, size: int = -1) -> bytes:
            assert 0 < size <= 1 << 20
            self.read_so_far += size
            assert self.read_so_far < 1 << 24
            return bytes(size)

    from marsad.collection.deliveries.reading_sources import ReadingChoices, open_source

    with pytest.raises(Refused, match=r"deliveries\.(empty|binary)"):
        open_source(Zeros, ReadingChoices(), size=1 << 30)  # type: ignore[arg-type]


def test_a_formula_is_text_and_its_report_runs_nothing() -> None:
    rows = [
        *GOOD_ROWS,
        ['=HYPERLINK("http://x","y")', "@SUM(A1)", "1990-01-01", "GIN", "04.421.01.05", "3", "2026-01-14"],
    ]
    result = checked(csv_bytes(rows), VISITS)
    found = [one for one in result.tally.in_order() if one.rule == "quality.formula"]
    assert [one.column for one in found] == ["family_name", "given_name"]
    assert all("HYPERLINK" not in one.found for one in found)


def _calculated(content: bytes, *, value: bytes = b"2") -> bytes:
    """The workbook as a spreadsheet program saves it: the formula with its value, and nothing left to be calculated."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as raw, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as saved:
        for one in raw.infolist():
            text = (
                raw.read(one)
                .replace(b"</f><v></v>", b"</f><v>" + value + b"</v>")
                .replace(b"</f><v />", b"</f><v>" + value + b"</v>")
            )
            saved.writestr(one.filename, text.replace(b' fullCalcOnLoad="1"', b""))
    return out.getvalue()


def test_an_excel_formula_is_read_by_its_value_and_never_without() -> None:
    raw = workbook_bytes(
        {"V": [list(GOOD_ROWS[0]), ["Sow", "Awa", "1990-01-01", "GIN", "Hassan", "=1+1", "2026-01-14"]]}
    )
    assert list(opened(_calculated(raw)).rows())[1][1][5] == 2
    for unread in (raw, _calculated(raw, value=b"")):
        with pytest.raises(Refused, match=r"deliveries\.uncalculated"):
            opened(unread)


def test_an_error_that_a_workbook_shows_is_told_where_it_stands() -> None:
    rows = [list(GOOD_ROWS[0]), ["Sow", "Awa", "1990-01-01", "GIN", "Hassan", "#DIV/0!", "2026-01-14"]]
    found = [
        one for one in checked(workbook_bytes({"V": rows}), VISITS).tally.in_order() if one.rule != "quality.set_aside"
    ]
    assert [(one.rule, one.row, one.column, one.found) for one in found] == [
        ("quality.cell_error", 2, "age", "#DIV/0!")
    ]


@pytest.mark.django_db(databases=["default", "confidential"], transaction=True)
def test_a_sample_through_the_page_and_the_server_stays_up(home: Path) -> None:
    people = stage()
    client = client_of(people.partner)
    statuses: Counter[Any] = Counter()
    for number, (kind, content) in enumerate(malformed(24, seed=5)):
        given = {
            "agreement": "camp-visits",
            "period": "2026-01",
            "file": SimpleUploadedFile(f"../{kind}{number}.csv", content),
        }
        answer = client.post("/fr/deliveries/send/", given)
        assert answer.status_code in (302, 422), kind
        if answer.status_code == 302:
            page = client.get(answer["Location"])
            assert page.status_code == 200
        statuses[answer.status_code] += 1
    left = set(Delivery.objects.values_list("state", flat=True))
    assert left <= {State.REFUSED.value, State.READ.value}
    assert all(one.problem for one in Delivery.objects.filter(state=State.REFUSED))
    assert client.get("/fr/deliveries/").status_code == 200
