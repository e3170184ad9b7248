"""The Markdown of the packs' texts as HTML. Raw HTML is shown as text: a pack holds words, not HTML."""

from __future__ import annotations

from functools import cache

from markdown_it import MarkdownIt


@cache
def _parser() -> MarkdownIt:
    """CommonMark without HTML, and with tables."""
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def rendered(text: str, *, top: int = 2) -> str:
    """HTML of ``text``; a first-level heading becomes ``h<top>``, and those below it follow.

    >>> rendered("One *word* and <b>")
    '<p>One <em>word</em> and &lt;b&gt;</p>'
    >>> rendered("# Title", top=1)
    '<h1>Title</h1>'
    """
    tokens = _parser().parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, int(token.tag[1]) + top - 1)}"
    html: str = _parser().renderer.render(tokens, _parser().options, {})
    return html.strip()
