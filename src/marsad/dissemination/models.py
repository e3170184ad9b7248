"""What is published: dataflows, their immutable editions, and observations that keep what they are worth."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from marsad.dissemination.rules import EditionIsImmutable
from marsad.web.privacy import Privacy, classed


class Dataflow(models.Model):
    code = models.CharField(max_length=60, primary_key=True)
    sort = models.PositiveIntegerField(default=0)
    title_fr = models.CharField(max_length=300)
    title_ar = models.CharField(max_length=300)
    title_en = models.CharField(max_length=300)
    description_fr = models.TextField()
    description_ar = models.TextField()
    description_en = models.TextField()
    source = models.ForeignKey("catalogue.Source", models.PROTECT, related_name="dataflows")
    from_pack = models.BooleanField(default=False)

    privacy: ClassVar[Privacy] = classed(
        public="code sort title_fr title_ar title_en description_fr description_ar description_en source from_pack"
    )

    class Meta:
        ordering = ["sort"]

    def __str__(self) -> str:
        return self.code


class Edition(models.Model):
    """One publication of a dataflow. It never changes: a revision is a new edition with its reason."""

    dataflow = models.ForeignKey(Dataflow, models.PROTECT, related_name="editions")
    number = models.CharField(max_length=20)
    published_on = models.DateField()
    reason_fr = models.TextField()
    reason_ar = models.TextField()
    reason_en = models.TextField()
    vintage = models.CharField(max_length=60)
    checksum = models.CharField(max_length=64)
    observation_count = models.PositiveIntegerField()
    origin = models.CharField(max_length=10)

    privacy: ClassVar[Privacy] = classed(
        public="id dataflow number published_on reason_fr reason_ar reason_en vintage checksum observation_count origin"
    )

    class Meta:
        ordering = ["dataflow", "published_on", "number"]
        constraints = [models.UniqueConstraint(fields=["dataflow", "number"], name="an_edition_number_is_used_once")]

    def __str__(self) -> str:
        return f"{self.dataflow_id}@{self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise EditionIsImmutable(str(self))
        super().save(*args, **kwargs)


class Publication(models.Model):
    """What the whole public side showed from a day on: one edition of each dataflow. Pages carry its number for ever."""

    number = models.CharField(max_length=20, unique=True)
    published_at = models.DateTimeField()
    checksum = models.CharField(max_length=64)
    pack = models.CharField(max_length=64, blank=True)
    editions = models.ManyToManyField(Edition, related_name="publications")

    privacy: ClassVar[Privacy] = classed(public="id number published_at checksum pack editions")

    class Meta:
        ordering = ["published_at", "id"]

    def __str__(self) -> str:
        return self.number


class Observation(models.Model):
    """One cell: a value, or the reason why there is none. The database itself refuses any other shape."""

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="observations")
    indicator = models.ForeignKey("catalogue.Indicator", models.PROTECT, related_name="observations")
    area = models.ForeignKey("catalogue.Area", models.PROTECT, related_name="observations")
    period = models.CharField(max_length=24)
    period_start = models.DateField()
    period_end = models.DateField()
    breakdown = models.JSONField(default=dict)
    breakdown_key = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=16)
    value = models.FloatField(null=True)
    withheld_for = models.CharField(max_length=1, blank=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    status = models.CharField(max_length=1)
    base = models.CharField(max_length=16)
    heading = models.CharField(max_length=300, blank=True)
    note_fr = models.TextField(blank=True)
    note_ar = models.TextField(blank=True)
    note_en = models.TextField(blank=True)

    privacy: ClassVar[Privacy] = classed(
        public="id edition indicator area period period_start period_end breakdown breakdown_key state value withheld_for"
        " low high status base heading note_fr note_ar note_en"
    )

    class Meta:
        ordering = ["indicator", "area", "period_start", "breakdown_key"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "indicator", "area", "period", "breakdown_key", "base"],
                name="one_cell_once_in_an_edition",
            ),
            models.CheckConstraint(
                condition=models.Q(state="value", value__isnull=False)
                | models.Q(state__in=["withheld", "missing", "not_applicable"], value__isnull=True),
                name="a_cell_is_a_value_or_says_why_not",
            ),
            models.CheckConstraint(
                condition=models.Q(state="withheld", withheld_for__in=["C", "D"])
                | (~models.Q(state="withheld") & models.Q(withheld_for="")),
                name="a_withheld_cell_says_what_for",
            ),
        ]
        indexes = [models.Index(fields=["indicator", "breakdown_key", "area"])]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.area_id} {self.period} {self.breakdown_key}".strip()


class Provenance(models.Model):
    """The permanent chain of a released edition, as everybody may read it: codes, dates and classes of size, no rows."""

    edition = models.OneToOneField(Edition, models.PROTECT, primary_key=True, related_name="provenance")
    release = models.CharField(max_length=40, unique=True)
    indicators = models.JSONField(default=list)
    runs = models.JSONField(default=list)
    definitions = models.JSONField(default=list)
    snapshots = models.JSONField(default=list)
    deliveries = models.JSONField(default=list)
    agreements = models.JSONField(default=list)
    fingerprints = models.JSONField(default=list)
    quality = models.JSONField(default=list)
    approved_on = models.JSONField(default=list)
    figures = models.JSONField(default=list)
    method_fr = models.TextField(blank=True)
    method_ar = models.TextField(blank=True)
    method_en = models.TextField(blank=True)

    privacy: ClassVar[Privacy] = classed(
        public="edition release indicators runs definitions snapshots deliveries agreements fingerprints quality"
        " approved_on figures method_fr method_ar method_en"
    )

    def __str__(self) -> str:
        return self.release


class Tombstone(models.Model):
    """What stands in the place of a withdrawn edition: since when, and why."""

    edition = models.OneToOneField(Edition, models.PROTECT, primary_key=True, related_name="tombstone")
    withdrawn_at = models.DateTimeField()
    reason_fr = models.TextField()
    reason_ar = models.TextField()
    reason_en = models.TextField()

    privacy: ClassVar[Privacy] = classed(public="edition withdrawn_at reason_fr reason_ar reason_en")

    def __str__(self) -> str:
        return f"withdrawn {self.edition_id}"


class Staleness(models.Model):
    """A mark on an edition whose ground has moved. ``changes`` are old and new values once the new ones are released too."""

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="staleness")
    cause = models.CharField(max_length=20)
    subject = models.CharField(max_length=120)
    since = models.DateTimeField()
    replaced_by = models.ForeignKey(Edition, models.PROTECT, null=True, related_name="replaces")
    changes = models.JSONField(default=list)
    finding_changes = models.BooleanField(null=True)

    privacy: ClassVar[Privacy] = classed(public="id edition cause subject since replaced_by changes finding_changes")

    class Meta:
        ordering = ["since", "id"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "cause", "subject"], name="an_edition_is_marked_once")
        ]

    def __str__(self) -> str:
        return f"{self.edition_id} {self.cause}"
