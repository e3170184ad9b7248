"""Which column of a file holds which column of a structure: by its title in three languages, and by what it contains."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from migstat.model.structure import Column, DataStructure, Kind, Role
from migstat.quality.cells import RawCell, period_of
from migstat.quality.codes import CodeIndex
from migstat.quality.dates import DateOrder, parse_date
from migstat.quality.numbers import is_number_like
from migstat.quality.plain_words import plain

# Words that partners use in place of the usual names of columns, in French, Arabic, English.
SYNONYMS: Final[tuple[tuple[str, ...], ...]] = tuple(
    tuple(line.split("; "))
    for line in (
        "family_name; nom; nom de famille; surname; last name; الاسم العائلي; النسب; اللقب",
        "given_name; prénom; first name; forename; الاسم الشخصي; الاسم",
        "full_name; nom et prénom; nom complet; name; الاسم الكامل; الاسم والنسب",
        "birth_date; date de naissance; né le; date of birth; dob; تاريخ الازدياد; تاريخ الولادة",
        "birth_year; année de naissance; year of birth; سنة الازدياد; سنة الولادة",
        "citizenship; nationalité; citoyenneté; nationality; pays d'origine; country of origin; coo iso; الجنسية; بلد الأصل",
        "sex; sexe; genre; gender; الجنس; النوع",
        "age; âge; tranche d'âge; age group; groupe d'âge; السن; العمر; الفئة العمرية",
        "area; arrondissement; zone; commune; district; quartier; "
        "code hcp; code commune; territoire; المقاطعة; الجماعة; المنطقة",
        "period; période; année; year; mois; month; trimestre; quarter; السنة; الشهر; الفترة; الفصل",
        "visit_date; date de visite; date; jour; day; تاريخ الزيارة; التاريخ; اليوم",
        "phone; téléphone; tél; gsm; mobile; phone number; الهاتف; رقم الهاتف",
        "id_number; n° cin; cin; passeport; passport; "
        "numéro de dossier; n° dossier; case number; رقم البطاقة; رقم الملف; جواز السفر",
        "persons; effectif; nombre; nombre de personnes; count; number; total; العدد; عدد الأشخاص",
        "pupils; élèves; nombre d'élèves; students; enrolled; inscrits; التلاميذ; عدد التلاميذ",
        "weight; poids; pondération; الوزن",
        "service; type de service; prestation; الخدمة",
        "household_size; taille du ménage; حجم الأسرة; عدد أفراد الأسرة",
    )
)
USUAL_TITLES: Final = frozenset(plain(title) for group in SYNONYMS for title in group)
_GROUPS: Final = tuple(frozenset(map(plain, group)) for group in SYNONYMS)
_ENOUGH: Final = 0.55
_MOST_BY_CONTENTS: Final = 0.8
_UNDER_ITS_NAME: Final = 0.6


@dataclass(frozen=True)
class SourceColumn:
    """A column of a file: its place from 0, its title, and some of its cells."""

    position: int
    title: str
    sample: tuple[RawCell, ...] = ()


@dataclass(frozen=True)
class Proposal:
    """``position`` is None where no column fits; ``why`` is ``name``, ``synonym``, ``similar``, ``contents`` or empty."""

    column: str
    position: int | None
    score: float = 0.0
    why: str = ""


def propose(
    structure: DataStructure, columns: Sequence[SourceColumn], codes: Mapping[str, CodeIndex]
) -> tuple[Proposal, ...]:
    """Each column of the structure with the file's column that fits best; a file's column is proposed once.

    >>> structure = DataStructure.from_mapping({"code": "v", "version": "1", "unit": "visit", "columns": [
    ...     {"name": "citizenship", "role": "quasi_identifier", "kind": "text"}]})
    >>> propose(structure, [SourceColumn(0, "N°"), SourceColumn(1, "NATIONALITÉ")], {})
    (Proposal(column='citizenship', position=1, score=0.95, why='synonym'),)
    """
    scored = sorted(
        (
            (*_score(wanted, offered, codes.get(wanted.codelist)), wanted.name, offered.position)
            for wanted in structure.columns
            for offered in columns
        ),
        key=lambda one: (-one[0], one[3]),
    )
    taken: dict[str, Proposal] = {}
    used: set[int] = set()
    for score, why, name, position in scored:
        if score >= _ENOUGH and name not in taken and position not in used:
            taken[name] = Proposal(name, position, round(score, 3), why)
            used.add(position)
    return tuple(taken.get(column.name, Proposal(column.name, None)) for column in structure.columns)


def _score(wanted: Column, offered: SourceColumn, codes: CodeIndex | None) -> tuple[float, str]:
    by_title, why = _title_score(wanted, offered.title)
    if not offered.sample:
        return by_title, why
    by_contents = _contents_score(wanted, offered.sample, codes)
    if by_title >= 0.8:
        return by_title * (1.0 if by_contents >= 0.3 else 0.75), why
    if wanted.role is Role.DIRECT_IDENTIFIER or wanted.kind in (Kind.TEXT, Kind.INTEGER, Kind.NUMBER, Kind.BOOLEAN):
        return by_title, why
    # Contents alone never outdo a name: two columns of countries hold the same codes.
    combined = (
        min(0.5 * by_title + 0.5 * by_contents + 0.1, _MOST_BY_CONTENTS) if by_contents >= 0.6 else 0.4 * by_title
    )
    return max(by_title * 0.9, combined), "contents" if combined > by_title else why


def _title_score(wanted: Column, title: str) -> tuple[float, str]:
    """How well a title names a column; of a heading over several rows the lowest tells the columns apart, not what
    stands above all of them.
    """
    names = {plain(wanted.name)}
    if wanted.label is not None:
        names |= {plain(wanted.label.fr), plain(wanted.label.ar), plain(wanted.label.en)}
    *above, lowest = title.split(" | ")
    said = [plain(part) for part in (title, lowest) if plain(part)]
    if not said:
        return 0.0, ""
    if said[0] in names:
        return 1.0, "name"
    if any(part in names for part in said):
        return 0.97, "name"
    groups = [group for group in _GROUPS if group & names]
    if any(part in group for group in groups for part in said):
        return 0.95, "synonym"
    bare = {_bare(part) for part in said}
    known = names.union(*groups) if groups else names
    if bare & {_bare(name) for name in known}:
        return 0.9, "similar"
    likeness = max(difflib.SequenceMatcher(None, part, name).ratio() for part in said for name in known)
    score = likeness * 0.85 if likeness >= 0.75 else likeness * 0.5
    if known & set(map(plain, above)):
        score = max(score, _UNDER_ITS_NAME + 0.1 * likeness)
    return score, "similar"


_SMALL = frozenset({"de", "du", "des", "la", "le", "les", "l", "d", "of", "the", "code", "n", "no", "num", "en", "al"})


def _bare(words: str) -> str:
    return " ".join(word for word in words.split() if word not in _SMALL)


def _contents_score(wanted: Column, sample: Sequence[RawCell], codes: CodeIndex | None) -> float:
    cells = [cell for cell in sample if cell not in (None, "")]
    if not cells:
        return 0.5
    texts = [str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell) for cell in cells]
    if wanted.role is Role.PERIOD:
        return sum(period_of(cell, DateOrder.DAY_FIRST) is not None for cell in cells) / len(cells)
    if wanted.kind is Kind.CODE:
        return codes.share_known(texts) if codes is not None else 0.5
    if wanted.kind is Kind.DATE:
        dates = [
            not isinstance(cell, str | int | float) or parse_date(str(cell), DateOrder.DAY_FIRST) is not None
            for cell in cells
        ]
        return sum(dates) / len(cells)
    if wanted.kind in (Kind.INTEGER, Kind.NUMBER):
        return sum(isinstance(cell, int | float) or is_number_like(str(cell)) for cell in cells) / len(cells)
    return 0.5
