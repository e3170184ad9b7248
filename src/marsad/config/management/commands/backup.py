from __future__ import annotations

import getpass
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from rich.progress import Progress

from marsad.audit.rules import System
from marsad.config import witness
from marsad.config.archive import digest_of, make_archive
from marsad.config.operations import note_backup
from migstat.model.refusals import Refused


def asked_passphrase(*, wanted: bool, twice: bool) -> str:
    """The passphrase of the environment, or the one typed; empty when none is wanted."""
    given = os.environ.get("MARSAD_BACKUP_PASSPHRASE", "")
    if given or not wanted:
        return given
    typed = getpass.getpass("Passphrase: ")
    if twice and typed != getpass.getpass("The same again: "):
        raise CommandError("the two passphrases differ")
    if not typed:
        raise CommandError("an empty passphrase seals nothing")
    return typed


class Command(BaseCommand):
    help = (
        "Write both databases, the snapshots and the settings into one archive, while the installation goes on running."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("archive", nargs="?", type=Path, help="default: backups/<time>.marsad in the home folder")
        parser.add_argument("--seal", action="store_true", help="ask for a passphrase (or MARSAD_BACKUP_PASSPHRASE)")

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        home = Path(settings.ENVIRONMENT.home)
        target: Path = options["archive"] or home / "backups" / f"{at:%Y%m%dT%H%M%SZ}.marsad"
        passphrase = asked_passphrase(wanted=options["seal"], twice=True)
        with Progress(transient=True) as bar:
            task = bar.add_task("backup", total=None)
            try:
                make_archive(
                    target,
                    at=at,
                    passphrase=passphrase,
                    report=lambda what, done, total: bar.update(
                        task, description=what, completed=done, total=total or None
                    ),
                )
            except Refused as refusal:
                raise CommandError(str(refusal)) from None
        digest = digest_of(target)
        note_backup(actor=System("backup"), at=at, digest=digest, sealed=bool(passphrase))
        witness.note(home)
        self.stdout.write(f"{target}\nsha256 {digest}")
        if not passphrase:
            self.stderr.write(
                "The archive holds personal data and is not sealed: keep it where nobody reads it, or --seal."
            )
