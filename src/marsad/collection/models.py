"""Persons' requests, in the confidential database."""

from __future__ import annotations

import uuid

from django.db import models

from marsad.collection.rules import RequestState, Right
from marsad.web.privacy import classed

_ERASED = "collection.operations.erase_closed_requests empties it three years after the request is closed"
_ACTOR = "a number that stands for nobody once the account it belongs to is erased"


class PersonRequest(models.Model):
    """What a person asks about what is held on them. An erased request keeps its dates and its outcome alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    right = models.CharField(max_length=16, choices=[(right.value, right.value) for right in Right])
    state = models.CharField(
        max_length=12, choices=[(state.value, state.value) for state in RequestState], default=RequestState.RECEIVED
    )
    person = models.CharField(max_length=200, blank=True)
    contact = models.CharField(max_length=200, blank=True)
    subject = models.TextField(blank=True)
    answer = models.TextField(blank=True)
    outcome = models.CharField(max_length=12, blank=True)
    received_on = models.DateField()
    due_on = models.DateField()
    closed_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)
    recorded_by = models.CharField(max_length=80)

    privacy = classed(
        internal="id right state outcome received_on due_on closed_at erased_at",
        personal={"person": _ERASED, "contact": _ERASED, "recorded_by": _ACTOR},
        sensitive={"subject": _ERASED, "answer": _ERASED},
    )

    class Meta:
        ordering = ["due_on", "received_on"]
        indexes = [models.Index(fields=["state", "due_on"])]

    def __str__(self) -> str:
        return str(self.id)
