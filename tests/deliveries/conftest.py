"""Each test of deliveries has a home of its own, with its master key beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from collection.store_cases import home_of


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> Iterator[Path]:
    with home_of(settings, tmp_path) as folder:
        yield folder
