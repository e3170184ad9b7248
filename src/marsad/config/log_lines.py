"""Lines of the log without what identifies a person or opens a door: addresses of e-mail, secrets of links, values of rows."""

from __future__ import annotations

import logging
import re
from typing import Final

_LONGEST: Final = 500
_SECRETS: Final = (
    # One-time links: of an invitation, of a new password, of an address to confirm.
    (re.compile(r"(/invitation|/reset/key|/confirm-email|/news/confirm|/news/end|/feed)/[^/\s]+"), r"\1/***"),
    # The token of a device, which ODK Collect and KoboCollect send in the address of every request.
    (re.compile(r"(/openrosa)/(?!(?:formList|submission|forms)\b)[^/\s]+"), r"\1/***"),
    (re.compile(r"[^\s<>()'\",;:=/]+(?:@|%40)[^\s<>()'\",;:=/]+"), "***@***"),
    # What a database says of a row that it refuses.
    (re.compile(r"(Key \([^)]*\)=)\([^\n]*?\)(?= )"), r"\1(***)"),
    (re.compile(r"(Failing row contains )\([^\n]*\)"), r"\1(***)"),
)


def without_persons(text: str) -> str:
    """
    >>> without_persons("Gone: /fr/account/invitation/a-secret_1/")
    'Gone: /fr/account/invitation/***/'
    >>> without_persons("Key (email)=(someone@example.org) already exists.")
    'Key (email)=(***) already exists.'
    """
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


class Line(logging.Formatter):
    """A line of bounded length, then its traceback; both without what identifies a person."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 -- the name the library calls
        line = super().formatMessage(record)
        return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}… ({len(line)} characters)"

    def format(self, record: logging.LogRecord) -> str:
        return without_persons(super().format(record))
