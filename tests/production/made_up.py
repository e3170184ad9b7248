"""A small made-up city as tables that studies read, without any store."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from marsad.demonstration.records import WRITING, MadeUpCity
from marsad.production.studies.catalogue import STUDIES, assumptions_of
from migstat.synthetic.identities import WritingErrors

DEFINITIONS = Path(__file__).resolve().parents[2] / "cities" / "rabat" / "definitions"
AREAS = [
    ["04.421", "", "Préfecture", "عمالة", "Prefecture"],
    ["04.421.01.0", "04.421", "Rabat", "الرباط", "Rabat"],
    ["04.421.01.07", "04.421", "Touarga", "تواركة", "Touarga"],
    *(
        [f"04.421.01.{n}", "04.421.01.0", f"Arrondissement {n}", f"مقاطعة {n}", f"Arrondissement {n}"]
        for n in ("01", "03", "05", "06", "09")
    ),
]
SEX = [
    ["_T", "", "Ensemble", "المجموع", "All"],
    ["F", "_T", "Femmes", "نساء", "Women"],
    ["M", "_T", "Hommes", "رجال", "Men"],
]
HIDDEN = {"code": "STK-08", "unit": "persons", "kind": "stock", "base": "other"}
SHARE = {"code": "EMP-02", "unit": "percent", "kind": "stock", "base": "other"}
KEY = ["family_name__pseudonym", "given_name__pseudonym", "birth_date__pseudonym"]


@cache
def city() -> MadeUpCity:
    return MadeUpCity.of(2026, scale=0.1)


def table(rows: list[dict[str, Any]]) -> pa.Table:
    """Rows as the store would give them: direct identifiers under the names of their pseudonyms."""
    hidden = {"family_name", "given_name", "birth_date", "coupon", "recruiter_coupon", "dwelling_number", "act_number"}
    return pa.Table.from_pylist(
        [
            {(f"{k}__pseudonym" if k in hidden else k): (str(v) if k in hidden and v else v) for k, v in one.items()}
            for one in rows
        ]
    )


@cache
def survey(wave: int = 0) -> pa.Table:
    return table(city().household_survey(wave=wave, districts=6))


@cache
def lists() -> dict[str, pa.Table]:
    """The partners' lists written without a mistake, so that equal pseudonyms are one person."""
    exact = dict.fromkeys(WRITING, WritingErrors(0, 0, 0, 0, 0, 0, 0))
    return {name: table(rows) for name, rows in city().partner_lists(exact).items()}


@cache
def network() -> pa.Table:
    return table(city().network_sample(120))


def definition(code: str, *periods: str) -> dict[str, Any]:
    text = (DEFINITIONS / f"{code}.toml").read_text("utf-8")
    return {
        "code": code, "definition": text, "codelists": {"area": AREAS, "sex": SEX},
        "periods": list(periods) or ["2025"], "home": "04.421",
    }  # fmt: skip


def confirmed(*methods: str) -> list[str]:
    return [one.id for method in methods for one in assumptions_of(method)]


def settings(study: str, *methods: str, **more: Any) -> dict[str, Any]:
    return {
        "study": study, "home": "04.421", "period": "2025", "strata": "area",
        "units": ["block_latitude", "block_longitude"], "confirmed": confirmed(*(methods or STUDIES[study].methods)),
    } | more  # fmt: skip
