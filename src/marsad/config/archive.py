"""One archive of the whole installation: both databases, the store and the settings, with a checksum for each part."""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlparse

from django.conf import settings

from marsad.collection.store_folder import shared
from marsad.config.database_copies import copy_in, copy_out, holds_tables, member_name
from marsad.config.sealing import is_sealed, seal, unseal
from marsad.config.store_copies import bring_store_back, store_parts
from migstat.model.refusals import Refused

MANIFEST = "manifest.json"
SETTINGS = "settings.json"
KEY = "secret_key"
# Without it the records that wait sealed on devices could not be opened after a restore.
FORM_KEY = "form_key"
_FORMAT = 1
_UNSAID = ("MARSAD_SECRET_KEY", "MARSAD_MASTER_KEY", "MARSAD_FORM_KEY", "MARSAD_BACKUP_PASSPHRASE")

Report = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Manifest:
    """What an archive holds: the SHA-256 of each part by its name."""

    made_at: str
    checksums: dict[str, str] = field(default_factory=dict)
    format: int = _FORMAT


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _without_password(value: str) -> str:
    password = urlparse(value).password if "://" in value else None
    return value.replace(f":{password}@", ":***@") if password else value


def said_settings() -> dict[str, str]:
    """The settings that the environment gives, without any secret."""
    said = {name: value for name, value in os.environ.items() if name.startswith("MARSAD_") and name not in _UNSAID}
    return {name: _without_password(value) for name, value in sorted(said.items())}


# The confidential copy is taken first: every change in it then has its event in the log that is copied after it.
def _databases() -> list[str]:
    return sorted(settings.DATABASES, key=lambda alias: alias == "default")


def make_archive(target: Path, *, at: datetime, passphrase: str, report: Report) -> Manifest:
    """Write the archive under a temporary name and give it its own only when it is whole."""
    target = target.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".marsad-backup-", dir=target.parent) as name, shared():
        folder = Path(name)
        parts = [(part.name, part) for part in _parts(folder, report)]
        parts += store_parts(folder, sealed=bool(passphrase))
        manifest = Manifest(at.isoformat(), {part: digest_of(path) for part, path in parts})
        (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1), encoding="utf-8")
        whole = folder / "archive"
        with tarfile.open(whole, "w:gz", compresslevel=6) as archive:
            for part, path in ((MANIFEST, folder / MANIFEST), *parts):
                archive.add(path, part)
                report("archive", 0, 0)
        _finish(whole, target, passphrase)
    return manifest


def _parts(folder: Path, report: Report) -> Iterator[Path]:
    for alias in _databases():
        part = folder / member_name(alias)
        copy_out(alias, part, lambda done, total, alias=alias: report(alias, done, total))  # type: ignore[misc]
        yield part
    said = folder / SETTINGS
    said.write_text(json.dumps(said_settings(), indent=1, ensure_ascii=False), encoding="utf-8")
    yield said
    for name in (KEY, FORM_KEY):
        key = Path(settings.ENVIRONMENT.home) / name
        if key.exists():
            copy = folder / name
            copy.write_bytes(key.read_bytes())
            yield copy


def _finish(whole: Path, target: Path, passphrase: str) -> None:
    unfinished = target.with_name(target.name + ".part")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as written, whole.open("rb") as read:
        if passphrase:
            seal(read, written, passphrase)
        else:
            while piece := read.read(1 << 20):
                written.write(piece)
        written.flush()
        os.fsync(written.fileno())
    unfinished.replace(target)


@contextmanager
def opened_archive(source: Path, passphrase: str) -> Iterator[tuple[Path, Manifest]]:
    """The parts of an archive in a folder of its own, each compared with its checksum.

    Raises ``Refused``: ``backup.passphrase`` when one is needed, ``backup.seal``, ``backup.format``, ``backup.checksum``.
    """
    with tempfile.TemporaryDirectory(prefix=".marsad-restore-", dir=_scratch()) as name:
        folder = Path(name)
        plain = _unsealed(source, folder, passphrase)
        try:
            with tarfile.open(plain, "r:gz") as archive:
                archive.extractall(folder / "parts", filter="data")
            manifest = Manifest(**json.loads((folder / "parts" / MANIFEST).read_text(encoding="utf-8")))
        except (tarfile.TarError, OSError, EOFError, ValueError, TypeError):
            raise Refused(
                "backup.format", found="a file that is no archive of Marsad", remedy="choose another"
            ) from None
        for part, digest in manifest.checksums.items():
            path = (folder / "parts" / part).resolve()
            if not path.is_relative_to((folder / "parts").resolve()) or not path.is_file() or digest_of(path) != digest:
                raise Refused("backup.checksum", found=f"{part} changed or missing", remedy="use another archive")
        yield folder / "parts", manifest


def _scratch() -> Path:
    home = Path(settings.ENVIRONMENT.home)
    home.mkdir(parents=True, exist_ok=True)
    return home


def _unsealed(source: Path, folder: Path, passphrase: str) -> Path:
    with source.open("rb") as read:
        if not is_sealed(read):
            return source
        if not passphrase:
            raise Refused("backup.passphrase", found="a sealed archive", remedy="give its passphrase")
        plain = folder / "plain"
        with plain.open("wb") as written:
            unseal(read, written, passphrase)
        return plain


def bring_back(source: Path, *, passphrase: str, force: bool, report: Report) -> Manifest:
    """Put an archive in the place of this installation's databases and key.

    Everything is verified before anything is touched. Raises ``Refused``: ``restore.not_empty`` without ``force``,
    ``restore.kind`` where the archive was made of another kind of database.
    """
    with opened_archive(source, passphrase) as (folder, manifest):
        for alias in _databases():
            if member_name(alias) not in manifest.checksums:
                raise Refused(
                    "restore.kind",
                    found=f"no copy of {alias} for this kind of database",
                    remedy="configure the kind of database that the archive was made of",
                )
            if holds_tables(alias) and not force:
                raise Refused(
                    "restore.not_empty", found=f"a database {alias} in use", remedy="restore elsewhere, or give --force"
                )
        for number, alias in enumerate(_databases()):
            report(alias, number, len(settings.DATABASES))
            copy_in(alias, folder / member_name(alias))
        for name in {KEY, FORM_KEY} & set(manifest.checksums):
            key = _scratch() / name
            key.unlink(missing_ok=True)
            with os.fdopen(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
                written.write((folder / name).read_bytes())
        bring_store_back(folder, manifest.checksums)
        for marker in _scratch().glob("city-*.done"):
            marker.unlink()
        report("", len(settings.DATABASES), len(settings.DATABASES))
        return manifest
