"""Records that a browser sealed before they touched its disk: only the server's private key opens them.

``MSF1 | length (4) | label (JSON) | ephemeral point (65) | nonce (12) | AES-256-GCM of the content``: ECDH on P-256 with a
key of its own for each record (NIST SP 800-56A), HKDF-SHA-256 (RFC 5869) with both public points as salt, and everything
that stands before the nonce authenticated with the content. docs/web-forms.md describes it; frontend/src/forms/seal.ts
writes it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from migstat.model.refusals import Refused

MAGIC = b"MSF1"
INFO = b"marsad sealed record 1"
LARGEST = 32 * 1024 * 1024
_CURVE = ec.SECP256R1()
_POINT, _NONCE, _TAG = 65, 12, 16
_LONGEST_LABEL = 1024
_LONGEST_MANIFEST = 64 * 1024
_MOST_FILES = 40
_PEM_END = b"-----END PRIVATE KEY-----"


def _refuse(rule: str, found: str, remedy: str) -> NoReturn:
    raise Refused(f"instruments.{rule}", found=found, remedy=remedy)


@dataclass(frozen=True)
class RecordKeys:
    """The private keys of the installation, the one in use first; older ones open what was sealed before a change."""

    private: tuple[ec.EllipticCurvePrivateKey, ...] = field(repr=False)

    @property
    def point(self) -> bytes:
        """The public key that pages are given: an uncompressed point of 65 bytes."""
        return _point(self.private[0])

    @property
    def code(self) -> str:
        return key_code(self.point)

    def named(self, code: str) -> ec.EllipticCurvePrivateKey | None:
        return next((key for key in self.private if key_code(_point(key)) == code), None)


@dataclass(frozen=True)
class OpenedRecord:
    """What a sealed record held: the XML of the submission, and each attachment as its type and its bytes."""

    record: UUID
    form: str
    version: str
    xml: bytes = field(repr=False)
    attachments: Mapping[str, tuple[str, bytes]] = field(repr=False)


def _point(key: ec.EllipticCurvePrivateKey) -> bytes:
    public = key.public_key()
    return public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def key_code(point: bytes) -> str:
    """The name of a public key: the first sixteen signs of its digest."""
    return hashlib.sha256(point).hexdigest()[:16]


def new_key() -> bytes:
    """A new private key as PEM."""
    return ec.generate_private_key(_CURVE).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def read_keys(text: bytes) -> RecordKeys:
    """One or several private keys, one PEM after the other. Raises ``Refused("instruments.form_key")``."""
    blocks = [block.strip() + b"\n" + _PEM_END for block in text.split(_PEM_END) if block.strip()]
    found = []
    for block in blocks:
        try:
            key = serialization.load_pem_private_key(block, password=None)
        except ValueError:
            key = None
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
            _refuse("form_key", "a key that is no private key on P-256 in PEM", "give the key as it was made")
        found.append(key)
    if not found:
        _refuse("form_key", "no key", "remove the empty file, or give a key")
    return RecordKeys(tuple(found))


def key_file() -> Path:
    return Path(settings.ENVIRONMENT.home) / "form_key"


def record_keys() -> RecordKeys:
    """The keys of this installation: from the environment, or from the home folder, where the first asking makes one."""
    if settings.ENVIRONMENT.form_key:
        return read_keys(settings.ENVIRONMENT.form_key.replace("\\n", "\n").encode())
    path = key_file()
    if not path.exists():
        _make(path)
    return read_keys(path.read_bytes())


def _make(path: Path) -> None:
    """Whole or not at all, readable by its owner alone; of two processes that start together one wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(new_key())
            file.flush()
            os.fsync(file.fileno())
        os.link(unfinished, path)
    except FileExistsError:
        return
    finally:
        unfinished.unlink(missing_ok=True)


def _derived(user_id: object, purpose: str) -> bytes:
    words = f"marsad forms {purpose} {user_id}".encode()
    return hmac.digest(settings.SECRET_KEY.encode(), words, "sha256")


def owner_code(user_id: object) -> str:
    """What stands for a person on a device: nothing can be read from it, and it is the same on every visit."""
    return _derived(user_id, "owner")[:16].hex()


def drafts_secret(user_id: object) -> bytes:
    """Thirty-two bytes from which a person's browser makes the key of their drafts; given to their own session alone."""
    return _derived(user_id, "drafts")


def open_sealed(envelope: bytes, *, record: UUID, owner: str, keys: RecordKeys) -> OpenedRecord:
    """Open a record that ``owner`` sends as ``record``.

    Raises ``Refused``: ``instruments.sealed_shape`` (cut off, or no sealed record at all), ``..._size``, ``..._owner``
    (sealed by another person, or sent under another name), ``..._key`` (for another installation), ``..._changed``, and
    ``..._content`` (what it holds is no record).
    """
    if len(envelope) > LARGEST:
        _refuse("sealed_size", f"{len(envelope)} bytes", f"send at most {LARGEST}")
    head, label, rest = _parted(envelope)
    if (label["record"], label["owner"]) != (str(record), owner):
        _refuse("sealed_owner", "a record of another person or under another name", "sign in as who filled it")
    private = keys.named(str(label["key"]))
    if private is None:
        _refuse("sealed_key", "a record sealed for another key", "send it to the installation that gave the form")
    content = _decrypted(private, head, rest)
    return _read(record, content)


def _parted(envelope: bytes) -> tuple[bytes, Mapping[str, Any], bytes]:
    start = len(MAGIC) + 4
    length = int.from_bytes(envelope[len(MAGIC) : start], "big")
    end = start + length + _POINT
    if envelope[: len(MAGIC)] != MAGIC or length > _LONGEST_LABEL or len(envelope) < end + _NONCE + _TAG:
        _refuse("sealed_shape", "bytes that are no whole sealed record", "send the record again")
    label = _json(envelope[start : start + length], "sealed_shape")
    if label.get("v") != 1 or not all(isinstance(label.get(name), str) for name in ("record", "owner", "key")):
        _refuse("sealed_shape", "a label that is not one of a sealed record", "update the page and send it again")
    return envelope[:end], label, envelope[end:]


def _json(text: bytes, rule: str) -> Mapping[str, Any]:
    try:
        said = json.loads(text.decode())
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        _refuse(rule, "words that cannot be read", "send the record again")
    return said


def _decrypted(private: ec.EllipticCurvePrivateKey, head: bytes, rest: bytes) -> bytes:
    point = head[-_POINT:]
    try:
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point)
    except ValueError:
        _refuse("sealed_changed", "a point that is not on the curve", "keep the record and report it")
    shared = private.exchange(ec.ECDH(), theirs)
    key = HKDF(hashes.SHA256(), 32, salt=point + _point(private), info=INFO).derive(shared)
    try:
        return AESGCM(key).decrypt(rest[:_NONCE], rest[_NONCE:], head)
    except InvalidTag:
        _refuse("sealed_changed", "a record that was changed or cut off", "send it again; if it stays so, report it")


def _read(record: UUID, content: bytes) -> OpenedRecord:
    """``length of the manifest (4) | manifest (JSON) | files``; the first file is the XML."""
    length = int.from_bytes(content[:4], "big")
    if length > _LONGEST_MANIFEST or len(content) < 4 + length:
        _refuse("sealed_content", "a content without its list of files", "update the page and send it again")
    manifest = _json(content[4 : 4 + length], "sealed_content")
    files = _files(manifest, content[4 + length :])
    form, version = manifest.get("form"), manifest.get("version")
    if not isinstance(form, str) or not isinstance(version, str) or "record.xml" not in files:
        _refuse("sealed_content", "a content without a form, a version or answers", "update the page and send it again")
    _, xml = files.pop("record.xml")
    return OpenedRecord(record, form, version, xml, files)


def _files(manifest: Mapping[str, Any], body: bytes) -> dict[str, tuple[str, bytes]]:
    listed = manifest.get("files")
    if not isinstance(listed, list) or len(listed) > _MOST_FILES:
        _refuse("sealed_content", "a list of files that cannot be read", f"attach at most {_MOST_FILES - 1} files")
    found: dict[str, tuple[str, bytes]] = {}
    at = 0
    for one in listed:
        name, kind, size = _entry(one)
        if name in found:
            _refuse("sealed_content", "two files of one name", "send the record again")
        found[name] = (kind, body[at : at + size])
        at += size
    if at != len(body):
        _refuse("sealed_content", "files that are longer or shorter than said", "send the record again")
    return found


def _entry(one: object) -> tuple[str, str, int]:
    match one:
        case {"name": str(name), "type": str(kind), "size": int(size)} if size is not True and 0 <= size <= LARGEST:
            return name, kind, int(size)
    _refuse("sealed_content", "a file without name, type or size", "send the record again")
