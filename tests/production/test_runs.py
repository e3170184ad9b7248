"""Runs: frozen when they are asked for, the same bytes each time, computed once, taken up where a process left them."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import product

import pytest

from house.people import client_of, person
from marsad.accounts.rules import Role
from marsad.audit.rules import System
from marsad.dissemination.models import Observation, Staleness
from marsad.production import executing, forms, inputs, queries
from marsad.production.comparing import NEW_DATA, NEW_METHOD, REVISED_DATA, causes, compared
from marsad.production.executing import compute_run, compute_waiting
from marsad.production.handing import handed_tables
from marsad.production.lineage import SnapshotFact
from marsad.production.models import Run, RunStep, StepResult
from marsad.production.operations import ask_run, cancel_run, retry_run
from marsad.production.rules import TRANSITIONS, Plan, RunMove, RunState, Step, StepKind, reached
from marsad.release.bundles import Dossier
from marsad.release.from_runs import request_from_run
from marsad.release.operations import sign_request, submit_request
from marsad.release.operations_publish import publish_request
from marsad.release.rules import Verdict
from migstat.model import Refused
from production.small_runs import (
    ACTOR,
    AT,
    COUNT,
    PEOPLE,
    asked,
    computed,
    frozen,
    store,
    unheard,
    visits,
    write_definitions,
)
from release.bundles import POLICY, words

BOTH = ["default", "confidential"]
databases = pytest.mark.django_db(databases=BOTH)


@pytest.fixture
def place(small_city, small_root, home):
    write_definitions(small_root)
    store()
    return small_root


def dossier(**more) -> Dossier:
    given = {
        "dataflow": "desk-visitors", "title": words("Visitors"), "description": words("Of the desk"), "source": "census",
        "reason": words("First edition"), "policy": POLICY,
    } | more  # fmt: skip
    return Dossier(**given)


@pytest.mark.parametrize(("state", "move"), list(product(RunState, RunMove)))
def test_every_pair_of_state_and_move_is_decided(state, move):
    after = TRANSITIONS[state, move]
    if after is None:
        with pytest.raises(Refused, match=r"production\.move"):
            reached(state, move)
    else:
        assert reached(state, move) is after


@pytest.mark.parametrize(
    "steps",
    [
        (),
        (Step("a", StepKind.READ),),
        (Step("a", StepKind.READ), Step("a", StepKind.EVALUATE, after=("a",))),
        (Step("b", StepKind.EVALUATE, after=("a",)), Step("a", StepKind.READ)),
        (Step("a", StepKind.READ), Step("b", StepKind.EVALUATE)),
        (Step("a", StepKind.READ), Step("c", StepKind.READ, after=("a",)), Step("b", StepKind.EVALUATE, after=("a",))),
    ],
)
def test_what_is_no_graph_is_refused(steps):
    with pytest.raises(Refused, match=r"production\.plan"):
        Plan(steps)


def test_a_digest_says_what_a_step_depends_on():
    def plan(checksum: str, period: str) -> Plan:
        reads = Step("rows", StepKind.READ, {"checksum": checksum})
        return Plan((reads, Step("t", StepKind.ESTIMATE, {"period": period}, ("rows",))))

    code = dict.fromkeys(StepKind, "1")
    first = plan("x", "2026").digests(code, 1)
    assert plan("x", "2026").digests(code, 1) == first
    assert plan("y", "2026").digests(code, 1)["t"] != first["t"]
    assert plan("x", "2025").digests(code, 1)["t"] != first["t"]
    assert plan("x", "2026").digests(code, 2)["t"] != first["t"]
    assert plan("x", "2026").digests(code | {StepKind.ESTIMATE: "2"}, 1)["t"] != first["t"]
    assert Plan.from_json(json.loads(json.dumps(plan("x", "2026").to_json()))) == plan("x", "2026")


def test_why_numbers_move_is_told_by_what_differs():
    before = [{"dataflow": "visits", "period": "2026", "fingerprint": "x"}]

    def now(period: str, fingerprint: str) -> list[SnapshotFact]:
        return [SnapshotFact("s", "visits", period, AT.date(), 10, fingerprint)]

    same = {"digest": "1"}
    assert causes(before, same, now("2026", "x"), same) == ()
    assert causes(before, same, now("2026", "y"), same) == (REVISED_DATA,)
    assert causes(before, same, now("2027", "y"), {"digest": "1", "estimator": "rds_ii"}) == (NEW_DATA, NEW_METHOD)


@databases
def test_the_whole_road_from_a_snapshot_to_a_page(place, statistician, reviewers, client):
    """Snapshot -> Table -> ProtectedTable -> ReleasedTable -> Edition -> page, and back again by the chain."""
    snapshot = frozen()
    run = computed(statistician, snapshot)
    assert (run.state, run.problem) == ("done", {})
    request = request_from_run(actor=statistician, at=AT, run_id=run.pk, dossier=dossier())
    assert request.missing == []
    submit_request(actor=statistician, at=AT, request_id=request.pk)
    for reviewer in reviewers:
        sign_request(actor=reviewer, at=AT, request_id=request.pk, verdict=Verdict.APPROVE, reason="the audit passed")
    edition = publish_request(actor=statistician, at=AT, request_id=request.pk)
    cells = {(o.area_id, o.breakdown_key): o for o in Observation.objects.filter(edition=edition)}
    assert cells["04.421", ""].value == sum(PEOPLE.values())
    assert (cells["04.421.01.06", "sex=F"].state, cells["04.421.01.06", "sex=F"].value) == ("withheld", None)
    assert edition.provenance.runs == [str(run.pk)]
    assert edition.provenance.snapshots[0]["id"] == str(snapshot.pk)
    page = client.get("/en/indicators/STK-01/")
    assert page.status_code == 200 and "84" in page.content.decode()

    later = frozen(visits({**PEOPLE, ("04.421.01.07", "M"): 42}), delivery="d-2", at=AT + timedelta(hours=1))
    again = computed(statistician, later, at=AT + timedelta(hours=2))
    [result] = queries.results(again).values()
    told = compared(result, queries.lineage_of(again), synthetic=False)
    assert told is not None and told.edition == str(edition)
    assert {(one.area, one.part): one.difference for one in told.moved}["04.421.01.07", "sex=M"] == 12
    assert told.causes == (REVISED_DATA,)
    shown = client_of(statistician).get(f"/en/production/{again.pk}/").content.decode()
    assert "Data revised" in shown
    request_from_run(actor=statistician, at=AT, run_id=again.pk, dossier=dossier(vintage="2026-12"))
    assert Staleness.objects.get(edition=edition).subject == f"run:{again.pk}"


@databases
def test_a_run_again_gives_the_same_bytes_and_computes_only_what_changed(place, statistician, monkeypatch):
    snapshot = frozen()
    first = computed(statistician, snapshot, "STK-01", "EDU")
    assert [step.state for step in queries.steps_of(first)] == ["done", "done", "done"]
    again = computed(statistician, snapshot, "STK-01", "EDU")
    assert [step.state for step in queries.steps_of(again)] == ["done", "reused", "reused"]
    assert again.checksum == first.checksum
    RunStep.objects.all().delete()
    StepResult.objects.all().delete()
    anew = computed(statistician, snapshot, "STK-01", "EDU")
    assert [step.state for step in queries.steps_of(anew)] == ["done", "done", "done"]
    assert anew.checksum == first.checksum
    (place / "definitions" / "STK-01.toml").write_text(COUNT.replace('version = "1"', 'version = "2"'), "utf-8")
    changed = computed(statistician, snapshot, "STK-01", "EDU")
    assert [step.state for step in queries.steps_of(changed)] == ["done", "done", "reused"]


@databases
def test_a_run_whose_process_died_is_taken_up_and_comes_out_the_same(place, statistician, monkeypatch):
    snapshot = frozen()
    whole = computed(statistician, snapshot, "STK-01", "EDU")
    RunStep.objects.all().delete()
    StepResult.objects.all().delete()
    run = asked(statistician, snapshot, "STK-01", "EDU")
    compute, calls = executing.computed, []

    def dying(plan, step, seed, now):
        calls.append(step.id)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return compute(plan, step, seed, now)

    monkeypatch.setattr(executing, "computed", dying)
    with pytest.raises(KeyboardInterrupt):
        compute_run(run.pk, unheard, lambda: AT)
    assert not compute_run(run.pk, unheard, lambda: AT + timedelta(minutes=1))
    assert compute_waiting(unheard, lambda: AT + timedelta(minutes=1)) == 0
    assert compute_waiting(unheard, lambda: AT + timedelta(hours=1)) == 1
    assert calls == ["STK-01", "EDU", "EDU"]
    run.refresh_from_db()
    assert (run.state, run.checksum) == ("done", whole.checksum)


@databases
def test_a_run_that_kills_each_process_is_given_up(place, statistician, monkeypatch):
    run = asked(statistician, frozen())
    monkeypatch.setattr(executing, "computed", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    for hour in range(3):
        with pytest.raises(KeyboardInterrupt):
            compute_run(run.pk, unheard, lambda hour=hour: AT + timedelta(hours=hour))
    assert not compute_run(run.pk, unheard, lambda: AT + timedelta(hours=4))
    run.refresh_from_db()
    assert (run.state, run.problem["rule"]) == ("failed", "production.crashed")


@databases
def test_what_is_refused_stands_on_the_run_and_can_be_tried_again(place, statistician):
    rows = visits().append_column("other", visits().column("sex")).drop_columns(["other"])
    bad = rows.set_column(0, "area", [["nowhere"] * rows.num_rows])
    run = computed(statistician, frozen(bad))
    assert (run.state, run.problem["rule"], run.problem["step"]) == ("failed", "indicator.code", "STK-01")
    with pytest.raises(Refused, match=r"production\.not_done"):
        handed_tables(run)
    retry_run(actor=statistician, at=AT, run_id=run.pk)
    cancel_run(actor=statistician, at=AT, run_id=run.pk)
    with pytest.raises(Refused, match=r"production\.move"):
        cancel_run(actor=statistician, at=AT, run_id=run.pk)


@databases
def test_real_and_synthetic_snapshots_are_never_in_one_run(place, statistician):
    snapshot = frozen()
    read = {"snapshot": str(snapshot.pk), "dataflow": "visits", "period": "2026", "checksum": snapshot.checksum}
    reads = [Step(name, StepKind.READ, {**read, "synthetic": name == "b"}) for name in ("a", "b")]
    plan = Plan((*reads, Step("t", StepKind.EVALUATE, {}, ("a", "b"))))
    with pytest.raises(Refused, match=r"production\.mixed"):
        ask_run(actor=ACTOR, at=AT, name="both", plan=plan)
    run = computed(statistician, snapshot)
    with pytest.raises(Refused, match=r"production\.origin"):
        request_from_run(actor=statistician, at=AT, run_id=run.pk, dossier=dossier(is_synthetic=True))


@databases
def test_a_result_that_was_altered_is_not_handed_on(place, statistician):
    run = computed(statistician, frozen())
    stored = StepResult.objects.get()
    stored.content["table"]["values"][0] = 85.0
    stored.save()
    with pytest.raises(Refused, match=r"production\.checksum"):
        handed_tables(run)


@databases
def test_who_may_and_who_may_not(place, statistician):
    run = computed(statistician, frozen())
    addresses = ["/en/production/", "/en/production/new/", f"/en/production/{run.pk}/", "/en/production/studies/"]
    outsider = client_of(person(Role.DATA_OFFICER, email="officer@example.org"))
    for address in addresses:
        assert client_of(statistician).get(address).status_code == 200, address
        assert outsider.get(address).status_code == 403, address
    assert outsider.post(f"/en/production/{run.pk}/again/").status_code == 403
    assert Run.objects.count() == 1


@databases
def test_what_was_answered_for_a_refused_run_is_not_lost(place, statistician):
    """Only of one's own runs, and every assumption is confirmed anew."""
    snapshot, client = str(frozen().pk), client_of(statistician)
    answers = {"name": "Births", "definitions": ["STK-01"], "periods": "2026", "snapshots": [snapshot]}
    asked = client.post("/en/production/new/", answers)
    run = Run.objects.get()
    assert asked.headers["Location"].endswith(f"/{run.pk}/")
    Run.objects.update(state="failed", problem={"rule": "production.checksum", "found": "", "remedy": ""})
    again = f"/en/production/new/?like={run.pk}"
    assert f'href="{again}"' in client.get(f"/en/production/{run.pk}/").content.decode()
    form = client.get(again).context["form"]
    assert {name: form[name].value() for name in answers} == answers
    other = client_of(person(Role.STATISTICIAN, email="other@example.org"))
    assert other.get(again).context["form"]["name"].value() is None


def test_the_system_reads_under_its_own_name():
    assert System("production") == executing.MACHINE


@databases
def test_rows_of_one_year_say_nothing_of_another(place):
    """Counting another year would give a 0 where nobody looked."""
    snapshot = str(frozen().pk)
    for periods in (["2031"], ["2026", "2027-Q1"]):
        with pytest.raises(Refused, match=r"production\.other_period"):
            inputs.plan_of_definitions(["STK-01"], periods, [snapshot])
    assert inputs.plan_of_definitions(["STK-01"], ["2026-Q1", "2025/2026"], [snapshot]).steps
    with pytest.raises(Refused, match=r"production\.other_period"):
        inputs.plan_of_study("rds", {"period": "1999"}, {"sample": snapshot})
    assert inputs.plan_of_study("flows", {"period": "2026"}, {inputs.EARLIER: snapshot, "end": snapshot}).steps


def _asked_of(monkeypatch, kind, **given):
    """What a form of a study says to what was typed, where every choice is open."""
    monkeypatch.setattr(forms.inputs, "dataflows_of", lambda lists: [one.partition(":")[0] for one in lists])
    for name in ("every_snapshot", "definitions", "linkages", "indicators_by_area"):
        monkeypatch.setattr(forms.inputs, name, list)
    for name in ("snapshots_of", "indicators_of", "attributes"):
        monkeypatch.setattr(forms.inputs, name, lambda *asked: [])
    form = kind({"name": "a", "period": "2026", "periods": "2026", **given})
    for name, value in given.items():
        field = form.fields[name]
        if hasattr(field, "choices"):
            field.choices = [(one, one) for one in (value if isinstance(value, list) else [value])]
    return form.errors


def test_forms_say_at_once_what_a_method_cannot_take(monkeypatch):
    def wrong(kind, name, **given):
        return bool(_asked_of(monkeypatch, kind, **given).get(name))

    lists, index, rds = forms.MultipleSystemsForm, forms.IndexForm, forms.RdsForm
    assert wrong(lists, "lists", method="mse_multimodel", lists=["a:1", "a:2"])
    assert wrong(lists, "lists", method="mse_multimodel", lists=["a:1"])
    assert wrong(lists, "lists", method="mse_chapman", lists=["a:1", "b:1", "c:1"])
    assert not wrong(lists, "lists", method="mse_chapman", lists=["a:1", "b:1"])
    assert wrong(rds, "population", method="rds_successive_sampling")
    assert not wrong(rds, "population", method="rds_ii")
    parts = {"method": "composite_uncertainty", "definitions": ["A", "B"]}
    assert wrong(index, "weights", **parts, weights="C=2")
    assert wrong(index, "weights", **parts, weights="A=0 B=0")
    assert not wrong(index, "weights", **parts, weights="A=0 B=2")
    assert wrong(index, "definitions", method="composite_uncertainty", definitions=["A"])
    assert _asked_of(monkeypatch, index, periods="2025, 2026").get("periods")
