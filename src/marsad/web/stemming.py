"""Words as a search sees them: stemmed in French, Arabic and English, without accents and letter variants."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any

import snowballstemmer

_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_STEMMERS = {"fr": "french", "ar": "arabic", "en": "english"}
_ARABIC_FORMS = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ة": "ه", "ـ": None})
_ARABIC_ARTICLE = re.compile(r"^(?:[وبكف]?ال|لل)(?=\w{3})")
SHORTEST = 2


def plain(text: str) -> str:
    """Lower case, without accents, vowel signs and Arabic letter variants.

    >>> plain("Éducation"), plain("أُسَر")
    ('education', 'اسر')
    """
    decomposed = unicodedata.normalize("NFKD", text.translate(_ARABIC_FORMS).lower())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


@cache
def _stemmer(language: str) -> Any:
    return snowballstemmer.stemmer(_STEMMERS[language])


def without_article(word: str, language: str) -> str:
    """The stemmer takes the end of some Arabic words for a suffix only when the article stands before them."""
    return _ARABIC_ARTICLE.sub("", word) if language == "ar" else word


def stems(text: str, language: str) -> list[str]:
    """The stems of the words of a text, in order. The stemmer sees the accents; the index does not.

    >>> stems("Les ménages locataires", "fr")
    ['les', 'menag', 'locatair']
    """
    words = [word for word in _WORD.findall(text.lower().replace("ـ", "")) if len(word) >= SHORTEST]
    words = [without_article(word, language) for word in words]
    return [plain(stem)[:60] for stem in _stemmer(language).stemWords(words)]
