"""Instruments and their versions, the devices that hold them, and what these send: in the confidential database."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models

from marsad.collection.instruments.rules import Channel, SubmissionState, VersionState
from marsad.web.privacy import classed
from migstat.model.refusals import Refused

_ACTOR = "a number that stands for nobody once the account it belongs to is erased"
_WITH_SUBMISSION = "deleted with its submission (instruments.freezing.erase_old_submissions, the store's erasure)"
_FIXED = ("sheets", "xform", "questions", "definition", "digest", "code")


def _states(states: Any) -> list[tuple[str, str]]:
    return [(state.value, state.value) for state in states]


class Instrument(models.Model):
    """A questionnaire; its versions hold the questions."""

    code = models.SlugField(max_length=60, primary_key=True)
    title_fr = models.CharField(max_length=200)
    title_ar = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    purpose_fr = models.TextField()
    purpose_ar = models.TextField()
    purpose_en = models.TextField()

    privacy = classed(internal="code title_fr title_ar title_en purpose_fr purpose_ar purpose_en")

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class Version(models.Model):
    """One version of a questionnaire. Once published its content never changes."""

    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="versions")
    code = models.CharField(max_length=40)
    state = models.CharField(max_length=12, choices=_states(VersionState), default=VersionState.DRAFT)
    sheets = models.JSONField()
    xform = models.TextField()
    questions = models.JSONField()
    definition = models.JSONField()
    digest = models.CharField(max_length=64)
    loaded_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    privacy = classed(
        internal="id instrument code state sheets xform questions definition digest loaded_at published_at closed_at"
    )

    class Meta:
        ordering = ["instrument", "-loaded_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["instrument", "code"], name="instruments_version_once"),
            models.UniqueConstraint(
                fields=["instrument"], condition=models.Q(state="published"), name="instruments_one_published"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instrument_id} {self.code}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        fields = kwargs.get("update_fields")
        stands = not self._state.adding or self.pk is not None
        if stands and (fields is None or set(fields) & set(_FIXED)):
            before = Version.objects.filter(pk=self.pk).values_list("state", flat=True).first()
            if before not in (None, VersionState.DRAFT):
                raise Refused(
                    "instruments.published",
                    found="a change of a version that is published",
                    remedy="make a new version",
                )
        super().save(*args, **kwargs)


class Media(models.Model):
    """A file that a form shows or reads choices from."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="media")
    name = models.CharField(max_length=100)
    content_type = models.CharField(max_length=60)
    content = models.BinaryField()
    digest = models.CharField(max_length=32)

    privacy = classed(internal="id version name content_type content digest")

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["version", "name"], name="instruments_media_once")]

    def __str__(self) -> str:
        return self.name


class Device(models.Model):
    """A telephone or tablet that one person fills forms on. Of its token only the digest is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.UUIDField(db_index=True)
    label = models.CharField(max_length=80)
    username = models.CharField(max_length=40, unique=True)
    sealed_ha1 = models.BinaryField()
    token_digest = models.CharField(max_length=64, unique=True)
    issued_at = models.DateTimeField()
    issued_by = models.CharField(max_length=80)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_seen_on = models.DateField(null=True)

    privacy = classed(
        internal="id username sealed_ha1 token_digest issued_at expires_at revoked_at last_seen_on",
        personal={"person": _ACTOR, "label": "with the device, a year after it is closed", "issued_by": _ACTOR},
    )

    class Meta:
        ordering = ["-issued_at"]

    def __str__(self) -> str:
        return self.username


class NonceCount(models.Model):
    """How often a nonce of digest authentication was used: a request that is sent again is refused."""

    nonce = models.CharField(max_length=64, primary_key=True)
    highest = models.BigIntegerField(default=0)
    window = models.BigIntegerField(default=0)
    expires_at = models.DateTimeField(db_index=True)

    privacy = classed(internal="nonce highest window expires_at")

    def __str__(self) -> str:
        return self.nonce


class Submission(models.Model):
    """One filled form under review. Its answers stand sealed in its revisions."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="submissions")
    state = models.CharField(max_length=12, choices=_states(SubmissionState), default=SubmissionState.RECEIVED)
    channel = models.CharField(max_length=10, choices=_states(Channel))
    device = models.ForeignKey(Device, null=True, on_delete=models.SET_NULL, related_name="submissions")
    agent = models.CharField(max_length=80)
    received_at = models.DateTimeField()
    area = models.CharField(max_length=60, blank=True)
    outcome = models.CharField(max_length=60, blank=True)
    missing = models.PositiveIntegerField(default=0)
    findings = models.JSONField(default=list)
    conflicts = models.PositiveIntegerField(default=0)
    frozen_in = models.CharField(max_length=60, blank=True)

    privacy = classed(
        internal="id version state channel device received_at missing findings conflicts frozen_in",
        personal={"agent": _ACTOR, "area": _WITH_SUBMISSION, "outcome": _WITH_SUBMISSION},
    )

    class Meta:
        ordering = ["-received_at", "id"]
        indexes = [
            models.Index(fields=["state", "received_at"]),
            models.Index(fields=["version", "state"]),
            models.Index(fields=["agent", "received_at"]),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Revision(models.Model):
    """What a submission said at one time: as it came, as the device sent it again, as a reviewer corrected it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="revisions")
    number = models.IntegerField()
    instance_id = models.CharField(max_length=100, null=True, unique=True)
    deprecated_id = models.CharField(max_length=100, blank=True, db_index=True)
    sealed_answers = models.BinaryField()
    fingerprint = models.CharField(max_length=64)
    at = models.DateTimeField()
    by = models.CharField(max_length=80)

    privacy = classed(
        internal="id submission number instance_id deprecated_id fingerprint at",
        personal={"by": _ACTOR},
        sensitive={"sealed_answers": _WITH_SUBMISSION},
    )

    class Meta:
        ordering = ["submission", "number"]
        constraints = [models.UniqueConstraint(fields=["submission", "number"], name="instruments_revision_once")]

    def __str__(self) -> str:
        return f"{self.submission_id} {self.number}"


class Conflict(models.Model):
    """Other answers under an instance that was already received: kept until a reviewer has looked at both."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="other_answers")
    sealed_answers = models.BinaryField()
    fingerprint = models.CharField(max_length=64)
    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    settled_at = models.DateTimeField(null=True)
    taken = models.BooleanField(null=True)

    privacy = classed(
        internal="id submission fingerprint at settled_at taken",
        personal={"by": _ACTOR},
        sensitive={"sealed_answers": _WITH_SUBMISSION},
    )

    class Meta:
        ordering = ["at"]
        constraints = [models.UniqueConstraint(fields=["submission", "fingerprint"], name="instruments_conflict_once")]

    def __str__(self) -> str:
        return str(self.id)


class Attachment(models.Model):
    """A picture or a recording that an answer names, sealed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=60)
    sealed_content = models.BinaryField()
    fingerprint = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    at = models.DateTimeField()

    privacy = classed(
        internal="id submission content_type fingerprint size at",
        personal={"name": _WITH_SUBMISSION},
        sensitive={"sealed_content": _WITH_SUBMISSION},
    )

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["submission", "name"], name="instruments_attachment_once")]

    def __str__(self) -> str:
        return str(self.id)


class Step(models.Model):
    """One move of a review, by whom and why."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="steps")
    move = models.CharField(max_length=12)
    state = models.CharField(max_length=12)
    reason = models.TextField(blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=80)

    privacy = classed(
        internal="id submission move state at",
        personal={"by": _ACTOR},
        sensitive={"reason": _WITH_SUBMISSION},
    )

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.submission_id} {self.move}"


class Pseudonym(models.Model):
    """A pseudonym that stands in a submission, so that a person's rows are found when they are to be erased."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="pseudonyms")
    pseudonym = models.CharField(max_length=100, db_index=True)

    privacy = classed(internal="id submission", personal={"pseudonym": _WITH_SUBMISSION})

    def __str__(self) -> str:
        return str(self.submission_id)
