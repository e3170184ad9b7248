"""Needs, requests for data with their history, and who follows them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from marsad.coordination.needs.rules import NeedState, RequestKind, RequestState
from marsad.web.privacy import Privacy, classed

_ACCOUNT = "points at an account; erasing the account leaves its number"


class Need(models.Model):
    """A question that somebody must answer to decide, and what would answer it well enough."""

    question = models.TextField()
    decision = models.TextField()
    indicator = models.CharField(max_length=24, blank=True)
    area = models.CharField(max_length=24, blank=True)
    group = models.CharField(max_length=200, blank=True)
    period = models.CharField(max_length=24, blank=True)
    half_width = models.FloatField(null=True)
    threshold = models.FloatField(null=True)
    needed_by = models.DateField(null=True)
    organisation = models.ForeignKey("actors.Organisation", models.PROTECT, null=True, related_name="needs")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    is_public = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=[(one.value, one.value) for one in NeedState])
    edition = models.ForeignKey("dissemination.Edition", models.PROTECT, null=True, related_name="+")
    stated_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    privacy: ClassVar[Privacy] = classed(
        internal="id question decision indicator area group period half_width threshold needed_by organisation is_public"
        " state edition stated_at changed_at",
        personal={"asked_by": _ACCOUNT},
    )

    class Meta:
        ordering = ["-stated_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(half_width=None) | models.Q(half_width__gt=0), name="needs_half_width_above_zero"
            ),
        ]

    def __str__(self) -> str:
        return f"need:{self.pk}"


class NeedStep(models.Model):
    """One line of the history of a need, with what it said from then on."""

    need = models.ForeignKey(Need, models.CASCADE, related_name="steps")
    move = models.CharField(max_length=12)
    state = models.CharField(max_length=12)
    content = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    privacy: ClassVar[Privacy] = classed(internal="id need move state content reason at", personal={"by": _ACCOUNT})

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.need_id} {self.move}"


class DataRequest(models.Model):
    """A request for new data, finer detail, a correction or access, with its clock."""

    kind = models.CharField(max_length=12, choices=[(one.value, one.value) for one in RequestKind])
    title = models.CharField(max_length=200)
    text = models.TextField()
    indicator = models.CharField(max_length=24, blank=True)
    area = models.CharField(max_length=24, blank=True)
    group = models.CharField(max_length=200, blank=True)
    period = models.CharField(max_length=24, blank=True)
    need = models.ForeignKey(Need, models.PROTECT, null=True, related_name="requests")
    organisation = models.ForeignKey("actors.Organisation", models.PROTECT, null=True, related_name="data_requests")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    is_public = models.BooleanField(default=True)
    state = models.CharField(max_length=12, choices=[(one.value, one.value) for one in RequestState])
    received_on = models.DateField()
    assess_by = models.DateField()
    assessed_on = models.DateField(null=True)
    planned_for = models.DateField(null=True)
    closed_on = models.DateField(null=True)
    edition = models.ForeignKey("dissemination.Edition", models.PROTECT, null=True, related_name="answered_requests")
    reason = models.TextField(blank=True)
    changed_at = models.DateTimeField()

    privacy: ClassVar[Privacy] = classed(
        internal="id kind title text indicator area group period need organisation is_public state received_on assess_by"
        " assessed_on planned_for closed_on edition reason changed_at",
        personal={"asked_by": _ACCOUNT, "owner": _ACCOUNT},
    )

    class Meta:
        ordering = ["-received_on", "-id"]
        indexes = [models.Index(fields=["state", "assess_by"])]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="done") | models.Q(edition__isnull=False), name="needs_done_names_its_edition"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="planned") | models.Q(planned_for__isnull=False),
                name="needs_planned_has_a_date",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="refused") | ~models.Q(reason=""), name="needs_refused_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"data-request:{self.pk}"


class RequestStep(models.Model):
    """One move on a request: the state it left behind, the reason or date that came with it."""

    request = models.ForeignKey(DataRequest, models.CASCADE, related_name="steps")
    move = models.CharField(max_length=12)
    state = models.CharField(max_length=12)
    reason = models.TextField(blank=True)
    planned_for = models.DateField(null=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    privacy: ClassVar[Privacy] = classed(
        internal="id request move state reason planned_for at", personal={"by": _ACCOUNT}
    )

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.request_id} {self.move}"


class Follower(models.Model):
    """An account that is told of each move on a request."""

    request = models.ForeignKey(DataRequest, models.CASCADE, related_name="followers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    since = models.DateTimeField()

    privacy: ClassVar[Privacy] = classed(internal="id request since", personal={"user": "deleted with the account"})

    class Meta:
        ordering = ["since", "id"]
        constraints = [models.UniqueConstraint(fields=["request", "user"], name="needs_follows_once")]

    def __str__(self) -> str:
        return f"{self.request_id}"
