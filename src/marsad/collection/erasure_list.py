"""The list of erased persons' pseudonyms that outlives the databases: a restored older copy is purged by it again.

It stands in the home folder, one line for each erasure, sealed by the master key, so that it tells nobody who was erased. A
line is on the disk before the erasure begins: an erasure that was cut short is done again, never forgotten.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from marsad.collection.keys import master_in_use
from marsad.collection.master_key import MasterKey, known_masters

NAME = "erasures.jsonl"
_LABEL = "erasure"


@dataclass(frozen=True)
class Erased:
    """One erasure of the list: its number and the pseudonyms that it erased."""

    erasure: str
    request: str
    pseudonyms: tuple[str, ...]


def list_file() -> Path:
    return Path(settings.ENVIRONMENT.home) / NAME


def _lines(text: str) -> Iterator[Mapping[str, str]]:
    """The whole lines of a list; one that a death cut off is no line."""
    for line in text.splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            continue


def _sealed(erased: Erased, master: MasterKey) -> str:
    words = json.dumps([erased.erasure, erased.request, list(erased.pseudonyms)])
    line = {"master": master.fingerprint, "erased": master.wrap(words.encode(), _LABEL).hex()}
    return json.dumps(line) + "\n"


def note_erased(*, erasure: str, request: str, pseudonyms: Sequence[str]) -> None:
    """Put an erasure on the list, on the disk before this returns. Noting it again changes nothing."""
    if erasure in {one.erasure for one in erased_persons()}:
        return
    _append(_sealed(Erased(erasure, request, tuple(pseudonyms)), master_in_use()))


def _append(lines: str) -> None:
    path = list_file()
    whole = not path.exists() or path.read_bytes()[-1:] in (b"", b"\n")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(lines if whole else "\n" + lines)
        file.flush()
        os.fsync(file.fileno())


def erased_persons(text: str | None = None) -> list[Erased]:
    """The erasures of the list that the master keys at hand can read, the oldest first."""
    if text is None:
        text = list_file().read_text(encoding="ascii") if list_file().exists() else ""
    masters = {master.fingerprint: master for master in known_masters()}
    found: dict[str, Erased] = {}
    for line in _lines(text):
        master = masters.get(line.get("master", ""))
        if master:
            number, request, pseudonyms = json.loads(master.unwrap(bytes.fromhex(line["erased"]), _LABEL))
            found.setdefault(number, Erased(number, request, tuple(pseudonyms)))
    return list(found.values())


def unreadable_lines() -> int:
    """How many erasures of the list need a master key that is not here."""
    text = list_file().read_text(encoding="ascii") if list_file().exists() else ""
    return sum(1 for _ in _lines(text)) - len(_readable(text))


def _readable(text: str) -> list[Mapping[str, str]]:
    known = {master.fingerprint for master in known_masters()}
    return [line for line in _lines(text) if line.get("master") in known]


def join_list(text: str) -> None:
    """Add the lines of another list, such as the one that came with an archive, that are not on this one."""
    own = list_file().read_text(encoding="ascii") if list_file().exists() else ""
    standing = {line["erased"] for line in _lines(own)}
    new = [json.dumps(dict(line)) + "\n" for line in _lines(text) if line["erased"] not in standing]
    if new:
        _append("".join(new))


def reseal_list(master: MasterKey) -> None:
    """Write the list anew under another master key, whole or not at all."""
    if not list_file().exists():
        return
    text = list_file().read_text(encoding="ascii")
    known = {one.fingerprint for one in known_masters()}
    kept = [json.dumps(dict(line)) + "\n" for line in _lines(text) if line.get("master") not in known]
    _replace([*kept, *(_sealed(one, master) for one in erased_persons(text))])


def _replace(lines: Iterable[str]) -> None:
    unfinished = list_file().with_name(NAME + ".part")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.writelines(lines)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(list_file())
