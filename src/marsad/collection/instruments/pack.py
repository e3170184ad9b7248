"""The folder ``instruments/`` of a city pack: one folder for each questionnaire, one in it for each version."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from marsad.audit.rules import Actor
from marsad.collection.instruments import queries, xlsform
from marsad.collection.instruments.definition import Definition, read_definition
from marsad.collection.instruments.operations_versions import add_version, content_digest, publish_version
from marsad.collection.instruments.rules import VersionState
from marsad.collection.instruments.xlsform import CompiledForm, compile_form, sheets_of_folder
from migstat.model.refusals import Refused

FOLDER = "instruments"
Warn = Callable[[str], None]


@dataclass(frozen=True)
class Packed:
    """One version as the pack has it."""

    folder: Path
    definition: Definition
    form: CompiledForm
    media: dict[str, bytes]


def read_pack(root: Path) -> list[Packed]:
    """Every version of the pack, oldest first, not yet validated. Raises ``Refused`` for the first that is wrong."""
    folders = sorted((root / FOLDER).glob("*/v*"), key=lambda path: (path.parent.name, int(path.name[1:] or 0)))
    return [_read(folder) for folder in folders if (folder / "survey.csv").is_file()]


def _read(folder: Path) -> Packed:
    definition = read_definition(folder / "instrument.toml")
    form = compile_form(sheets_of_folder(folder), validate=False)
    media = {path.name: path.read_bytes() for path in sorted((folder / "media").glob("*")) if path.is_file()}
    return Packed(folder, definition, form, media)


def load_instruments(*, actor: Actor, at: datetime, root: Path, warn: Warn) -> int:
    """Bring the questionnaires in step with the pack and publish those whose collection may start.

    Returns how many versions are new. A published version that changed in the pack stays as it is, and ``warn`` is told
    every difference in words; new forms pass ODK Validate together where Java is present.
    """
    fresh = [one for one in read_pack(root) if not _stands(one)]
    if fresh and xlsform.java_is_present():
        xlsform.odk_validate([one.form.xform for one in fresh])
    added = 0
    for packed in fresh:
        try:
            version = add_version(
                actor=actor, at=at, form=packed.form, definition=packed.definition, media=packed.media
            )
            added += 1
            if version.state == VersionState.DRAFT:
                publish_version(actor=actor, at=at, version_id=version.pk)
        except Refused as refusal:
            warn(f"{packed.definition.code} {packed.form.version}: {refusal}")
    return added


def _stands(packed: Packed) -> bool:
    version = queries.version_of(packed.definition.code, packed.form.version)
    same = version is not None and version.digest == content_digest(packed.form, packed.definition, packed.media)
    return same and version is not None and version.state != VersionState.DRAFT
