"""From a drawing to SVG and PNG, made once and kept: equal drawings have equal pictures.

The picture stands inline in our pages, so that it has the page's fonts and its marks can be reached with the keyboard. What
vl-convert writes holds presentation attributes and neither style attributes nor scripts; ``_clean`` refuses anything else, so
the picture passes a content security policy that admits nothing inline. Patterns for missing, withheld and not applicable are
put in here, since Vega has none, and the PNG is made of the finished SVG.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import Final

from django.conf import settings

from marsad.observatory import chart_style as style
from marsad.observatory.charts import Drawing
from migstat.model import Refused

_HERE: Final = Path(__file__).parent
_SOURCES: Final = ("charts.py", "chart_style.py", "chart_drawing.py", "rendering.py")
_FONTS: Final = _HERE.parent / "web" / "static" / "build" / "fonts-ttf"
_ALLOWED: Final = frozenset(
    "svg g path rect line text tspan defs clipPath pattern circle ellipse title".split()  # noqa: SIM905
)

_MOST_IN_FOLDER: Final = 64  # of 256 folders
_MOST_PIXELS_IN_FOLDER: Final = 6  # each takes the room of twenty drawings

_STRIPES: Final = "M-1,7L7,-1M-1,1L1,-1M5,7L7,5"
_SHAPES: Final = {
    "missing": f'<rect width="6" height="6" fill="#f3f0e7"/><path d="{_STRIPES}" stroke="#a89e85" stroke-width="1.6"/>',
    "withheld": '<rect width="6" height="6" fill="#ffffff"/><circle cx="3" cy="3" r="1.2" fill="#4c5b55"/>',
    "not_applicable": '<rect width="6" height="6" fill="#ffffff"/><path d="M0,0L6,6" stroke="#cfc9b8" stroke-width="0.8"/>',
}


def svg(drawing: Drawing, title: str) -> str:
    """The picture for a page: marks with labels, patterns, ``title`` as its name."""
    return _kept(_digest(drawing, title, "page"), "svg", lambda: _page_svg(drawing, title))


def framed_svg(drawing: Drawing, *, title: str, subtitle: str, source: str) -> str:
    """The picture as a file that stands alone: title, what is measured and source around it."""
    key = _digest(drawing, title, f"file\n{subtitle}\n{source}")
    return _kept(key, "svg", lambda: _frame(drawing, svg(drawing, title), title, subtitle, source))


def framed_png(drawing: Drawing, *, title: str, subtitle: str, source: str, scale: float = 2) -> bytes:
    """``framed_svg`` as pixels, on white, ``scale`` pixels to a unit."""
    words = framed_svg(drawing, title=title, subtitle=subtitle, source=source)
    key = hashlib.sha256(f"{_code_digest()}\n{scale}\n{words}".encode()).hexdigest()[:32]
    return _kept_bytes(key, "png", lambda: _pixels(words, scale))


def _pixels(picture: str, scale: float) -> bytes:
    import vl_convert

    _register_fonts()
    drawn: bytes = vl_convert.svg_to_png(picture, scale=scale)
    return drawn


def _page_svg(drawing: Drawing, title: str) -> str:
    import vl_convert

    from marsad.observatory.chart_drawing import specification

    _register_fonts()
    language = drawing.axis.language
    raw = vl_convert.vegalite_to_svg(specification(drawing), format_locale=style.locale(language))
    mark = _digest(drawing, title, "page")[:8]
    return _named(_patterned(_clean(raw), mark), title)


def _clean(picture: str) -> str:
    """The picture as it may stand in a page. Raises Refused when it holds anything but shapes and words."""
    tags = set(re.findall(r"<([a-zA-Z]+)", picture))
    if tags - _ALLOWED or re.search(r"\s(?:on\w+|style|href|xlink:href)=", picture):
        raise Refused(
            "chart.svg",
            found=f"{', '.join(sorted(tags - _ALLOWED)) or 'an attribute'}",
            remedy="draw shapes and words only",
        )
    picture = re.sub(r' aria-roledescription="(?:group|[a-z]+) mark container"', "", picture)
    return re.sub(r'(<g class="mark-[a-z]+ role-mark[^"]*") role="graphics-object"', r"\1", picture)


def _patterned(picture: str, mark: str) -> str:
    used = {state: colour for state, colour in style.PATTERNS.items() if colour in picture}
    if not used:
        return picture
    for state, colour in used.items():
        picture = picture.replace(f'"{colour}"', f'"url(#{state}-{mark})"')
    patterns = "".join(
        f'<pattern id="{state}-{mark}" width="6" height="6" patternUnits="userSpaceOnUse">{_SHAPES[state]}</pattern>'
        for state in used
    )
    head, rest = picture.split(">", 1)
    return f"{head}><defs>{patterns}</defs>{rest}"


def _named(picture: str, title: str) -> str:
    name = f'<svg role="img" direction="ltr" aria-label="{escape(title)}" focusable="false"'
    return picture.replace("<svg", name, 1).replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "")


def _frame(drawing: Drawing, picture: str, title: str, subtitle: str, source: str) -> str:
    width, height = (float(number) for number in re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', picture)[0])
    language = drawing.axis.language
    outer = max(width, 420.0) + 40
    end = language == "ar"
    at, anchor = (outer - 20, "end") if end else (20.0, "start")
    lines: list[str] = []
    top = 18.0
    for words, size, weight, colour in ((title, 17, 600, style.INK), (subtitle, 12.5, 400, style.INK_3)):
        for line in _lines_of(words, (outer - 40) / (size * 0.53)):
            top += size * 1.35
            lines.append(_line(line, at, top - 4, anchor, size, weight, colour, drawing))
        top += 4
    inner = re.sub(r'<svg role="img"', f'<svg x="{(outer - width) / 2:g}" y="{top + 8:g}" role="img"', picture, count=1)
    foot = top + 8 + height + 14
    for line in _lines_of(source, (outer - 40) / (11.5 * 0.53)):
        foot += 15
        lines.append(_line(line, at, foot, anchor, 11.5, 400, style.INK_3, drawing))
    total = foot + 16
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{outer:g}" height="{total:g}" viewBox="0 0 {outer:g} {total:g}" '
        f'role="img" aria-label="{escape(title)}" direction="ltr"><rect width="{outer:g}" height="{total:g}" fill="white"/>'
        f"{''.join(lines)}{inner}</svg>"
    )


def _line(words: str, x: float, y: float, anchor: str, size: float, weight: int, colour: str, drawing: Drawing) -> str:
    font = f'font-family="{style.family(drawing.axis.language)}" font-size="{size:g}" font-weight="{weight}" fill="{colour}"'
    said = escape(style.text(words, drawing.axis))
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" {font}>{said}</text>'


def _lines_of(words: str, width: float) -> list[str]:
    lines: list[str] = []
    for word in words.split(" "):
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


@cache
def _register_fonts() -> None:
    import vl_convert

    if _FONTS.is_dir():
        vl_convert.register_font_directory(str(_FONTS))


@cache
def _code_digest() -> str:
    """Of the code that draws: a picture made by other code is another picture."""
    parts = [(_HERE / name).read_bytes() for name in _SOURCES]
    parts += [version("vl-convert-python").encode(), version("altair").encode(), str(_FONTS.is_dir()).encode()]
    return hashlib.sha256(b"".join(parts)).hexdigest()


def _digest(drawing: Drawing, title: str, use: str) -> str:
    return hashlib.sha256(f"{_code_digest()}\n{use}\n{title}\n{drawing!r}".encode()).hexdigest()[:32]


def _kept(key: str, kind: str, make: Callable[[], str]) -> str:
    return _kept_bytes(key, kind, lambda: make().encode()).decode()


def _kept_bytes(key: str, kind: str, make: Callable[[], bytes]) -> bytes:
    """The file of this key, made and put in place whole the first time."""
    path = Path(settings.ENVIRONMENT.home) / "charts" / key[:2] / f"{key}.{kind}"
    try:
        return path.read_bytes()
    except FileNotFoundError:
        pass
    made = make()
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("wb", dir=path.parent, delete=False) as file:
        file.write(made)
    os.replace(file.name, path)
    _make_room(path.parent, f".{kind}", _MOST_PIXELS_IN_FOLDER if kind == "png" else _MOST_IN_FOLDER)
    return made


def _make_room(folder: Path, suffix: str, most: int) -> None:
    """Readers compare places and years in countless ways: the oldest pictures of a full folder go, and are made again."""
    pictures = [picture for picture in folder.iterdir() if picture.suffix == suffix]
    if len(pictures) <= most:
        return
    with suppress(FileNotFoundError):  # another process makes room too
        for picture in sorted(pictures, key=lambda picture: picture.stat().st_mtime_ns)[:-most]:
            picture.unlink()
