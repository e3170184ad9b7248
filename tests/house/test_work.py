"""Background work: states, the queue, the schedule, the reaper, and the page that shows how far it is."""

from __future__ import annotations

import sys
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils.translation import override
from django_tasks_db.models import DBTaskResult

from house.people import AT, client_of, person
from marsad.accounts.rules import Role
from marsad.audit.models import Event
from marsad.audit.rules import System
from marsad.config import jobs, worker_process
from marsad.config.worker_process import WorkerProcess
from marsad.observatory.citypack.problems import PackHasProblems
from marsad.work import labels, operations, queries
from marsad.work.jobs import JOBS, Job, Report, job
from marsad.work.models import Progress, Schedule, WorkerBeat
from marsad.work.progress import ProgressReport, beat, claim_due, mark_started
from marsad.work.rules import (
    MOST_LEFT_IN_A_DAY,
    PROGRESS_KEPT,
    SILENT_AFTER,
    TRANSITIONS,
    WORKER_GONE,
    JobMove,
    JobState,
    is_due,
    is_silent,
)
from marsad.work.scheduler import tick
from marsad.work.tasks import run_job
from marsad.work.templatetags.work_words import outcome_words, step_words
from marsad.work.views import PER_PAGE
from migstat.model.refusals import Refused

ACTOR = System("test")
BOTH = ["default", "confidential"]


def run_waiting() -> None:
    """What a worker does with the first waiting task, in this process."""
    for task in DBTaskResult.objects.filter(status="READY"):
        task.claim("test-worker")
        try:
            value = task.task.call(*task.args_kwargs["args"])
        except Exception as error:
            task.set_failed(error)
        else:
            task.set_successful(value)


@pytest.fixture
def own_job(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """Only the jobs of the test are known while it runs."""
    known: dict[str, Job] = {}
    for module in ("jobs", "operations", "queries", "tasks"):
        monkeypatch.setattr(f"marsad.work.{module}.JOBS", known)
    return []


def test_every_pair_of_state_and_move_is_decided() -> None:
    assert set(TRANSITIONS) == {(state, move) for state in JobState for move in JobMove}
    assert not any(TRANSITIONS[state, move] for state in (JobState.DONE, JobState.FAILED) for move in JobMove)


def test_every_job_and_state_has_its_words() -> None:
    assert set(JOBS) == set(labels.JOB_LABELS)
    assert set(JobState) == set(labels.STATE_LABELS)
    with override("fr"):
        assert outcome_words("7 snapshots, 7 runs, 3 editions").startswith("Instantanés : 7 ; exécutions : 7")
        assert outcome_words("demonstration.stands: found a demonstration; remove it").startswith("Une ville")
        assert step_words("city.areas") == step_words("city.sources") == "chargement des données de la ville"
    assert jobs.verify_audit_chain is JOBS["verify-audit-chain"].run


def test_due_and_silent() -> None:
    day = timedelta(days=1)
    assert is_due(None, day, now=AT)
    assert not is_due(AT, day, now=AT + day - timedelta(seconds=1))
    assert is_due(AT, day, now=AT + day)
    assert is_silent(None, now=AT)
    assert not is_silent(AT, now=AT + SILENT_AFTER)
    assert is_silent(AT, now=AT + SILENT_AFTER + timedelta(seconds=1))


@pytest.mark.django_db
def test_a_job_runs_through_the_queue_and_says_how_it_ended(own_job: list[Job]) -> None:
    @job("count")
    def count(report: Report) -> str:
        report(1, 2, "step.one")
        return "counted 2"

    progress = operations.start_job(actor=ACTOR, at=AT, job="count")
    with pytest.raises(Refused, match=r"work\.under_way"):
        operations.start_job(actor=ACTOR, at=AT, job="count")
    run_waiting()
    progress.refresh_from_db()
    assert (progress.state, progress.outcome) == (JobState.DONE, "counted 2")
    assert [event.action for event in Event.objects.all()] == ["work.start", "work.end"]
    assert run_job.call(str(progress.pk)) == "not waiting"


@pytest.mark.django_db
def test_a_job_that_fails_says_so_without_repeating_what_it_met(own_job: list[Job]) -> None:
    @job("fall")
    def fall(report: Report) -> str:
        raise ValueError("Aïcha B. lives at number 3")

    progress = operations.start_job(actor=ACTOR, at=AT, job="fall")
    run_waiting()
    progress.refresh_from_db()
    assert (progress.state, progress.outcome) == (JobState.FAILED, "ValueError")
    assert DBTaskResult.objects.get().status == "FAILED"


@pytest.mark.django_db
def test_unknown_work_and_closed_work_are_refused() -> None:
    with pytest.raises(Refused, match=r"work\.unknown"):
        operations.start_job(actor=ACTOR, at=AT, job="fly")
    done = Progress.objects.create(job="x", started_by="system:test", asked_at=AT, state=JobState.DONE)
    with pytest.raises(Refused, match=r"work\.state"):
        operations.end_job(actor=ACTOR, at=AT, progress_id=str(done.pk), move=JobMove.FAIL, outcome="")
    assert mark_started(str(done.pk), at=AT) is None


@pytest.mark.django_db
def test_the_reaper_gives_up_what_a_gone_worker_left(own_job: list[Job]) -> None:
    job("long")(lambda report: "never")
    left = operations.start_job(actor=ACTOR, at=AT, job="long")
    beat("gone", at=AT)
    task = DBTaskResult.objects.get()
    task.claim("gone")
    mark_started(str(left.pk), at=AT)
    soon, late = AT + timedelta(seconds=30), AT + SILENT_AFTER + timedelta(seconds=1)
    assert operations.give_up_silent_work(actor=ACTOR, at=soon) == 0
    assert queries.silent_tasks(late) == 1
    assert operations.give_up_silent_work(actor=ACTOR, at=late) == 1
    left.refresh_from_db()
    assert (left.state, left.outcome) == (JobState.FAILED, "work.worker_gone")
    assert DBTaskResult.objects.get().status == "FAILED"
    assert queries.silent_tasks(late) == 0
    operations.start_job(actor=ACTOR, at=late, job="long")


@pytest.mark.django_db
def test_work_whose_task_ended_without_it_is_given_up_too(own_job: list[Job]) -> None:
    """A second Ctrl-C ends the task in the middle of the job: the job's row must not stand as under way for ever."""
    job("long")(lambda report: "never")
    left = operations.start_job(actor=ACTOR, at=AT, job="long")
    task = DBTaskResult.objects.get()
    task.claim("worker")
    mark_started(str(left.pk), at=AT)
    task.set_failed(SystemExit(1))
    late = AT + SILENT_AFTER + timedelta(seconds=1)
    assert queries.silent_tasks(AT) == 0
    tick("another", at=late)
    left.refresh_from_db()
    assert (left.state, left.outcome) == (JobState.FAILED, WORKER_GONE)
    operations.start_job(actor=ACTOR, at=late, job="long")
    assert queries.silent_tasks(late) == 0


@pytest.mark.django_db
def test_work_that_resumes_is_started_again_but_not_for_ever(own_job: list[Job]) -> None:
    job("build", by_hand=True, resumes=True)(lambda report: "never")
    operations.start_job(actor=ACTOR, at=AT, job="build")
    started, at = [], AT
    for _turn in range(MOST_LEFT_IN_A_DAY + 1):
        for task in DBTaskResult.objects.filter(status="READY"):
            task.claim("gone")
        at += SILENT_AFTER + timedelta(seconds=1)
        started.append(tick("worker", at=at))
    assert started == [*[["build"]] * (MOST_LEFT_IN_A_DAY - 1), [], []]


@pytest.mark.django_db
def test_the_schedule_starts_what_is_due_once(own_job: list[Job]) -> None:
    job("daily", every=timedelta(days=1))(lambda report: "done")
    job("by-hand", by_hand=True)(lambda report: "done")
    assert tick("worker", at=AT) == ["daily"]
    assert tick("worker", at=AT + timedelta(hours=1)) == []
    run_waiting()
    assert tick("worker", at=AT + timedelta(days=1)) == ["daily"]
    assert WorkerBeat.objects.get().beat_at == AT + timedelta(days=1)
    assert Schedule.objects.get().last_run_at == AT + timedelta(days=1)
    assert [one.name for one in queries.jobs_started_by_hand()] == ["by-hand"]


@pytest.mark.django_db
def test_of_two_schedulers_one_starts_the_work() -> None:
    assert claim_due("daily", every_seconds=60, at=AT)
    seen = Schedule.objects.get()
    assert claim_due("daily", every_seconds=60, at=AT + timedelta(minutes=1))
    assert not Schedule.objects.filter(name="daily", last_run_at=seen.last_run_at).update(last_run_at=AT)


@pytest.mark.django_db
def test_old_work_is_forgotten() -> None:
    old = {"job": "x", "started_by": "system:test", "asked_at": AT, "state": JobState.DONE}
    Progress.objects.create(**old, ended_at=AT)
    Progress.objects.create(**old, ended_at=AT + timedelta(days=10))
    Schedule.objects.create(name="gone", every_seconds=5)
    assert operations.forget_old_work(actor=ACTOR, at=AT + PROGRESS_KEPT + timedelta(days=1)) == 1
    assert not Schedule.objects.filter(name="gone").exists()


@pytest.mark.django_db(transaction=True)
def test_reports_reach_the_page_at_most_twice_a_second() -> None:
    progress = Progress.objects.create(job="x", started_by="system:test", asked_at=AT, state=JobState.RUNNING)
    report = ProgressReport(str(progress.pk))
    report(1, 100, "audit.event")
    report(2, 100, "audit.event")
    progress.refresh_from_db()
    assert (progress.done, progress.total) == (1, 100)
    report(100, 100, "audit.event")
    progress.refresh_from_db()
    assert progress.done == 100


@pytest.mark.django_db(transaction=True, databases=BOTH)
def test_the_administrator_starts_the_verification_and_watches_it() -> None:
    client = client_of(person(Role.ADMINISTRATOR))
    assert 'data-job="verify-audit-chain"' in client.get("/en/work/").content.decode()
    page = client.post("/en/work/start/verify-audit-chain/", follow=True)
    address = page.redirect_chain[-1][0]
    assert 'data-progress="waiting"' in page.content.decode()
    assert "hx-get" in page.content.decode()
    call_command("work", until_empty=True, verbosity=0)
    part = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert 'data-progress="done"' in part
    assert "<html" not in part
    assert "hx-get" not in part
    assert "chain sound" in part
    assert {one.job for one in Progress.objects.all()} == {"verify-audit-chain"}
    for number in range(PER_PAGE):
        Progress.objects.create(job="compute-runs", started_by="x", asked_at=AT, state=("done", "failed")[number % 2])
    shown = [client.get(f"/en/work/{asked}").content.decode() for asked in ("", "?rounds=1", "?rounds=1&page=2")]
    assert [page.count('<th scope="row">') for page in shown] == [PER_PAGE // 2 + 1, PER_PAGE, 1]
    assert "schedule" not in {one.name for one in threading.enumerate()}


@pytest.mark.django_db(databases=BOTH)
@pytest.mark.parametrize("name", sorted(name for name in JOBS if name != "reload-city-pack"))
def test_every_job_of_the_installation_runs(name: str) -> None:
    assert JOBS[name].run(lambda done, total=None, step="": None)


@pytest.mark.django_db(databases=BOTH)
def test_the_job_that_reloads_the_city_says_what_is_wrong_with_a_bad_pack(settings: Any, tmp_path: Path) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, city=tmp_path)
    steps: list[str] = []
    with pytest.raises(PackHasProblems):
        JOBS["reload-city-pack"].run(lambda done, total=None, step="": steps.append(step))
    assert steps == ["city.read"]


def test_a_worker_that_dies_is_begun_again_until_it_is_told_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_process, "_SECONDS_BEFORE_RESTART", 0.01)
    monkeypatch.setattr(WorkerProcess, "command", lambda self: [sys.executable, "-c", "import time; time.sleep(600)"])
    begun: list[Any] = []
    is_second = threading.Event()

    class Counted(WorkerProcess):
        def _begin(self) -> Any:
            begun.append(super()._begin())
            if len(begun) == 2:
                is_second.set()
            return begun[-1]

    kept = Counted()
    kept.start()
    assert len(begun) == 1, "begun before the server forks"
    begun[0].kill()
    assert is_second.wait(60)
    kept.stop()
    assert begun[-1].poll() is not None
