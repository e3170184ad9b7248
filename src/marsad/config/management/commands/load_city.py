"""``marsad load-city`` of the whole installation: the public pack, then what stands above the line of confidentiality."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from marsad.audit.rules import System
from marsad.observatory.citypack.problems import PackHasProblems
from marsad.observatory.citypack.report import report_lines
from marsad.observatory.management.commands import load_city
from migstat.model.refusals import Refused


class Command(load_city.Command):
    """The public process has no part in what is collected, and loads the public pack alone."""

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if not settings.PUBLIC_ONLY:
            self._load_collected(options)

    def _load_collected(self, options: dict[str, Any]) -> None:
        from marsad.collection.operations_dataflows import load_collected

        try:
            changed = load_collected(actor=System("load-city"), at=timezone.now(), root=options["folder"])
        except PackHasProblems as found:
            for line in report_lines(found.problems, language=options["language"]):
                self.stderr.write(line)
            raise CommandError(f"{found}; no collected dataflow was changed", returncode=1) from None
        except Refused as refused:
            raise CommandError(f"{refused}; no collected dataflow was changed", returncode=1) from None
        self.stdout.write(f"collected dataflows: {changed} changed")
