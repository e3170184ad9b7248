"""The console command ``marsad``: every command of the installation under one name."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

COMMANDS = {
    "serve": "serve the observatory at http://localhost:8000 (--public: the public pages alone)",
    "check-city": "check the city pack whole and print every problem",
    "load-city": "load the city pack and say what changed",
    "export-site": "write the public side as files that any web server serves, every link checked",
    "backup": "write both databases and the settings into one archive",
    "restore": "bring an archive back into an empty installation",
    "doctor": "say what is missing or misconfigured and how to mend it",
    "texts": "compile the catalogues of words; --missing lists every untranslated sentence",
    "demonstrate": "build a synthetic city from agreement to edition (--remove takes it off)",
    "work": "run background work and the schedule (serve starts this by itself)",
}


def command_line(arguments: Sequence[str]) -> list[str]:
    """The words given to Django: dashes of a command's name become underscores.

    >>> command_line(["check-city", "--strict"])
    ['marsad', 'check_city', '--strict']
    """
    first, *others = arguments
    return ["marsad", first.replace("-", "_") if not first.startswith("-") else first, *others]


def usage() -> str:
    width = max(map(len, COMMANDS))
    lines = (f"  marsad {name:<{width}}  {what}" for name, what in COMMANDS.items())
    end = ("marsad <command> --help says more.", "Every other command of Django runs under its own name.")
    return "\n".join(["Marsad, the observatory of a city.", "", *lines, "", *end])


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command. The public process is declared before any setting is read."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or given[0] in {"-h", "--help", "help"}:
        print(usage())
        return
    if given[0] == "export-site" or (given[0] == "serve" and "--public" in given):
        os.environ["MARSAD_PUBLIC_ONLY"] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marsad.config.settings")
    from django.core.management import ManagementUtility

    ManagementUtility(command_line(given)).execute()


if __name__ == "__main__":
    main()
