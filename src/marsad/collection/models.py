"""The confidential database: persons' requests, and the rows that speak for the store of snapshots."""

from __future__ import annotations

import uuid

from django.db import models

from marsad.collection.rules import RequestState, Right
from marsad.collection.rules_store import ErasureRule, ErasureState, GlassState, KeyKind, Sensitivity, SnapshotState
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


_LOG = "marsad.collection.operations_access.forget_old_looks deletes the line five years after the look"


class WrappedKey(models.Model):
    """A random key, wrapped by the master key. Without its row what it locked is lost, which is how things are erased."""

    kind = models.CharField(max_length=12, choices=[(kind.value, kind.value) for kind in KeyKind])
    name = models.CharField(max_length=80)
    wrapped = models.BinaryField()
    master = models.CharField(max_length=16)
    made_at = models.DateTimeField()
    rewrapped_at = models.DateTimeField(null=True)

    privacy = classed(internal="id kind name wrapped master made_at rewrapped_at")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "name"], name="one_key_per_name")]

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


class CollectedDataflow(models.Model):
    """What the municipality collects or receives on persons: why, on what ground, for how long, in which columns."""

    code = models.CharField(max_length=60, primary_key=True)
    title_fr = models.CharField(max_length=200)
    title_ar = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    purpose = models.CharField(max_length=60)
    purpose_fr = models.TextField()
    purpose_ar = models.TextField()
    purpose_en = models.TextField()
    legal_basis_fr = models.TextField()
    legal_basis_ar = models.TextField()
    legal_basis_en = models.TextField()
    authorisation_number = models.CharField(max_length=60, blank=True)
    authorised_on = models.DateField(null=True)
    retention_days = models.PositiveIntegerField()
    sensitivity = models.CharField(max_length=12, choices=[(one.value, one.value) for one in Sensitivity])
    keeps_original = models.BooleanField(default=False)
    original_days = models.PositiveIntegerField(default=0)
    partner = models.CharField(max_length=60, blank=True)
    identified_by = models.JSONField(default=list)
    uses = models.JSONField(default=list)
    structure = models.JSONField()
    is_synthetic = models.BooleanField(default=False)
    loaded_at = models.DateTimeField()

    privacy = classed(
        public="code title_fr title_ar title_en purpose purpose_fr purpose_ar purpose_en legal_basis_fr legal_basis_ar "
        "legal_basis_en authorisation_number authorised_on retention_days sensitivity keeps_original original_days "
        "partner is_synthetic",
        internal="identified_by uses structure loaded_at",
    )

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class Snapshot(models.Model):
    """Accepted microdata, frozen: the row says what the encrypted files are and proves that they did not change."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dataflow = models.ForeignKey(CollectedDataflow, on_delete=models.PROTECT, related_name="snapshots")
    period = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField()
    rows = models.PositiveBigIntegerField()
    size = models.PositiveBigIntegerField()
    columns = models.JSONField(default=list)
    checksum = models.CharField(max_length=64)
    salt = models.BinaryField()
    files = models.JSONField(default=dict)
    lineage = models.JSONField(default=dict)
    once = models.CharField(max_length=64, null=True, unique=True)
    replaces = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")
    retention_until = models.DateField()
    state = models.CharField(
        max_length=8, choices=[(state.value, state.value) for state in SnapshotState], default=SnapshotState.FROZEN
    )
    erased_at = models.DateTimeField(null=True)
    is_synthetic = models.BooleanField(default=False)

    privacy = classed(
        internal="id dataflow period created_at rows size columns checksum salt files lineage once replaces "
        "retention_until state erased_at is_synthetic"
    )

    class Meta:
        ordering = ["-created_at", "id"]
        indexes = [models.Index(fields=["state", "retention_until"])]

    def __str__(self) -> str:
        return str(self.id)


class AccessEntry(models.Model):
    """One reading of rows: by whom, of what, for which purpose or reason, how many. Never changed."""

    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    kind = models.CharField(max_length=8)
    dataflow = models.CharField(max_length=60)
    subject = models.CharField(max_length=80)
    purpose = models.CharField(max_length=60)
    reason = models.CharField(max_length=400, blank=True)
    columns = models.JSONField(default=list)
    rows = models.PositiveBigIntegerField()

    privacy = classed(
        internal="id at kind dataflow subject purpose columns rows", personal={"actor": _ACTOR, "reason": _LOG}
    )

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["dataflow", "at"]), models.Index(fields=["subject"])]

    def __str__(self) -> str:
        return f"{self.kind} of {self.subject}"


class BrokenGlass(models.Model):
    """A request to see rows of a snapshot with one's own eyes: a reason, a second person, an end."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="glasses")
    state = models.CharField(
        max_length=8, choices=[(state.value, state.value) for state in GlassState], default=GlassState.ASKED
    )
    reason = models.CharField(max_length=400)
    asked_by = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()

    privacy = classed(
        internal="id snapshot state asked_at decided_at expires_at",
        personal={"asked_by": _ACTOR, "decided_by": _ACTOR, "reason": _LOG},
    )

    class Meta:
        ordering = ["-asked_at"]

    def __str__(self) -> str:
        return str(self.id)


class Erasure(models.Model):
    """An erasure under way: what it has done already, so that one that was cut short goes on and counts nothing twice."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(
        max_length=10, choices=[(state.value, state.value) for state in ErasureState], default=ErasureState.UNDER_WAY
    )
    rule = models.CharField(max_length=10, choices=[(rule.value, rule.value) for rule in ErasureRule])
    request = models.CharField(max_length=80, blank=True)
    digest = models.CharField(max_length=64)
    pseudonyms = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    snapshots = models.JSONField(default=list)
    begun_at = models.DateTimeField()

    privacy = classed(
        internal="id state rule request digest counts snapshots begun_at",
        personal={
            "pseudonyms": "marsad.collection.operations_erasure.certify_erasure empties it when the erasure is done"
        },
    )

    class Meta:
        ordering = ["begun_at"]

    def __str__(self) -> str:
        return str(self.id)


class Certificate(models.Model):
    """That something was erased: what, how much, when, by which rule; its digest stands in the audit log too."""

    number = models.CharField(max_length=16, primary_key=True)
    rule = models.CharField(max_length=10, choices=[(rule.value, rule.value) for rule in ErasureRule])
    request = models.CharField(max_length=80, blank=True)
    erasure = models.UUIDField(null=True, unique=True)
    issued_at = models.DateTimeField()
    counts = models.JSONField()
    snapshots = models.JSONField()
    digest = models.CharField(max_length=64)

    privacy = classed(internal="number rule request erasure issued_at counts snapshots digest")

    class Meta:
        ordering = ["-number"]

    def __str__(self) -> str:
        return self.number
