"""Made-up names and birth dates, and how desks write them down: spelling of their own, slips, two scripts, gaps.

The truth (who is who) is known, so that a linkage of lists can be judged by it. Family names are drawn from syllables with
frequencies that fall as those of real names do (few are very frequent); given names from a pool that both scripts write.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from migstat.model import Origin, Refused

Ints = NDArray[np.int64]

_WOMEN_WRITTEN = (
    "Fatima Khadija Aicha Mariam Zineb Aminata Fatoumata Salma Nadia Rokia Awa Binta Hawa Kadiatou Oumou "
    "Samira Layla Hanane Safiatou Djeneba Adama Yasmina Rachida Naima Sanaa Grace Marie Chantal Blessing "
    "Esther Rama Hajar Imane Zahra Sokhna Bintou Assetou Nabila Karima Latifa Malika Houda Ilham Souad Jamila "
    "Amina Ramatou Mariama Maimouna Penda"
)
_WOMEN = tuple(_WOMEN_WRITTEN.split())
_MEN_WRITTEN = (
    "Mohamed Ahmed Ibrahim Youssef Moussa Mamadou Ousmane Abdoulaye Amadou Ismael Hassan Omar Ali Said Jamal "
    "Cheikh Modou Lamine Boubacar Souleymane Issa Seydou Bakary Yacouba Idrissa Karim Rachid Hamza Bilal "
    "Samuel Emmanuel Jean Patrick Michel Junior Daouda Sekou Alpha Thierno Malick Babacar Khalid Nabil Tarik "
    "Mustapha Brahim Salif Drissa Adel Walid"
)
_MEN = tuple(_MEN_WRITTEN.split())
_ONSETS = ["b", "d", "f", "g", "k", "l", "m", "n", "r", "s", "t", "z", "dj", "kh", "ch", "h", "y", "w", "nd", "mb"]
_NUCLEI = ["a", "e", "i", "o", "ou", "a", "i"]
_CODAS = ("", "", "", "", "n", "r", "l", "s")
# How an Arabic hand writes Latin sounds; vowels in the middle of a word are written as long ones or left out.
_ARABIC = {
    "dj": "ج", "kh": "خ", "ch": "ش", "ou": "و", "th": "ث", "gh": "غ", "b": "ب", "c": "ك", "d": "د", "f": "ف", "g": "غ",
    "h": "ه", "i": "ي", "j": "ج", "k": "ك", "l": "ل", "m": "م", "n": "ن", "o": "و", "p": "ب", "q": "ق", "r": "ر", "s": "س",
    "t": "ت", "u": "و", "v": "ف", "w": "و", "x": "كس", "y": "ي", "z": "ز", "a": "ا", "e": "",
}  # fmt: skip
_HABITS = (
    ("ou", "u"), ("i", "y"), ("k", "c"), ("dj", "j"), ("ch", "sh"), ("mm", "m"), ("ss", "s"), ("m", "mm"), ("a", "e"),
    ("h", ""), ("e", ""), ("s", "ss"), ("y", "i"), ("z", "s"),
)  # fmt: skip
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_OLDEST, _YOUNGEST = np.datetime64("1946-01-01"), np.datetime64("2008-12-31")


@dataclass(frozen=True, eq=False)
class Identities:
    """One entry a person: names in Latin script, day of birth, sex. ``origin`` says that nobody of them exists."""

    family: tuple[str, ...]
    given: tuple[str, ...]
    born: NDArray[np.datetime64]
    woman: NDArray[np.bool_]
    origin: Origin = Origin.SYNTHETIC

    def __len__(self) -> int:
        return len(self.family)


@dataclass(frozen=True, slots=True)
class WritingErrors:
    """How often a desk writes otherwise than the truth, as shares of records, each independent of the others."""

    habit: float = 0.15
    slip: float = 0.05
    arabic: float = 0.0
    swapped: float = 0.02
    no_birth: float = 0.03
    wrong_birth: float = 0.04
    new_year: float = 0.03

    def __post_init__(self) -> None:
        if not all(0 <= getattr(self, name) <= 1 for name in self.__slots__):
            raise Refused("writing.share", found="a share outside 0 to 1", remedy="give shares of records")


@dataclass(frozen=True, eq=False)
class WrittenRecords:
    """What one desk wrote: names as written, days of birth as ISO text or None, and who each record truly is."""

    family: tuple[str, ...]
    given: tuple[str, ...]
    born: tuple[str | None, ...]
    who: Ints
    origin: Origin = Origin.SYNTHETIC


def make_identities(count: int, rng: np.random.Generator, *, families: int = 4000) -> Identities:
    """Draw people. Frequencies of family names fall as 1 / (rank + 10), of given names as 1 / (rank + 5).

    >>> people = make_identities(3, np.random.default_rng(1))
    >>> len(people), people.origin.value
    (3, 'synthetic')
    """
    if count < 1 or families < 1:
        raise Refused("identities.count", found=f"{count} people, {families} families", remedy="give one or more")
    pool = _family_names(families, rng)
    family = [pool[place] for place in _ranked(len(pool), 10, count, rng)]
    woman = rng.random(count) < 0.5
    women, men = _ranked(len(_WOMEN), 5, count, rng), _ranked(len(_MEN), 5, count, rng)
    given = [_WOMEN[w] if is_woman else _MEN[m] for is_woman, w, m in zip(woman, women, men, strict=True)]
    days = rng.integers(0, int((_YOUNGEST - _OLDEST).astype(int)) + 1, count)
    return Identities(tuple(family), tuple(given), _OLDEST + days, woman)


def _ranked(size: int, flat: float, count: int, rng: np.random.Generator) -> Ints:
    weights = 1 / (np.arange(size) + flat)
    return rng.choice(size, count, p=weights / weights.sum())


def _family_names(wanted: int, rng: np.random.Generator) -> list[str]:
    names: dict[str, None] = {}
    while len(names) < wanted:
        parts = rng.integers(2, 4)
        word = "".join(str(rng.choice(_ONSETS)) + str(rng.choice(_NUCLEI)) for _ in range(parts)) + str(
            rng.choice(_CODAS)
        )
        names[word.capitalize()] = None
    return list(names)


def write_down(
    people: Identities, who: Sequence[int] | Ints, rng: np.random.Generator, errors: WritingErrors
) -> WrittenRecords:
    """One record for each entry of ``who`` (places in ``people``), written with the errors of a desk.

    >>> rng = np.random.default_rng(2)
    >>> people = make_identities(5, rng)
    >>> write_down(people, [4, 4], rng, WritingErrors(0, 0, 0, 0, 0, 0, 0)).family == (people.family[4],) * 2
    True
    """
    family, given, born = [], [], []
    for person in who:
        names = [people.family[person], people.given[person]]
        for place in (0, 1):
            names[place] = _as_written(names[place], rng, errors)
        if rng.random() < errors.arabic:
            names = [in_arabic(name) for name in names]
        if rng.random() < errors.swapped:
            names.reverse()
        family.append(names[0])
        given.append(names[1])
        born.append(_birth(people.born[person], rng, errors))
    return WrittenRecords(tuple(family), tuple(given), tuple(born), np.asarray(who, dtype=np.int64))


def _as_written(name: str, rng: np.random.Generator, errors: WritingErrors) -> str:
    if rng.random() < errors.habit:
        usable = [pair for pair in _HABITS if pair[0] in name[1:]]
        if usable:
            old, new = usable[rng.integers(len(usable))]
            name = name[0] + name[1:].replace(old, new, 1)
    if rng.random() < errors.slip and len(name) > 2:
        slip: Callable[[str, int, str], str] = _SLIPS[rng.integers(len(_SLIPS))]
        name = slip(name, int(rng.integers(1, len(name))), _LETTERS[rng.integers(26)])
    return name


_SLIPS: tuple[Callable[[str, int, str], str], ...] = (
    lambda name, place, letter: name[:place] + name[place + 1 :],
    lambda name, place, letter: name[:place] + letter + name[place:],
    lambda name, place, letter: name[:place] + letter + name[place + 1 :],
    lambda name, place, letter: name[: place - 1] + name[place] + name[place - 1] + name[place + 1 :],
)


def in_arabic(name: str) -> str:
    """A Latin name as an Arabic hand may write it, letter by letter.

    >>> in_arabic("Keita"), in_arabic("Moussa")
    ('كيتا', 'موسا')
    """
    word, written, place = name.lower(), "", 0
    while place < len(word):
        pair = word[place : place + 2]
        taken = pair if pair in _ARABIC else word[place]
        letter = _ARABIC.get(taken, "")
        written += "ا" if not written and not letter else letter if letter != written[-1:] else ""
        place += len(taken)
    return written


def _birth(day: np.datetime64, rng: np.random.Generator, errors: WritingErrors) -> str | None:
    drawn = rng.random()
    if drawn < errors.no_birth:
        return None
    if drawn < errors.no_birth + errors.new_year:
        return f"{str(day)[:4]}-01-01"
    if drawn < errors.no_birth + errors.new_year + errors.wrong_birth:
        year, month, date = (int(part) for part in str(day).split("-"))
        kind = int(rng.integers(3))
        if kind == 0 and date <= 12:
            month, date = date, month
        elif kind == 1:
            date = int(rng.integers(1, 29))
        else:
            year += int(rng.choice([-1, 1]))
        return f"{year:04d}-{month:02d}-{min(date, 28):02d}"
    return str(day)
