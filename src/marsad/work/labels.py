"""The words of jobs, their states, steps and ends."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marsad.work.rules import WORKER_GONE, JobState

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
STEP_LABELS: dict[str, Promise | str] = {
    "audit.event": _("reading the events"),
    "city.read": _("reading the city pack"),
    "city": _("loading the city pack"),
    "demonstration.pieces": _("taking off what an earlier building left"),
    "demonstration.people": _("accounts"),
    "demonstration.deliveries": _("agreements and deliveries"),
    "demonstration.registers": _("survey and registers"),
    "demonstration.linkage": _("linkage of the lists"),
    "demonstration.runs": _("runs"),
    "demonstration.editions": _("reviews and editions"),
    "demonstration.done": _("done"),
    "deliveries.delivery": _("reading deliveries"),
    "linkage.read": _("reading the lists"),
    "linkage.train": _("learning the model"),
    "linkage.score": _("comparing pairs"),
    "linkage.enter": _("writing pairs down"),
    "production.read": _("reading snapshots"),
    "production.evaluate": _("computing definitions"),
    "production.estimate": _("estimating"),
    "production.done": _("done"),
}
# By the rule that refused, or by the outcome with its numbers left out: the words say the same numbers in the same order.
OUTCOME_LABELS: dict[str, Promise | str] = {
    WORKER_GONE: _("The worker stopped before the end. Start it again."),
    "demonstration.stands": _("A made-up city stands already. Take it off first."),
    "demonstration.under_way": _("The made-up city is being built or taken off. Wait until that is done."),
    "PackHasProblems": _(
        "The city pack has problems: `marsad check-city` lists them. The city as it was goes on being served."
    ),
    "audit.witness": _("The log contradicts what was noted outside it. Compare it with the last sound backup."),
    "{} events, chain sound": _("{} events, chain sound"),
    "{}-{}: {} changes, {} observations added": _("Publication {}-{}: {} changes, {} observations added"),
    "{} addresses emptied": _("{} addresses emptied"),
    "{} rows deleted": _("{} rows deleted"),
    "{} requests erased": _("{} requests erased"),
    "{} snapshots erased, {} erasures ended, {} folders removed": _(
        "{} snapshots erased, {} erasures ended, {} folders removed"
    ),
    "{} notices escalated": _("{} notices escalated"),
    "{} messages sent": _("{} messages sent"),
    "{} entries asked": _("{} entries asked"),
    "{} in force, {} expired, {} reminders, {} papers emptied": _(
        "{} in force, {} expired, {} reminders, {} papers emptied"
    ),
    "{} reminders": _("{} reminders"),
    "{} deliveries taken on": _("{} deliveries taken on"),
    "{} uploads given up, {} files destroyed, {} reports emptied, {} files removed": _(
        "{} uploads given up, {} files destroyed, {} reports emptied, {} files removed"
    ),
    "{} runs computed": _("{} runs computed"),
    "{} snapshots, {} runs, {} editions": _("{} snapshots, {} runs, {} editions, all marked synthetic"),
    "{} snapshots: the city pack collects none of what a demonstration makes up": _(
        "Nothing was built: the city pack collects none of what a demonstration makes up."
    ),
    "{} releases, {} runs, {} snapshots removed": _("{} releases, {} runs, {} snapshots removed"),
    "{} editions published": _("{} editions published"),
    "{} snapshots have moved": _("{} snapshots have moved"),
    "{} submissions erased": _("{} submissions erased"),
    "{} unfinished records removed": _("{} unfinished records removed"),
    "{} coupons run out, {} samples and networks forgotten": _("{} coupons run out, {} samples and networks forgotten"),
    "{} devices forgotten": _("{} devices forgotten"),
    "{} linkages done": _("{} linkages done"),
    "{} readers told, {} not reached, {} unconfirmed addresses forgotten": _(
        "{} readers told, {} not reached, {} unconfirmed addresses forgotten"
    ),
}
REFUSAL_LABELS: dict[str, Promise | str] = {
    "work.under_way": _("The same work is under way already."),
    "work.unknown": _("This work is not known."),
}
