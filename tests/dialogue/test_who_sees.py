"""Who reads what: every pair of an organisation and an internal session, commitment or discussion of an agreement."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from agreements.made import Cast, in_force, terms
from dialogue.made import STARTS, answer, committed, held, part, question
from house.people import client_of, person
from marsad.accounts.rules import ROLES, Role
from marsad.coordination.dialogue import operations_results as results
from marsad.coordination.dialogue import queries
from marsad.coordination.dialogue import queries_sessions as sessions
from marsad.coordination.dialogue.rules import MoveRefused
from needs.made import data_request, speaker

pytestmark = pytest.mark.django_db(databases=["default", "confidential"])
CODES = ("camp", "fond", "aide")


def test_an_organisation_sees_its_own_and_nobody_elses() -> None:
    speakers = {code: speaker(code) for code in CODES}
    city = {role: person(role, email=f"city-{role}@example.org") for role in ROLES if ROLES[role].account}
    coordinator, officer = city[Role.COORDINATOR], city[Role.DATA_OFFICER]
    meetings, made, challenges, talks, asks = {}, {}, {}, {}, {}
    for code, partner in speakers.items():
        people = Cast(officer, coordinator, city[Role.DATA_PROTECTION_OFFICER], partner)
        in_force(people, terms(code=f"{code}-visits", organisation=code, dataflow=f"{code}-visits"))
        meetings[code] = held(coordinator, organisations=[code], is_public=False)
        made[code] = committed(coordinator, meetings[code], organisation=code)
        challenges[code] = results.write_challenge(
            actor=coordinator, at=STARTS, session=meetings[code].pk, content=part(kind="legal")
        )
        talks[code] = question(partner, "agreement", f"{code}-visits")
        asks[code] = question(partner, "request", str(data_request(partner, code, is_public=False).pk))
    readers: dict[str, Any] = {**speakers, **{str(role): user for role, user in city.items()}, "": AnonymousUser()}
    for (name, reader), code in product(readers.items(), CODES):
        permissions = ROLES[Role(name)].permissions if name in city else frozenset()
        holds, own = "dialogue.hold" in permissions, name == code
        keeps = bool(permissions & {"agreements.draft", "agreements.manage", "agreements.review"})
        seen = {
            "session": sessions.session_for(reader, meetings[code].pk) is not None,
            "commitment": sessions.commitment_for(reader, made[code].pk) is not None,
            "challenge": sessions.challenges_for(reader).filter(pk=challenges[code].pk).exists(),
            "agreement": queries.discussion_for(reader, talks[code].pk) is not None,
            "request": queries.discussion_for(reader, asks[code].pk) is not None,
        }
        assert seen == {
            "session": holds or own,
            "commitment": holds or own,
            "challenge": holds or own,
            "agreement": own or keeps,
            "request": own or "requests.assess" in permissions,
        }, (name, code)
        if not own and not keeps and name:
            with pytest.raises(MoveRefused):
                answer(reader, talks[code])
    assert not sessions.public_sessions().exists()
    assert not queries.public_discussions().exists()


def paths(session: Any, place: int) -> dict[str, str]:
    root = f"/fr/dialogue/sessions/{session.pk}/"
    return {
        root: "get", f"{root}session.ics": "get", f"{root}report-fr.pdf": "get", f"{root}edit/": "hold",
        f"{root}agenda/": "hold", f"{root}notes/": "hold", f"{root}item/new/": "hold", f"{root}move/": "hold",
        f"{root}invite/": "hold", f"{root}places/{place}/reply/": "post", f"{root}places/{place}/drop/": "hold",
    }  # fmt: skip


def test_each_route_opens_to_whom_it_is_for() -> None:
    coordinator, inside, outside = person(Role.COORDINATOR), speaker("camp"), speaker("fond")
    session = held(coordinator, organisations=["camp"])
    place = session.participants.get().pk
    statuses = {
        name: {path: client_of(user).get(path).status_code for path in paths(session, place)}
        for name, user in (("inside", inside), ("outside", outside), ("coordinator", coordinator))
    }
    for path, kind in paths(session, place).items():
        read = 405 if kind == "post" else 200
        assert statuses["outside"][path] == (403 if kind == "hold" else 405 if kind == "post" else 404), path
        assert statuses["inside"][path] == (403 if kind == "hold" else read), path
        assert statuses["coordinator"][path] in {200, 405}, path
    from django.test import Client

    assert Client().get(f"/fr/dialogue/sessions/{session.pk}/")["Location"].startswith("/fr/account/login/")
    assert Client().get(f"/fr/dialogue-sessions/{session.pk}/").status_code == 404
