"""The catalogue's code lists and areas as the rules of quality know codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from marsad.catalogue.queries import areas, codes
from migstat.model.refusals import Refused
from migstat.model.structure import DataStructure, Kind
from migstat.quality.codes import CodeIndex, KnownCode

AREAS = frozenset({"area", "areas"})


def code_indices(
    structure: DataStructure, answers: Mapping[str, Mapping[str, str]] | None = None
) -> dict[str, CodeIndex]:
    """The index of each code list that a structure names. Raises ``Refused("deliveries.codelist")`` for an unknown one."""
    said = answers or {}
    by_list: dict[str, dict[str, str]] = {}
    for column in structure.columns:
        if column.kind is Kind.CODE:
            by_list.setdefault(column.codelist, {}).update(said.get(column.name, {}))
    found = {name: CodeIndex(tuple(_known(name)), spellings) for name, spellings in by_list.items()}
    empty = [name for name, index in found.items() if not index.codes]
    if empty:
        raise Refused("deliveries.codelist", found=", ".join(empty), remedy="load the code list with the city's pack")
    return found


def names_of(codelist: str, language: str) -> dict[str, str]:
    """The name of each code of a list in one language."""
    field, name = f"name_{language}", codelist.lower()
    if name in AREAS:
        return {area.code: getattr(area, field) for area in areas()}
    return {code.code: getattr(code, field) for code in codes([name])[name].values()}


def _known(codelist: str) -> Iterable[KnownCode]:
    if codelist.lower() in AREAS:
        return [
            KnownCode(
                area.code,
                _names(area),
                numbers=tuple(
                    sorted(
                        {
                            number
                            for number in (area.hcp_2014, area.hcp_2024, area.code.replace(".", ""))
                            if number.isdigit()
                        }
                    )
                ),
            )
            for area in areas()
        ]
    return [
        KnownCode(
            code.code,
            _names(code),
            code.iso2,
            code.unhcr,
            confused_with=tuple(other for other in code.confused_with.split(";") if other),
        )
        for code in codes([codelist.lower()])[codelist.lower()].values()
    ]


def _names(named: object) -> tuple[str, ...]:
    return tuple({getattr(named, f"name_{language}") for language in ("fr", "ar", "en")} - {""})
