"""The job that does the linkages that were asked for."""

from __future__ import annotations

from django.utils import timezone

from marsad.audit.rules import System
from marsad.production.linkage import queries
from marsad.work.jobs import Report

LINK_JOB = "link-lists"


def link_lists(report: Report) -> str:
    """Link what was asked for; erase linkages whose lists are gone. Splink is loaded only where there is work."""
    if not queries.asked().exists() and not queries.without_lists():
        return "0 linkages done"
    from marsad.production.linkage.linking import link_asked

    return f"{link_asked(actor=System('job:link-lists'), at=timezone.now(), report=report)} linkages done"
