"""The kinds of notices and their words. Each app registers its own when it starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise


@dataclass(frozen=True)
class NoticeKind:
    """``title`` and ``body`` are translated sentences with ``%(name)s`` places for the values of a notice."""

    code: str
    title: Promise | str
    body: Promise | str = ""

    def said(self, values: Mapping[str, Any]) -> tuple[str, str]:
        """Title and body in the language in force. Raises KeyError where a value is missing."""
        return str(self.title) % values, str(self.body) % values if self.body else ""


KINDS: dict[str, NoticeKind] = {}


def notice_kind(code: str, title: Promise | str, body: Promise | str = "") -> NoticeKind:
    """Register a kind. A code is given once."""
    if code in KINDS:
        raise ValueError(f"the kind of notice {code!r} is registered twice")
    KINDS[code] = NoticeKind(code, title, body)
    return KINDS[code]
