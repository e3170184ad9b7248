"""``marsad demonstrate``: the whole road on a made-up city, and its removal."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from marsad.config.running import demonstrating
from migstat.model.refusals import Refused


class Command(BaseCommand):
    help = "Build a synthetic city from agreement to edition, all of it marked synthetic; --remove takes it off again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--remove", action="store_true", help="take the demonstration off")
        parser.add_argument("--scale", type=float, default=None, help="size of the city against Rabat (default 0.35)")

    def handle(self, *args: Any, **options: Any) -> None:
        from marsad.demonstration.records import SCALE
        from marsad.demonstration.removal import remove_demonstration
        from marsad.demonstration.road import demonstrate

        began = time.monotonic()
        try:
            with demonstrating(settings.ENVIRONMENT.home):
                if options["remove"]:
                    gone = remove_demonstration(at=timezone.now())
                    counts = f"{gone.releases} releases, {gone.runs} runs, {gone.snapshots} snapshots"
                    said = f"{counts}, {gone.accounts} accounts removed"
                else:
                    made = demonstrate(now=timezone.now, report=self._report, scale=options["scale"] or SCALE)
                    counts = f"{made.snapshots} snapshots, {made.runs} runs, {made.editions} editions"
                    said = f"{counts}, all marked synthetic"
        except Refused as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(f"{said} ({time.monotonic() - began:.0f} s)")

    def _report(self, done: int, total: int | None = None, step: str = "") -> None:
        self.stdout.write(f"{done}/{total} {step}")
