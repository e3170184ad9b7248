"""Linkages in the confidential database: which lists, the frozen model, pairs by number, what reviewers said. No name."""

from __future__ import annotations

import uuid

from django.db import models

from marsad.production.linkage.rules import LinkageState, Verdict
from marsad.web.privacy import classed

_GONE = "marsad.production.linkage.operations.erase_linkage deletes it when rows of a list it rests on are erased"
_ACTOR = "a number that stands for nobody once the account it belongs to is erased"


class Linkage(models.Model):
    """Lists that were asked to be linked, and what came of it: counts, the model and its digest."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(
        max_length=8, choices=[(one.value, one.value) for one in LinkageState], default=LinkageState.ASKED
    )
    lists = models.JSONField(default=list)
    one_record_each = models.JSONField(default=list)
    seed = models.PositiveIntegerField()
    review_size = models.PositiveIntegerField()
    asked_by = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    moved_at = models.DateTimeField()
    failed_for = models.CharField(max_length=60, blank=True)
    model = models.JSONField(default=dict)
    model_digest = models.CharField(max_length=64, blank=True)
    counts = models.JSONField(default=dict)
    is_synthetic = models.BooleanField(default=False)

    privacy = classed(
        internal="id state lists one_record_each seed review_size asked_at moved_at failed_for model model_digest counts "
        "is_synthetic",
        personal={"asked_by": _ACTOR},
    )

    class Meta:
        ordering = ["-asked_at", "id"]

    def __str__(self) -> str:
        return str(self.id)


class LinkedPairs(models.Model):
    """All pairs of a linkage as columns of numbers: places of records, log odds. One row a linkage, deleted with it."""

    linkage = models.OneToOneField(Linkage, on_delete=models.CASCADE, primary_key=True, related_name="pairs")
    content = models.BinaryField()

    privacy = classed(internal="linkage", sensitive={"content": _GONE})


class ReviewPair(models.Model):
    """A pair given to reviewers: the level that each field shows, its weight in bits, and the chance of the pair."""

    linkage = models.ForeignKey(Linkage, on_delete=models.CASCADE, related_name="reviewed")
    number = models.PositiveIntegerField()
    place = models.PositiveIntegerField()
    lists = models.JSONField()
    levels = models.JSONField()
    weights = models.JSONField()
    prior = models.FloatField()
    probability = models.FloatField()
    twice = models.BooleanField(default=False)

    privacy = classed(
        internal="id linkage number place lists prior twice",
        sensitive={"levels": _GONE, "weights": _GONE, "probability": _GONE},
    )

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["linkage", "number"], name="one_pair_per_number")]

    def __str__(self) -> str:
        return f"{self.linkage_id}/{self.number}"


class PairVerdict(models.Model):
    """What one reviewer says of one pair. Taking it back keeps the row and the time."""

    pair = models.ForeignKey(ReviewPair, on_delete=models.CASCADE, related_name="verdicts")
    reviewer = models.CharField(max_length=80)
    verdict = models.CharField(max_length=8, choices=[(one.value, one.value) for one in Verdict])
    given_at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True)

    privacy = classed(
        internal="id pair given_at taken_back_at", personal={"reviewer": _ACTOR}, sensitive={"verdict": _GONE}
    )

    class Meta:
        ordering = ["given_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["pair", "reviewer"], condition=models.Q(taken_back_at=None), name="one_standing_verdict"
            )
        ]

    def __str__(self) -> str:
        return f"{self.pair_id}: {self.reviewer}"
