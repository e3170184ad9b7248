"""Keys of purposes, snapshots and originals: random, wrapped by the master key, kept in the confidential database.

Erasing a wrapped key erases what it locked, in every place at once (crypto-shredding): Boneh and Lipton, "A Revocable
Backup System", USENIX Security 1996.
"""

from __future__ import annotations

import hmac
import os
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor, System, is_code
from marsad.collection import master_key
from marsad.collection.master_key import MasterKey
from marsad.collection.models import WrappedKey
from marsad.collection.rules_store import KeyKind
from migstat.model.refusals import Refused

_STORE = System("store")
_LENGTH = 32


@dataclass(frozen=True)
class Keys:
    """The two keys of a purpose: one for pseudonyms, one for Bloom filters. Neither tells the other."""

    purpose: str
    pseudonym: bytes = field(repr=False)
    bloom: bytes = field(repr=False)

    @classmethod
    def of(cls, purpose: str, secret: bytes) -> Keys:
        """Both keys from one random secret, by HMAC with their names (NIST SP 800-108, one block each)."""
        return cls(
            purpose,
            hmac.digest(secret, b"marsad: pseudonyms", "sha256"),
            hmac.digest(secret, b"marsad: bloom", "sha256"),
        )


def _lost(fingerprint: str) -> Refused:
    return Refused(
        "keys.master_lost",
        found=f"keys wrapped by the master key {fingerprint}, which is not here",
        remedy="bring back MARSAD_MASTER_KEY or its file; without it what it locked cannot be read by anybody",
    )


def master_in_use() -> MasterKey:
    """The master key that wraps now; made at the first need, and never in the place of one that is lost.

    Raises ``Refused``: ``keys.master_lost``, ``keys.master_form``, ``keys.master_place``.
    """
    wrapped_by = set(WrappedKey.objects.values_list("master", flat=True).distinct())
    at_hand = master_key.known_masters()
    for master in at_hand:
        if master.fingerprint in wrapped_by or not wrapped_by:
            return master
    if wrapped_by:
        raise _lost(min(wrapped_by))
    master_key.write_file(master_key.key_file(), master_key.new_master())
    return master_key.known_masters()[0]


def _label(kind: KeyKind, name: str) -> str:
    return f"{kind.value}:{name}"


def make_key(kind: KeyKind, name: str, *, at: datetime, secret: bytes | None = None) -> bytes:
    """A new key under a name, wrapped and kept. For use inside an operation; a second one of that name is refused."""
    key = secret or os.urandom(_LENGTH)
    master = master_in_use()
    WrappedKey.objects.create(
        kind=kind, name=name, wrapped=master.wrap(key, _label(kind, name)), master=master.fingerprint, made_at=at
    )
    return key


def _unwrapped(row: WrappedKey) -> bytes:
    for master in master_key.known_masters():
        if master.fingerprint == row.master:
            return master.unwrap(bytes(row.wrapped), _label(KeyKind(row.kind), row.name))
    raise _lost(row.master)


def key_of(kind: KeyKind, name: str) -> bytes:
    """The key of a name. Raises ``Refused``: ``keys.erased`` where there is none (any more), ``keys.master_lost``."""
    row = WrappedKey.objects.filter(kind=kind, name=name).first()
    if row is None:
        raise Refused("keys.erased", found=f"no key of a {kind}", remedy="what it locked was erased; nothing reads it")
    return _unwrapped(row)


def shred_key(kind: KeyKind, name: str) -> None:
    """Erase a key for good. For use inside an operation; SQLite is told to overwrite what it frees."""
    connection = connections["confidential"]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")
    rows = WrappedKey.objects.filter(kind=kind, name=name)
    rows.update(wrapped=bytes(_LENGTH))
    rows.delete()


def keys_for(purpose: str) -> Keys:
    """The keys of a purpose, made when it is new: the same purpose gives the same pseudonyms, another gives others.

    Raises ``Refused("collection.purpose")`` for what is no code.
    """
    if not is_code(purpose) or len(purpose) > 60:
        raise Refused("collection.purpose", found="a purpose that is not a code", remedy="name the purpose by its code")
    row = WrappedKey.objects.filter(kind=KeyKind.PURPOSE, name=purpose).first()
    if row is not None:
        return Keys.of(purpose, _unwrapped(row))
    # Another process may make it at the same moment; then its key is the one.
    with suppress(IntegrityError):
        make_purpose_key(actor=_STORE, at=timezone.now(), purpose=purpose)
    return Keys.of(purpose, key_of(KeyKind.PURPOSE, purpose))


@writes("collection.make_key", using="confidential")
def make_purpose_key(*, actor: Actor, at: datetime, purpose: str) -> None:
    """Make the key of a purpose. Raises ``IntegrityError`` where it stands already."""
    with transaction.atomic(using="confidential"):
        make_key(KeyKind.PURPOSE, purpose, at=at)
    record(actor=actor, action="collection.make_key", target=f"purpose:{purpose}", at=at)


@writes("collection.rewrap_keys", using="confidential")
def rewrap_keys(*, actor: Actor, at: datetime, new: MasterKey) -> int:
    """Wrap every key by another master key. The keys stay what they are, so no file is written anew."""
    rewrapped = 0
    for row in WrappedKey.objects.select_for_update().exclude(master=new.fingerprint):
        row.wrapped = new.wrap(_unwrapped(row), _label(KeyKind(row.kind), row.name))
        row.master, row.rewrapped_at = new.fingerprint, at
        row.save(update_fields=["wrapped", "master", "rewrapped_at"])
        rewrapped += 1
    record(
        actor=actor,
        action="collection.rewrap_keys",
        target=f"master:{new.fingerprint}",
        at=at,
        details={"keys": rewrapped},
    )
    return rewrapped


def scrub_freed_keys() -> None:
    """Have the database let go of what erased keys left behind: SQLite's log is emptied, PostgreSQL's table vacuumed.

    Inside a transaction neither can be done; the daily job does it then.
    """
    connection = connections["confidential"]
    if connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            cursor.execute(f"VACUUM {connection.ops.quote_name(WrappedKey._meta.db_table)}")


def keys_without_master() -> int:
    """How many keys were wrapped by a master key that is not at hand."""
    known = [master.fingerprint for master in master_key.known_masters()]
    return WrappedKey.objects.exclude(master__in=known).count()
