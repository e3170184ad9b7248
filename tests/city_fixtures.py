"""A small city, loaded; and Rabat itself, read once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from marsad.audit.rules import System
from marsad.observatory.citypack.pack import CityPack, examine, read_pack
from small_city import small_pack

NOW = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
RABAT = Path(__file__).resolve().parents[1] / "cities" / "rabat"


@pytest.fixture
def small_root(tmp_path: Path, settings) -> Path:
    """A small pack that the installation serves."""
    from dataclasses import replace

    from marsad.observatory import city as city_records

    root = small_pack(tmp_path / "city")
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, city=root)
    city_records.city.cache_clear()
    city_records._page.cache_clear()
    yield root
    city_records.city.cache_clear()
    city_records._page.cache_clear()


@pytest.fixture
def small_city(small_root: Path, db) -> Iterator[CityPack]:
    """The small pack, loaded into the database; the kept pages are cleared around it."""
    from marsad.observatory.operations import load_city
    from marsad.observatory.page_cache import shelf

    shelf.clear()
    pack = read_pack(small_root)
    load_city(pack=pack, actor=System("load-city"), at=NOW)
    yield pack
    shelf.clear()


@pytest.fixture(scope="session")
def rabat() -> CityPack:
    pack, problems = examine(RABAT)
    assert problems == []
    assert pack is not None
    return pack
