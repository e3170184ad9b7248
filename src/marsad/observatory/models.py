"""The search index of the public pages: what can be found, and under which stems."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from marsad.web.privacy import Privacy, classed


class SearchEntry(models.Model):
    """One page in one language."""

    kind = models.CharField(max_length=16)
    code = models.CharField(max_length=80)
    language = models.CharField(max_length=2)
    title = models.CharField(max_length=300)
    summary = models.TextField(blank=True)

    privacy: ClassVar[Privacy] = classed(public="id kind code language title summary")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "code", "language"], name="a_page_is_indexed_once")]

    def __str__(self) -> str:
        return f"{self.kind}:{self.code} ({self.language})"


class SearchStem(models.Model):
    """How much a stem weighs in an entry: a word of the title weighs more than one of the text."""

    entry = models.ForeignKey(SearchEntry, models.CASCADE, related_name="stems")
    stem = models.CharField(max_length=60)
    weight = models.PositiveSmallIntegerField()

    privacy: ClassVar[Privacy] = classed(public="id entry stem weight")

    class Meta:
        indexes = [models.Index(fields=["stem", "entry"])]

    def __str__(self) -> str:
        return self.stem
