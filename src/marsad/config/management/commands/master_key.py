"""``marsad master-key``: which key wraps the others, a new one on paper, another in the place of the one in use."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from marsad.audit.rules import System
from marsad.collection import master_key
from marsad.collection.keys import keys_without_master
from marsad.collection.rotation import rotate_master
from marsad.config.running import nothing_runs
from migstat.model.refusals import Refused

_NEW = "MARSAD_MASTER_KEY_NEW"


class Command(BaseCommand):
    help = "Say which master key is in use, write a new one for MARSAD_MASTER_KEY, or put another in its place."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=("status", "new", "rotate"), nargs="?", default="status")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            {"status": self._status, "new": self._new, "rotate": self._rotate}[options["what"]]()
        except Refused as refusal:
            raise CommandError(str(refusal)) from None

    def _status(self) -> None:
        place = "the environment" if master_key.is_given() else str(master_key.key_file())
        at_hand = master_key.known_masters()
        self.stdout.write(f"{place}: {', '.join(one.fingerprint for one in at_hand) or 'no master key yet'}")
        lost = keys_without_master()
        if lost:
            raise CommandError(f"{lost} keys were wrapped by a master key that is not here", returncode=1)

    def _new(self) -> None:
        self.stdout.write(master_key.written(master_key.new_master()))

    def _rotate(self) -> None:
        given = os.environ.get(_NEW, "")
        coming = master_key.read_words(given, where=_NEW) if given else None
        with nothing_runs(Path(settings.ENVIRONMENT.home)):
            rewrapped = rotate_master(actor=System("master-key"), at=timezone.now(), coming=coming)
        self.stdout.write(f"{rewrapped} keys wrapped anew; no snapshot was written again")
        if master_key.is_given():
            self.stdout.write("Put the new key into MARSAD_MASTER_KEY now: from here on the old one opens nothing.")
