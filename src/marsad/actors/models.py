"""Organisations that produce, hold or need data on migration: what they may and do, and who speaks for them."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from django.conf import settings
from django.db import models

from marsad.actors.rules import (
    ChangeState,
    ConsentScope,
    RelationKind,
    ServiceKind,
    Subject,
)
from marsad.web.privacy import Privacy, classed

_ERASED = "a number that stands for nobody once the account it belongs to is erased"


def _choices(vocabulary: type[StrEnum]) -> list[tuple[str, str]]:
    return [(one.value, one.value) for one in vocabulary]


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
    checked_on = models.DateField(null=True)
    from_pack = models.BooleanField(default=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged")

    privacy: ClassVar[Privacy] = classed(
        public="code kind sort acronym name_fr name_ar name_en produces_fr produces_ar produces_en rhythm_fr rhythm_ar"
        " rhythm_en basis_fr basis_ar basis_en needs_fr needs_ar needs_en source_url confirmed checked_on from_pack merged_into"
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
            "user": _ERASED,
            "function": "emptied when the membership ends or the account is erased (actors.operations)",
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


class Alias(models.Model):
    """Another name of an organisation: former, short, misspelt, in one of the languages or in none."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="aliases")
    name = models.CharField(max_length=300)
    language = models.CharField(max_length=8, blank=True)
    from_pack = models.BooleanField(default=False)

    privacy: ClassVar[Privacy] = classed(public="id organisation name language from_pack")

    class Meta:
        ordering = ["organisation", "name"]
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="actors_alias_once")]

    def __str__(self) -> str:
        return self.name


class Identifier(models.Model):
    """A number or code that another register gives to an organisation. One identifier belongs to one organisation."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="identifiers")
    scheme = models.CharField(max_length=40)
    value = models.CharField(max_length=120)

    privacy: ClassVar[Privacy] = classed(public="id organisation scheme value")

    class Meta:
        ordering = ["organisation", "scheme"]
        constraints = [models.UniqueConstraint(fields=["scheme", "value"], name="actors_identifier_of_one")]

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"


class Mandate(models.Model):
    """What an organisation is charged with, and by which text."""

    code = models.SlugField(max_length=60, primary_key=True)
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="mandates")
    title_fr = models.CharField(max_length=300)
    title_ar = models.CharField(max_length=300)
    title_en = models.CharField(max_length=300)
    basis_fr = models.CharField(max_length=300)
    basis_ar = models.CharField(max_length=300)
    basis_en = models.CharField(max_length=300)
    since = models.DateField(null=True)
    until = models.DateField(null=True)
    source_url = models.URLField(max_length=500, blank=True)
    confirmed = models.BooleanField(default=False)
    from_pack = models.BooleanField(default=True)

    privacy: ClassVar[Privacy] = classed(
        public="code organisation title_fr title_ar title_en basis_fr basis_ar basis_en since until source_url confirmed"
        " from_pack"
    )

    class Meta:
        ordering = ["organisation", "code"]

    def __str__(self) -> str:
        return self.code


class Service(models.Model):
    """Who does what, where, for whom, until when. ``area`` is the code of an area; a point is given only where it is public."""

    code = models.SlugField(max_length=60, primary_key=True)
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="services")
    kind = models.CharField(max_length=16, choices=_choices(ServiceKind))
    area = models.CharField(max_length=24)
    title_fr = models.CharField(max_length=300)
    title_ar = models.CharField(max_length=300)
    title_en = models.CharField(max_length=300)
    audience_fr = models.CharField(max_length=300)
    audience_ar = models.CharField(max_length=300)
    audience_en = models.CharField(max_length=300)
    access_fr = models.TextField(blank=True)
    access_ar = models.TextField(blank=True)
    access_en = models.TextField(blank=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    since = models.DateField(null=True)
    until = models.DateField(null=True)
    source_url = models.URLField(max_length=500, blank=True)
    confirmed = models.BooleanField(default=False)
    checked_on = models.DateField(null=True)
    from_pack = models.BooleanField(default=True)

    privacy: ClassVar[Privacy] = classed(
        public="code organisation kind area title_fr title_ar title_en audience_fr audience_ar audience_en access_fr access_ar"
        " access_en lon lat since until source_url confirmed checked_on from_pack"
    )

    class Meta:
        ordering = ["kind", "organisation", "code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(lon=None, lat=None) | models.Q(lon__isnull=False, lat__isnull=False),
                name="actors_a_point_is_whole",
            )
        ]

    def __str__(self) -> str:
        return self.code


class Relation(models.Model):
    """How two organisations stand to each other: ``organisation`` is part of, partner of or funds ``other``."""

    code = models.CharField(max_length=150, primary_key=True)
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="relations")
    kind = models.CharField(max_length=12, choices=_choices(RelationKind))
    other = models.ForeignKey(Organisation, models.CASCADE, related_name="relations_to")
    source_url = models.URLField(max_length=500, blank=True)
    confirmed = models.BooleanField(default=False)
    from_pack = models.BooleanField(default=True)

    privacy: ClassVar[Privacy] = classed(public="code organisation kind other source_url confirmed from_pack")

    class Meta:
        ordering = ["organisation", "other", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "kind", "other"], name="actors_relation_once"),
            models.CheckConstraint(condition=~models.Q(organisation=models.F("other")), name="actors_relation_of_two"),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.kind} {self.other_id}"


class Contact(models.Model):
    """A person to turn to at an organisation, kept only with the consent that is noted; withdrawn, nothing stays."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="contacts")
    name = models.CharField(max_length=120)
    function = models.CharField(max_length=120)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    scope = models.CharField(max_length=16, choices=_choices(ConsentScope))
    consented_on = models.DateField()
    recorded_by = models.CharField(max_length=80)

    privacy: ClassVar[Privacy] = classed(
        internal="id organisation scope consented_on",
        personal={
            "name": "actors.operations.withdraw_contact deletes the row",
            "function": "actors.operations.withdraw_contact deletes the row",
            "email": "actors.operations.withdraw_contact deletes the row",
            "phone": "actors.operations.withdraw_contact deletes the row",
            "recorded_by": _ERASED,
        },
    )

    class Meta:
        ordering = ["organisation", "name"]

    def __str__(self) -> str:
        return str(self.pk)


class EntryChange(models.Model):
    """A change to an entry that waits for somebody else to validate it. ``target`` is empty for something new."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="changes")
    subject = models.CharField(max_length=16, choices=_choices(Subject))
    target = models.CharField(max_length=60, blank=True)
    content = models.JSONField()
    state = models.CharField(max_length=12, choices=_choices(ChangeState), default=ChangeState.PROPOSED)
    proposer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="entry_changes")
    proposed_at = models.DateTimeField()
    decider = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="entry_decisions")
    decided_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)

    privacy: ClassVar[Privacy] = classed(
        internal="id organisation subject target content state proposed_at decided_at answer",
        personal={"proposer": _ERASED, "decider": _ERASED},
    )

    class Meta:
        ordering = ["proposed_at"]

    def __str__(self) -> str:
        return f"{self.subject} {self.target}"


class Merge(models.Model):
    """Two entries found to be one organisation; ``moved`` says what went over, so that it can go back."""

    kept = models.ForeignKey(Organisation, models.CASCADE, related_name="merges_kept")
    merged = models.ForeignKey(Organisation, models.CASCADE, related_name="merges")
    moved = models.JSONField(default=dict)
    merged_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    privacy: ClassVar[Privacy] = classed(internal="id kept merged moved merged_at undone_at")

    class Meta:
        ordering = ["-merged_at"]

    def __str__(self) -> str:
        return f"{self.merged_id} into {self.kept_id}"
