"""Words that people wrote in one language or more: the reader's where they are, else another one, said to be so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from marsad.coordination.dialogue.rules_sessions import LANGUAGES, Words


@dataclass(frozen=True)
class Told:
    """Words and the language they are in."""

    text: str
    language: str

    @property
    def direction(self) -> str:
        return "rtl" if self.language == "ar" else "ltr"


def told(record: Any, field: str, language: str) -> Told:
    """The words of a field in a language; where they lack, those of the first language that has them."""
    for one in (language, *LANGUAGES):
        text = getattr(record, f"{field}_{one}")
        if text:
            return Told(text, one)
    return Told("", language)


def lacks_a_language(record: Any, field: str) -> bool:
    """Whether a text that is written in one language is missing in another."""
    texts = [getattr(record, f"{field}_{language}") for language in LANGUAGES]
    return any(texts) and not all(texts)


def words_of(record: Any, field: str) -> Words:
    return Words(**{language: getattr(record, f"{field}_{language}") for language in LANGUAGES})


def guessed(text: str, language: str) -> Words:
    """Words whose language nobody noted: Arabic where they are written so, else the one given, else French.

    >>> guessed("كم عدد الأسر؟", "fr").ar
    'كم عدد الأسر؟'
    """
    is_arabic = any("\u0600" <= letter <= "\u06ff" for letter in text)
    found = "ar" if is_arabic else language if language in {"fr", "en"} else "fr"
    return Words(**{found: text})
