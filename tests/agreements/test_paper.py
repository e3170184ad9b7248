"""The PDF of an agreement: tagged, in three languages, Arabic shaped by a full font, and words that are never markup."""

from __future__ import annotations

import re
import shutil
import subprocess
import zlib
from pathlib import Path

import pytest

from agreements.made import Cast, cast, drafted, step
from marsad.coordination.agreements.models import AgreementVersion
from marsad.coordination.agreements.paper import agreement_pdf
from marsad.coordination.agreements.rules import Move
from marsad.web import documents
from marsad.web.documents import isolated_pieces, pdf, quoted
from migstat.model.refusals import Refused


def text_of(made: bytes, tmp_path: Path) -> str:
    reader = shutil.which("pdftotext")
    if reader is None:
        pytest.skip("pdftotext is not on this machine (Debian: poppler-utils)")
    (tmp_path / "made.pdf").write_bytes(made)
    done = subprocess.run([reader, str(tmp_path / "made.pdf"), "-"], capture_output=True, text=True, check=True)
    return re.sub("[\u2066-\u2069\u202a-\u202e]", "", done.stdout)


def objects(made: bytes) -> bytes:
    """The file with its compressed parts opened."""
    opened = [made]
    for part in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", made, re.DOTALL):
        try:
            opened.append(zlib.decompress(part))
        except zlib.error:
            continue
    return b"\n".join(opened)


@pytest.fixture
def people() -> Cast:
    return cast()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "says"),
    [("fr", "Autorisation n° D-W-123/2025"), ("ar", "D-W-123/2025"), ("en", "Authorisation no. D-W-123/2025")],
)
def test_the_paper_says_what_the_terms_say(people: Cast, language: str, says: str, tmp_path: Path) -> None:
    version = drafted(people)
    step(people.partner, version, Move.AGREE)
    version = AgreementVersion.objects.get()
    made = agreement_pdf(version, language=language)
    assert made.startswith(b"%PDF-")
    whole = objects(made)
    assert b"/StructTreeRoot" in whole
    assert f"/Lang({language}".encode() in whole.replace(b" ", b"")
    assert len(re.findall(rb"/Type\s*/Page\b", whole)) == 2
    read = text_of(made, tmp_path)
    assert says in read
    assert version.checksum[:12] in read
    assert "camp-visits" in read


@pytest.mark.django_db
def test_arabic_is_written_with_the_projects_arabic_font(people: Cast) -> None:
    made = objects(agreement_pdf(drafted(people), language="ar"))
    assert re.search(rb"(?:IBMPlexSans|NotoSans)Arabic", made)


@pytest.mark.django_db
def test_the_text_kept_at_the_agreement_is_the_text_that_is_printed(people: Cast, tmp_path: Path) -> None:
    step(people.partner, drafted(people), Move.AGREE)
    version = AgreementVersion.objects.get()
    people.partner.refresh_from_db()
    version.agreement.organisation.name_fr = "Un autre nom"
    assert "Un autre nom" not in text_of(agreement_pdf(version, language="fr"), tmp_path)


def test_words_are_never_markup(tmp_path: Path) -> None:
    hostile = 'a" #read("/etc/passwd") \\ $x$ *b* [c]'
    read = text_of(pdf(f"#par({quoted(hostile)})", language="fr"), tmp_path)
    assert '#read("/etc/passwd")' in read.replace("”", '"').replace("“", '"')


def test_the_same_words_make_the_same_file() -> None:
    assert pdf("#par[bonjour]", language="fr") == pdf("#par[bonjour]", language="fr")


def test_markup_that_is_wrong_or_reads_elsewhere_is_refused() -> None:
    for source in ("#nothing(", '#read("/../../etc/passwd")'):
        with pytest.raises(Refused, match=r"documents\.source"):
            pdf(source, language="fr")
    with pytest.raises(Refused, match=r"documents\.language"):
        pdf("a", language="de")
    with pytest.raises(Refused, match=r"documents\.file"):
        pdf("a", language="fr", files={"../a.svg": b""})


def test_a_picture_is_read_by_its_name() -> None:
    drawn = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
    assert pdf('#image("a.svg", alt: "a")', language="ar", files={"a.svg": drawn}).startswith(b"%PDF-")


def test_without_an_arabic_font_no_arabic_paper(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(documents, "_BUILT", tmp_path / "no")
    monkeypatch.setattr(documents, "_DEBIAN", tmp_path / "none")
    with pytest.raises(Refused, match=r"documents\.fonts"):
        pdf("#par[x]", language="ar")
    assert pdf("#par[x]", language="fr").startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("words", "pieces"),
    [
        ("من 2014–2024", ["2014–2024"]),
        ("نسبة 4,6\u202f%", ["4,6\u202f%"]),
        ("قانون 09-08، يوم 3 ماي", ["09-08", "3"]),
        ("راجع task in the interest.", ["task in the interest"]),
        ("في Hôtel de ville, l’aile 2", ["Hôtel de ville, l’aile 2"]),
        ("لا شيء", []),
    ],
)
def test_pieces_that_run_from_left_to_right_are_isolated(words: str, pieces: list[str]) -> None:
    assert re.findall("\u2066(.*?)\u2069", isolated_pieces(words)) == pieces
    assert isolated_pieces(isolated_pieces(words)) == isolated_pieces(words)
