"""A return reaches whoever filled the form: a notice that stands until the form has moved on."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from marsad.audit.rules import Actor
from marsad.collection.instruments.models import Submission
from marsad.collection.instruments.notice_words import RETURNED
from marsad.notices.operations import close_notices, raise_notice
from marsad.notices.rules import To

PATH = "/instruments/returned/"


def _subject(submission: Submission) -> str:
    return f"submission:{submission.pk}"


def agent_of(submission: Submission) -> UUID | None:
    """The account that filled a form; None where the system did."""
    kind, _, number = submission.agent.partition(":")
    try:
        return UUID(number) if kind == "user" else None
    except ValueError:
        return None


def tell_agent(*, actor: Actor, at: datetime, submission: Submission) -> None:
    """Tell the agent of a return; the notice holds a day, and neither an answer nor the reason."""
    agent = agent_of(submission)
    if agent is not None:
        raise_notice(
            actor=actor,
            at=at,
            kind=RETURNED.code,
            to=To(user=str(agent)),
            path=PATH,
            subject=_subject(submission),
            values={"received": timezone.localdate(submission.received_at).isoformat()},
        )


def untell_agent(*, actor: Actor, at: datetime, submission: Submission) -> None:
    """The form is not with its agent any more: corrected, rejected, answered or erased."""
    if agent_of(submission) is not None:
        close_notices(actor=actor, at=at, subject=_subject(submission), kind=RETURNED.code)
