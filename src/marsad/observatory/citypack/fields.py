"""The kinds of field a pack is made of: each converts what is written, or says which rule it breaks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from marsad.web.words import LANGUAGES
from migstat.model import Period, Refused

_CODE = re.compile(r"^[A-Za-z0-9_.+\-]+$")

_ADDRESS = re.compile(r"^https?://[^\s/]+", re.IGNORECASE)


class Broken(ValueError):
    """A written value that breaks a rule."""

    def __init__(self, rule: str, found: str) -> None:
        super().__init__(rule, found)
        self.rule = rule
        self.found = found


@dataclass(frozen=True)
class Field:
    """``read`` converts a written value (text from CSV, text or TOML value from TOML). ``empty`` stands for nothing said."""

    name: str
    read: Callable[[Any], Any]
    required: bool = True
    empty: Any = ""
    group: str = ""


def words(name: str, *, required: bool = True) -> list[Field]:
    """A text in three languages: all of them or, where it is optional, none."""
    return [Field(f"{name}_{language}", _text, required=required, group=name) for language in LANGUAGES]


def text(name: str, *, required: bool = True) -> list[Field]:
    return [Field(name, _text, required=required)]


def address(name: str, *, required: bool = True) -> list[Field]:
    """An address on the web, since pages make a link of it: ``javascript:`` and the like are none."""
    return [Field(name, _address, required=required)]


def code(name: str, *, required: bool = True) -> list[Field]:
    return [Field(name, _code, required=required)]


def choice(name: str, options: Iterable[str], *, required: bool = True) -> list[Field]:
    known = tuple(options)

    def read(written: Any) -> str:
        if str(written) not in known:
            raise Broken("choice.unknown", f"{name} = {written!r}; known: {', '.join(known)}")
        return str(written)

    return [Field(name, read, required=required)]


def day(name: str, *, required: bool = True) -> list[Field]:
    return [Field(name, _day, required=required, empty=None)]


def period(name: str, *, required: bool = True) -> list[Field]:
    return [Field(name, _period, required=required)]


def number(name: str, *, required: bool = True) -> list[Field]:
    return [Field(name, _number, required=required, empty=None)]


def whole(name: str, *, required: bool = True) -> list[Field]:
    return [Field(name, _whole, required=required, empty=0)]


def flag(name: str, *, required: bool = True) -> list[Field]:
    return [Field(name, _flag, required=required, empty=False)]


def listing(name: str, *, required: bool = True) -> list[Field]:
    """A list of texts (TOML only)."""
    return [Field(name, _listing, required=required, empty=())]


def table(name: str, *, required: bool = True) -> list[Field]:
    """A table of texts (TOML only)."""
    return [Field(name, _table, required=required, empty={})]


def _text(written: Any) -> str:
    if not isinstance(written, str):
        raise Broken("field.type", f"{written!r} where text is expected")
    return written.strip()


def _address(written: Any) -> str:
    text = _text(written)
    if text and not _ADDRESS.match(text):
        raise Broken("address.form", repr(text))
    return text


def _code(written: Any) -> str:
    if not isinstance(written, str) or not _CODE.match(written):
        raise Broken("code.form", repr(written))
    return written


def _day(written: Any) -> date:
    if isinstance(written, date):
        return written
    try:
        return date.fromisoformat(str(written))
    except ValueError:
        raise Broken("date.form", repr(written)) from None


def _period(written: Any) -> str:
    try:
        return Period.parse(str(written)).text
    except Refused as refused:
        raise Broken("period.form", refused.found) from None


def _number(written: Any) -> Decimal:
    if isinstance(written, bool):
        raise Broken("number.form", repr(written))
    try:
        value = Decimal(str(written))
    except InvalidOperation:
        raise Broken("number.form", repr(written)) from None
    if not value.is_finite():
        raise Broken("number.form", repr(written))
    return value


def _whole(written: Any) -> int:
    value = _number(written)
    if value != int(value):
        raise Broken("number.form", repr(written))
    return int(value)


def _flag(written: Any) -> bool:
    if isinstance(written, bool):
        return written
    if str(written) in {"yes", "no"}:
        return str(written) == "yes"
    raise Broken("choice.unknown", f"{written!r}; known: yes, no")


def _listing(written: Any) -> tuple[str, ...]:
    if not isinstance(written, list) or not all(isinstance(item, str) for item in written):
        raise Broken("field.type", f"{written!r} where a list of texts is expected")
    return tuple(written)


def _table(written: Any) -> dict[str, Any]:
    if not isinstance(written, dict):
        raise Broken("field.type", f"{written!r} where a table is expected")
    return dict(written)
