"""The sound of a name: the same in both scripts for most spellings, never a name itself."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collection.store_cases import STRUCTURE
from marsad.collection.keys import Keys
from marsad.collection.pseudonyms import Pseudonymiser
from marsad.collection.sound import sound_of
from marsad.collection.spelling import one_spelling

# One name as desks write it; what ~ leads the rule is known to miss.
SPELLINGS = """
محمد Mohamed Mohammed Muhammad Mouhamed Mohammad
فاطمة Fatima Fatimah Fatma ~Fatimetou
يوسف Youssef Yusuf Yousef Youssouf
خديجة Khadija Khadijah Khadidja
عائشة Aicha Aïsha Aisha Ayesha
إبراهيم Ibrahim Ibrahima Ebrahim
عثمان Othmane ~Ousmane ~Usman
عبد_الله Abdallah Abdullah Abdoulaye
عبد_الرحمن Abderrahmane Abdurrahman Abdelrahman
ديالو Diallo Dialo ~Jallow
تراوري Traoré Traore
كوليبالي Coulibaly Koulibaly
العمراني El_Amrani Amrani Elamrani
العلوي Alaoui El_Alaoui Alawi
بناني Bennani Benani
حسين Hussein Hussain Hocine
مريم Mariam Maryam Meriem
وفاء Wafaa Ouafae
عمر Omar Oumar Umar
شريف Cherif Sharif
قاسم Kacem Qasim Kassem
ياسين Yassine Yacine
نور_الدين Noureddine Nour-Eddine
زينب Zineb Zaynab Zainab
"""


def variants() -> list[tuple[str, str, bool]]:
    lines = [[name.replace("_", " ") for name in line.split()] for line in SPELLINGS.strip().splitlines()]
    return [(names[0], name.removeprefix("~"), not name.startswith("~")) for names in lines for name in names[1:]]


@pytest.mark.parametrize(("arabic", "latin", "meets"), variants())
def test_the_scripts_meet(arabic: str, latin: str, meets: bool) -> None:
    assert (sound_of(one_spelling(arabic)) == sound_of(one_spelling(latin))) is meets


def test_most_spellings_meet_and_names_mostly_stay_apart() -> None:
    assert sum(meets for _, _, meets in variants()) / len(variants()) > 0.9
    sounds = [sound_of(one_spelling(line.split()[0].replace("_", " "))) for line in SPELLINGS.strip().splitlines()]
    assert len(set(sounds)) > 0.9 * len(sounds)


@settings(max_examples=50)
@given(st.text(max_size=20))
def test_any_text_has_a_sound_of_capital_letters(text: str) -> None:
    sound = sound_of(one_spelling(text))
    assert sound == "" or (sound.isascii() and sound.isupper())


def test_sounds_are_kept_keyed_and_for_texts_alone() -> None:
    make = Pseudonymiser(STRUCTURE, "services", Keys.of("services", b"s" * 32)).apply
    stored = make(
        pa.table({"name": ["فاطمة", "Fatimah", "Keita", None], "card": ["7", "7", "7", "7"], "born": pa.nulls(4)})
    )
    arabic, latin, other, none = stored.column("name__sound").to_pylist()
    assert arabic == latin != other
    assert none is None
    assert "FTM" not in str(stored.to_pydict())
    assert set(stored.column("card__sound").to_pylist()) == {None}
    assert "born__sound" not in stored.column_names
    elsewhere = Pseudonymiser(STRUCTURE, "statistics", Keys.of("statistics", b"o" * 32)).apply(
        pa.table({"name": ["Fatima"]})
    )
    assert elsewhere.column("name__sound").to_pylist() != [arabic]
