"""What may come beside the answers: names that are plain, and files that are what their first bytes say."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from marsad.collection.instruments.questions import FILE_TYPES, Question
from marsad.collection.instruments.records import every_answer
from marsad.collection.instruments.rules import LIMITS
from marsad.collection.instruments.submission_xml import Entry
from migstat.model.refusals import Refused

_LONGEST_NAME = 100
# Beside letters, their marks and digits of every script.
_SIGNS = frozenset(" _.,()'’+&~=-")
# First bytes, where they begin, and the type that they prove.
_SIGNATURES: Sequence[tuple[int, bytes, str]] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF8", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypmif1", "image/heic"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1a\x45\xdf\xa3", "video/webm"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    *((0, b"\xff" + sign, "audio/mpeg") for sign in (b"\xfb", b"\xfa", b"\xf3", b"\xf2")),
    *((0, b"\xff" + sign, "audio/aac") for sign in (b"\xf1", b"\xf9")),
    (8, b"WAVE", "audio/wav"),
    (0, b"#!AMR", "audio/amr"),
    (0, b"%PDF-", "application/pdf"),
)
_FAMILIES = {
    "image": ("image/",),
    "audio": ("audio/", "video/mp4", "video/webm"),
    "video": ("video/",),
    "file": ("image/", "audio/", "video/", "application/pdf"),
}


@dataclass(frozen=True)
class Attached:
    name: str
    content_type: str
    content: bytes


def named_files(entry: Entry, questions: Sequence[Question]) -> dict[str, str]:
    """The files that the answers name, with the type of the question that names each."""
    kinds = {question.name: question.type for question in questions if question.type in FILE_TYPES}
    return {said: kinds[name] for name, said in every_answer(entry) if name in kinds}


def checked(attachments: Mapping[str, tuple[str, bytes]], named: Mapping[str, str]) -> tuple[Attached, ...]:
    """The attachments as they may be kept; a file that no answer names (any more) is left out and kept nowhere.

    ODK Collect sends all that lies in the folder of a form, also the picture of a question that was closed again later.
    Raises ``Refused`` for a name, a type or a size that is not allowed.
    """
    if len(attachments) > LIMITS.attachments:
        raise Refused(
            "instruments.attachments",
            found=f"{len(attachments)} attachments",
            remedy=f"send {LIMITS.attachments} at most",
        )
    _demand_plain(named)
    return tuple(_checked(name, content, named) for name, (_, content) in attachments.items() if name in named)


def _demand_plain(names: Iterable[str]) -> None:
    if not all(map(is_plain, names)):
        raise Refused(
            "instruments.attachment_name",
            found="a file name with a path, or with signs that are not allowed",
            remedy="use letters, digits, spaces, points and dashes",
        )


def is_plain(name: str) -> bool:
    """Whether a file name is one, in any script, and leads nowhere.

    >>> [is_plain(name) for name in ("صورة 1.jpg", "façade-é.png", "../roof.jpg", "a..jpg", ".roof.jpg", "gpj\u202e.exe")]
    [True, True, False, False, False, False]
    """
    stem, point, ending = name.rpartition(".")
    right = bool(stem) and stem[0].isalnum() and len(name) <= _LONGEST_NAME and ".." not in name
    plain = all(sign in _SIGNS or unicodedata.category(sign)[0] in "LMN" for sign in stem)
    return right and plain and bool(point) and 1 <= len(ending) <= 8 and ending.isascii() and ending.isalnum()


def _checked(name: str, content: bytes, named: Mapping[str, str]) -> Attached:
    if len(content) > LIMITS.attachment:
        raise Refused(
            "instruments.attachment_large", found=f"{len(content)} bytes", remedy=f"send {LIMITS.attachment} at most"
        )
    kind = type_of(content)
    if not kind.startswith(_FAMILIES[named[name]]):
        raise Refused(
            "instruments.attachment_type",
            found=f"a file that is no {named[name]} by its first bytes",
            remedy="send a picture, a recording or a PDF, as the question asks",
        )
    return Attached(name, kind, content)


def type_of(content: bytes) -> str:
    """The type that a file's first bytes prove; "application/octet-stream" where they prove none."""
    for start, sign, kind in _SIGNATURES:
        if content[start : start + len(sign)] == sign:
            return kind
    return "application/octet-stream"
