"""The folder of the site: put in place whole, left alone by what is interrupted, never taken from anything else."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from marsad.observatory import site_folder
from marsad.observatory.site_check import Broken, broken_links
from marsad.observatory.site_folder import MANIFEST, files_before, put_in_place, staging, write, write_manifest
from migstat.model import Refused


def made(target: Path, files: dict[str, str]) -> list[site_folder.Written]:
    with staging(target) as stage:
        written = [write(stage, path, text.encode()) for path, text in files.items()]
        written.append(write_manifest(stage, {"format": 1}, written))
        put_in_place(stage)
    return written


@pytest.mark.parametrize("one_step", [True, False])
def test_a_site_is_exchanged_whole_and_keeps_what_did_not_change(tmp_path, monkeypatch, one_step: bool) -> None:
    if not one_step:
        monkeypatch.setattr(site_folder, "_exchanged", lambda one, other: False)
    target = tmp_path / "site"
    made(target, {"a/index.html": "one", "b.csv": "two", "c.txt": "gone"})
    before = (target / "b.csv").stat()
    written = made(target, {"a/index.html": "other", "b.csv": "two"})
    assert [each.path for each in written if each.is_new] == ["a/index.html", MANIFEST]
    assert (target / "a/index.html").read_text() == "other"
    after = (target / "b.csv").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert files_before(target) == {"a/index.html", "b.csv"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["site"]


def test_the_same_files_have_the_same_manifest(tmp_path) -> None:
    for name in ("one", "other"):
        made(tmp_path / name, {"b": "2", "a": "1"} if name == "one" else {"a": "1", "b": "2"})
    assert (tmp_path / "one" / MANIFEST).read_bytes() == (tmp_path / "other" / MANIFEST).read_bytes()
    listed = json.loads((tmp_path / "one" / MANIFEST).read_text())["files"]
    assert listed["a"] == {
        "bytes": 1,
        "sha256": "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b",
    }


def test_a_folder_of_something_else_is_left_alone(tmp_path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("kept")
    with pytest.raises(Refused, match=r"export\.folder"):
        made(tmp_path / "letters", {"a": "1"})
    assert (tmp_path / "letters" / "dear.txt").read_text() == "kept"
    (tmp_path / "empty").mkdir()
    made(tmp_path / "empty", {"a": "1"})
    assert (tmp_path / "empty" / "a").exists()


def test_two_exports_to_one_folder_do_not_mix(tmp_path) -> None:
    with staging(tmp_path / "site"), pytest.raises(Refused, match=r"export\.running"):
        made(tmp_path / "site", {"a": "1"})


def test_what_fails_midway_leaves_the_old_site(tmp_path) -> None:
    target = tmp_path / "site"
    made(target, {"a": "old"})
    with pytest.raises(FileExistsError):
        made(target, {"a": "new", "a/b": "no folder can stand where a file does"})
    assert (target / "a").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["site"]


def test_what_is_killed_midway_leaves_the_old_site(tmp_path) -> None:
    target = tmp_path / "site"
    made(target, {"a": "old"})
    code = f"""
        from pathlib import Path
        from marsad.observatory.site_folder import staging, write
        with staging(Path({str(target)!r})) as stage:
            write(stage, "a", b"new")
            print("writing", flush=True)
            input()
    """
    writer = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == "writing\n"
    os.kill(writer.pid, signal.SIGKILL)
    writer.wait()
    assert (target / "a").read_text() == "old"
    made(target, {"a": "newer"})
    assert (target / "a").read_text() == "newer"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["site"]


def test_an_end_between_the_two_steps_is_mended(tmp_path) -> None:
    target = tmp_path / "site"
    made(target, {"a": "old"})
    stage = site_folder.Staging(tmp_path / ".site.writing", target)
    stage.root.mkdir()
    target.rename(stage.before)
    with staging(target):
        assert (target / "a").read_text() == "old"
    assert (target / "a").read_text() == "old"


def test_every_kind_of_link_is_followed(tmp_path) -> None:
    base = "https://data.example.org/o/"
    pages = {
        "index.html": '<a href="fr/">f</a><a href="fr/#here">h</a><a href="fr/#gone">g</a><img src="static/no.svg">'
        '<link href="static/a.css?v=1"><a href="https://elsewhere.org/x">e</a><a href="../out/">o</a>',
        "fr/index.html": '<p id="here"></p><a href="../missing/">m</a><a href="/o/fr/">r</a><a href="/fr/">s</a>',
        "static/a.css": "a{background:url(b.svg)} b{background:url('data:x')} c{background:url(no.svg)}",
        "static/b.svg": "<svg/>",
        "static/c.js": 'import"./d.js";new URL("./no.js")',
        "static/d.js": "",
        "feed.rss": f"<link>{base}fr/</link><link>{base}none/</link><link>{base}sdmx/data/A</link>",
        "fr/areas/map.json": '{"shapes": {"features": [{"properties": {"url": "04/"}}, {"properties": {"url": "../"}}]}}',
    }
    for name, text in pages.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert broken_links(tmp_path, base) == [
        Broken("feed.rss", f"{base}none/"),
        Broken("fr/areas/map.json", "04/"),
        Broken("fr/index.html", "../missing/"),
        Broken("fr/index.html", "/fr/"),
        Broken("index.html", "../out/"),
        Broken("index.html", "fr/#gone"),
        Broken("index.html", "static/no.svg"),
        Broken("static/a.css", "no.svg"),
        Broken("static/c.js", "./no.js"),
    ]
