"""Putting another master key in the place of the one in use. No snapshot is written anew: only their keys are wrapped again.

The coming key is on the disk, beside the old one, before the first key is wrapped by it, and takes its name last: a death at
any step leaves both at hand, and rotating again ends what was begun.
"""

from __future__ import annotations

from datetime import datetime

from marsad.audit.rules import Actor
from marsad.collection import master_key
from marsad.collection.erasure_list import reseal_list
from marsad.collection.keys import rewrap_keys
from marsad.collection.master_key import MasterKey
from migstat.model.refusals import Refused


def rotate_master(*, actor: Actor, at: datetime, coming: MasterKey | None = None) -> int:
    """Wrap every key by a new master key and return how many there were.

    Where the key stands in a file, a new one is made (or one begun before is ended) and the file replaced. Where the
    environment gives it, ``coming`` is the new one, which its owner then puts into the environment. Raises
    ``Refused``: ``keys.rotation``, ``keys.master_lost``, ``keys.master_place``.
    """
    if master_key.is_given():
        if coming is None:
            raise Refused(
                "keys.rotation",
                found="a master key given by the environment",
                remedy="give the new one in MARSAD_MASTER_KEY_NEW, then in MARSAD_MASTER_KEY",
            )
        rewrapped = rewrap_keys(actor=actor, at=at, new=coming)
        reseal_list(coming)
        return rewrapped
    master_key.write_file(master_key.next_file(), coming or master_key.new_master())
    new = master_key.read_words(master_key.next_file().read_text(encoding="ascii"), where="the coming key")
    rewrapped = rewrap_keys(actor=actor, at=at, new=new)
    reseal_list(new)
    master_key.next_file().replace(master_key.key_file())
    return rewrapped
