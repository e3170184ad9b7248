"""What is observed: areas, code lists, themes, units, sources, indicators and the breaks in their series."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from marsad.web.privacy import Privacy, classed


class Area(models.Model):
    """A country, region, prefecture, commune or arrondissement, for as long as it is valid. Codes are strings for ever."""

    code = models.CharField(max_length=24, primary_key=True)
    level = models.CharField(max_length=16)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="parts")
    sort = models.PositiveIntegerField(default=0)
    name_fr = models.CharField(max_length=200)
    name_ar = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    hcp_2014 = models.CharField(max_length=9, blank=True)
    hcp_2024 = models.CharField(max_length=9, blank=True)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    label_lon = models.FloatField(null=True)
    label_lat = models.FloatField(null=True)
    geometry = models.JSONField(null=True)
    note_fr = models.TextField(blank=True)
    note_ar = models.TextField(blank=True)
    note_en = models.TextField(blank=True)

    privacy: ClassVar[Privacy] = classed(
        public="code level parent sort name_fr name_ar name_en hcp_2014 hcp_2024 valid_from valid_to"
        " label_lon label_lat geometry note_fr note_ar note_en"
    )

    class Meta:
        ordering = ["sort"]

    def __str__(self) -> str:
        return self.code


class Codelist(models.Model):
    code = models.CharField(max_length=40, primary_key=True)

    privacy: ClassVar[Privacy] = classed(public="code")

    def __str__(self) -> str:
        return self.code


class Code(models.Model):
    codelist = models.ForeignKey(Codelist, models.CASCADE, related_name="codes")
    code = models.CharField(max_length=40)
    parent = models.CharField(max_length=40, blank=True)
    sort = models.PositiveIntegerField(default=0)
    name_fr = models.CharField(max_length=200)
    name_ar = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    note_fr = models.TextField(blank=True)
    note_ar = models.TextField(blank=True)
    note_en = models.TextField(blank=True)
    iso2 = models.CharField(max_length=2, blank=True)
    unhcr = models.CharField(max_length=3, blank=True)
    confused_with = models.CharField(max_length=40, blank=True)

    privacy: ClassVar[Privacy] = classed(
        public="id codelist code parent sort name_fr name_ar name_en note_fr note_ar note_en iso2 unhcr confused_with"
    )

    class Meta:
        ordering = ["codelist", "sort"]
        constraints = [models.UniqueConstraint(fields=["codelist", "code"], name="one_code_once_in_its_list")]

    def __str__(self) -> str:
        return f"{self.codelist_id}:{self.code}"


class Theme(models.Model):
    code = models.SlugField(max_length=40, primary_key=True)
    sort = models.PositiveIntegerField(default=0)
    name_fr = models.CharField(max_length=200)
    name_ar = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    summary_fr = models.TextField()
    summary_ar = models.TextField()
    summary_en = models.TextField()

    privacy: ClassVar[Privacy] = classed(public="code sort name_fr name_ar name_en summary_fr summary_ar summary_en")

    class Meta:
        ordering = ["sort"]

    def __str__(self) -> str:
        return self.code


class Unit(models.Model):
    """A unit with the forms that grammar needs after a number: ``forms["ar"]["few"]``."""

    code = models.CharField(max_length=40, primary_key=True)
    name_fr = models.CharField(max_length=200)
    name_ar = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    symbol_fr = models.CharField(max_length=40, blank=True)
    symbol_ar = models.CharField(max_length=40, blank=True)
    symbol_en = models.CharField(max_length=40, blank=True)
    forms = models.JSONField(default=dict)

    privacy: ClassVar[Privacy] = classed(public="code name_fr name_ar name_en symbol_fr symbol_ar symbol_en forms")

    def __str__(self) -> str:
        return self.code


class Source(models.Model):
    """A document or service that data come from, with its licence, vintage and checksum."""

    code = models.SlugField(max_length=60, primary_key=True)
    title_fr = models.CharField(max_length=300)
    title_ar = models.CharField(max_length=300)
    title_en = models.CharField(max_length=300)
    publisher = models.ForeignKey("actors.Organisation", models.PROTECT, related_name="sources")
    url = models.URLField(max_length=500)
    licence_fr = models.TextField()
    licence_ar = models.TextField()
    licence_en = models.TextField()
    licence_url = models.URLField(max_length=500, blank=True)
    attribution_fr = models.TextField(blank=True)
    attribution_ar = models.TextField(blank=True)
    attribution_en = models.TextField(blank=True)
    vintage = models.CharField(max_length=60)
    retrieved_on = models.DateField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    frequency_fr = models.CharField(max_length=200, blank=True)
    frequency_ar = models.CharField(max_length=200, blank=True)
    frequency_en = models.CharField(max_length=200, blank=True)
    next_update = models.CharField(max_length=60, blank=True)
    note_fr = models.TextField(blank=True)
    note_ar = models.TextField(blank=True)
    note_en = models.TextField(blank=True)

    privacy: ClassVar[Privacy] = classed(
        public="code title_fr title_ar title_en publisher url licence_fr licence_ar licence_en licence_url attribution_fr"
        " attribution_ar attribution_en vintage retrieved_on sha256 frequency_fr frequency_ar frequency_en next_update"
        " note_fr note_ar note_en"
    )

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class Indicator(models.Model):
    """A definition kept apart from its values. ``not_measured_*`` say who could measure it and how, where nobody does."""

    code = models.CharField(max_length=24, primary_key=True)
    theme = models.ForeignKey(Theme, models.PROTECT, related_name="indicators")
    sort = models.PositiveIntegerField(default=0)
    name_fr = models.CharField(max_length=300)
    name_ar = models.CharField(max_length=300)
    name_en = models.CharField(max_length=300)
    name_ar_status = models.CharField(max_length=12, default="draft")
    definition_fr = models.TextField()
    definition_ar = models.TextField()
    definition_en = models.TextField()
    method_fr = models.TextField()
    method_ar = models.TextField()
    method_en = models.TextField()
    unit = models.ForeignKey(Unit, models.PROTECT)
    kind = models.CharField(max_length=5)
    base = models.CharField(max_length=16)
    additive = models.BooleanField(default=False)
    decimals = models.PositiveSmallIntegerField(default=0)
    direction = models.CharField(max_length=20, default="neutral")
    concerns = models.CharField(max_length=20, default="migrants")
    breakdowns = models.JSONField(default=list)
    numerator_fr = models.TextField(blank=True)
    numerator_ar = models.TextField(blank=True)
    numerator_en = models.TextField(blank=True)
    denominator_fr = models.TextField(blank=True)
    denominator_ar = models.TextField(blank=True)
    denominator_en = models.TextField(blank=True)
    standard = models.TextField(blank=True)
    sensitivity = models.CharField(max_length=40, blank=True)
    frequency_fr = models.CharField(max_length=200, blank=True)
    frequency_ar = models.CharField(max_length=200, blank=True)
    frequency_en = models.CharField(max_length=200, blank=True)
    producer_fr = models.CharField(max_length=300, blank=True)
    producer_ar = models.CharField(max_length=300, blank=True)
    producer_en = models.CharField(max_length=300, blank=True)
    not_measured_who_fr = models.TextField(blank=True)
    not_measured_who_ar = models.TextField(blank=True)
    not_measured_who_en = models.TextField(blank=True)
    not_measured_how_fr = models.TextField(blank=True)
    not_measured_how_ar = models.TextField(blank=True)
    not_measured_how_en = models.TextField(blank=True)
    example = models.JSONField(default=dict)

    privacy: ClassVar[Privacy] = classed(
        public="code theme sort name_fr name_ar name_en name_ar_status definition_fr definition_ar definition_en method_fr"
        " method_ar method_en unit kind base additive decimals direction concerns breakdowns numerator_fr numerator_ar"
        " numerator_en denominator_fr denominator_ar denominator_en standard sensitivity frequency_fr frequency_ar"
        " frequency_en producer_fr producer_ar producer_en not_measured_who_fr not_measured_who_ar not_measured_who_en"
        " not_measured_how_fr not_measured_how_ar not_measured_how_en example"
    )

    class Meta:
        ordering = ["theme__sort", "sort"]

    def __str__(self) -> str:
        return self.code


class SeriesBreak(models.Model):
    """The first period that is not comparable with the one before; ``area`` empty means everywhere."""

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="breaks")
    area = models.ForeignKey(Area, models.CASCADE, null=True)
    period = models.CharField(max_length=24)
    kind = models.CharField(max_length=20)
    text_fr = models.TextField()
    text_ar = models.TextField()
    text_en = models.TextField()

    privacy: ClassVar[Privacy] = classed(public="id indicator area period kind text_fr text_ar text_en")

    class Meta:
        ordering = ["indicator", "period"]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.period}"
