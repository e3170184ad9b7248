"""The ledger of published figures: what was printed where, which of them speak of the same fact, and what was decided."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from marsad.figures.rules import CaseState, ProposalState
from marsad.web.privacy import Privacy, classed


class Case(models.Model):
    """Figures about the same fact, side by side, with why they differ; settled by named people or shown as unsettled."""

    code = models.SlugField(max_length=80, primary_key=True)
    sort = models.PositiveIntegerField(default=0)
    title_fr = models.CharField(max_length=300)
    title_ar = models.CharField(max_length=300)
    title_en = models.CharField(max_length=300)
    indicator = models.ForeignKey("catalogue.Indicator", models.PROTECT, null=True, related_name="cases")
    reasons = models.JSONField(default=list)
    explanation_fr = models.TextField(blank=True)
    explanation_ar = models.TextField(blank=True)
    explanation_en = models.TextField(blank=True)
    state = models.CharField(max_length=10, default=CaseState.UNSETTLED)
    recommended = models.ForeignKey("Figure", models.PROTECT, null=True, related_name="+")
    proposed_by_fr = models.CharField(max_length=200, blank=True)
    proposed_by_ar = models.CharField(max_length=200, blank=True)
    proposed_by_en = models.CharField(max_length=200, blank=True)
    decided_by_fr = models.CharField(max_length=200, blank=True)
    decided_by_ar = models.CharField(max_length=200, blank=True)
    decided_by_en = models.CharField(max_length=200, blank=True)
    decided_on = models.DateField(null=True)
    why_fr = models.TextField(blank=True)
    why_ar = models.TextField(blank=True)
    why_en = models.TextField(blank=True)
    from_pack = models.BooleanField(default=False)

    privacy: ClassVar[Privacy] = classed(
        public="code sort title_fr title_ar title_en indicator reasons explanation_fr explanation_ar explanation_en state"
        " recommended decided_on why_fr why_ar why_en from_pack",
        personal={
            f"{role}_by_{language}": "the name under which a public act was published; a new settlement replaces it"
            for role in ("proposed", "decided")
            for language in ("fr", "ar", "en")
        },
    )

    class Meta:
        ordering = ["sort"]

    def __str__(self) -> str:
        return self.code


class Figure(models.Model):
    """One figure found in a document, as it was printed, with what is known of how it was counted."""

    code = models.SlugField(max_length=80, primary_key=True)
    sort = models.PositiveIntegerField(default=0)
    indicator = models.ForeignKey("catalogue.Indicator", models.PROTECT, null=True, related_name="figures")
    concept_fr = models.CharField(max_length=300)
    concept_ar = models.CharField(max_length=300)
    concept_en = models.CharField(max_length=300)
    area = models.ForeignKey("catalogue.Area", models.PROTECT, null=True, related_name="figures")
    area_text = models.CharField(max_length=200, blank=True)
    period = models.CharField(max_length=24)
    period_end = models.DateField()
    group_fr = models.CharField(max_length=200, blank=True)
    group_ar = models.CharField(max_length=200, blank=True)
    group_en = models.CharField(max_length=200, blank=True)
    value = models.DecimalField(max_digits=18, decimal_places=4)
    quantifier = models.CharField(max_length=10)
    unit = models.ForeignKey("catalogue.Unit", models.PROTECT)
    kind = models.CharField(max_length=5)
    base = models.CharField(max_length=16, blank=True)
    publisher = models.CharField(max_length=300)
    document = models.CharField(max_length=300, blank=True)
    url = models.URLField(max_length=600, blank=True)
    excerpt = models.TextField(blank=True)
    read_on = models.DateField(null=True)
    vintage = models.CharField(max_length=120, blank=True)
    reliability = models.CharField(max_length=20)
    role = models.CharField(max_length=12)
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="figures")
    note_fr = models.TextField(blank=True)
    note_ar = models.TextField(blank=True)
    note_en = models.TextField(blank=True)
    from_pack = models.BooleanField(default=False)

    privacy: ClassVar[Privacy] = classed(
        public="code sort indicator concept_fr concept_ar concept_en area area_text period period_end group_fr group_ar"
        " group_en value quantifier unit kind base publisher document url excerpt read_on vintage reliability role case"
        " note_fr note_ar note_en from_pack"
    )

    class Meta:
        ordering = ["sort"]

    def __str__(self) -> str:
        return self.code


class Proposal(models.Model):
    """A figure to add or a case to settle, put forward by one person and decided by another."""

    kind = models.CharField(max_length=10)
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="proposals")
    content = models.JSONField()
    why = models.TextField()
    state = models.CharField(max_length=10, default=ProposalState.PROPOSED)
    proposer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    settler = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)

    privacy: ClassVar[Privacy] = classed(
        internal="id kind case content why state proposed_at settled_at answer",
        personal={
            "proposer": "points at an account; erasing the account leaves its number",
            "settler": "points at an account; erasing the account leaves its number",
        },
    )

    class Meta:
        ordering = ["-proposed_at", "-id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
