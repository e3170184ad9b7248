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
    """Words whose language nobody noted: Arabic where most letters are, else the one given, else French.

    >>> guessed("كم عدد الأسر؟", "fr").ar
    'كم عدد الأسر؟'
    >>> guessed("Que veut dire « الأسر » ici ?", "ar").fr
    'Que veut dire « الأسر » ici ?'
    """
    return Words(**{_language_of(text, language): text})


def _language_of(text: str, language: str) -> str:
    arabic = sum("\u0600" <= letter <= "\u06ff" for letter in text)
    others = sum(letter.isalpha() for letter in text) - arabic
    return "ar" if arabic > max(others, 0) else language if language in {"fr", "en"} else "fr"


def paragraphs(text: str, language: str) -> tuple[Told, ...]:
    """The paragraphs of a text whose languages nobody noted: people take minutes in the language that is spoken.

    >>> [one.language for one in paragraphs("Les codes.\\n\\nكلمة السيد العمدة.", "fr")]
    ['fr', 'ar']
    """
    return tuple(Told(part, _language_of(part, language)) for part in _parts(text))


def as_paragraphs(words: Told) -> tuple[Told, ...]:
    """The paragraphs of words in one language."""
    return tuple(Told(part, words.language) for part in _parts(words.text))


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.splitlines() if part.strip()]
