"""Every route above the line, as somebody without a role and as the partner of class enforcement: with real numbers, by GET
and by POST, nothing opens that is not their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import IntConverter, UUIDConverter
from django.utils import timezone

from agreements.made import AT, organisation
from deliveries.delivery_cases import GOOD_ROWS, csv_bytes, sent, stage
from house.people import client_of, person
from marsad.accounts.rules import Role
from marsad.actors.operations import add_membership
from marsad.audit.rules import System
from marsad.collection.deliveries import operations_decisions as decisions
from marsad.collection.deliveries import queries
from marsad.collection.deliveries.models import Delivery
from marsad.collection.deliveries.operations_decisions import Decision
from marsad.collection.deliveries.rules import Move, State
from marsad.collection.deliveries.steps import advance
from marsad.collection.operations_access import ask_look

pytestmark = pytest.mark.django_db(databases=["default", "confidential"])
SHUT = {401, 403, 404, 405, 410}
# The parts of the shell of forms hold nothing of anybody.
SHELL = {"forms:shell", "forms:worker", "forms:manifest"}
OWN_PAGES = {"deliveries:list", "deliveries:send", "deliveries:tokens"}


def routes(patterns: Any, space: str = "", before: str = "/") -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Name, address with places for its parts, and the parts, of every route of the apps above the line."""
    for one in patterns:
        address = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from routes(one.url_patterns, one.namespace or space, address)
        elif isinstance(one, URLPattern) and one.callback.__module__.startswith("marsad.collection."):
            yield f"{space}:{one.name}", address, dict(one.pattern.converters)


def addresses(real: dict[str, str]) -> Iterator[tuple[str, str]]:
    for name, address, parts in routes(get_resolver("marsad.config.urls").url_patterns):
        for part, converter in parts.items():
            made_up = str(uuid4()) if isinstance(converter, UUIDConverter) else "1"
            value = real.get(part, made_up if isinstance(converter, UUIDConverter | IntConverter) else "visits")
            address = re.sub(rf"<(\w+:)?{part}>", value, address)
        assert "<" not in address, address
        yield name, address


def opened(client: Client, real: dict[str, str]) -> set[str]:
    """The routes that did not stay shut; a way to the sign-in page is shut, too."""
    found = set()
    for name, address in addresses(real):
        for answer in (client.get(address), client.post(address)):
            signing_in = answer.status_code == 302 and "/account/" in answer["Location"]
            if answer.status_code not in SHUT and not signing_in:
                found.add(name)
    return found


def test_no_route_above_the_line_opens_for_outsiders(home: Path) -> None:
    people = stage()
    accepted, waiting = sent(people, csv_bytes(GOOD_ROWS)), sent(people, csv_bytes(GOOD_ROWS[:3]))
    for one in (accepted, waiting):
        advance(one.pk)
        mapping = queries.mapping_of(Delivery.objects.get(pk=one.pk))
        if Delivery.objects.get(pk=one.pk).state == State.READ:
            decisions.confirm_mapping(actor=people.partner, at=timezone.now(), delivery_id=one.pk, mapping=mapping)
            advance(one.pk)
    decisions.decide(actor=people.officer, at=timezone.now(), delivery_id=accepted.pk, decision=Decision(Move.ACCEPT))
    advance(accepted.pk)
    accepted.refresh_from_db()
    glass = ask_look(
        actor=people.protection, at=timezone.now(), snapshot_id=accepted.snapshot, reason="a total that does not add up"
    )
    organisation("police")
    police = person(Role.PARTNER, email="police@example.org")
    add_membership(actor=System("test"), at=AT, user_id=police.pk, organisation="police")
    real = {
        "delivery_id": str(waiting.pk), "upload_id": str(waiting.pk), "snapshot_id": str(accepted.snapshot),
        "glass_id": str(glass.pk), "agreement": "camp-visits", "token": "a" * 24,
    }  # fmt: skip
    assert opened(Client(), real) <= SHELL
    assert opened(client_of(person(Role.MEMBER)), real) <= SHELL
    # A token of somebody else is told to be unknown on the page to which ending it leads.
    assert opened(client_of(police), real) <= SHELL | OWN_PAGES | {"deliveries:revoke"}
    waiting.refresh_from_db()
    assert waiting.state == State.CHECKED
