"""The desk's own records, in the confidential database: requests, signatures, competence and the ledger of releases."""

from __future__ import annotations

import uuid

from django.db import models

from marsad.release.rules import RequestState, Verdict
from marsad.web.privacy import classed

_ACCOUNT = "a number that stands for nobody once the account it belongs to is erased"
_TABLE = "holds true values of small cells; goes with the confidential database, and is read by the desk alone"


class ReleaseRequest(models.Model):
    """Tables that someone asks to release together, as one edition of one dataflow."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dataflow = models.CharField(max_length=60)
    title = models.JSONField()
    description = models.JSONField()
    source = models.CharField(max_length=60)
    reason = models.JSONField()
    quality = models.JSONField(default=list)
    figures = models.JSONField(default=list)
    policy = models.JSONField()
    vintage = models.CharField(max_length=60, blank=True)
    is_synthetic = models.BooleanField(default=False)
    state = models.CharField(
        max_length=16, choices=[(state.value, state.value) for state in RequestState], default=RequestState.DRAFT
    )
    author = models.CharField(max_length=80)
    requested_at = models.DateTimeField()
    moved_at = models.DateTimeField()
    embargo_until = models.DateTimeField(null=True)
    digest = models.CharField(max_length=64, blank=True)
    pattern = models.CharField(max_length=64, blank=True)
    examined_at = models.DateTimeField(null=True)
    ledger_length = models.PositiveIntegerField(default=0)
    missing = models.JSONField(default=list)
    differences = models.JSONField(default=dict)
    demoted_for = models.CharField(max_length=120, blank=True)
    number = models.CharField(max_length=20, blank=True)
    withdrawal = models.JSONField(default=dict)

    privacy = classed(
        internal="id dataflow title description source reason quality figures policy vintage is_synthetic state"
        " requested_at moved_at embargo_until digest pattern examined_at ledger_length missing demoted_for number"
        " withdrawal",
        personal={"author": _ACCOUNT},
        sensitive={"differences": _TABLE},
    )

    class Meta:
        ordering = ["-requested_at"]
        indexes = [models.Index(fields=["state", "embargo_until"])]

    def __str__(self) -> str:
        return f"{self.dataflow} {self.number or self.pk}"


class RequestTable(models.Model):
    """One table of a request, whole and without loss, with what the desk found in it."""

    request = models.ForeignKey(ReleaseRequest, models.CASCADE, related_name="tables")
    sort = models.PositiveIntegerField()
    indicator = models.CharField(max_length=24)
    run = models.CharField(max_length=80)
    base = models.CharField(max_length=16)
    status = models.CharField(max_length=1)
    definition = models.JSONField()
    snapshots = models.JSONField(default=list)
    method = models.JSONField(default=dict)
    content = models.JSONField()
    checksum = models.CharField(max_length=64)
    intervals = models.JSONField(default=list)
    marked = models.JSONField(default=list)
    examination = models.JSONField(default=dict)

    privacy = classed(
        internal="id request sort indicator run base status definition snapshots method checksum",
        sensitive={"content": _TABLE, "intervals": _TABLE, "marked": _TABLE, "examination": _TABLE},
    )

    class Meta:
        ordering = ["request", "sort"]
        constraints = [models.UniqueConstraint(fields=["request", "sort"], name="release_tables_are_in_order")]

    def __str__(self) -> str:
        return f"{self.indicator} {self.sort}"


class Signature(models.Model):
    """A reviewer's verdict on the inputs as they were (``digest``). A request that is demoted voids its signatures."""

    request = models.ForeignKey(ReleaseRequest, models.CASCADE, related_name="signatures")
    reviewer = models.CharField(max_length=80)
    verdict = models.CharField(max_length=8, choices=[(one.value, one.value) for one in Verdict])
    reason = models.TextField()
    signed_at = models.DateTimeField()
    digest = models.CharField(max_length=64)
    pattern = models.CharField(max_length=64)
    void_at = models.DateTimeField(null=True)

    privacy = classed(
        internal="id request verdict reason signed_at digest pattern void_at", personal={"reviewer": _ACCOUNT}
    )

    class Meta:
        ordering = ["signed_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "reviewer"], condition=models.Q(void_at=None), name="release_signed_once_by_each"
            )
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.verdict}"


class Step(models.Model):
    """One move in the life of a request, for its history. Who signed what stands in the signatures alone."""

    request = models.ForeignKey(ReleaseRequest, models.CASCADE, related_name="steps")
    move = models.CharField(max_length=12)
    state = models.CharField(max_length=16)
    at = models.DateTimeField()
    actor = models.CharField(max_length=80, blank=True)
    note = models.CharField(max_length=120, blank=True)

    privacy = classed(internal="id request move state at note", personal={"actor": _ACCOUNT})

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.request_id} {self.move}"


class Competence(models.Model):
    """That an account was found able to review releases, by whom, why and until when. Nobody has it for ever."""

    person = models.CharField(max_length=80)
    granted_at = models.DateTimeField()
    granted_by = models.CharField(max_length=80)
    expires_on = models.DateField()
    reason = models.TextField()
    revoked_at = models.DateTimeField(null=True)

    privacy = classed(
        internal="id granted_at expires_on reason revoked_at", personal={"person": _ACCOUNT, "granted_by": _ACCOUNT}
    )

    class Meta:
        ordering = ["-granted_at", "-id"]

    def __str__(self) -> str:
        return f"until {self.expires_on}"


class LedgerRecord(models.Model):
    """The decided cells of one released table: with these, the ledger of everything ever released is built again.

    Written before its edition becomes public, so that nothing is ever public that the ledger does not know.
    """

    table = models.OneToOneField(RequestTable, models.PROTECT, related_name="recorded")
    recorded_at = models.DateTimeField()
    entries = models.JSONField()

    privacy = classed(internal="id table recorded_at", sensitive={"entries": _TABLE})

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return str(self.table_id)
