"""The files that a form reads or shows: which it needs, which are allowed, and the choices that stand in a table of them.

ODK XForms, URIs of media and of secondary instances: https://getodk.github.io/xforms-spec/#uris
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import unescape

from marsad.collection.instruments.attachments import is_plain
from marsad.collection.instruments.questions import LANGUAGES, Choice, Question
from migstat.model.refusals import Refused

ENDINGS = frozenset(
    ["csv", "xml", "geojson", "png", "jpg", "jpeg", "gif", "webp", "mp3", "m4a", "aac", "ogg", "wav", "mp4", "3gp", "webm"]
)  # fmt: skip
LARGEST_FILE = 5_000_000
MOST_FILES = 40
# A longer table still reaches the devices; its choices are not held against the answers.
_MOST_CHOICES = 5_000
_NAMED = re.compile(r"jr://(?:file-csv|file|images|audio|video)/([^<>\"']+)")


def files_read(xform: str) -> tuple[str, ...]:
    """The names of the files that an XForm reads or shows, each once; names that are put together while it is filled are
    not known before.
    """
    named = (unescape(name).strip() for name in _NAMED.findall(xform))
    return tuple(dict.fromkeys(name for name in named if "." in name))


def demand_files(xform: str, files: Mapping[str, bytes]) -> None:
    """Raises ``Refused("instruments.media")`` for a file that is not allowed, and for one that the form needs and lacks."""
    for name, content in files.items():
        if not is_plain(name) or name.rpartition(".")[2].lower() not in ENDINGS or len(content) > LARGEST_FILE:
            raise _refused(f"a file that no form reads, or one that is too large: {name[:60]!r}")
    if len(files) > MOST_FILES:
        raise _refused(f"{len(files)} files")
    lacking = [name for name in files_read(xform) if name not in files]
    if lacking:
        raise _refused(", ".join(lacking[:8]))


def _refused(found: str) -> Refused:
    return Refused("instruments.media", found=found, remedy="send the tables and pictures that the form names with it")


def with_choices(questions: Sequence[Question], files: Mapping[str, bytes]) -> tuple[Question, ...]:
    """The same questions; those that choose from a table of the form have its lines as their choices."""
    return tuple(
        replace(one, choices=_choices(one, files[one.file])) if one.file.endswith(".csv") and one.file in files else one
        for one in questions
    )


def _choices(question: Question, content: bytes) -> tuple[Choice, ...]:
    """Raises ``Refused("instruments.media")`` for a table that is no UTF-8 or lacks the columns that the question names."""
    try:
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    except (UnicodeError, csv.Error):
        raise _refused(f"{question.file}: no table in UTF-8") from None
    heads = rows[0].keys() if rows else ()
    if question.value_column not in heads or question.label_column not in heads:
        raise _refused(f"{question.file}: no columns {question.value_column} and {question.label_column}")
    if len(rows) > _MOST_CHOICES:
        return ()
    found = {str(row[question.value_column] or "").strip(): row[question.label_column] or "" for row in rows}
    return tuple(Choice(name, dict.fromkeys(LANGUAGES, label)) for name, label in found.items() if name)
