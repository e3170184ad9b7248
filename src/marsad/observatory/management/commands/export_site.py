"""``marsad export-site``: the whole public side as files that any web server or content network serves."""

from __future__ import annotations

import os
import time
from argparse import ArgumentParser
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from marsad.observatory.site_addresses import Depth
from marsad.observatory.site_check import Broken
from marsad.observatory.site_export import LinksBroken, export
from marsad.observatory.site_work import Options
from migstat.model import Refused

_SHOWN: Final = 50
_STEPS: Final = {"read": "Reading the pages", "write": "Writing the files", "check": "Checking the links"}
# Seconds between two lines of progress where no terminal shows a bar: a log, a timer.
_SAID_EVERY: Final = 15.0
_MOST_JOBS: Final = 4


class Command(BaseCommand):
    help = "Write the public side as files: pages in every language, pictures, data files, search. Links are checked."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="a new folder, or that of an earlier export")
        parser.add_argument(
            "--base-url",
            default="http://localhost:8000/",
            help="where the files will stand, for addresses written whole",
        )
        parser.add_argument("--living-url", default="", help="where the observatory itself answers what files cannot")
        parser.add_argument("--edition", default="", help="the publication to show (default: the latest)")
        parser.add_argument(
            "--depth", choices=[depth.name.lower() for depth in Depth], default="pages",
            help="pages: every page; choices: also each place, part and theme chosen; numbers: also each number's chain",
        )  # fmt: skip
        parser.add_argument(
            "--jobs", type=int, default=min(_MOST_JOBS, os.cpu_count() or 1), help="processes that read and write pages"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        asked = Options(
            base=options["base_url"],
            living=options["living_url"],
            publication=options["edition"],
            depth=Depth[options["depth"].upper()],
            jobs=options["jobs"],
        )
        began = time.monotonic()
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, transient=True) as bar:
            tasks: dict[str, Any] = {}
            said = began

            def report(step: str, done: int, total: int) -> None:
                nonlocal said
                if step not in tasks:
                    tasks[step] = bar.add_task(_STEPS[step], total=total)
                bar.update(tasks[step], completed=done, total=total)
                if not bar.console.is_terminal and time.monotonic() - said > _SAID_EVERY:
                    said = time.monotonic()
                    self.stdout.write(f"{_STEPS[step]}: {done} of {total}")

            try:
                made = export(options["folder"], asked, report)
            except LinksBroken as broken:
                self._list(broken.links)
                raise CommandError(str(broken), returncode=1) from None
            except Refused as refused:
                raise CommandError(str(refused), returncode=1) from None
        seconds = time.monotonic() - began
        self.stdout.write(
            f"publication {made.publication}: {made.files} files ({made.pages} pages, {made.size / 1e6:.1f} MB) in "
            f"{seconds:.1f} s, {made.files / max(seconds, 1e-9):.1f} files a second; {made.new} new or changed, "
            f"{made.gone} gone, every link leads to a file"
        )

    def _list(self, links: list[Broken]) -> None:
        """Each address that leads nowhere once, with a page that names it."""
        places = defaultdict(list)
        for found in links:
            places[found.link].append(found.file)
        for link, files in sorted(places.items())[:_SHOWN]:
            self.stderr.write(
                f"{link}: in {files[0] or 'the page itself'}"
                + (f" and {len(files) - 1} more" if len(files) > 1 else "")
            )
        if len(places) > _SHOWN:
            self.stderr.write(f"and {len(places) - _SHOWN} more")
