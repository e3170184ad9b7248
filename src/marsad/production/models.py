"""The confidential database of production: runs, their steps, and what each step gave."""

from __future__ import annotations

import uuid

from django.db import models

from marsad.production.rules import Plan, RunState, StepState
from marsad.web.privacy import classed

_ACTOR = "a number that stands for nobody once the account it belongs to is erased"
_TABLE = "holds true values of small cells; goes with the confidential database, read by statisticians alone"


class StepResult(models.Model):
    """What one step gave, by the digest of all that it depends on: the same step is computed once."""

    digest = models.CharField(max_length=64, primary_key=True)
    content = models.JSONField()
    checksum = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    is_synthetic = models.BooleanField(default=False)

    privacy = classed(internal="digest checksum made_at is_synthetic", sensitive={"content": _TABLE})

    class Meta:
        ordering = ["made_at", "digest"]

    def __str__(self) -> str:
        return self.digest[:12]


class Run(models.Model):
    """One run: its graph, and everything that decides what comes out, frozen when it was asked for."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    study = models.CharField(max_length=20, blank=True)
    plan = models.JSONField()
    seed = models.PositiveBigIntegerField()
    code_version = models.CharField(max_length=80)
    state = models.CharField(
        max_length=10, choices=[(state.value, state.value) for state in RunState], default=RunState.WAITING
    )
    asked_by = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    claimed_by = models.CharField(max_length=80, blank=True)
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    problem = models.JSONField(default=dict)
    checksum = models.CharField(max_length=64, blank=True)
    is_synthetic = models.BooleanField(default=False)

    privacy = classed(
        internal="id name study plan seed code_version state asked_at started_at ended_at claimed_by claimed_until attempts"
        " problem checksum is_synthetic",
        personal={"asked_by": _ACTOR},
    )

    class Meta:
        ordering = ["-asked_at", "id"]
        indexes = [models.Index(fields=["state", "claimed_until"])]

    def __str__(self) -> str:
        return self.name

    @property
    def graph(self) -> Plan:
        return Plan.from_json(self.plan)


class RunStep(models.Model):
    """How far one step of a run is, and where its result stands."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="steps")
    sort = models.PositiveIntegerField()
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=10)
    digest = models.CharField(max_length=64)
    state = models.CharField(
        max_length=8, choices=[(state.value, state.value) for state in StepState], default=StepState.WAITING
    )
    ended_at = models.DateTimeField(null=True)
    result = models.ForeignKey(StepResult, models.PROTECT, null=True, related_name="steps")

    privacy = classed(internal="id run sort name kind digest state ended_at result")

    class Meta:
        ordering = ["run", "sort"]
        constraints = [models.UniqueConstraint(fields=["run", "name"], name="production_step_once_in_a_run")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.name}"
