"""What the city pack says about the city itself (``city.toml``), read once per process."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any

from django.conf import settings


@cache
def city() -> Mapping[str, Any]:
    """The records of ``city.toml`` as it stands in the pack the installation serves."""
    with (settings.ENVIRONMENT.city / "city.toml").open("rb") as file:
        return tomllib.load(file)
