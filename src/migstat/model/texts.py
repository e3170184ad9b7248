"""A sentence in every language of the system, or none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from migstat.model.refusals import Refused

LANGUAGES: Final = ("fr", "ar", "en")


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in French, Arabic and English; an empty one is refused, so that no page falls back silently.

    >>> Text(fr="stock", ar="رصيد", en="stock").in_language("fr")
    'stock'
    """

    fr: str
    ar: str
    en: str

    def __post_init__(self) -> None:
        for language in LANGUAGES:
            if not getattr(self, language).strip():
                raise Refused("text.empty", found=f"no text in '{language}'", remedy="write it in all three languages")

    def in_language(self, language: str) -> str:
        if language not in LANGUAGES:
            raise Refused("text.language", found=repr(language), remedy=f"use one of {', '.join(LANGUAGES)}")
        text: str = getattr(self, language)
        return text
