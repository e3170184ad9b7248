from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from marsad.config.texts import compile_texts, missing_texts


class Command(BaseCommand):
    help = "Compile the catalogues of words, or list every sentence that a language does not have."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--missing", action="store_true", help="list the missing sentences; fails when there are any"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["missing"]:
            self.stdout.write(f"{compile_texts()} catalogues compiled")
            return
        missing = missing_texts()
        for one in missing:
            self.stdout.write(f"{one.language}  {one.where}  {one.sentence!r}")
        if missing:
            raise CommandError(f"{len(missing)} sentences are missing")
        self.stdout.write("every sentence stands in every language")
