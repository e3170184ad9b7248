"""The small Markdown of the packs' texts as HTML: headings, paragraphs, lists, links, code, strong and stressed words.

Everything else is escaped: a pack holds words, not HTML.
"""

from __future__ import annotations

import re
from html import escape
from typing import Final

_LINK: Final = re.compile(r"\[([^\]]+)\]\((https?://[^\s)]+|/[^\s)]*|#[^\s)]*|mailto:[^\s)]+)\)")
_CODE: Final = re.compile(r"`([^`]+)`")
_STRONG: Final = re.compile(r"\*\*([^*]+)\*\*")
_STRESSED: Final = re.compile(r"(?<![*\w])\*([^*\s][^*]*)\*(?![*\w])")
_HEADING: Final = re.compile(r"^(#{1,4})\s+(.*)$")
_BULLET: Final = re.compile(r"^\s*[-*]\s+(.*)$")
_NUMBERED: Final = re.compile(r"^\s*\d+[.)]\s+(.*)$")


def rendered(text: str, *, top: int = 2) -> str:
    """HTML of ``text``; the highest heading becomes ``h<top>``.

    >>> rendered("One *word* and <b>")
    '<p>One <em>word</em> and &lt;b&gt;</p>'
    """
    return "\n".join(
        _block(block, top) for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()) if block.strip()
    )


def _block(block: str, top: int) -> str:
    lines = block.strip("\n").split("\n")
    if heading := _HEADING.match(lines[0]):
        level = min(6, top + len(heading[1]) - 1)
        rest = _block("\n".join(lines[1:]), top) if lines[1:] else ""
        return f"<h{level}>{_inline(heading[2])}</h{level}>{rest}"
    for marker, tag in ((_BULLET, "ul"), (_NUMBERED, "ol")):
        if marker.match(lines[0]):
            return f"<{tag}>{''.join(f'<li>{_inline(item)}</li>' for item in _items(lines, marker))}</{tag}>"
    if lines[0].startswith("|") and len(lines) > 2:
        return _table(lines)
    return f"<p>{_inline(' '.join(line.strip() for line in lines))}</p>"


def _items(lines: list[str], marker: re.Pattern[str]) -> list[str]:
    items: list[str] = []
    for line in lines:
        if match := marker.match(line):
            items.append(match[1])
        else:
            items[-1] += f" {line.strip()}"
    return items


def _table(lines: list[str]) -> str:
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    head = "".join(f'<th scope="col">{_inline(cell)}</th>' for cell in rows[0])
    body = "".join("<tr>" + "".join(f"<td>{_inline(cell)}</td>" for cell in row) + "</tr>" for row in rows[2:])
    table = f'<table class="table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return f'<div class="table-scroll" tabindex="0">{table}</div>'


def _inline(text: str) -> str:
    kept: list[str] = []

    def keep(html: str) -> str:
        kept.append(html)
        return f"\x00{len(kept) - 1}\x00"

    text = _CODE.sub(lambda match: keep(f'<code dir="ltr">{escape(match[1])}</code>'), text)
    text = _LINK.sub(lambda match: keep(f'<a href="{escape(match[2])}">{escape(match[1])}</a>'), text)
    text = _STRESSED.sub(r"<em>\1</em>", _STRONG.sub(r"<strong>\1</strong>", escape(text, quote=False)))
    return re.sub("\x00(\\d+)\x00", lambda match: kept[int(match[1])], text)
