"""The report of a session as a file: PDF through Typst, and a Word document, Arabic from right to left in both."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import override
from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor

from marsad.coordination.dialogue.report import Line, Report, Section
from marsad.web.documents import pdf, quoted

_GREEN: Final = "0b6350"
_AFTER_SIZE: Final = ("w:highlight", "w:u", "w:effect", "w:vertAlign", "w:rtl", "w:cs", "w:lang")
_LOCALES: Final = {"fr": "fr-FR", "ar": "ar-MA", "en": "en-GB"}
_FACE: Final = "Arial"  # a face with Arabic letters on every machine that opens Word documents
PDF_TYPE: Final = "application/pdf"
DOCX_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def _kind_of(report: Report) -> str:
    return _("Report for participants") if report.internal else _("Public report")


def report_pdf(report: Report) -> bytes:
    """The report as a tagged PDF."""
    with override(report.language):
        head = [
            f"#set document(title: {quoted(report.title.text, report.language)})",
            f'#show heading: set text(fill: rgb("#{_GREEN}"))',
            '#set page(footer: align(center, text(size: 8pt, fill: rgb("#4c5b55"), context counter(page).display())))',
            f'#text(size: 9.5pt, fill: rgb("#4c5b55"))[#{quoted(_kind_of(report), report.language)}]',
            f"#heading(level: 1, {quoted(report.title.text, report.title.language)})",
            f"#par({quoted(report.head, report.language)})",
        ]
        body = [_typst_section(section, report.language) for section in report.sections]
        return pdf("\n".join([*head, *body]), language=report.language)


def _typst_section(section: Section, language: str) -> str:
    parts = [f"#heading(level: 2, {quoted(section.title, language)})"]
    parts += [_typst_words(words.text, words.language) for words in section.text]
    parts += [f"- {_typst_line(line, language)}" for line in section.lines]
    return "\n".join(parts)


def _typst_words(text: str, language: str) -> str:
    return f'#par(text(lang: "{language}", {quoted(text, language)}))'


def _typst_line(line: Line, language: str) -> str:
    kind = f"#strong({quoted(line.kind, language)})#{quoted(_colon(language))}" if line.kind else ""
    words = f'#text(lang: "{line.words.language}", {quoted(line.words.text, line.words.language)})'
    note = f' \\ #text(size: 9pt, fill: rgb("#4c5b55"), {quoted(line.note, language)})' if line.note else ""
    return kind + words + note


def _colon(language: str) -> str:
    return "\u00a0: " if language == "fr" else ": "


def report_docx(report: Report, *, changed_at: datetime) -> bytes:
    """The report as a Word document, to be edited before it is signed; in Arabic every paragraph runs from the right."""
    document = Document()
    _set_up(document, report, changed_at)
    with override(report.language):
        _paragraph(document, report.language, (_kind_of(report), report.language, {"size": 9}))
        title = (report.title.text, report.title.language, {"size": 20, "bold": True, "green": True})
        _paragraph(document, report.language, title, style="Heading 1")
        _paragraph(document, report.language, (report.head, report.language, {}))
        for section in report.sections:
            head = (section.title, report.language, {"size": 14, "bold": True, "green": True})
            _paragraph(document, report.language, head, style="Heading 2")
            for words in section.text:
                _paragraph(document, words.language, (words.text, words.language, {}))
            for line in section.lines:
                _paragraph(document, report.language, *_runs(line, report.language), style="List Bullet")
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def _runs(line: Line, language: str) -> list[tuple[str, str, dict[str, Any]]]:
    kind = [(line.kind + _colon(language), language, {"bold": True})] if line.kind else []
    note = [(f" ({line.note})", language, {"size": 9})] if line.note else []
    return [*kind, (line.words.text, line.words.language, {}), *note]


def _set_up(document: Any, report: Report, changed_at: datetime) -> None:
    properties = document.core_properties
    properties.author, properties.title = "", report.title.text
    properties.language = _LOCALES[report.language]
    properties.created = properties.modified = changed_at.replace(tzinfo=None)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = _FACE, Pt(11)
    fonts = normal.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:cs"), _FACE)
    if report.language == "ar":
        for section in document.sections:
            _put_before(section._sectPr, ("w:rtlGutter", "w:docGrid"), "w:bidi")


def _paragraph(document: Any, language: str, *runs: tuple[str, str, dict[str, Any]], style: str = "Normal") -> None:
    paragraph = document.add_paragraph(style=style)
    if language == "ar":
        paragraph._p.get_or_add_pPr().append(OxmlElement("w:bidi"))
    for text, spoken, look in runs:
        _run(paragraph, text, spoken, look)


def _run(paragraph: Any, text: str, language: str, look: dict[str, Any]) -> None:
    run = paragraph.add_run(text)
    run.bold = look.get("bold")
    if look.get("green"):
        run.font.color.rgb = RGBColor.from_string(_GREEN.upper())
    properties = run._r.get_or_add_rPr()
    if "size" in look:
        run.font.size = Pt(look["size"])
        _put_before(properties, _AFTER_SIZE, "w:szCs", **{"w:val": str(look["size"] * 2)})
    if language == "ar":
        # Letters outside the Latin ones take the properties "of complex scripts".
        run.font.cs_bold = look.get("bold")
        run.font.rtl = True
    _put_before(properties, (), "w:lang", **{"w:val": _LOCALES[language], "w:bidi": _LOCALES["ar"]})


def _put_before(parent: Any, followers: tuple[str, ...], name: str, **attributes: str) -> None:
    """Add an element where the schema of Word documents wants it: before any of those that follow it."""
    element = OxmlElement(name)
    for key, value in attributes.items():
        element.set(qn(key), value)
    parent.insert_element_before(element, *followers)
