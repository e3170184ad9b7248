"""The words of jobs, their states, steps and ends."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marsad.work.rules import JobState

STATE_LABELS: dict[str, Promise | str] = {
    JobState.WAITING: _("Waiting"),
    JobState.RUNNING: _("Under way"),
    JobState.DONE: _("Done"),
    JobState.FAILED: _("Failed"),
}
JOB_LABELS: dict[str, Promise | str] = {
    "verify-audit-chain": _("Verify the audit chain"),
    "reload-city-pack": _("Reload the city pack"),
    "forget-invitations": _("Empty the addresses of old invitations"),
    "forget-old-work": _("Delete the rows of old work and ended sessions"),
    "erase-closed-requests": _("Erase data-protection requests whose retention has ended"),
    "keep-agreements": _("Keep the calendar of agreements"),
    "keep-dialogue": _("Remind the owners of commitments"),
    "keep-store": _("Keep the confidential store: retention, erasures, folders"),
    "aged-entries": _("Ask whether old entries of the directory still hold"),
    "follow-sources": _("Tell what rests on a corrected source"),
    "demonstrate": _("Build a made-up city, all of it marked synthetic"),
    "remove-demonstration": _("Take the made-up city off"),
    "compute-runs": _("Compute the runs that wait"),
    "publish-due": _("Publish the releases whose embargo has ended"),
    "erase-old-submissions": _("Erase the submissions whose retention has ended"),
    "forget-form-parts": _("Remove parts of forms that nobody went on sending"),
    "keep-fieldwork": _("Let coupons run out and forget ended fieldwork"),
    "forget-devices": _("Forget devices that were closed a year ago"),
    "escalate-notices": _("Escalate what is overdue"),
    "advance-deliveries": _("Read, check and store what partners delivered"),
    "destroy-delivery-files": _("Destroy the files of decided deliveries"),
    "link-lists": _("Link the lists that were asked for"),
    "release-news": _("Tell readers of new releases by e-mail"),
    "notice-digest": _("Send the daily message of what waits"),
}
OUTCOME_LABELS: dict[str, Promise | str] = {
    "work.worker_gone": _("The worker stopped before the end. Start it again."),
}
REFUSAL_LABELS: dict[str, Promise | str] = {
    "work.under_way": _("The same work is under way already."),
    "work.unknown": _("This work is not known."),
}
