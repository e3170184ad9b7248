"""The short ways for plain texts say what the long ways say; batches of another size give the same rows and findings."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migstat.quality.plain_words import cleaned, plain, western_digits
from migstat.quality.repeats import digest_of
from migstat.quality.shape import RowKind, RowSorter, is_blank

TEXTS = st.text(st.sampled_from("aZ éß٠٤_-'.\u200f\x1c\u00a0tsTS=<1العم\u0301"), max_size=12) | st.text(max_size=12)
TITLES = ("Commune", "Élèves")
TOTALS = (
    "TOTAL",
    "total général",
    "S/Total",
    "Sous-total Agdal",
    "Ensemble",
    "all",
    "Sum",
    "المجموع",
    "\u200ftotal",
    "tótal",
)


def long_way(text: str) -> str:
    """``plain`` as it reads any text, without a shorter way for ASCII."""
    shown = re.sub("[\ufeff\u200b-\u200f\u2066-\u2069\u202a\u202b\u202c\u00ad]", "", text)
    apart = unicodedata.normalize("NFKD", western_digits(shown).casefold())
    letters = "".join(letter for letter in apart if not unicodedata.combining(letter))
    same = letters.translate(str.maketrans("أإآٱىةؤئیک", "اااايهوييك", "ـ"))
    same = same.replace("œ", "oe").replace("æ", "ae")
    return " ".join(re.sub(r"[\W_]+", " ", same).split())


@settings(max_examples=300)
@given(TEXTS)
def test_plain_words_are_the_same_by_the_short_way(text: str) -> None:
    assert plain(text) == long_way(text)
    assert is_blank(text) is not bool(cleaned(text))


@given(st.lists(TEXTS, max_size=5))
def test_a_row_has_the_digest_of_its_texts_whether_or_not_all_of_them_are(row: list[str]) -> None:
    assert digest_of(row) == digest_of([*map(str, row)])
    assert digest_of([*row, None]) == digest_of([*row, ""])
    assert digest_of([*row, 7]) == digest_of([*row, "7"])


@pytest.mark.parametrize("total", TOTALS)
@given(first=TEXTS)
def test_no_total_is_overlooked_by_its_first_sign(total: str, first: str) -> None:
    sorter = RowSorter(TITLES, raw_titles=(TITLES,))
    assert sorter.kind([total, 4, 5]) in (RowKind.TOTAL, RowKind.SUBTOTAL)
    if first.strip() and plain(first) and not plain(first).startswith(("t", "s", "e", "a", "g", "ا", "م", "c")):
        assert sorter.kind([first, total, 5, 6]) is RowKind.SUBTOTAL
    assert sorter.kind(list(TITLES)) is RowKind.REPEATED_HEADING
