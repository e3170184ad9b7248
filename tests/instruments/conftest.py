"""A published small form, and a person with a device."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from house.people import person
from instruments.small_form import published
from marsad.accounts.rules import Role
from marsad.audit.rules import System
from marsad.collection.instruments.models import Version
from marsad.collection.instruments.operations_devices import Issued, issue_device


@pytest.fixture
def form(db: None) -> Version:
    return published()


@pytest.fixture
def issued(form: Version) -> Issued:
    agent = person(Role.FIELD_AGENT)
    return issue_device(actor=System("test"), at=datetime.now(UTC), person=agent, label="Telephone 1")


@pytest.fixture
def phone(issued: Issued) -> Client:
    return Client(headers={"authorization": f"Token {issued.token}"})
