"""What the calendar does to the dialogue each day: it reminds of commitments."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from marsad.coordination.agreements.queries import told_of
from marsad.coordination.dialogue import notice_words as kinds
from marsad.coordination.dialogue import tell
from marsad.coordination.dialogue.queries_sessions import open_commitments


def remind_of_commitments(*, at: datetime) -> int:
    """Remind owners a week before the day and after it, each once; returns how many notices were raised."""
    today = timezone.localdate(at)
    told = told_of(kinds.SOON.code, kinds.LATE.code)

    def was_told(kind: str, subject: str) -> bool:
        return (kind, subject) in told

    return sum(tell.remind(one, today=today, at=at, was_told=was_told) for one in open_commitments())
