from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from rich.progress import Progress

from marsad.audit.queries import verify_chain
from marsad.audit.rules import System
from marsad.collection.erasure import erase_again
from marsad.config import witness
from marsad.config.archive import bring_back, digest_of
from marsad.config.management.commands.backup import asked_passphrase
from marsad.config.operations import note_restore
from marsad.config.preparation import migrate_databases
from marsad.config.running import nothing_runs
from marsad.config.sealing import is_sealed
from migstat.model.refusals import Refused


class Command(BaseCommand):
    help = (
        "Bring an archive back. Everything is verified before anything is touched; an installation in use is refused."
    )

    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("archive", type=Path)
        parser.add_argument("--force", action="store_true", help="put it in the place of an installation in use")

    def handle(self, *args: Any, **options: Any) -> None:
        source: Path = options["archive"]
        if not source.is_file():
            raise CommandError(f"no file {source}")
        with source.open("rb") as file:
            passphrase = asked_passphrase(wanted=is_sealed(file), twice=False)
        try:
            with nothing_runs(Path(settings.ENVIRONMENT.home)), Progress(transient=True) as bar:
                task = bar.add_task("restore", total=None)
                manifest = bring_back(
                    source,
                    passphrase=passphrase,
                    force=options["force"],
                    report=lambda what, done, total: bar.update(task, description=what, completed=done, total=total),
                )
                migrate_databases()
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        witness.begin_anew(Path(settings.ENVIRONMENT.home))
        note_restore(actor=System("restore"), at=timezone.now(), digest=digest_of(source))
        self._purge()
        verdict = verify_chain()
        self.stdout.write(f"brought back from {manifest.made_at}: {verdict.events} events in the audit log")
        if not verdict.sound:
            raise CommandError(f"the audit chain breaks at event {verdict.sequence} ({verdict.rule})")

    def _purge(self) -> None:
        """Erase again whoever was erased after the copy was made; without the master key say so, and wait for it."""
        try:
            purged = erase_again(actor=System("restore"), at=timezone.now())
        except Refused as refusal:
            self.stderr.write(f"The snapshots cannot be read yet, and nobody was erased again: {refusal}")
            return
        if purged:
            self.stdout.write(f"{len(purged)} erasures done again: {', '.join(one.number for one in purged)}")
