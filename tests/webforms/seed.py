"""Puts two field agents and the trial questionnaire into the home that the environment names: for a served observatory."""

from __future__ import annotations

import os
import sys


def main(long: int = 0) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marsad.config.settings")
    import django

    django.setup()
    from tests.house.people import person
    from tests.webforms.trial_form import long_survey, published

    from marsad.accounts.models import User
    from marsad.accounts.rules import Role
    from marsad.collection.instruments.queries import instrument_of

    for name in ("amina", "brahim"):
        if not User.objects.filter(email=f"{name}@example.org").exists():
            person(Role.FIELD_AGENT, email=f"{name}@example.org")
    if not instrument_of("trial"):
        published()
    if long:
        published("long", "1", long_survey(long))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
