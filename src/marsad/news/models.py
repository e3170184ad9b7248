"""Who wants to be told of releases by e-mail."""

from __future__ import annotations

import uuid

from django.db import models

from marsad.web.privacy import classed


class Subscription(models.Model):
    """One address and one theme (empty: all). ``told_through`` is the newest edition that a message has told of."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField()
    language = models.CharField(max_length=2)
    theme = models.CharField(max_length=40, blank=True)
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    told_through = models.BigIntegerField(default=0)

    privacy = classed(
        internal="id language theme asked_at confirmed_at told_through",
        personal={"email": "with the row, as soon as its holder ends the messages, or unconfirmed after three days"},
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["email", "theme"], name="news_asked_once")]

    def __str__(self) -> str:
        return f"subscription {self.pk}"
