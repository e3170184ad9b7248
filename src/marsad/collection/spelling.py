"""Names and numbers brought to one spelling before they are encoded, in Arabic and in Latin script.

What is the same person to a desk officer is the same text here: capitals, accents, vowel signs, the forms of alef and of
hamza, the closed ta, the dotless ya, digits of other scripts, hyphens, apostrophes and spaces make no difference. Names
are **not** carried from one script to the other: a transliteration would be a guess.
"""

from __future__ import annotations

import re
import unicodedata

_ARABIC = str.maketrans(
    {
        "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا",
        "ى": "ي", "ی": "ي", "ئ": "ي",
        "ؤ": "و", "ة": "ه", "ۀ": "ه", "ە": "ه",
        "ک": "ك", "ڪ": "ك", "ء": None, "ـ": None,
    }
)  # fmt: skip
_LATIN = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ı": "i"})
_NOT_WORD = re.compile(r"[\W_]+")


def one_spelling(text: str) -> str:
    """The spelling that is encoded; empty where a text holds no letter and no digit.

    >>> one_spelling("  El-Amrani "), one_spelling("EL AMRÂNI"), one_spelling("أحمد") == one_spelling("احمد")
    ('elamrani', 'elamrani', True)
    >>> one_spelling("فاطمة الزهراء") == one_spelling("فاطمه الزهرا"), one_spelling("٠٦٦١"), one_spelling("--")
    (True, '0661', '')
    """
    plain = text.casefold()
    if not plain.isascii():
        # The Arabic letters first: taken apart, an alef with hamza would be an alef and a sign.
        plain = unicodedata.normalize("NFKC", plain).translate(_ARABIC)
        apart = unicodedata.normalize("NFD", plain)
        plain = "".join(letter for letter in apart if not unicodedata.category(letter).startswith("M"))
        plain = plain.translate(_LATIN)
        plain = "".join(str(unicodedata.digit(letter, letter)) for letter in plain)
    return _NOT_WORD.sub("", plain)
