"""Words: every sentence of every app stands in every language, and the compiling needs no gettext."""

from __future__ import annotations

import gettext
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from marsad.config import texts
from marsad.config.environment import SOURCE
from marsad.config.texts import TRANSLATED, catalogues, compile_texts, missing_texts

APPS = sorted(folder.name for folder in SOURCE.iterdir() if (folder / "__init__.py").exists())


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A small app with a sentence in Python and two in a template, of which French has two and Arabic none."""
    app = tmp_path / "app"
    (app / "templates").mkdir(parents=True)
    (app / "__init__.py").write_text("")
    (app / "views.py").write_text('from django.utils.translation import gettext as _\nx = _("One")\n')
    (app / "templates" / "page.html").write_text(
        "{% load i18n %}{% translate 'Two' %}{% blocktranslate count n=n %}{{ n }} fish{% plural %}{{ n }} fishes"
        "{% endblocktranslate %}"
    )
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: nplurals=2; plural=n>1;\\n"\n'
    words = (
        'msgid "One"\nmsgstr "Un"\n\nmsgid "%(n)s fish"\nmsgid_plural "%(n)s fishes"\nmsgstr[0] "a"\nmsgstr[1] "b"\n'
    )
    for language, text in (("fr", f"{head}\n{words}"), ("ar", f'{head}\n#, fuzzy\nmsgid "One"\nmsgstr "x"\n')):
        folder = app / "locale" / language / "LC_MESSAGES"
        folder.mkdir(parents=True)
        (folder / "django.po").write_text(text)
    return tmp_path


def test_missing_sentences_are_found_by_app_language_and_place(source: Path) -> None:
    found = {(one.language, one.sentence, one.where) for one in missing_texts(source)}
    page, view = "app/templates/page.html:1", "app/views.py:2"
    assert found == {
        ("fr", "Two", page),
        ("ar", "One", view),
        ("ar", "Two", page),
        ("ar", "%(n)s fish", page),
    }


def test_catalogues_are_compiled_once_and_again_when_they_change(source: Path) -> None:
    assert compile_texts(source) == 2
    assert compile_texts(source) == 0
    compiled = catalogues(source)[1].with_suffix(".mo")
    with compiled.open("rb") as file:
        words = gettext.GNUTranslations(file)
    assert words.gettext("One") == "Un"
    assert words.ngettext("%(n)s fish", "%(n)s fishes", 5) == "b"
    compiled.unlink()
    assert compile_texts(source) == 1


def test_processes_that_compile_at_once_do_not_take_each_others_files(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stamp of one comes after the other has finished: what would fail if both wrote one unfinished file."""
    begun = threading.Barrier(2)

    def both_wrote(path: Path, **how: Any) -> None:
        begun.wait(10)
        stamp(path, **how)

    stamp = os.utime
    monkeypatch.setattr(texts.os, "utime", both_wrote)
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(compile_texts, [source, source])) == [2, 2]
    assert sorted(path.name for path in source.rglob("*.mo*")) == ["django.mo", "django.mo"]


def test_the_command_lists_and_fails(
    source: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("marsad.config.management.commands.texts.missing_texts", lambda: missing_texts(source))
    with pytest.raises(CommandError, match="4 sentences"):
        call_command("texts", missing=True)
    assert "app/views.py:2" in capsys.readouterr().out


@pytest.fixture(scope="module")
def missing() -> list[texts.MissingText]:
    return missing_texts()


@pytest.mark.parametrize("app", APPS)
@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_stands_in_every_language(app: str, language: str, missing: list[texts.MissingText]) -> None:
    assert [one for one in missing if (one.app, one.language) == (app, language)] == []
