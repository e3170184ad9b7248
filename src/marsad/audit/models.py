"""The append-only log: one row per write, each carrying the digest of the one before."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models

from marsad.audit.rules import Link
from marsad.web.privacy import classed
from migstat.model.refusals import Refused


class EventQuerySet(models.QuerySet["Event"]):
    def update(self, **changes: Any) -> NoReturn:
        raise _append_only()

    def delete(self) -> NoReturn:
        raise _append_only()


def _append_only() -> Refused:
    return Refused("audit.append_only", found="a change of an event that stands", remedy="record a new event instead")


class Event(models.Model):
    sequence = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    action = models.CharField(max_length=80)
    target = models.CharField(max_length=80)
    details = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)

    privacy = classed(
        internal="sequence at action target details previous digest",
        personal={"actor": "a number that stands for nobody once the account it belongs to is erased"},
    )
    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["sequence"]
        indexes = [models.Index(fields=["action", "sequence"]), models.Index(fields=["actor", "sequence"])]

    def __str__(self) -> str:
        return f"{self.sequence} {self.action}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise _append_only()
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise _append_only()

    def link(self) -> Link:
        return Link(self.sequence, self.at, self.actor, self.action, self.target, self.details, self.previous)


class ChainHead(models.Model):
    """Where the chain stands: its row is locked by whoever appends, so that two writers never share a link."""

    sequence = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64)

    privacy = classed(internal="id sequence digest")

    def __str__(self) -> str:
        return str(self.sequence)
