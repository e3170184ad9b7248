"""Three partners' lists of made-up people, pseudonymised as the store does, with the truth of who is who."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from marsad.collection.keys import Keys
from marsad.collection.pseudonyms import Pseudonymiser, stored_columns
from marsad.production.linkage.plan import Field, FieldKind
from marsad.production.linkage.records import Records, make_records, shared_fields
from migstat.model.structure import DataStructure
from migstat.synthetic.identities import Identities, WritingErrors, make_identities, write_down

KEYS = Keys.of("service-statistics", b"s" * 32)
STRUCTURE = DataStructure.from_mapping(
    {
        "code": "case-list",
        "version": "1",
        "unit": "case",
        "columns": [
            {"name": "family_name", "role": "direct_identifier", "kind": "text"},
            {"name": "given_name", "role": "direct_identifier", "kind": "text"},
            {"name": "birth_date", "role": "direct_identifier", "kind": "date"},
            {"name": "sex", "role": "quasi_identifier", "kind": "code", "codelist": "sex"},
            {"name": "citizenship", "role": "quasi_identifier", "kind": "code", "codelist": "citizenship"},
            {"name": "age", "role": "quasi_identifier", "kind": "integer"},
            {"name": "period", "role": "period", "kind": "text"},
        ],
    }
)
KINDS = {
    "family_name": FieldKind.NAME,
    "given_name": FieldKind.NAME,
    "birth_date": FieldKind.BIRTH,
    "sex": FieldKind.CODE,
    "citizenship": FieldKind.CODE,
}
CITIZENSHIPS = np.array(["CI", "CM", "GN", "ML", "SN", "SY", "YE", "FR"])
ERRORS = WritingErrors()
TWO_SCRIPTS = WritingErrors(arabic=0.3)


@dataclass(frozen=True, eq=False)
class CityLists:
    """Plain and pseudonymised tables by list, and for each row of the lists one after the other who it is."""

    plain: Mapping[str, Any]
    stored: Mapping[str, Any]
    who: NDArray[np.int64]
    people: int

    @property
    def fields(self) -> tuple[Field, ...]:
        return shared_fields([(table.column_names, KINDS) for table in self.stored.values()])

    def records(self) -> Records:
        return make_records(self.stored, self.fields)


def city_lists(
    people: int = 3000,
    coverage: tuple[float, ...] = (0.4, 0.35, 0.3),
    errors: tuple[WritingErrors, ...] = (ERRORS, ERRORS, TWO_SCRIPTS),
    seed: int = 11,
    families: int = 1500,
) -> CityLists:
    dice = np.random.default_rng(seed)
    made = make_identities(people, dice, families=families)
    citizenship = CITIZENSHIPS[dice.choice(len(CITIZENSHIPS), people, p=[0.2, 0.15, 0.15, 0.1, 0.2, 0.08, 0.07, 0.05])]
    plain, who = {}, []
    for number, (share, how) in enumerate(zip(coverage, errors, strict=True)):
        chosen = np.flatnonzero(dice.random(people) < share)
        who.append(chosen)
        plain[f"list{number}"] = _table(made, citizenship, chosen, how, dice)
    make = Pseudonymiser(STRUCTURE, "service-statistics", KEYS).apply
    stored = {name: _with_year(make(table)) for name, table in plain.items()}
    for number, name in enumerate(plain):
        once = _told_apart(stored[name])
        plain[name], stored[name], who[number] = plain[name].filter(once), stored[name].filter(once), who[number][once]
    assert set(stored["list0"].column_names) >= set(stored_columns(STRUCTURE))
    return CityLists(plain, stored, np.concatenate(who), people)


def _table(made: Identities, citizenship: Any, chosen: Any, how: WritingErrors, dice: np.random.Generator) -> Any:
    written = write_down(made, chosen, dice, how)
    years = made.born[chosen].astype("datetime64[Y]").astype(int) + 1970
    return pa.table(
        {
            "family_name": list(written.family),
            "given_name": list(written.given),
            "birth_date": pa.array(written.born, pa.string()),
            "sex": np.where(made.woman[chosen], "F", "M"),
            "citizenship": citizenship[chosen],
            "age": 2026 - years - (dice.random(len(chosen)) < 0.5),
            "period": ["2026"] * len(chosen),
        }
    )


def _told_apart(table: Any) -> NDArray[np.bool_]:
    """The rows but those that repeat another one in all that a linkage sees: they would be one record for two persons."""
    seen = pl.from_arrow(table.drop_columns(["age", "period"]))
    assert isinstance(seen, pl.DataFrame)
    return seen.select(pl.struct(pl.all()).is_first_distinct()).to_series().to_numpy()


def _with_year(table: Any) -> Any:
    ages = np.asarray(table.column("age"))
    return table.append_column("birth_year", pa.array(2026 - ages, pa.int32()))
