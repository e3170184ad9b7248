"""What begins every SDMX message: who sends it, when it was prepared, and in which languages its words are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any, Final

from migstat.exchange.sdmx_artefacts import Names

ROOT: Final = "http://www.sdmx.org/resources/sdmxml/schemas/v3_0"
LANGUAGES: Final = ("fr", "ar", "en")
_UNPRINTABLE: Final = {code: None for code in range(32) if code not in (9, 10, 13)}


@dataclass(frozen=True, slots=True)
class Header:
    """``prepared`` is the moment of the edition, so that the same question has the same answer, byte for byte."""

    id: str
    sender: str
    prepared: datetime


def xml(text: object) -> str:
    """Text as it may stand in an element or an attribute of XML 1.0."""
    return escape(str(text).translate(_UNPRINTABLE), quote=True)


def attributes(pairs: Iterable[tuple[str, object]]) -> str:
    """Attributes of an element; what is None or empty is left out: no attribute says that a number is unknown."""
    return "".join(f' {name}="{xml(value)}"' for name, value in pairs if value is not None and value != "")


def words_xml(element: str, names: Names) -> Iterator[str]:
    for language, words in names.items():
        if words:
            yield f'<{element} xml:lang="{language}">{xml(words)}</{element}>'


def header_xml(header: Header, inside: str = "") -> str:
    return (
        f"<mes:Header><mes:ID>{xml(header.id)}</mes:ID><mes:Test>false</mes:Test>"
        f"<mes:Prepared>{instant(header.prepared)}</mes:Prepared>"
        f'<mes:Sender id="{xml(header.sender)}"/>{inside}</mes:Header>'
    )


def header_json(header: Header, schema: str) -> dict[str, Any]:
    return {
        "schema": schema,
        "id": header.id,
        "test": False,
        "prepared": instant(header.prepared),
        "contentLanguages": list(LANGUAGES),
        "sender": {"id": header.sender},
    }


def instant(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def best(names: Names) -> str:
    """The name for a reader of no stated language: English, else whichever there is."""
    return names.get("en") or next((words for words in names.values() if words), "")


def named(names: Names, descriptions: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The name of an artefact in JSON: one for whoever asks for no language, and every one of them."""
    found: dict[str, Any] = {"name": best(names), "names": {key: words for key, words in names.items() if words}}
    if descriptions and any(descriptions.values()):
        found |= {"description": best(descriptions), "descriptions": {k: v for k, v in descriptions.items() if v}}
    return found
