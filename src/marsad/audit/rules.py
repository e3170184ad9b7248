"""What an event of the audit log may say, and how each is chained to the one before."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from migstat.model.refusals import Refused

Detail = int | str | bool | None | Sequence[str]
Details = Mapping[str, Detail]

FIRST_LINK = "0" * 64
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/|=-]{0,79}")
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_MOST_CODES = 50


class Actor(Protocol):
    """Whoever acts: a person's account or a named part of the system."""

    @property
    def audit_code(self) -> str: ...


@dataclass(frozen=True)
class System:
    """The system acting by itself, named after what it does.

    >>> System("load-city").audit_code
    'system:load-city'
    """

    name: str

    @property
    def audit_code(self) -> str:
        return f"system:{self.name}"


def is_code(value: object) -> bool:
    """Whether a value is a code: no space, no accent, no address. A name or an e-mail address is not one.

    >>> is_code("figures.case:foreign-2014"), is_code("someone@example.org"), is_code("Aïcha B.")
    (True, False, False)
    """
    return isinstance(value, str) and _CODE.fullmatch(value) is not None


def _may_stand(value: object) -> bool:
    if value is None or isinstance(value, bool | int) or is_code(value):
        return True
    return isinstance(value, list | tuple) and len(value) <= _MOST_CODES and all(is_code(one) for one in value)


def checked_details(details: Details) -> dict[str, Detail]:
    """The details of an event, refused where they hold anything but counts and codes.

    Raises ``Refused("audit.details")``; the value itself is never repeated in the refusal.

    >>> checked_details({"changed": 3, "area": "RBA"})
    {'changed': 3, 'area': 'RBA'}
    """
    for key, value in details.items():
        if not _KEY.fullmatch(key) or not _may_stand(value):
            raise Refused(
                "audit.details",
                found=f"a detail that is neither a count nor a code, under {key if _KEY.fullmatch(key) else 'a bad key'!r}",
                remedy="record counts, yes or no, and codes; never words about a person",
            )
    return {key: list(value) if isinstance(value, tuple) else value for key, value in details.items()}


@dataclass(frozen=True)
class Link:
    """One event as it is hashed."""

    sequence: int
    at: datetime
    actor: str
    action: str
    target: str
    details: Mapping[str, Detail]
    previous: str

    def digest(self) -> str:
        """SHA-256 over every word of the event and over the digest of the event before, in hexadecimal."""
        words = [
            self.sequence,
            self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            self.actor,
            self.action,
            self.target,
            self.details,
            self.previous,
        ]
        canonical = json.dumps(words, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()
