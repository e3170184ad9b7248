"""The city, the home and the people of these tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from city_fixtures import small_city, small_root
from collection.store_cases import home_of
from house.people import person
from marsad.accounts.rules import Role
from release.conftest import reviewers

__all__ = ["reviewers", "small_city", "small_root"]


@pytest.fixture
def home(settings: Any, tmp_path: Path) -> Iterator[Path]:
    with home_of(settings, tmp_path) as folder:
        yield folder


@pytest.fixture
def statistician(db: None) -> Any:
    return person(Role.STATISTICIAN, email="statistician@example.org")
