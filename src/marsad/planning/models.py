"""What the plan and the world ask for: recommendations and targets, and the indicators that speak to them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from marsad.web.privacy import Privacy, classed


class PlanTag(models.Model):
    """An MC2CM recommendation or an SDG goal, target or indicator, with its official title."""

    code = models.CharField(max_length=24, primary_key=True)
    kind = models.CharField(max_length=8)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="parts")
    sort = models.PositiveIntegerField(default=0)
    title_fr = models.TextField()
    title_ar = models.TextField()
    title_en = models.TextField()
    note_fr = models.TextField(blank=True)
    note_ar = models.TextField(blank=True)
    note_en = models.TextField(blank=True)
    official = models.BooleanField(default=True)

    privacy: ClassVar[Privacy] = classed(
        public="code kind parent sort title_fr title_ar title_en note_fr note_ar note_en official"
    )

    class Meta:
        ordering = ["sort"]

    def __str__(self) -> str:
        return self.code


class IndicatorTag(models.Model):
    tag = models.ForeignKey(PlanTag, models.CASCADE, related_name="indicator_tags")
    indicator = models.ForeignKey("catalogue.Indicator", models.CASCADE, related_name="plan_tags")

    privacy: ClassVar[Privacy] = classed(public="id tag indicator")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tag", "indicator"], name="an_indicator_is_tagged_once")]

    def __str__(self) -> str:
        return f"{self.tag_id} {self.indicator_id}"
