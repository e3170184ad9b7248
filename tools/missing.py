"""``make missing``: every sentence of the pages, and every text of the city pack, that lacks a language."""

from __future__ import annotations

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marsad.config.settings")


def main() -> int:
    import django

    django.setup()
    from django.conf import settings

    from marsad.config.texts import missing_texts
    from marsad.observatory.citypack.pack import examine

    pages = missing_texts()
    for text in pages:
        print(f"{text.where}  [{text.language}]  {text.sentence}")
    _, problems = examine(settings.ENVIRONMENT.city)
    pack = [problem for problem in problems if problem.rule == "language.missing"]
    for problem in pack:
        print(f"{problem.file}:{problem.line}  {problem.found}")
    print(f"{len(pages)} sentences of the pages and {len(pack)} texts of the city pack lack a language.")
    return 1 if pages or pack else 0


if __name__ == "__main__":
    sys.exit(main())
