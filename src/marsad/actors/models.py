"""Organisations that produce, hold or need data on migration."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from marsad.web.privacy import Privacy, classed


class Organisation(models.Model):
    """One identity each. ``confirmed`` is False for general knowledge that nobody has verified yet."""

    code = models.SlugField(max_length=60, primary_key=True)
    kind = models.CharField(max_length=24)
    sort = models.PositiveIntegerField(default=0)
    acronym = models.CharField(max_length=40, blank=True)
    name_fr = models.CharField(max_length=300)
    name_ar = models.CharField(max_length=300)
    name_en = models.CharField(max_length=300)
    produces_fr = models.TextField(blank=True)
    produces_ar = models.TextField(blank=True)
    produces_en = models.TextField(blank=True)
    rhythm_fr = models.TextField(blank=True)
    rhythm_ar = models.TextField(blank=True)
    rhythm_en = models.TextField(blank=True)
    basis_fr = models.TextField(blank=True)
    basis_ar = models.TextField(blank=True)
    basis_en = models.TextField(blank=True)
    needs_fr = models.TextField(blank=True)
    needs_ar = models.TextField(blank=True)
    needs_en = models.TextField(blank=True)
    source_url = models.URLField(max_length=500, blank=True)
    confirmed = models.BooleanField(default=False)

    privacy: ClassVar[Privacy] = classed(
        public="code kind sort acronym name_fr name_ar name_en produces_fr produces_ar produces_en rhythm_fr rhythm_ar"
        " rhythm_en basis_fr basis_ar basis_en needs_fr needs_ar needs_en source_url confirmed"
    )

    class Meta:
        ordering = ["sort"]

    def __str__(self) -> str:
        return self.code


class Membership(models.Model):
    """An account speaks for an organisation, from one day to another; an ended membership stays as history."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="memberships")
    function = models.CharField(max_length=120, blank=True)
    since = models.DateField()
    until = models.DateField(null=True)

    privacy: ClassVar[Privacy] = classed(
        internal="id organisation since until",
        personal={
            "user": "stands for nobody once the account is erased",
            "function": "actors.operations.end_membership empties it",
        },
    )

    class Meta:
        ordering = ["organisation", "since"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation"], condition=models.Q(until=None), name="actors_one_running_membership"
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.since}"
