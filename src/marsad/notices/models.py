"""Notices that wait, and those that were closed."""

from __future__ import annotations

from django.db import models

from marsad.web.privacy import classed


class Notice(models.Model):
    """One open notice per kind, addressee and subject. ``values`` are codes and counts, never words about a person."""

    kind = models.CharField(max_length=60)
    to = models.CharField(max_length=120)
    subject = models.CharField(max_length=120)
    path = models.CharField(max_length=300)
    values = models.JSONField(default=dict)
    raised_at = models.DateTimeField()
    due_on = models.DateField(null=True)
    escalate_to = models.CharField(max_length=32, blank=True)
    escalated_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)

    privacy = classed(
        internal="id kind subject path values raised_at due_on escalate_to escalated_at closed_at told_at",
        personal={"to": "a number that stands for nobody once the account it belongs to is erased"},
    )

    class Meta:
        ordering = ["due_on", "raised_at"]
        indexes = [models.Index(fields=["to", "closed_at"]), models.Index(fields=["subject"])]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "to", "subject"],
                condition=models.Q(closed_at__isnull=True),
                name="notices_one_open_of_its_kind",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"
