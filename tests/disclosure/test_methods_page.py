"""The worked examples of the methods page run."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from subprocess import run

PAGE = Path(__file__).resolve().parents[2] / "docs" / "methods" / "disclosure.md"


def test_the_examples_of_the_page_run_one_after_another() -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(blocks) == 3
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)


def test_the_command_of_the_page_prints_what_the_page_says(tmp_path: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    table, policy, session = (_block(page, language) for language in ("csv", "toml", "console"))
    command, said = session.split("\n", 1)
    assert command == "$ python -m migstat.disclosure audit table.csv policy.toml"
    (tmp_path / "policy.toml").write_text(policy)
    for withheld, status in (("", 1), ("AGDAL,M,15", 0)):
        (tmp_path / "table.csv").write_text(
            table.replace(f"{withheld},published", f"{withheld},withheld", bool(withheld))
        )
        done = run(
            [sys.executable, *command.split()[2:]],
            cwd=tmp_path,
            env={"PYTHONPATH": str(PAGE.parents[2] / "src")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stderr
        assert (done.stdout == said) == (status == 1)


def _block(page: str, language: str) -> str:
    found = re.findall(rf"```{language}\n(.*?)```", page, flags=re.DOTALL)
    assert len(found) == 1
    return str(found[0])
