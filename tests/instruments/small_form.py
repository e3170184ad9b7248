"""A small questionnaire with a repeat, a picture, a place and a direct identifier; its dataflows; what devices send."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from marsad.audit.rules import System
from marsad.collection.instruments.definition import Definition
from marsad.collection.instruments.models import Version
from marsad.collection.instruments.operations_versions import add_version, publish_version
from marsad.collection.instruments.xlsform import CompiledForm, compile_form
from marsad.collection.models import CollectedDataflow

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FR, AR, EN = "label::Français (fr)", "label::العربية (ar)", "label::English (en)"
JPEG = b"\xff\xd8\xff\xe0" + b"picture" * 40


def said(text: str) -> dict[str, str]:
    return {FR: f"{text} (fr)", AR: f"سؤال {text}", EN: text}


def messages(text: str) -> dict[str, str]:
    return {column.replace("label", "constraint_message"): words for column, words in said(text).items()}


def sheets(version: str = "1") -> dict[str, list[dict[str, str]]]:
    return {
        "survey": [
            {"type": "today", "name": "day"},
            {"type": "select_one area", "name": "area", **said("Area"), "required": "yes"},
            {"type": "select_one result", "name": "result", **said("Result")},
            {"type": "select_one yes_no", "name": "consent", **said("Consent?"), "required": "yes"},
            {"type": "begin_group", "name": "home", **said("Home"), "relevant": "${consent} = 'yes'"},
            {
                "type": "integer", "name": "rooms", **said("Rooms"),
                "constraint": ". >= 1 and . <= 20", **messages("One to twenty"),
            },
            {"type": "geopoint", "name": "place", **said("Corner of the street")},
            {"type": "image", "name": "roof", **said("Picture of the roof"), "parameters": "max-pixels=1024"},
            {"type": "text", "name": "card", **said("Number on the card")},
            {"type": "select_multiple problem", "name": "problems", **said("Problems")},
            {"type": "end_group", "name": "home_end"},
            {"type": "begin_repeat", "name": "member", **said("Member"), "relevant": "${consent} = 'yes'"},
            {"type": "integer", "name": "age", **said("Age"), "constraint": ". >= 0", **messages("Not below zero")},
            {"type": "select_one sex", "name": "sex", **said("Sex")},
            {"type": "end_repeat", "name": "member_end"},
        ],
        "choices": [
            {"list_name": name, "name": code, **said(code)}
            for name, codes in {
                "area": "agdal hassan",
                "result": "completed refused nobody",
                "yes_no": "yes no",
                "sex": "woman man prefer_not_to_say",
                "problem": "damp noise prefer_not_to_say",
            }.items()
            for code in codes.split()
        ],
        "settings": [
            {"form_title": "Small", "form_id": "small", "version": version, "default_language": "Français (fr)"}
        ],
    }  # fmt: skip


DEFINITION: dict[str, Any] = {
    "code": "small",
    **{f"title_{language}": f"Small {language}" for language in ("fr", "ar", "en")},
    **{f"purpose_{language}": f"Purpose {language}" for language in ("fr", "ar", "en")},
    "records": [
        {
            "dataflow": "homes",
            "columns": {
                "area": "area", "rooms": "rooms", "latitude": "place/latitude", "card": "card", "damp": "problems/damp",
            },
        },
        {"dataflow": "members", "repeat": "member", "columns": {"area": "area", "age": "age", "sex": "sex"}},
    ],
    "privacy": {
        "internal": ["day", "area", "result", "consent"],
        "personal": ["place", "roof", "card", "age", "sex"],
        "sensitive": ["rooms", "problems"],
    },
    "board": {"area": "area", "outcome": "result", "completed": ["completed"]},
    "consent": {"question": "consent", "given": "yes"},
}  # fmt: skip
STRUCTURES: dict[str, dict[str, Any]] = {
    "homes": {
        "code": "homes", "version": "1", "unit": "household",
        "columns": [
            {"name": "area", "role": "area", "kind": "code", "codelist": "areas", "required": True},
            {"name": "rooms", "role": "measure", "kind": "integer", "minimum": 1, "maximum": 20},
            {"name": "latitude", "role": "quasi_identifier", "kind": "number"},
            {"name": "card", "role": "direct_identifier", "kind": "text"},
            {"name": "damp", "role": "attribute", "kind": "boolean"},
        ],
    },
    "members": {
        "code": "members", "version": "1", "unit": "person",
        "columns": [
            {"name": "area", "role": "area", "kind": "code", "codelist": "areas", "required": True},
            {"name": "age", "role": "quasi_identifier", "kind": "integer", "minimum": 0, "maximum": 120},
            {"name": "sex", "role": "quasi_identifier", "kind": "code", "codelist": "sex"},
        ],
    },
}  # fmt: skip


def dataflow(code: str, *, number: str = "A-123/2026") -> CollectedDataflow:
    words = {
        f"{name}_{language}": name for name in ("title", "purpose", "legal_basis") for language in ("fr", "ar", "en")
    }
    return CollectedDataflow.objects.create(
        code=code, purpose="observatory", **words, authorisation_number=number,
        authorised_on=date(2026, 1, 1) if number else None, retention_days=365, sensitivity="sensitive",
        structure=STRUCTURES[code], loaded_at=AT,
    )  # fmt: skip


def compiled(version: str = "1") -> CompiledForm:
    return compile_form(sheets(version), validate=False)


def definition() -> Definition:
    return Definition.from_mapping(DEFINITION)


def published(*, version: str = "1") -> Version:
    for code in STRUCTURES:
        if not CollectedDataflow.objects.filter(pk=code).exists():
            dataflow(code)
    draft = add_version(actor=System("test"), at=AT, form=compiled(version), definition=definition())
    return publish_version(actor=System("test"), at=AT, version_id=draft.pk)


def new_instance() -> str:
    return f"uuid:{uuid4()}"


MEMBERS = "<member><age>34</age><sex>woman</sex></member><member><age>7</age><sex>man</sex></member>"


def filled(
    instance: str = "", *, form: str = "small", version: str = "1", rooms: str = "3", area: str = "agdal",
    result: str = "completed", home: str = "", members: str = MEMBERS, meta: str = "", consent: str = "yes",
) -> bytes:  # fmt: skip
    """What a device sends; ``home`` and ``meta`` add elements to these groups."""
    return (
        f'<?xml version="1.0"?><small xmlns:orx="http://openrosa.org/xforms" id="{form}" version="{version}">'
        f"<day>2026-03-02</day><area>{area}</area><result>{result}</result><consent>{consent}</consent>"
        f"<home><rooms>{rooms}</rooms>{home}</home>{members}"
        f"<orx:meta><orx:instanceID>{instance or new_instance()}</orx:instanceID>{meta}</orx:meta></small>"
    ).encode()
