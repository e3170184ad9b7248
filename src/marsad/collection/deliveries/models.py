"""Deliveries on their way, layouts that were confirmed, and the tokens with which organisations send."""

from __future__ import annotations

import uuid

from django.db import models

from marsad.collection.deliveries.rules import CLOSED, Channel, State
from marsad.web.privacy import classed

_ACTOR = "a number that stands for nobody once the account it belongs to is erased"
_FORGOTTEN = "deliveries.operations_retention.forget_cells empties it 90 days after the decision"
_UNUSED = [State.RETURNED.value, State.REFUSED.value, State.WITHDRAWN.value]


class Delivery(models.Model):
    """One file of one organisation under one agreement. Its rows are never here: they wait sealed, then are frozen."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agreement = models.CharField(max_length=60)
    organisation = models.CharField(max_length=60)
    dataflow = models.CharField(max_length=60)
    is_synthetic = models.BooleanField(default=False)
    period = models.CharField(max_length=60, blank=True)
    channel = models.CharField(max_length=8, choices=[(one.value, one.value) for one in Channel])
    file_name = models.CharField(max_length=120)
    file_format = models.CharField(max_length=8, blank=True)
    bytes = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=20, choices=[(one.value, one.value) for one in State])
    sender = models.CharField(max_length=80)
    hours = models.FloatField(null=True)
    corrects = models.ForeignKey("self", models.SET_NULL, null=True, related_name="corrections")
    begun_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=80, blank=True)
    reason = models.TextField(blank=True)
    problem = models.JSONField(null=True)
    choices = models.JSONField(default=dict)
    layout = models.JSONField(null=True)
    mapping = models.JSONField(null=True)
    proposals = models.JSONField(default=list)
    remembered = models.BooleanField(default=False)
    report = models.JSONField(null=True)
    rows = models.PositiveBigIntegerField(default=0)
    errors = models.PositiveBigIntegerField(default=0)
    questions = models.PositiveIntegerField(default=0)
    profile = models.JSONField(null=True)
    snapshot = models.UUIDField(null=True)
    stored_rows = models.PositiveBigIntegerField(null=True)
    file_until = models.DateTimeField(null=True)
    file_destroyed_at = models.DateTimeField(null=True)
    cells_forgotten_at = models.DateTimeField(null=True)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True)
    claimed_by = models.CharField(max_length=64, blank=True)
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)

    privacy = classed(
        internal="id agreement organisation dataflow is_synthetic period channel file_format bytes digest state hours "
        "corrects begun_at received_at decided_at problem choices layout mapping proposals remembered rows errors questions "
        "profile snapshot stored_rows file_until file_destroyed_at cells_forgotten_at done total claimed_by claimed_until "
        "attempts",
        personal={"sender": _ACTOR, "decided_by": _ACTOR, "file_name": _FORGOTTEN, "reason": _FORGOTTEN},
        sensitive={"report": _FORGOTTEN},
    )

    class Meta:
        ordering = ["-begun_at"]
        indexes = [
            models.Index(fields=["organisation", "state"]),
            models.Index(fields=["state", "claimed_until"]),
            models.Index(fields=["agreement", "digest"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "period", "digest"],
                condition=~models.Q(state__in=_UNUSED) & ~models.Q(digest=""),
                name="deliveries_one_file_once",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=[State.ACCEPTED.value, State.ACCEPTED_WITH_RESERVATIONS.value])
                | models.Q(snapshot__isnull=False),
                name="deliveries_accepted_is_stored",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def audit_target(self) -> str:
        return f"delivery:{self.pk}"

    @property
    def is_closed(self) -> bool:
        return State(self.state) in CLOSED


class KnownLayout(models.Model):
    """A layout that a partner confirmed, so that the next file of the same layout is not asked about again."""

    agreement = models.CharField(max_length=60)
    signature = models.CharField(max_length=64)
    structure = models.CharField(max_length=64)
    titles = models.JSONField()
    mapping = models.JSONField()
    choices = models.JSONField()
    confirmed_at = models.DateTimeField()
    confirmed_by = models.CharField(max_length=80)

    privacy = classed(
        internal="id agreement signature structure titles mapping choices confirmed_at",
        personal={"confirmed_by": _ACTOR},
    )

    class Meta:
        ordering = ["-confirmed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "signature", "structure"], name="deliveries_one_memory_of_a_layout"
            )
        ]

    def __str__(self) -> str:
        return f"{self.agreement} {self.signature[:8]}"


class SendingToken(models.Model):
    """A secret with which a machine of an organisation sends under one agreement; only its digest is kept."""

    agreement = models.CharField(max_length=60)
    organisation = models.CharField(max_length=60)
    label = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=80)
    expires_on = models.DateField()
    revoked_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    privacy = classed(
        internal="id agreement organisation label digest made_at expires_on revoked_at used_at",
        personal={"made_by": _ACTOR},
    )

    class Meta:
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return f"{self.agreement} {self.label}"

    @property
    def audit_code(self) -> str:
        """Who acts where a machine sends: the token, by its number."""
        return f"token:{self.pk}"
