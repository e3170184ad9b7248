"""``marsad load-city``: check a pack and bring the database in step with it."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.progress import Progress as ProgressBar

from marsad.audit.rules import System
from marsad.observatory.citypack.pack import read_pack
from marsad.observatory.citypack.problems import PackHasProblems
from marsad.observatory.citypack.report import report_lines
from marsad.observatory.management.commands.check_city import reader_language
from marsad.observatory.operations import load_city
from marsad.web.words import LANGUAGES

_SHOWN = 8


class Command(BaseCommand):
    help = "Load a city pack. Loading it twice does what loading it once does; the command says what changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, default=settings.ENVIRONMENT.city, help="the pack's folder")
        parser.add_argument(
            "--language", choices=LANGUAGES, default=reader_language(), help="the language of the report"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with ProgressBar(transient=True) as bar:
            task = bar.add_task("reading the pack", total=None)

            def show(step: str, done: int, total: int) -> None:
                bar.update(task, description=step, completed=done, total=total)

            try:
                pack = read_pack(options["folder"])
                report = load_city(pack=pack, actor=System("load-city"), at=timezone.now(), progress=show)
            except PackHasProblems as found:
                for line in report_lines(found.problems, language=options["language"]):
                    self.stderr.write(line)
                raise CommandError(f"{found}; nothing was changed", returncode=1) from None
        for change in report.changes:
            if change.is_change:
                self.stdout.write(
                    f"{change.kind}: {_counted(change.added, 'added')}{_counted(change.changed, 'changed')}"
                    f"{_counted(change.removed, 'removed')}{change.unchanged} unchanged"
                )
        state = "new publication" if report.is_new_publication else "nothing changed, publication"
        self.stdout.write(f"{state} {report.publication}")


def _counted(codes: tuple[str, ...], what: str) -> str:
    if not codes:
        return ""
    shown = ", ".join(codes[:_SHOWN]) + (" ..." if len(codes) > _SHOWN else "")
    return f"{len(codes)} {what} ({shown}), "
