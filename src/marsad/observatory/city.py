"""What the city pack says about the city itself (``city.toml``), read once per process."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any

from django.conf import settings

from marsad.web.words import current_language


@cache
def city() -> Mapping[str, Any]:
    """The records of ``city.toml`` as it stands in the pack the installation serves."""
    with (settings.ENVIRONMENT.city / "city.toml").open("rb") as file:
        return tomllib.load(file)


def page_text(name: str) -> str:
    """The Markdown of a page of the pack in the reader's language."""
    return _page(name, current_language())


@cache
def _page(name: str, language: str) -> str:
    text: str = (settings.ENVIRONMENT.city / "pages" / f"{name}.{language}.md").read_text("utf-8")
    return text
