"""What stands before the first page: the city is loaded when it changed, and only then."""

from __future__ import annotations

import fcntl
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError

from house.people import AT
from marsad.accounts.operations import make_first_link
from marsad.audit.rules import System
from marsad.config import preparation
from marsad.config.preparation import STEPS, collect_static, load_city_if_changed, one_at_a_time

pytestmark = pytest.mark.django_db(databases=["default", "confidential"])


@pytest.fixture
def city(settings: Any, tmp_path: Path) -> Path:
    folder = tmp_path / "city"
    folder.mkdir()
    (folder / "city.toml").write_text('code = "x"')
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, city=folder, home=tmp_path)
    return folder


def test_the_city_is_loaded_once_and_again_when_its_pack_changes(city: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[str] = []

    def load() -> str:
        loads.append("load")
        if len(loads) == 1:
            make_first_link(actor=System("test"), at=AT)
        return ""

    monkeypatch.setattr(preparation, "load_city_now", load)
    assert load_city_if_changed()
    assert not load_city_if_changed()
    os.utime(city / "city.toml", ns=(1, 1))
    assert load_city_if_changed()
    assert not load_city_if_changed()
    assert len(loads) == 2


def test_a_bad_pack_stops_the_first_start_and_no_later_one(city: Path, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(CommandError, match="check-city"):
        load_city_if_changed()
    make_first_link(actor=System("test"), at=AT)
    assert not load_city_if_changed()
    assert "the city as last loaded is served" in caplog.text


def test_static_files_are_collected_and_compressed_once(city: Path, settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path / "static"
    assert collect_static()
    assert (tmp_path / "static" / "mfa" / "js" / "webauthn.js").exists()
    assert (tmp_path / "static" / "mfa" / "js" / "webauthn.js.gz").exists()
    assert not collect_static()


def test_two_processes_prepare_one_after_the_other(tmp_path: Path) -> None:
    with one_at_a_time(tmp_path), (tmp_path / "prepare.lock").open("w") as other, pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with (tmp_path / "prepare.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_the_city_is_the_last_step() -> None:
    assert [name for name, _ in STEPS][-1] == "city pack"
