"""A submission as it came: read, checked, without direct identifiers and metres, before it is known whether it is new."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from marsad.audit.rules import Actor
from marsad.collection.instruments import attachments as files
from marsad.collection.instruments import flows, queries
from marsad.collection.instruments.definition import Definition
from marsad.collection.instruments.models import Version
from marsad.collection.instruments.questions import Question
from marsad.collection.instruments.records import without_metres
from marsad.collection.instruments.submission_xml import (
    Entry,
    Header,
    Places,
    elements_of_form,
    entry_of,
    header_of,
    parse,
)
from marsad.collection.instruments.vault import Vault


@dataclass(frozen=True)
class Arrival:
    """What is to be kept of one submission, and what has to be known to sort it in."""

    header: Header
    version: Version
    entry: Entry
    noted: flows.Noted
    files: tuple[files.Attached, ...]
    named: Mapping[str, str]
    vault: Vault
    fingerprint: str
    by: str
    at: datetime


@lru_cache(maxsize=64)
def _form(version_id: int, digest: str) -> tuple[tuple[Question, ...], Definition, Places]:
    """Questions, definition and places of a version; kept by the digest of its content, which no published version changes."""
    version = queries.content_of(version_id)
    questions = queries.questions_of(version)
    return questions, queries.definition_of(version), flows.places(questions, elements_of_form(version.xform))


def read_arrival(*, actor: Actor, at: datetime, xml: bytes, attachments: Mapping[str, tuple[str, bytes]]) -> Arrival:
    """Read a filled form and its attachments (name -> type, content); nothing is written.

    Raises ``Refused`` for what cannot be read, for an unknown form or version and for attachments not allowed.
    """
    root = parse(xml)
    header = header_of(root)
    version = queries.receiving_version(header.form_id, header.version)
    questions, definition, places = _form(version.pk, version.digest)
    entry = entry_of(root, places)
    named = files.named_files(entry, questions)
    checked = files.checked(attachments, named)
    vault = Vault()
    content = [header.form_id, header.version, header.deprecated_id, entry.to_mapping()]
    fingerprint = vault.fingerprint(json.dumps(content, sort_keys=True, ensure_ascii=False).encode())
    dataflows = flows.authorised(definition)
    safe = flows.pseudonymised(without_metres(entry, questions), definition, dataflows)
    return Arrival(
        header=header,
        version=version,
        entry=safe,
        noted=flows.noted(safe, definition, questions, dataflows),
        files=checked,
        named=named,
        vault=vault,
        fingerprint=fingerprint,
        by=actor.audit_code,
        at=at,
    )
