"""Who sees which need and request: every pair of a reader and an owner, public or internal."""

from __future__ import annotations

from itertools import product

import pytest
from django.contrib.auth.models import AnonymousUser

from house.people import person
from marsad.accounts.rules import ROLES, Role
from marsad.coordination.needs import queries
from needs.made import data_request, need, speaker

pytestmark = pytest.mark.django_db


def test_an_organisation_s_internal_needs_are_seen_by_it_and_the_assessors_only() -> None:
    askers = {code: speaker(code) for code in ("camp", "fond", "aide")}
    readers: dict[str, object] = dict(askers)
    readers |= {
        f"role:{role}": person(role, email=f"reader-{role}@example.org") for role in ROLES if ROLES[role].account
    }
    readers["stranger"] = AnonymousUser()
    loner = person(Role.PLANNER, email="loner@example.org")
    readers["loner"] = loner
    owners = [*((askers[code], code) for code in askers), (loner, "")]
    for (who, code), is_public in product(owners, (True, False)):
        stated = need(who, code, is_public=is_public)
        asked = data_request(who, code, is_public=is_public)
        owner = code or "loner"
        for name, reader in readers.items():
            assesses = name.startswith("role:") and "requests.assess" in ROLES[Role(name[5:])].permissions
            expected = is_public or assesses or name == owner
            assert (queries.need_for(reader, stated.pk) is not None) == expected, (name, owner)
            assert (queries.request_for(reader, asked.pk) is not None) == expected, (name, owner)
        assert queries.public_needs().filter(pk=stated.pk).exists() == is_public
        assert queries.public_requests().filter(pk=asked.pk).exists() == is_public
