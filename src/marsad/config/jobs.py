"""The jobs of this installation: what an administrator can start, and what runs by itself."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from marsad.accounts.operations import forget_invitations
from marsad.actors.operations import forget_erased_members
from marsad.audit.queries import verify_chain
from marsad.audit.rules import System
from marsad.collection.deliveries import jobs as deliveries
from marsad.collection.erasure import erase_past_retention, reap_folders, resume_erasures
from marsad.collection.fieldwork.operations_coupons import expire_coupons
from marsad.collection.fieldwork.operations_retention import forget_old_fieldwork
from marsad.collection.instruments.freezing import erase_old_submissions
from marsad.collection.instruments.operations_devices import forget_devices
from marsad.collection.instruments.sealed_parts import forget_abandoned
from marsad.collection.keys import scrub_freed_keys
from marsad.collection.operations import erase_closed_requests
from marsad.collection.operations_access import expire_looks, forget_old_looks
from marsad.config import witness
from marsad.config.preparation import load_city_now
from marsad.config.running import demonstrating
from marsad.coordination.agreements.operations import forget_documents
from marsad.coordination.agreements.operations_calendar import keep_calendar
from marsad.coordination.dialogue.calendar_round import remind_of_commitments
from marsad.coordination.directory.follow import remind_of_aged_entries
from marsad.demonstration.removal import remove_demonstration
from marsad.demonstration.road import demonstrate, pack_suits
from marsad.news.messages import send_news
from marsad.news.operations import forget_unconfirmed
from marsad.notices.messages import send_digests
from marsad.notices.operations import escalate_overdue, forget_closed
from marsad.production import jobs as production
from marsad.production.linkage.jobs import LINK_JOB, link_lists
from marsad.release.operations_publish import publish_due
from marsad.release.operations_staleness import follow_sources
from marsad.work.jobs import Report, job
from marsad.work.operations import forget_old_work
from migstat.model.refusals import Refused

_DAY = timedelta(days=1)


@job("verify-audit-chain", every=_DAY, by_hand=True)
def verify_audit_chain(report: Report) -> str:
    verdict = verify_chain(lambda done, total: report(done, total, "audit.event"))
    if not verdict.sound:
        raise Refused(
            verdict.rule, found=f"a break at event {verdict.sequence}", remedy="compare with the last sound backup"
        )
    noted = witness.contradicted(settings.ENVIRONMENT.home)
    if noted is not None:
        raise Refused(
            "audit.witness", found=f"a log without the noted event {noted}", remedy="compare with the last sound backup"
        )
    witness.note(settings.ENVIRONMENT.home)
    return f"{verdict.events} events, chain sound"


@job("reload-city-pack", by_hand=True)
def reload_city_pack(report: Report) -> str:
    return load_city_now(report)


@job("forget-invitations", every=_DAY)
def forget_closed_invitations(report: Report) -> str:
    return f"{forget_invitations(actor=System('job:forget-invitations'), at=timezone.now())} addresses emptied"


@job("forget-old-work", every=_DAY)
def forget_ended_work(report: Report) -> str:
    call_command("clearsessions")
    return f"{forget_old_work(actor=System('job:forget-old-work'), at=timezone.now())} rows deleted"


@job("erase-closed-requests", every=_DAY)
def erase_requests_past_retention(report: Report) -> str:
    return f"{erase_closed_requests(actor=System('job:erase-closed-requests'), at=timezone.now())} requests erased"


@job("keep-store", every=_DAY, by_hand=True)
def keep_the_store(report: Report) -> str:
    """Erase what is past its retention, end what was cut short, remove what nobody knows of."""
    actor, at = System("job:keep-store"), timezone.now()
    expired = erase_past_retention(actor=actor, at=at)
    ended = resume_erasures(actor=actor, at=at)
    expire_looks(actor=actor, at=at)
    forget_old_looks(actor=actor, at=at)
    removed = reap_folders(at=at)
    scrub_freed_keys()
    return f"{len(expired)} snapshots erased, {len(ended)} erasures ended, {removed} folders removed"


@job("escalate-notices", every=_DAY)
def escalate_overdue_notices(report: Report) -> str:
    return f"{escalate_overdue(actor=System('job:escalate-notices'), at=timezone.now())} notices escalated"


@job("notice-digest", every=_DAY)
def tell_what_waits(report: Report) -> str:
    actor = System("job:notice-digest")
    forget_closed(actor=actor, at=timezone.now())
    return f"{send_digests(actor=actor, at=timezone.now())} messages sent"


@job("aged-entries", every=timedelta(days=7))
def ask_whether_entries_hold(report: Report) -> str:
    actor = System("job:aged-entries")
    forget_erased_members(actor=actor, at=timezone.now())
    return f"{remind_of_aged_entries(actor=actor, at=timezone.now())} entries asked"


@job("keep-agreements", every=_DAY, by_hand=True)
def keep_agreements(report: Report) -> str:
    actor = System("job:keep-agreements")
    done = keep_calendar(actor=actor, at=timezone.now())
    emptied = forget_documents(actor=actor, at=timezone.now())
    return f"{done.entered} in force, {done.expired} expired, {done.reminded} reminders, {emptied} papers emptied"


@job("keep-dialogue", every=_DAY)
def remind_owners_of_commitments(report: Report) -> str:
    return f"{remind_of_commitments(at=timezone.now())} reminders"


@job(deliveries.ADVANCE_JOB, every=timedelta(minutes=1))
def advance_deliveries(report: Report) -> str:
    return deliveries.advance_deliveries(report)


@job("destroy-delivery-files", every=_DAY)
def destroy_delivery_files(report: Report) -> str:
    return deliveries.destroy_ended_files(report)


@job(production.COMPUTE_JOB, every=timedelta(minutes=1))
def compute_the_runs(report: Report) -> str:
    return production.compute_runs(report)


@job("demonstrate", by_hand=True, resumes=True)
def build_the_demonstration(report: Report) -> str:
    if not pack_suits():
        return "0 snapshots: the city pack collects none of what a demonstration makes up"
    with demonstrating(settings.ENVIRONMENT.home):
        made = demonstrate(now=timezone.now, report=report)
    return f"{made.snapshots} snapshots, {made.runs} runs, {made.editions} editions"


@job("remove-demonstration", by_hand=True, resumes=True)
def take_the_demonstration_off(report: Report) -> str:
    with demonstrating(settings.ENVIRONMENT.home):
        gone = remove_demonstration(at=timezone.now())
    return f"{gone.releases} releases, {gone.runs} runs, {gone.snapshots} snapshots removed"


@job("publish-due", every=timedelta(minutes=5), by_hand=True)
def publish_what_is_due(report: Report) -> str:
    """What an embargo held back, and what was cut off while it was published."""
    return f"{publish_due(actor=System('job:publish-due'), at=timezone.now())} editions published"


@job("follow-sources", every=timedelta(hours=1), by_hand=True)
def follow_moved_sources(report: Report) -> str:
    return f"{follow_sources(actor=System('job:follow-sources'), at=timezone.now())} snapshots have moved"


@job("erase-old-submissions", every=_DAY)
def erase_submissions_past_retention(report: Report) -> str:
    return f"{erase_old_submissions(actor=System('job:erase-old-submissions'), at=timezone.now())} submissions erased"


@job("forget-form-parts", every=_DAY)
def forget_unfinished_records(report: Report) -> str:
    """Remove the sealed parts of records that nobody has gone on sending; their devices still have them whole."""
    return f"{forget_abandoned(now=timezone.now().timestamp())} unfinished records removed"


@job("keep-fieldwork", every=_DAY)
def keep_fieldwork(report: Report) -> str:
    """Let coupons run out, and forget what fieldwork may not keep any longer."""
    actor, at = System("job:keep-fieldwork"), timezone.now()
    expired = expire_coupons(actor=actor, at=at)
    return f"{expired} coupons run out, {forget_old_fieldwork(actor=actor, at=at)} samples and networks forgotten"


@job("forget-devices", every=_DAY)
def forget_closed_devices(report: Report) -> str:
    return f"{forget_devices(actor=System('job:forget-devices'), at=timezone.now())} devices forgotten"


@job(LINK_JOB, every=timedelta(minutes=1))
def link_asked_lists(report: Report) -> str:
    return link_lists(report)


@job("release-news", every=timedelta(hours=1), by_hand=True)
def tell_of_releases(report: Report) -> str:
    actor, at = System("job:release-news"), timezone.now()
    forgotten = forget_unconfirmed(actor=actor, at=at)
    sent, failed = send_news(actor=actor, at=at)
    return f"{sent} readers told, {failed} not reached, {forgotten} unconfirmed addresses forgotten"
