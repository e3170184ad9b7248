"""Questions to an SDMX service (REST 2.x, and the keys of 1.x), read into plain values and refused where they are malformed.

A key is one position per dimension, parted by dots: ``*`` or nothing is any code, ``+`` parts codes, a comma parts whole keys.
A component filter is ``c[REF_AREA]=MAR,04_421`` or ``c[TIME_PERIOD]=ge:2020+le:2024``: a comma is *or*, a plus is *and* and
binds closer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final

from migstat.exchange.sdmx_artefacts import TIME, DataStructure
from migstat.model import Period, Refused

MOST_KEYS: Final = 40
MOST_VALUES: Final = 400
LONGEST: Final = 4000
MOST_ROWS: Final = 10_000_000
_FILTER: Final = re.compile(r"^c\[([^\]]{1,60})\]$")
_OPERATORS: Final = ("eq", "ne", "lt", "le", "gt", "ge", "co", "nc", "sw", "ew")
_ORDERED: Final = ("lt", "le", "gt", "ge")
_PART: Final = r"(?:\d{1,9}[*+~]?|[*+~])"
_VERSION: Final = re.compile(
    rf"^(?!(?:.*[*+~]){{2}})({_PART}(?:\.{_PART}){{0,2}}(-[A-Za-z0-9.-]{{1,40}})?|latest|all)$"
)
_LATEST: Final = frozenset({"*", "+", "~", "latest", "all"})

# One possibility of a question: the codes asked for, by dimension; a dimension that is not named takes any code.
Box = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Test:
    """One condition on a component: an operator and its operand."""

    operator: str
    operand: str


@dataclass(frozen=True, slots=True)
class Filter:
    """One of the alternatives in ``tests`` must hold; an alternative holds where all of its conditions do."""

    component: str
    tests: tuple[tuple[Test, ...], ...]


@dataclass(frozen=True)
class Reference:
    """Artefacts asked for: ``*`` (``all``) is any; several are parted by commas."""

    agency: str
    id: str
    version: str

    def agrees(self, agency: str, identifier: str) -> bool:
        return _one_of(self.agency, agency) and _one_of(self.id, identifier)

    def version_agrees(self, version: str) -> bool:
        """Whether a version answers. Each artefact stands in its latest version alone, which is stable: ``+``, ``~`` and ``*``
        differ only in the smallest version that they take."""
        return any(version_agrees(part, version) for part in self.version.split(","))


def version_agrees(asked: str, found: str) -> bool:
    """Whether a version is one of those that ``asked`` names: itself, or with a sign what is not smaller from that figure on.

    >>> version_agrees("2.0.0", "2.0"), version_agrees("1+.0", "2.0"), version_agrees("1.0+", "2.0")
    (True, True, False)
    """
    if asked in _LATEST:
        return True
    if "-" in asked or not _VERSION.match(asked):
        return False
    parts, have = asked.split("."), _figures(found.split("."))
    for place, part in enumerate(parts):
        if part[-1] in "*+~":
            least = _figures([*parts[:place], part[:-1] or "0", *parts[place + 1 :]])
            return have[:place] == least[:place] and have[place:] >= least[place:]
    return have == _figures(parts)


def _figures(parts: Sequence[str]) -> tuple[int, ...]:
    return tuple(int(part) for part in (*parts, "0", "0")[:3])


def _one_of(asked: str, found: str) -> bool:
    return asked in {"*", "all"} or found in asked.split(",")


def reference(agency: str, identifier: str, version: str) -> Reference:
    """Raises Refused for a version that is none.

    >>> reference("*", "FLOW", "1.0").version_agrees("1.0")
    True
    """
    for part in version.split(","):
        if not _VERSION.match(part):
            raise Refused(
                "sdmx.version",
                found=repr(version[:40]),
                remedy="write 1.0, 1.0+, 1+.0, * for every version, ~ or + for the latest",
            )
    return Reference(agency, identifier, version)


def parse_key(text: str, structure: DataStructure) -> tuple[Box, ...]:
    """The possibilities that a key names; one without conditions for ``*`` or ``all``.

    Positions left out at the end ask nothing (SDMX REST 2, data queries, ``key``). Raises Refused when a key has too many
    positions, or too many keys or codes are named.
    """
    if len(text) > LONGEST:
        raise Refused("sdmx.key_long", found=f"{len(text)} characters", remedy=f"ask in parts of {LONGEST}")
    if text in {"", "*", "all"}:
        return ({},)
    keys = text.split(",")
    if len(keys) > MOST_KEYS:
        raise Refused("sdmx.keys", found=f"{len(keys)} keys", remedy=f"ask for at most {MOST_KEYS} keys at a time")
    return tuple(_box(key, structure.key) for key in keys)


def _box(key: str, dimensions: Sequence[str]) -> Box:
    parts = key.split(".")
    if len(parts) > len(dimensions):
        raise Refused(
            "sdmx.key_length",
            found=f"{len(parts)} positions",
            remedy=f"give at most {len(dimensions)} positions parted by dots: {'.'.join(dimensions)}",
        )
    named = {}
    for dimension, part in zip(dimensions, parts, strict=False):
        codes = frozenset(code for code in part.split("+") if code)
        if codes and "*" not in codes:
            named[dimension] = codes
    return named


def parse_filters(parameters: Mapping[str, Sequence[str]], structure: DataStructure) -> tuple[Filter, ...]:
    """The component filters among the parameters of an address: ``c[REF_AREA]`` and, as in 1.x, startPeriod and endPeriod.

    Raises Refused for a component that the structure does not have, an unknown operator, or too many values.
    """
    found = []
    for name, values in parameters.items():
        if match := _FILTER.match(name):
            structure.component(match[1])
            found += [Filter(match[1], tests) for tests in map(_alternatives, values) if tests]
    for name, operator in (("startPeriod", "ge"), ("endPeriod", "le")):
        if parameters.get(name):
            found.append(Filter(TIME, ((Test(operator, parameters[name][-1]),),)))
    for each in found:
        _check(each, structure)
    return tuple(found)


def _alternatives(written: str) -> tuple[tuple[Test, ...], ...]:
    """What a value of a filter says: alternatives parted by commas, conditions of one by ``+`` (a space, once decoded)."""
    parts = [[one for one in re.split(r"[+ ]", part) if one] for part in written.split(",")]
    if (count := sum(map(len, parts))) > MOST_VALUES:
        raise Refused("sdmx.values", found=f"{count} values", remedy=f"ask for at most {MOST_VALUES} at a time")
    return tuple(tuple(map(_condition, part)) for part in parts if part)


def _condition(value: str) -> Test:
    operator, colon, operand = value.partition(":")
    if colon and operator in _OPERATORS:
        return Test(operator, operand)
    if colon and not re.match(r"^\d", value):
        raise Refused("sdmx.operator", found=repr(operator[:20]), remedy="use one of " + " ".join(_OPERATORS))
    return Test("eq", value)


def _check(asked: Filter, structure: DataStructure) -> None:
    component = structure.component(asked.component)
    for test in (test for part in asked.tests for test in part):
        if asked.component == TIME:
            if test.operator not in {"eq", "ne", *_ORDERED}:
                raise Refused("sdmx.time_operator", found=test.operator, remedy="compare time with eq ne lt le gt ge")
            bounds(test.operand)
        elif test.operator in _ORDERED:
            if component.text_type != "Double":
                raise Refused(
                    "sdmx.order", found=f"{test.operator} of {asked.component}", remedy="use eq ne co nc sw ew"
                )
            _number(test.operand)


def bounds(text: str) -> Period:
    """The period that an operand names; a time of day counts as its day. Raises Refused for anything else."""
    return Period.parse(text.partition("T")[0])


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise Refused("sdmx.number", found=repr(text[:30]), remedy="write a number such as 12.5") from None


_TEXT_TESTS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "eq": lambda value, operand: value == operand,
    "ne": lambda value, operand: value != operand,
    "co": lambda value, operand: operand in value,
    "nc": lambda value, operand: operand not in value,
    "sw": lambda value, operand: value.startswith(operand),
    "ew": lambda value, operand: value.endswith(operand),
}
_NUMBER_TESTS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "lt": lambda value, operand: value < operand,
    "le": lambda value, operand: value <= operand,
    "gt": lambda value, operand: value > operand,
    "ge": lambda value, operand: value >= operand,
}


def holds(asked: Filter, value: str | float | None) -> bool:
    """Whether a value of the component agrees; a value that is not there agrees only with ``ne`` and ``nc``."""
    return any(all(_test(test, value) for test in part) for part in asked.tests)


def _test(test: Test, value: str | float | None) -> bool:
    if value is None or value == "":
        return test.operator in {"ne", "nc"}
    if test.operator in _NUMBER_TESTS:
        return isinstance(value, float | int) and _NUMBER_TESTS[test.operator](value, _number(test.operand))
    if isinstance(value, float | int):
        same = value == float(test.operand) if re.match(r"^-?\d+(\.\d+)?$", test.operand) else False
        return same if test.operator == "eq" else not same
    return _TEXT_TESTS[test.operator](value, test.operand)


def narrowed(boxes: Sequence[Box], filters: Sequence[Filter], structure: DataStructure) -> tuple[Box, ...]:
    """The possibilities of a key with the filters on coded dimensions worked in: the codes that agree, by dimension."""
    allowed: dict[str, frozenset[str]] = {}
    for asked in filters:
        codelist = structure.component(asked.component).codelist if asked.component in structure.key else None
        if codelist is not None:
            codes = frozenset(code.id for code in codelist.items if holds(asked, code.id))
            allowed[asked.component] = allowed.get(asked.component, codes) & codes
    return tuple({**box, **{name: codes & box.get(name, codes) for name, codes in allowed.items()}} for box in boxes)


def moment(text: str, parameter: str) -> datetime:
    """A date or a date with its time, as ``asOf`` and ``updatedAfter`` take them; a date alone is the end of that day.

    Raises Refused for anything else.
    """
    written = text.strip().replace(" ", "+")
    try:
        if len(written) == 10:
            return datetime.combine(date.fromisoformat(written), time.max, UTC)
        found = datetime.fromisoformat(written)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise Refused(
            f"sdmx.{parameter}", found=repr(text[:40]), remedy="write 2026-10-01 or 2026-10-01T12:00:00Z"
        ) from None


def whole_number(text: str, parameter: str, *, least: int = 1) -> int:
    """Raises Refused for what is not a whole number from ``least`` to 10000000."""
    if not text.isascii() or not text.isdigit() or not least <= int(text[:9] or 0) <= MOST_ROWS:
        raise Refused(
            f"sdmx.{parameter}", found=repr(text[:20]), remedy=f"write a whole number from {least} to {MOST_ROWS}"
        )
    return int(text)


def chosen(text: str, offered: Sequence[str], parameter: str) -> tuple[str, ...]:
    """The attributes or measures asked for. ``all``, ``dsd``, ``obs`` are every one; ``none``, ``dataset``, ``series`` none.

    Raises Refused for a name that is not offered.
    """
    names: set[str] = set()
    for part in filter(None, (part.strip() for part in text.split(","))):
        if part in {"all", "dsd", "obs"}:
            names |= set(offered)
        elif part in offered:
            names.add(part)
        elif part not in {"none", "msd", "dataset", "series"}:
            raise Refused(f"sdmx.{parameter}", found=repr(part[:60]), remedy="use all, none or " + " ".join(offered))
    return tuple(name for name in offered if name in names)
