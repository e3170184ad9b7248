"""Words as they are compared: without case, accents, Arabic vowel marks, and with one form of each digit and letter."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_DIGITS = {ord(mark): str(value) for start in "٠۰" for value, mark in enumerate(chr(ord(start) + n) for n in range(10))}
_LETTERS = str.maketrans(
    {
        "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا",
        "ى": "ي", "ی": "ي", "ئ": "ي", "ؤ": "و", "ة": "ه", "ک": "ك", "ـ": None,
        "œ": "oe", "æ": "ae",
    }
)  # fmt: skip
_INVISIBLE = str.maketrans(
    "", "", "\ufeff\u200b\u200c\u200d\u200e\u200f\u2066\u2067\u2068\u2069\u202a\u202b\u202c\u00ad"
)
_NOT_WORD = re.compile(r"[\W_]+")


def western_digits(text: str) -> str:
    """The text with Arabic-Indic and Persian digits as Western ones.

    >>> western_digits("٢٠٢٤")
    '2024'
    """
    return text if text.isascii() else text.translate(_DIGITS)


def cleaned(text: str) -> str:
    """The text without invisible marks of direction and width, and with single ordinary spaces."""
    return " ".join((text if text.isascii() else text.translate(_INVISIBLE)).split())


@lru_cache(maxsize=50_000)
def plain(text: str) -> str:
    """The form in which two spellings of one word are the same.

    >>> plain("Année d’arrivée"), plain("ANNEE_D'ARRIVEE"), plain("الجِنسيّة")
    ('annee d arrivee', 'annee d arrivee', 'الجنسيه')
    """
    if text.isascii():
        # Nothing to decompose, to translate or to leave out: the same words, several times faster.
        return " ".join(_NOT_WORD.sub(" ", text.lower()).split())
    decomposed = unicodedata.normalize("NFKD", western_digits(text.translate(_INVISIBLE)).casefold())
    letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(_NOT_WORD.sub(" ", letters.translate(_LETTERS)).split())
