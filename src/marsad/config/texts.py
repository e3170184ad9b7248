"""The catalogues of words: found, compiled and compared with the sentences that the code uses. No gettext needed."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

from marsad.config.environment import SOURCE

TRANSLATED = ("fr", "ar")
_KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


@dataclass(frozen=True, order=True)
class MissingText:
    """A sentence of an app that a language has no words for."""

    app: str
    language: str
    sentence: str
    where: str


def catalogues(source: Path = SOURCE) -> list[Path]:
    return sorted(source.rglob("locale/*/LC_MESSAGES/*.po"))


def compile_texts(source: Path = SOURCE) -> int:
    """Compile each catalogue that changed since it was compiled; returns how many were.

    The compiled form carries the time of its source as it was read, so a change made meanwhile is not overlooked. Processes
    that compile at the same time write files of their own; the last one stays.
    """
    stale = [po for po in catalogues(source) if not _is_compiled(po)]
    for po in stale:
        written_at = po.stat().st_mtime_ns
        with po.open("rb") as words:
            catalogue = read_po(words, locale=po.parts[-3])
        compiled = io.BytesIO()
        write_mo(compiled, catalogue)
        unfinished = po.with_suffix(f".{os.getpid()}-{threading.get_ident()}.mo")
        unfinished.write_bytes(compiled.getvalue())
        os.utime(unfinished, ns=(written_at, written_at))
        unfinished.replace(po.with_suffix(".mo"))
    return len(stale)


def _is_compiled(po: Path) -> bool:
    mo = po.with_suffix(".mo")
    return mo.exists() and mo.stat().st_mtime_ns == po.stat().st_mtime_ns


def _sentences(file: Path) -> Iterator[tuple[str | None, str, int]]:
    """Context, sentence and line of each call for a translation in a Python file or a template."""
    text = file.read_text(encoding="utf-8")
    code = text if file.suffix == ".py" else "\n".join(map(str.lstrip, templatize(text, origin=str(file)).splitlines()))
    for line, message, _comments, context in extract("python", io.BytesIO(code.encode()), keywords=_KEYWORDS):
        yield context, message if isinstance(message, str) else message[0], line


def sentences_of(app: Path) -> dict[tuple[str | None, str], str]:
    """Every sentence an app asks a translation for, and the first place that asks."""
    files = sorted([*app.rglob("*.py"), *app.rglob("*.html"), *app.rglob("*.txt")])
    found: dict[tuple[str | None, str], str] = {}
    for file in files:
        if "migrations" in file.parts or "static" in file.parts or "locale" in file.parts:
            continue
        for context, sentence, line in _sentences(file):
            found.setdefault((context, sentence), f"{file.relative_to(app.parent)}:{line}")
    return found


def _translated(language: str, source: Path) -> set[tuple[str | None, str]]:
    words: set[tuple[str | None, str]] = set()
    for po in source.rglob(f"locale/{language}/LC_MESSAGES/*.po"):
        with po.open("rb") as file:
            for message in read_po(file, locale=language):
                texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
                if message.id and all(texts) and not message.fuzzy:
                    words.add((message.context, message.id if isinstance(message.id, str) else message.id[0]))
    return words


def missing_texts(source: Path = SOURCE) -> list[MissingText]:
    """Every sentence that a language does not have, by app."""
    had = {language: _translated(language, source) for language in TRANSLATED}
    apps = sorted(folder for folder in source.iterdir() if (folder / "__init__.py").exists())
    return sorted(
        MissingText(app.name, language, sentence, where)
        for app in apps
        for (context, sentence), where in sentences_of(app).items()
        for language in TRANSLATED
        if (context, sentence) not in had[language]
    )
