"""Background work as its page shows it, and the schedule."""

from __future__ import annotations

import uuid

from django.db import models

from marsad.web.privacy import classed
from marsad.work.rules import JobState


class Progress(models.Model):
    """One piece of long work: what it is, how far it is, and how it ended."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=[(s.value, s.value) for s in JobState], default=JobState.WAITING)
    started_by = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    reported_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True)
    step = models.CharField(max_length=80, blank=True)
    outcome = models.TextField(blank=True)
    task_id = models.UUIDField(null=True)

    privacy = classed(
        internal="id job state asked_at started_at reported_at ended_at done total step outcome task_id",
        personal={"started_by": "a number that stands for nobody once the account it belongs to is erased"},
    )

    class Meta:
        ordering = ["-asked_at"]

    def __str__(self) -> str:
        return f"{self.job} {self.state}"


class Schedule(models.Model):
    """When a recurring job last ran; how often it runs is said in the code that names it."""

    name = models.CharField(max_length=60, primary_key=True)
    every_seconds = models.PositiveIntegerField()
    last_run_at = models.DateTimeField(null=True)

    privacy = classed(internal="name every_seconds last_run_at")

    def __str__(self) -> str:
        return self.name


class WorkerBeat(models.Model):
    """The last sign of life of a worker. Tasks of a worker that gives none are given up by the reaper."""

    worker = models.CharField(max_length=64, primary_key=True)
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField()

    privacy = classed(internal="worker started_at beat_at")

    def __str__(self) -> str:
        return self.worker
