"""What the documents say is so: their commands exist, their links lead somewhere, the project speaks of itself alone."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    [*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md"), REPOSITORY / "src/migstat/README.md"]
)
_MAKE = re.compile(r"(?:^|`|\s{4})make ([a-z]+)", re.MULTILINE)
_MARSAD = re.compile(r"(?:^|`|\s{4})marsad ([a-z][a-z-]+)", re.MULTILINE)
_LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)\s]+)\)")


def names(paths):
    return [str(path.relative_to(REPOSITORY)) for path in paths]


@pytest.mark.parametrize("path", DOCUMENTS, ids=names(DOCUMENTS))
def test_commands_exist(path):
    from django.core.management import get_commands

    text = path.read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):", (REPOSITORY / "Makefile").read_text("utf-8"), re.MULTILINE))
    commands = {name.replace("_", "-") for name in get_commands()}
    assert set(_MAKE.findall(text)) <= targets
    assert set(_MARSAD.findall(text)) <= commands


@pytest.mark.parametrize("path", DOCUMENTS, ids=names(DOCUMENTS))
def test_links_lead_somewhere(path):
    for target in _LINK.findall(path.read_text("utf-8")):
        assert (path.parent / target.partition("#")[0]).exists(), f"{path.name} links to {target}"


def test_readme_names_the_two_commands():
    text = (REPOSITORY / "README.md").read_text("utf-8")
    assert "make run" in text and "make test" in text


def test_the_make_targets_are_all_there():
    makefile = (REPOSITORY / "Makefile").read_text("utf-8")
    for target in ("run", "test", "check", "fix", "bench", "new", "missing"):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_no_path_of_a_machine_is_written_down():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, check=False).stdout
    files = [REPOSITORY / name for name in listed.decode().split("\0") if name]
    machine = re.compile(r"/(?:home|root|Users)/[a-z]|/(?:work|farm)/(?:main|in|steering)")
    for file in files:
        if file.suffix in {".py", ".md", ".toml", ".html", ".ts", ".csv", ".txt", ".scss"} and file.is_file():
            if file == Path(__file__).resolve():
                continue
            assert not machine.search(file.read_text("utf-8", errors="ignore")), file
