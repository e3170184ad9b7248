"""The browser's side of a sealed record, written again in Python, so that every fault can be made on purpose."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from marsad.collection.instruments.sealed import INFO, MAGIC

File = tuple[str, str, bytes]


def content_of(files: list[File], *, form: str = "trial", version: str = "1", **manifest: Any) -> bytes:
    listed = [{"name": name, "type": kind, "size": len(body)} for name, kind, body in files]
    head = json.dumps({"form": form, "version": version, "files": listed, **manifest}).encode()
    return len(head).to_bytes(4, "big") + head + b"".join(body for _, _, body in files)


def seal(content: bytes, point: bytes, label: Mapping[str, Any]) -> bytes:
    """A sealed record of any content, under any label, for any public key."""
    private = ec.generate_private_key(ec.SECP256R1())
    ours = private.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    shared = private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point))
    key = HKDF(hashes.SHA256(), 32, salt=ours + point, info=INFO).derive(shared)
    words = json.dumps(label).encode()
    head = MAGIC + len(words).to_bytes(4, "big") + words + ours
    nonce = os.urandom(12)
    return head + nonce + AESGCM(key).encrypt(nonce, content, head)
