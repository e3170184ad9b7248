"""Bringing questionnaires in, publishing and closing their versions."""

from __future__ import annotations

import hashlib
import json
import mimetypes
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor
from marsad.collection.instruments import flows, queries
from marsad.collection.instruments.definition import Definition, class_problems, demand_none, structure_problems
from marsad.collection.instruments.form_files import demand_files, with_choices
from marsad.collection.instruments.labels import english_differences
from marsad.collection.instruments.models import Instrument, Media, Version
from marsad.collection.instruments.rules import VersionMove, VersionState, version_reached
from marsad.collection.instruments.xlsform import CompiledForm
from migstat.model.refusals import Refused


def content_digest(form: CompiledForm, definition: Definition, media: Mapping[str, bytes]) -> str:
    """What tells one content of a version from another: its sheets, its media and where the answers go."""
    kept = {
        **definition.to_mapping(),
        "media": {name: hashlib.sha256(file).hexdigest() for name, file in media.items()},
    }
    for words in [name for name in kept if name.startswith(("title_", "purpose_"))]:
        del kept[words]
    return hashlib.sha256(f"{form.digest} {json.dumps(kept, sort_keys=True)}".encode()).hexdigest()


@writes("instruments.add_version", using="confidential")
def add_version(
    *, actor: Actor, at: datetime, form: CompiledForm, definition: Definition, media: Mapping[str, bytes] | None = None
) -> Version:
    """Enter a version as a draft, or replace the draft of the same number; the same content again changes nothing.

    Raises ``Refused``: questions without class or source (``instruments.classes``), columns that do not fit
    (``instruments.structure``), a file that the form needs and lacks (``instruments.media``), and another content under a
    published number (``instruments.changed_published``), with every difference in words.
    """
    files = dict(media or {})
    demand_files(form.xform, files)
    form = replace(form, questions=with_choices(form.questions, files))
    demand_none("instruments.classes", class_problems(definition, form.questions))
    demand_none("instruments.structure", structure_problems(definition, flows.structures(flows.filled(definition))))
    if form.code != definition.code:
        raise Refused(
            "instruments.settings",
            found=f"the form id {form.code}",
            remedy=f"write {definition.code}, as the instrument",
        )
    version = _version(at, form, definition, content_digest(form, definition, files))
    Media.objects.filter(version=version).delete()
    for name, content in files.items():
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
        Media.objects.create(version=version, name=name, content_type=kind, content=content, digest=digest)
    record(
        actor=actor,
        action="instruments.add_version",
        target=f"instrument:{form.code}",
        at=at,
        details={"version": version.code, "questions": len(form.questions), "validated": form.validated},
    )
    return version


def _version(at: datetime, form: CompiledForm, definition: Definition, digest: str) -> Version:
    words = {
        f"{kind}_{code}": said for kind in ("title", "purpose") for code, said in getattr(definition, kind).items()
    }
    instrument, _ = Instrument.objects.update_or_create(code=form.code, defaults=words)
    version = Version.objects.filter(instrument=instrument, code=form.version).first()
    content = Version(
        instrument=instrument,
        code=form.version,
        sheets=form.sheets,
        xform=form.xform,
        questions=[question.to_mapping() for question in form.questions],
        definition=definition.to_mapping(),
        digest=digest,
        loaded_at=at,
    )
    if version is None:
        content.save()
        return content
    if version.digest != digest:
        _demand_draft(version, content)
        content.pk = version.pk
        content.save(force_update=True)
        return content
    return version


def _demand_draft(version: Version, content: Version) -> None:
    if version.state != VersionState.DRAFT:
        raise Refused(
            "instruments.changed_published",
            found=english_differences(queries.changes_between(version, content)),
            remedy=f"give the form another version than {version.code}",
        )


@writes("instruments.publish", using="confidential")
def publish_version(*, actor: Actor, at: datetime, version_id: int) -> Version:
    """Give a draft to the devices; the version before goes on taking late answers.

    Raises ``Refused``: ``collection.authorisation`` where law 09-08 has not been met, ``instruments.version_move``.
    """
    version = Version.objects.select_for_update().get(pk=version_id)
    flows.authorised(queries.definition_of(version))
    state = version_reached(VersionState(version.state), VersionMove.PUBLISH)
    for before in Version.objects.filter(instrument=version.instrument_id, state=VersionState.PUBLISHED):
        before.state = version_reached(VersionState.PUBLISHED, VersionMove.SUPERSEDE)
        before.save(update_fields=["state"])
    version.state, version.published_at = state, at
    version.save(update_fields=["state", "published_at"])
    record(
        actor=actor,
        action="instruments.publish",
        target=f"instrument:{version.instrument_id}",
        at=at,
        details={"version": version.code},
    )
    return version


@writes("instruments.close", using="confidential")
def close_version(*, actor: Actor, at: datetime, version_id: int) -> Version:
    """Stop taking answers to a version. Raises ``Refused("instruments.version_move")``."""
    version = Version.objects.select_for_update().get(pk=version_id)
    version.state = version_reached(VersionState(version.state), VersionMove.CLOSE)
    version.closed_at = at
    version.save(update_fields=["state", "closed_at"])
    record(
        actor=actor,
        action="instruments.close",
        target=f"instrument:{version.instrument_id}",
        at=at,
        details={"version": version.code},
    )
    return version
