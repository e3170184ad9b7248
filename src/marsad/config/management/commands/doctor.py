from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from rich.progress import Progress

from marsad.config.doctor import Level, examine_installation


class Command(BaseCommand):
    help = "Say what is missing or misconfigured and how to mend it. Exit status 1 when there is a fault."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        with Progress(transient=True) as bar:
            task = bar.add_task("looking", total=None)
            findings = examine_installation(
                timezone.now(), lambda done, total: bar.update(task, completed=done, total=total)
            )
        for one in findings:
            self.stdout.write(f"{one.level:<8} {one.subject}: {one.found}")
            if one.remedy:
                self.stdout.write(f"         -> {one.remedy}")
        faults = sum(one.level is Level.FAULT for one in findings)
        self.stdout.write("" if faults else "no fault found")
        if faults:
            raise SystemExit(1)
