"""Each test of linkage with a store has a home of its own; the lists and their linkage are made once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from collection.store_cases import home_of
from linkage.city_lists import CityLists, city_lists


@pytest.fixture
def home(settings: Any, tmp_path: Path) -> Iterator[Path]:
    with home_of(settings, tmp_path) as folder:
        yield folder


@pytest.fixture(scope="session")
def lists() -> CityLists:
    return city_lists(1200, families=700)
