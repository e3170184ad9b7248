"""Agreements, their versions and history, and what was delivered or refused under them: no record, no person's name."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from marsad.coordination.agreements.rules import AgreementState, Terms
from marsad.web.privacy import Privacy, classed
from migstat.model.refusals import Refused

_ACTOR = "points at an account; erasing the account leaves its number"
_STATES = [(state.value, state.value) for state in AgreementState]


class Agreement(models.Model):
    """One agreement between the city and an organisation on one dataflow; what it says stands in its versions."""

    code = models.SlugField(max_length=60, primary_key=True)
    organisation = models.ForeignKey("actors.Organisation", models.PROTECT, related_name="agreements")
    dataflow = models.CharField(max_length=60)
    title_fr = models.CharField(max_length=200)
    title_ar = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    is_synthetic = models.BooleanField(default=False)

    privacy: ClassVar[Privacy] = classed(
        public="code organisation dataflow title_fr title_ar title_en is_synthetic", internal="created_at"
    )

    class Meta:
        ordering = ["code"]
        indexes = [models.Index(fields=["organisation", "dataflow"])]

    def __str__(self) -> str:
        return self.code


class AgreementVersion(models.Model):
    """The terms of an agreement at one time. Once they are agreed on they never change: an amendment is a new version."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=_STATES, default=AgreementState.DRAFT)
    content = models.JSONField()
    text = models.JSONField(default=dict)
    checksum = models.CharField(max_length=64)
    starts_on = models.DateField()
    ends_on = models.DateField()
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    suspended_as = models.CharField(max_length=12, blank=True)
    changed_at = models.DateTimeField()

    privacy: ClassVar[Privacy] = classed(
        internal="id agreement number state content text checksum starts_on ends_on reviewed_at suspended_as changed_at",
        personal={"reviewed_by": _ACTOR},
    )

    class Meta:
        ordering = ["agreement", "number"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "number"], name="agreements_version_once"),
            models.UniqueConstraint(
                fields=["agreement"],
                condition=models.Q(state__in=["in_force", "suspended"]),
                name="agreements_one_version_stands",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id}/{self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises ``Refused("agreements.immutable")`` where the terms or the text of an agreed version would change."""
        before = AgreementVersion.objects.filter(pk=self.pk).first() if self.pk else None
        if before is not None and before.state != AgreementState.DRAFT and self.state != AgreementState.DRAFT:
            now = (self.content, self.text, self.checksum, self.starts_on, self.ends_on)
            if now != (before.content, before.text, before.checksum, before.starts_on, before.ends_on):
                raise Refused(
                    "agreements.immutable", found="a change of agreed terms", remedy="make an amendment: a new version"
                )
        super().save(*args, **kwargs)

    @property
    def terms(self) -> Terms:
        return Terms.from_mapping(self.content)


class AgreementStep(models.Model):
    """One move on a version: who made it in what quality, the state it left behind, and why."""

    version = models.ForeignKey(AgreementVersion, models.PROTECT, related_name="steps")
    move = models.CharField(max_length=10)
    state = models.CharField(max_length=12, choices=_STATES)
    hat = models.CharField(max_length=12)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True)

    privacy: ClassVar[Privacy] = classed(internal="id version move state hat at reason", personal={"by": _ACTOR})

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.version_id} {self.move}"


class Signature(models.Model):
    """One side's signature: by its person on the page, or on paper, whose scanned PDF is kept with its checksum."""

    version = models.ForeignKey(AgreementVersion, models.PROTECT, related_name="signatures")
    side = models.CharField(max_length=8)
    signed_at = models.DateTimeField()
    signer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    of_checksum = models.CharField(max_length=64)
    document = models.BinaryField(default=bytes)
    document_sha256 = models.CharField(max_length=64, blank=True)

    privacy: ClassVar[Privacy] = classed(
        internal="id version side signed_at of_checksum document_sha256",
        personal={
            "signer": _ACTOR,
            "document": "agreements.operations.forget_documents empties it five years after the agreement is closed",
        },
    )

    class Meta:
        ordering = ["signed_at"]
        constraints = [models.UniqueConstraint(fields=["version", "side"], name="agreements_each_side_signs_once")]

    def __str__(self) -> str:
        return f"{self.version_id} {self.side}"


class DeliveryReceipt(models.Model):
    """What is known below the line of a delivery: counts and dates. Its rows and its file stand above the line."""

    delivery = models.CharField(max_length=64, unique=True)
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="receipts")
    organisation = models.ForeignKey("actors.Organisation", models.PROTECT, related_name="+")
    dataflow = models.CharField(max_length=60)
    state = models.CharField(max_length=28)
    received_on = models.DateField()
    period = models.CharField(max_length=24, blank=True)
    rows = models.PositiveIntegerField()
    errors = models.PositiveIntegerField()
    breakdowns = models.JSONField(default=list)
    file_format = models.CharField(max_length=40, blank=True)
    hours = models.FloatField(null=True)
    noted_at = models.DateTimeField()

    privacy: ClassVar[Privacy] = classed(
        internal="id delivery agreement organisation dataflow state received_on period rows errors breakdowns file_format"
        " hours noted_at"
    )

    class Meta:
        ordering = ["received_on", "id"]
        indexes = [models.Index(fields=["organisation", "dataflow"])]

    def __str__(self) -> str:
        return self.delivery


class RefusalCount(models.Model):
    """How often something was refused under an agreement in a month, by kind; without one, ``agreement`` is empty."""

    agreement = models.CharField(max_length=60, blank=True)
    kind = models.CharField(max_length=40)
    month = models.DateField()
    count = models.PositiveIntegerField(default=0)

    privacy: ClassVar[Privacy] = classed(public="agreement kind month count", internal="id")

    class Meta:
        ordering = ["month", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "kind", "month"], name="agreements_one_count_a_month")
        ]

    def __str__(self) -> str:
        return f"{self.agreement} {self.kind} {self.month}"
