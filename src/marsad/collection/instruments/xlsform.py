"""XLSForm to XForm: a workbook or text tables in, through pyxform and ODK Validate, the form that devices read out.

XLSForm: https://xlsform.org/en/ref-table/ ; ODK XForms: https://getodk.github.io/xforms-spec/
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marsad.collection.instruments.questions import Question, Sheets, missing_words, read_questions
from migstat.model.refusals import Refused

SHEETS = ("survey", "choices", "settings")
_LARGEST_WORKBOOK = 5_000_000
_LARGEST_UNPACKED = 50_000_000
_MOST_ROWS = 5_000
_COLUMNS = frozenset(
    {"type", "name", "label", "hint", "guidance_hint", "constraint", "constraint_message", "required", "required_message"}
    | {"relevant", "calculation", "default", "choice_filter", "appearance", "parameters", "repeat_count", "read_only"}
    | {"media", "list_name", "form_id", "form_title", "version", "default_language"}
)  # fmt: skip
# Settings by which a device would send the answers to another server, or seal them to somebody else's key.
_LEADS_ELSEWHERE = frozenset({"submission_url", "public_key"})
_LONGEST_VALIDATION = 100
# What an address and a device carry, and what a submission is asked for when it comes back.
_FORM_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,59}")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")


@dataclass(frozen=True)
class CompiledForm:
    """A form ready to be kept: ``code`` is its form id, ``digest`` tells one content from another."""

    code: str
    version: str
    title: str
    sheets: Mapping[str, list[dict[str, str]]]
    questions: tuple[Question, ...]
    xform: str
    warnings: tuple[str, ...]
    validated: bool

    @property
    def digest(self) -> str:
        canonical = json.dumps(self.sheets, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


def sheets_of_folder(folder: Path) -> dict[str, list[dict[str, str]]]:
    """The text tables of a city pack: ``survey.csv``, ``choices.csv`` and ``settings.csv``."""
    return {name: _table(folder / f"{name}.csv") for name in SHEETS if (folder / f"{name}.csv").is_file()}


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [row for row in map(_filled, csv.DictReader(file)) if row]


def _filled(row: Mapping[Any, Any]) -> dict[str, str]:
    return {_head(str(name)): _said(value) for name, value in row.items() if name and _said(value)}


def _head(title: str) -> str:
    """The name of a column; those of XLSForm's own, such as ``Type``, are known in capitals too, others stay as they are."""
    name, colons, rest = title.strip().partition("::")
    known = name.strip().lower()
    return (known if known in _COLUMNS else name) + colons + rest


def _said(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()


def sheets_of_workbook(content: bytes) -> dict[str, list[dict[str, str]]]:
    """The three sheets of an .xlsx file. Raises ``Refused("instruments.workbook")`` for what is no such file."""
    import openpyxl

    _demand_modest(content)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        named = {sheet.strip().lower(): sheet for sheet in book.sheetnames}
        found = {name: _rows(book[named[name]]) for name in SHEETS if name in named}
    except Refused:
        raise
    except Exception:
        raise Refused(
            "instruments.workbook", found="a file that is no Excel workbook", remedy="save the XLSForm as .xlsx"
        ) from None
    if "survey" not in found:
        raise Refused("instruments.workbook", found="no sheet named survey", remedy="send an XLSForm workbook")
    return found


def _demand_modest(content: bytes) -> None:
    try:
        unpacked = sum(entry.file_size for entry in zipfile.ZipFile(io.BytesIO(content)).infolist())
    except zipfile.BadZipFile:
        unpacked = -1
    if unpacked < 0 or unpacked > _LARGEST_UNPACKED or len(content) > _LARGEST_WORKBOOK:
        raise Refused(
            "instruments.workbook",
            found="a file that is no workbook, or one far too large",
            remedy=f"send an .xlsx below {_LARGEST_WORKBOOK // 1_000_000} MB",
        )


def _rows(sheet: Any) -> list[dict[str, str]]:
    rows = sheet.iter_rows(values_only=True)
    heads = [_said(head) for head in next(rows, ())]
    found = []
    for number, row in enumerate(rows):
        if number >= _MOST_ROWS:
            raise Refused("instruments.workbook", found=f"more than {_MOST_ROWS} rows", remedy="shorten the form")
        filled = _filled(dict(zip(heads, row, strict=False)))
        if filled:
            found.append(filled)
    return found


def workbook_of(sheets: Sheets) -> bytes:
    """The same form as an .xlsx file, which ``sheets_of_workbook`` reads back as the same sheets."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name in SHEETS:
        rows = sheets.get(name, ())
        heads = list(dict.fromkeys(head for row in rows for head in row))
        sheet = book.create_sheet(name)
        sheet.append(heads)
        for row in rows:
            sheet.append([row.get(head) for head in heads])
        for line in sheet.iter_rows(min_row=2):
            for cell in line:
                cell.data_type = "s" if cell.value is not None else cell.data_type
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def compile_form(sheets: Sheets, *, validate: bool = True) -> CompiledForm:
    """Make the XForm. With ``validate`` ODK Validate looks at it where Java is present.

    Raises ``Refused``: settings without form id or version, a type that is not allowed, a name that stands twice,
    a language that is missing, what pyxform or ODK Validate will not accept.
    """
    settings = _settings(sheets)
    questions = read_questions(sheets)
    _demand_answers(questions)
    lacking = missing_words(sheets)
    if lacking:
        raise Refused(
            "instruments.languages",
            found="; ".join(lacking[:8]) + (f" and {len(lacking) - 8} more" if len(lacking) > 8 else ""),
            remedy="write the words in French, Arabic and English",
        )
    xform, warnings = _converted(sheets, settings["form_id"])
    validated = validate and java_is_present()
    if validated:
        odk_validate([xform])
    kept = {name: [dict(row) for row in sheets.get(name, ())] for name in SHEETS}
    title = settings.get("form_title") or settings["form_id"]
    return CompiledForm(settings["form_id"], settings["version"], title, kept, questions, xform, warnings, validated)


def _settings(sheets: Sheets) -> dict[str, str]:
    rows = sheets.get("settings", ())
    settings = {str(name): str(value) for name, value in (rows[0] if rows else {}).items()}
    lacking = [name for name in ("form_id", "version") if not settings.get(name)]
    if lacking:
        raise Refused(
            "instruments.settings", found=f"no {' and no '.join(lacking)}", remedy="fill the sheet named settings"
        )
    if not _FORM_ID.fullmatch(settings["form_id"]) or not _VERSION.fullmatch(settings["version"]):
        raise Refused(
            "instruments.form_name",
            found="a form id or a version with signs that devices cannot send back",
            remedy="write letters, digits, hyphens and underscores; points in the version too",
        )
    elsewhere = sorted(_LEADS_ELSEWHERE & {name for name, said in settings.items() if said.strip()})
    if elsewhere:
        raise Refused(
            "instruments.leads_elsewhere", found=f"the setting {elsewhere[0]}", remedy="leave it out: answers come here"
        )
    return settings


def _demand_answers(questions: Sequence[Question]) -> None:
    if not any(question.holds_answer for question in questions):
        raise Refused("instruments.questions", found="a form that asks nothing", remedy="fill the sheet named survey")


def _converted(sheets: Sheets, name: str) -> tuple[str, tuple[str, ...]]:
    from pyxform.errors import PyXFormError
    from pyxform.xls2xform import convert

    # Without its heads pyxform guesses them from the first hundred rows, and refuses one that is first used below.
    book = {sheet: [dict(row) for row in rows] for sheet, rows in sheets.items()}
    heads = {f"{sheet}_header": [dict.fromkeys(head for row in rows for head in row)] for sheet, rows in book.items()}
    try:
        result = convert({**book, **heads}, form_name=name)
    except PyXFormError as error:
        raise Refused(
            "instruments.xlsform", found=" ".join(str(error).split())[:400], remedy="correct the XLSForm"
        ) from None
    return result.xform, tuple(result.warnings)


def java_is_present() -> bool:
    return shutil.which("java") is not None


def odk_validate(forms: Sequence[str]) -> None:
    """Let ODK Validate read forms. Raises ``Refused("instruments.odk_validate")`` with its first words."""
    from pyxform.validators.error_cleaner import ErrorCleaner
    from pyxform.validators.odk_validate import ODK_VALIDATE_PATH

    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, form in enumerate(forms):
            path = Path(folder) / f"form{number}.xml"
            path.write_text(form, encoding="utf-8")
            paths.append(str(path))
        command = [shutil.which("java") or "java", "-Djava.awt.headless=true", "-jar", ODK_VALIDATE_PATH, *paths]
        try:
            ran = subprocess.run(command, capture_output=True, timeout=_LONGEST_VALIDATION, check=False)  # noqa: S603
        except subprocess.TimeoutExpired:
            raise Refused(
                "instruments.odk_validate", found="a form that takes too long to read", remedy="simplify the form"
            ) from None
    if ran.returncode:
        words = ErrorCleaner.odk_validate(ran.stderr.decode("utf-8", "replace"))
        raise Refused("instruments.odk_validate", found=" ".join(words.split())[:400], remedy="correct the XLSForm")
