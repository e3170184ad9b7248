"""Words in the reader's language: every trilingual record has ``<field>_fr``, ``<field>_ar``, ``<field>_en``."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import get_language

LANGUAGES: Final = ("fr", "ar", "en")


def current_language() -> str:
    """The language of this page: French where nothing else is said."""
    language = (get_language() or "fr")[:2]
    return language if language in LANGUAGES else "fr"


def said(record: Any, field: str, language: str | None = None) -> str:
    """The words of ``field`` in ``language`` (the page's by default). Never another language's in their place.

    ``record`` is an object with attributes or a mapping with keys ``field_fr``, ``field_ar``, ``field_en``.
    """
    name = f"{field}_{language or current_language()}"
    words = record[name] if isinstance(record, dict) else getattr(record, name)
    return str(words)
