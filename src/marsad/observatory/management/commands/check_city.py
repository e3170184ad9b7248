"""``marsad check-city``: every problem of a city pack in one report."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from marsad.observatory.citypack.pack import examine
from marsad.observatory.citypack.report import report_lines
from marsad.web.words import LANGUAGES


def reader_language() -> str:
    """The language of the person at the terminal, from its locale; English where that is none of ours."""
    said = (os.environ.get("LC_ALL") or os.environ.get("LANG") or "")[:2]
    return said if said in LANGUAGES else "en"


class Command(BaseCommand):
    help = "Check a city pack whole: every problem with its file, line, rule, what was found and what to do."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, default=settings.ENVIRONMENT.city, help="the pack's folder")
        parser.add_argument(
            "--language", choices=LANGUAGES, default=reader_language(), help="the language of the report"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        pack, problems = examine(options["folder"])
        for line in report_lines(problems, language=options["language"]):
            self.stdout.write(line)
        if problems:
            raise CommandError(f"{len(problems)} problems", returncode=1)
        assert pack is not None
        rows = sum(len(dataflow.rows) for dataflow in pack.dataflows.values())
        self.stdout.write(
            f"{pack.city['code']}: {len(pack.areas)} areas, {len(pack.indicators)} indicators, {len(pack.figures)} figures, "
            f"{len(pack.dataflows)} dataflows with {rows} observations. No problem found."
        )
