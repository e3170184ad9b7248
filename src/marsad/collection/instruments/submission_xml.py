"""Reading what a device sends: XML from a stranger, bounded in size, depth and number of elements, with no entities.

OpenRosa metadata: https://docs.getodk.org/openrosa-metadata/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from marsad.collection.instruments.rules import LIMITS
from migstat.model.refusals import Refused

_DECLARED = re.compile(rb"^\s*<\?xml[^>]*encoding\s*=\s*[\"']([A-Za-z0-9_.-]{1,40})[\"']")
_INSTANCE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._-]{7,99}")
_FORM_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,79}")


@dataclass
class Entry:
    """The answers of one level: the form itself, or one turn of a repeat. Empty answers are left out."""

    values: dict[str, str] = field(default_factory=dict)
    repeats: dict[str, list[Entry]] = field(default_factory=dict)

    def to_mapping(self) -> dict[str, Any]:
        turns = {name: [turn.to_mapping() for turn in turns] for name, turns in self.repeats.items()}
        return {"values": dict(self.values), "repeats": turns}

    @classmethod
    def from_mapping(cls, plain: Mapping[str, Any]) -> Entry:
        turns = {name: [cls.from_mapping(turn) for turn in turns] for name, turns in plain["repeats"].items()}
        return cls(dict(plain["values"]), turns)


@dataclass(frozen=True)
class Header:
    """Which form of which version a submission answers, and which instance it is."""

    form_id: str
    version: str
    instance_id: str
    deprecated_id: str = ""


@dataclass(frozen=True)
class Places:
    """Where the answers of a form stand: its groups, its repeats, and the names of its questions.

    ``made`` are the elements that the conversion of the XLSForm adds (the count of a repeat, the heads of a table, a group
    without a question): a device sends them as they stand in the form, and they are no answers.
    """

    groups: frozenset[str]
    repeats: frozenset[str]
    questions: frozenset[str]
    made: frozenset[str] = frozenset()


class _Bounded(TreeBuilder):
    """A tree that stops growing: nesting and number of elements are limited while the text is read."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = self.elements = 0

    def start(self, tag: str, attrs: dict[Any, Any], /) -> Element:
        self.depth, self.elements = self.depth + 1, self.elements + 1
        if self.depth > LIMITS.depth or self.elements > LIMITS.elements:
            _refuse("instruments.too_deep", "elements nested or repeated beyond the limit", "send one form at a time")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self.depth -= 1
        return super().end(tag)


def _refuse(rule: str, found: str, remedy: str) -> NoReturn:
    raise Refused(rule, found=found, remedy=remedy)


def parse(xml: bytes) -> Element:
    """The tree of a submission. Raises ``Refused`` for anything but a modest, plain XML document in UTF-8."""
    if len(xml) > LIMITS.answers:
        _refuse("instruments.too_large", f"{len(xml)} bytes of answers", f"send at most {LIMITS.answers}")
    declared = _DECLARED.match(xml)
    if declared and declared[1].lower() not in (b"utf-8", b"utf8", b"us-ascii", b"ascii"):
        _refuse("instruments.encoding", "an encoding that is not UTF-8", "send the form in UTF-8")
    try:
        text = xml.decode("utf-8-sig")
    except UnicodeDecodeError:
        _refuse("instruments.encoding", "bytes that are no UTF-8", "send the form in UTF-8")
    if "\x00" in text:
        _refuse("instruments.encoding", "a character that no text holds", "send the form in UTF-8")
    parser = DefusedXMLParser(target=_Bounded(), forbid_dtd=True, forbid_entities=True, forbid_external=True)
    try:
        parser.feed(text.encode())
        root: Element = parser.close()
    except Refused:
        raise
    except DefusedXmlException:
        _refuse("instruments.entities", "a document type or an entity", "send plain XML without either")
    except (ParseError, ValueError, LookupError):
        _refuse("instruments.xml", "a text that is no well-formed XML", "send the form again")
    return root


def _local(tag: Any) -> str:
    return str(tag).rpartition("}")[2]


def _text(element: Element | None) -> str:
    return (element.text or "").strip() if element is not None else ""


def elements_of_form(xform: str) -> frozenset[str]:
    """The names of all elements that a filled form may have, from the first instance of its XForm; metadata left out."""
    root = DefusedXMLParser(target=TreeBuilder(), forbid_dtd=True, forbid_entities=True, forbid_external=True)
    root.feed(xform.encode())
    instance = next(one for one in root.close().iter() if _local(one.tag) == "instance")
    answers = [child for form in instance for child in form if _local(child.tag) != "meta"]
    return frozenset(_local(one.tag) for child in answers for one in child.iter())


def header_of(root: Element) -> Header:
    """The form, version and instance that a submission names. Raises ``Refused`` where one is missing or is no word."""
    form_id = (root.get("id") or "").strip()
    version = (root.get("version") or "").strip()
    if not _FORM_WORD.fullmatch(form_id):
        _refuse("instruments.no_form", "no form id, or one that is no word", "give the id of the form on its root")
    if not _FORM_WORD.fullmatch(version):
        _refuse("instruments.no_version", "no version, or one that is no word", "give the version on its root")
    metas = [child for child in root if _local(child.tag) == "meta"]
    found = {_local(child.tag): _text(child) for meta in metas for child in meta}
    instance_id, deprecated_id = found.get("instanceID", ""), found.get("deprecatedID", "")
    if not _INSTANCE_ID.fullmatch(instance_id):
        _refuse("instruments.no_instance", "no instanceID, or one that is no word", "send the instanceID in meta")
    if deprecated_id and (not _INSTANCE_ID.fullmatch(deprecated_id) or deprecated_id == instance_id):
        _refuse("instruments.deprecated", "a deprecatedID that is no other instance", "name the instance it replaces")
    return Header(form_id, version, instance_id, deprecated_id)


def entry_of(root: Element, places: Places) -> Entry:
    """The answers under their questions' names. Raises ``Refused`` for an element that the form does not have.

    A template of a repeat and the metadata are no answers and are left out.
    """
    entry = Entry()
    for child in root:
        if _local(child.tag) != "meta":
            _read(child, entry, places)
    return entry


def _read(element: Element, entry: Entry, places: Places) -> None:
    name = _local(element.tag)
    if name in places.made or any(_local(attribute) == "template" for attribute in element.keys()):  # noqa: SIM118  (an element is no mapping)
        return
    if name in places.repeats:
        turn = Entry()
        for child in element:
            _read(child, turn, places)
        entry.repeats.setdefault(name, []).append(turn)
    elif name in places.groups:
        for child in element:
            _read(child, entry, places)
    elif name in places.questions and len(element) == 0:
        _answer(name, element.text or "", entry)
    else:
        _refuse(
            "instruments.unknown_question", "an element that this version of the form does not have", "send its own"
        )


def _answer(name: str, text: str, entry: Entry) -> None:
    if len(text) > LIMITS.value:
        _refuse("instruments.too_large", f"an answer of {len(text)} characters", f"write at most {LIMITS.value}")
    if name in entry.values:
        _refuse("instruments.answer_twice", "a question that is answered twice", "answer each question once")
    if text.strip():
        entry.values[name] = text.strip()
