"""The Python blocks of every methods page run as they stand, page by page, in one namespace each and in order."""

import re
from pathlib import Path

import pytest

PAGES = Path(__file__).resolve().parents[2] / "docs" / "methods"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_there_are_pages():
    assert list(PAGES.glob("*.md"))


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda page: page.stem)
def test_examples_run(page):
    text = page.read_text("utf-8")
    blocks = list(BLOCK.finditer(text))
    assert blocks, f"{page.name} has no worked example"
    namespace = {"__name__": f"methods_{page.stem}"}
    for block in blocks:
        # Line numbers of a failure are those of the page.
        before = text[: block.start(1)].count("\n")
        exec(compile("\n" * before + block[1], str(page), "exec"), namespace)
