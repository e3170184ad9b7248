"""The city and the people of these tests."""

from __future__ import annotations

from datetime import date

import pytest

from city_fixtures import small_city, small_root
from house.people import person
from marsad.accounts.rules import Role
from marsad.audit.rules import System
from marsad.release.operations import grant_competence
from release.bundles import AT

__all__ = ["small_city", "small_root"]


@pytest.fixture
def author(db):
    return person(Role.STATISTICIAN, email="author@example.org")


@pytest.fixture
def reviewers(db):
    """Two trained reviewers."""
    found = [person(Role.REVIEWER, email=f"reviewer{number}@example.org") for number in (1, 2)]
    for each in found:
        grant_competence(
            actor=System("test"), at=AT, person=str(each.pk), expires_on=date(2027, 12, 31), reason="course passed"
        )
    return found
