"""PDF files through Typst: tagged, in the project's own typeface, Arabic shaped and set from right to left.

Fonts are full ones (a subset for the web lacks brackets and cannot be searched): IBM Plex Sans and IBM Plex Sans Arabic as
the build of the pages copies them, else Debian's Noto fonts. Fonts of the system are never picked by chance.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from marsad.web.numbers import END_ISOLATE, ISOLATE_LTR
from marsad.web.words import LANGUAGES
from migstat.model.refusals import Refused

_BUILT: Final = Path(__file__).parent / "static" / "build" / "fonts-ttf"
_DEBIAN: Final = Path("/usr/share/fonts/truetype/noto")
# The faces that a document asks for, in order; the last ones ship inside Typst and write Latin letters only.
_FACES: Final = ("IBM Plex Sans", "IBM Plex Sans Arabic", "Noto Sans", "Noto Sans Arabic", "Libertinus Serif")
_ARABIC_FONTS: Final = ("IBMPlexSansArabic_400Regular.ttf", "NotoSansArabic-Regular.ttf")
# What a right-to-left line would turn round: dates, codes, ranges, shares, numbers with separators, and names in Latin
# letters, with their accents and apostrophes.
_LETTER: Final = "[A-Za-z0-9\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0300-\u036f]"
_JOINT: Final = r"[.,:/_+&@'\u2019\-\u2013\u2212\u202f\u00a0 ]"
_PIECE: Final = re.compile(rf"{_LETTER}+(?:{_JOINT}+{_LETTER}+)*(?:[\u202f\u00a0 ]?%)?")


def pdf(source: str, *, language: str, files: Mapping[str, bytes] = {}) -> bytes:
    """A tagged PDF of Typst markup, the same bytes for the same words.

    ``files`` are what the markup reads (pictures, SVG), by plain names. Words of people go into the markup through
    ``quoted`` alone. Raises ``Refused``: ``documents.language``, ``documents.fonts`` where no font writes Arabic,
    ``documents.file`` for a name that is no plain name, ``documents.source`` where the markup is wrong.
    """
    if language not in LANGUAGES:
        raise Refused("documents.language", found="another language", remedy=f"use one of {', '.join(LANGUAGES)}")
    folder = font_folder()
    if language == "ar" and folder is None:
        raise Refused(
            "documents.fonts", found="no full Arabic font", remedy="run make face, or install Debian's fonts-noto-core"
        )
    with tempfile.TemporaryDirectory(prefix="marsad-document-") as room:
        for name, content in files.items():
            _put(Path(room), name, content)
        page = Path(room) / "document.typ"
        page.write_text(_preamble(language) + source, encoding="utf-8")
        return _compiled(page, [folder] if folder else [])


def font_folder() -> Path | None:
    """The folder of full fonts that documents are set with: ours where the build made it, else Debian's, else none.

    Only one is read: scanning all of Debian's fonts takes longer than setting a page.
    """
    complete = [folder for folder in (_BUILT, _DEBIAN) if any((folder / name).is_file() for name in _ARABIC_FONTS)]
    return complete[0] if complete else None


def quoted(words: str, language: str = "fr") -> str:
    """Words as a string of Typst, in which nothing is markup; in Arabic every number, range and code is isolated.

    >>> print(quoted('a "b" #c'))
    "a \\"b\\" #c"
    """
    plain = "".join(one for one in words if one in "\n\t" or ord(one) >= 32)
    spelt = isolated_pieces(plain) if language == "ar" else plain
    escaped = spelt.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def isolated_pieces(words: str) -> str:
    """Arabic words in which each piece that runs from left to right is isolated, so that it stays in one piece.

    >>> isolated_pieces("بين 15 و2026-01-31") == "بين \u206615\u2069 و\u20662026-01-31\u2069"
    True
    """
    bare = words.replace(ISOLATE_LTR, "").replace(END_ISOLATE, "")
    return _PIECE.sub(lambda found: f"{ISOLATE_LTR}{found[0]}{END_ISOLATE}", bare)


def _preamble(language: str) -> str:
    faces = ", ".join(f'"{face}"' for face in _FACES)
    return (
        f'#set text(lang: "{language}", region: "ma", font: ({faces}), size: 10.5pt, fallback: true)\n'
        "#set document(date: none)\n"
        '#set page(paper: "a4", margin: (x: 22mm, top: 20mm, bottom: 24mm))\n'
        "#set par(leading: 0.72em)\n"
    )


def _put(room: Path, name: str, content: bytes) -> None:
    if PurePosixPath(name).name != name or name in {"", ".", "..", "document.typ"}:
        raise Refused("documents.file", found="a name with a folder", remedy="give files plain names")
    (room / name).write_bytes(content)


def _compiled(page: Path, folders: list[Path]) -> bytes:
    import typst  # large, and only needed where a document is made

    try:
        made = typst.compile(
            str(page),
            root=str(page.parent),
            font_paths=[str(folder) for folder in folders],
            ignore_system_fonts=True,
            package_path=str(page.parent / "packages"),
            package_cache_path=str(page.parent / "packages"),
            format="pdf",
            pdf_tags=True,
        )
    except typst.TypstError as error:
        raise Refused(
            "documents.source", found=str(error).splitlines()[0], remedy="correct the markup of the document"
        ) from error
    assert isinstance(made, bytes)
    return made
