"""``marsad check-city`` of the whole installation: the public pack, and what stands above the line of confidentiality."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from marsad.observatory.citypack.report import report_lines
from marsad.observatory.management.commands import check_city


class Command(check_city.Command):
    """The public process has no part in what is collected, and checks the public pack alone."""

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.PUBLIC_ONLY:
            self._check_collected(options)
        super().handle(*args, **options)

    def _check_collected(self, options: dict[str, Any]) -> None:
        from marsad.collection.collected_pack import examine_collected

        found, problems = examine_collected(options["folder"])
        for line in report_lines(problems, language=options["language"]):
            self.stdout.write(line)
        if problems:
            raise CommandError(f"{len(problems)} problems in what is collected", returncode=1)
        self.stdout.write(f"{len(found)} collected dataflows. No problem found.")
