"""The log: no address of a person, no secret of a link, no line without end."""

from __future__ import annotations

import logging
import sys

import pytest
from django.conf import settings
from django.test import Client

from marsad.config.log_lines import Line, without_persons


def written(message: str, *arguments: object, error: BaseException | None = None) -> str:
    trace = (type(error), error, None) if error else None
    record = logging.LogRecord("django.request", logging.WARNING, __file__, 1, message, arguments, trace)
    return Line("{levelname} {message}", style="{").format(record)


@pytest.mark.parametrize(
    "path",
    [
        "/fr/account/invitation/Pr357ARf-b6GMk3/",
        "/ar/account/password/reset/key/3-Pr357ARf-b6GMk3/",
        "/en/account/confirm-email/MQ:Pr357ARf-b6GMk3/",
        "/openrosa/Pr357ARf-b6GMk3/submission",
        "/openrosa/Pr357ARf-b6GMk3/formList/",
        "/fr/news/end/Pr357ARf-b6GMk3/now/",
        "/fr/dialogue/feed/Pr357ARf-b6GMk3.ics",
        "/fr/areas/Pr357ARf-b6GMk3@example.org/",
        "/fr/areas/Pr357ARf-b6GMk3%40example.org/",
    ],
)
def test_links_and_addresses_of_persons_are_masked(path: str) -> None:
    line = written("Forbidden: %s", path)
    assert "Pr357ARf" not in line
    assert "***" in line
    assert line.startswith("WARNING Forbidden: /")


def test_an_ordinary_address_stays_readable() -> None:
    for path in (
        "/fr/indicators/HOU-01/",
        "/openrosa/formList",
        "/openrosa/submission?deviceID=1",
        "/openrosa/forms/x.xml",
    ):
        assert without_persons(f"Not Found: {path}") == f"Not Found: {path}"


def test_what_a_database_says_of_a_row_is_masked_in_the_traceback() -> None:
    error = ValueError("Key (name)=(Aïcha B.) already exists.\nFailing row contains (7, Aïcha B., x).")
    line = written("Internal Server Error", error=error)
    assert "Aïcha" not in line
    assert "ValueError" in line


def test_a_line_is_bounded() -> None:
    assert len(written("Not Found: %s", "/" + "A" * 50_000)) < 600


@pytest.mark.django_db
def test_the_log_of_the_house_masks_a_refused_invitation(capsys: pytest.CaptureFixture[str]) -> None:
    handler = logging.StreamHandler(sys.stderr)
    made = settings.LOGGING["formatters"]["line"]
    assert made["()"] == f"{Line.__module__}.{Line.__qualname__}"
    handler.setFormatter(Line(made["format"], style=made["style"]))
    logger = logging.getLogger("django.request")
    logger.addHandler(handler)
    try:
        assert Client().get("/fr/account/invitation/a-secret-of-a-link/").status_code == 410
    finally:
        logger.removeHandler(handler)
    said = capsys.readouterr().err
    assert "invitation/***" in said
    assert "a-secret" not in said
