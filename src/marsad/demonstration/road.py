"""The whole road on a made-up city: agreements, deliveries, snapshots, runs, two reviewers, editions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any, Final
from uuid import UUID

from marsad.collection.models import CollectedDataflow
from marsad.collection.queries_dataflows import collected_dataflow
from marsad.collection.rules_store import Lineage
from marsad.demonstration.freezing import frozen_records
from marsad.demonstration.others import await_others
from marsad.demonstration.partners import agreed, delivered
from marsad.demonstration.people import Cast, make_cast
from marsad.demonstration.records import DISTRICTS, SCALE, YEAR, MadeUpCity
from marsad.demonstration.removal import remove_demonstration
from marsad.demonstration.standing import ACTOR, INSTRUMENT, LISTS, PUBLISHED, REASON, Standing, standing
from marsad.production import inputs
from marsad.production.executing import compute_run
from marsad.production.linkage.linking import link
from marsad.production.linkage.operations import ask_linkage
from marsad.production.linkage.queries import asked
from marsad.production.models import Run
from marsad.production.operations import ask_run
from marsad.production.rules import UNDER_WAY, Plan, RunState
from marsad.production.studies.catalogue import assumptions_of
from marsad.release.bundles import Dossier
from marsad.release.from_runs import proposed_words, quality_notes, request_from_run
from marsad.release.operations import sign_request, submit_request
from marsad.release.operations_publish import publish_request
from marsad.release.rules import Verdict
from marsad.work.jobs import Report
from migstat.model import Refused, Text

SOURCE: Final = "demonstration"
SEED: Final = 2025
LEAST_DISTRICTS: Final = 4
REVIEWED: Final = 60
# A run has one name, that of whoever asked for it: here in the language the installation speaks first.
NAMES: Final = {
    "births": "naissances",
    "survey": "enquête",
    "rds": "échantillon dirigé par les répondants",
    "mse": "systèmes multiples",
    "areas": "petits territoires",
    "flows": "flux et restes",
    "index": "indice composite",
}
Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Built:
    """What a demonstration made: counts, for the command to say."""

    snapshots: int
    runs: int
    editions: int


def pack_suits() -> bool:
    """Whether the city pack collects what the demonstration makes up: without the dataflows there is nothing to show."""
    return CollectedDataflow.objects.filter(pk__in=LISTS, is_synthetic=True).count() == len(LISTS)


def demonstrate(*, now: Clock, report: Report, scale: float = SCALE, seed: int = SEED) -> Built:
    """Build the whole demonstration; what an earlier building that broke off left is taken off first.

    Raises ``Refused("demonstration.stands")`` where one stands whole, and what any step of the road refuses.
    """
    if standing() is Standing.WHOLE:
        raise Refused("demonstration.stands", found="a demonstration", remedy="remove it first: demonstrate --remove")
    made = MadeUpCity.of(seed, scale)
    step = _steps(report)
    step("demonstration.pieces")
    remove_demonstration(at=now())
    step("demonstration.people")
    cast = make_cast(actor=ACTOR, at=now(), partners=[collected_dataflow(dataflow).partner for dataflow in LISTS])
    snapshots = {}
    rows = made.partner_lists()
    for dataflow in LISTS:
        step("demonstration.deliveries")
        agreed(cast, dataflow, at=now())
        snapshots[dataflow] = delivered(cast, dataflow, rows[dataflow], at=now())
    step("demonstration.registers")
    snapshots |= _frozen(made, now, districts=max(LEAST_DISTRICTS, round(DISTRICTS * scale / SCALE)))
    step("demonstration.linkage")
    linkage = _linked(cast, snapshots, now)
    runs = {}
    for name, study, plan in _plans(snapshots, linkage):
        step("demonstration.runs")
        runs[name] = _computed(cast, name, study, plan, now)
    for name in PUBLISHED:
        step("demonstration.editions")
        _published(cast, runs[name], now)
    step("demonstration.done")
    return Built(len(snapshots), len(runs), len(PUBLISHED))


def _steps(report: Report) -> Callable[[str], None]:
    """Says which step begins, and how many of all have ended: pieces, people, lists, registers, linkage, runs, editions."""
    total, begun = 4 + len(LISTS) + len(NAMES) + len(PUBLISHED), count()
    return lambda name: report(next(begun), total, name)


def _frozen(made: MadeUpCity, now: Clock, *, districts: int) -> dict[str, UUID]:
    """The survey, the network sample and the registers, as their questionnaires would have filled them."""
    records: dict[str, Sequence[Mapping[str, Any]]] = {
        "household-survey": made.household_survey(districts=districts),
        "rds-survey": made.network_sample(),
        "municipal-desk": made.desk_register(),
        "civil-status-births": made.births(),
    }
    found = {}
    for dataflow, rows in records.items():
        lineage = Lineage(submissions=((INSTRUMENT, "1", len(rows)),))
        found[dataflow] = frozen_records(
            actor=ACTOR, at=now(), dataflow=dataflow, rows=rows, period=str(YEAR), lineage=lineage
        ).pk
    return found


def _linked(cast: Cast, snapshots: Mapping[str, UUID], now: Clock) -> str:
    """The number of a linkage of the partners' lists, done here or by a worker that was quicker; its review stays open.

    Raises ``Refused`` with the linkage's own rule.
    """
    linkage = ask_linkage(
        actor=cast.statistician, at=now(), snapshots=[str(snapshots[one]) for one in LISTS], one_record_each=LISTS,
        review_size=REVIEWED, seed=SEED,
    )  # fmt: skip
    try:
        link(linkage, actor=ACTOR, at=now(), report=_unheard)
    except Refused as refused:
        if refused.rule != "linkage.move":
            raise
    await_others(lambda: not asked().filter(pk=linkage.pk).exists())
    return str(linkage.pk)


def _plans(snapshots: Mapping[str, UUID], linkage: str) -> Iterator[tuple[str, str, Plan]]:
    """One run of definitions and one of each family of studies: name, study, plan."""
    year = str(YEAR)
    survey = {"sample": str(snapshots["household-survey"])}
    design = {"sample": "sample", "strata": "area", "units": ["block_latitude", "block_longitude"]}
    hidden = {"indicator": inputs.indicator_settings("STK-08", "persons"), "period": year}
    key = inputs.key_of(LISTS)

    def study(code: str, method: str, sources: Mapping[str, str], /, **settings: Any) -> Plan:
        confirmed = sorted(one.id for one in assumptions_of(method))
        return inputs.plan_of_study(code, {"method": method, "confirmed": confirmed, **settings}, sources)

    yield "births", "", inputs.plan_of_definitions(["LEG-05"], [year], [str(snapshots["civil-status-births"])])
    yield (
        "survey",
        "survey",
        study("survey", "survey_share", survey, **inputs.definition_settings("PRO-01", [year]), **design),
    )
    yield "rds", "rds", study(
        "rds", "rds_ii", {"sample": str(snapshots["rds-survey"])}, period=year, sample="sample",
        indicator=inputs.indicator_settings("EMP-02", "percent"), trait="worked_last_week", category="no",
        by="sex", replicates=500,
    )  # fmt: skip
    lists = [{"step": f"list-{number}", "name": name} for number, name in enumerate(LISTS, 1)]
    drawn, _snapshots = inputs.linkage_settings(linkage)
    yield "mse", "mse", study(
        "mse", "mse_linkage", {one["step"]: str(snapshots[one["name"]]) for one in lists},
        **hidden, lists=lists, key=[], criterion="bic", by="", **drawn,
    )  # fmt: skip
    yield "areas", "sae", study(
        "sae", "fay_herriot", survey, **inputs.definition_settings("HOU-03", [year]), **design,
        covariates={code: known for code, known in inputs.covariates_of(["CTX-EMP-02"]).items() if known},
    )  # fmt: skip
    yield "flows", "flows", study(
        "flows", "residual", {**survey, "register": str(snapshots["municipal-desk"])},
        **hidden, **{name: value for name, value in design.items() if name != "sample"}, sample="sample",
        register="register", missed=0.1, missed_error=0.05, statuses=["REG", "RES"], key=key,
    )  # fmt: skip
    parts = [inputs.definition_settings(code, [year]) | {"weight": 1.0} for code in ("HOU-03", "HOU-04")]
    yield "index", "index", study(
        "index", "composite_uncertainty", survey, **design, parts=parts, period=year, weight_spread=0.25, scale=1.0,
        indicator=inputs.indicator_settings("CTX-HOU-16", "index_0_1"),
    )  # fmt: skip


def _computed(cast: Cast, name: str, study: str, plan: Plan, now: Clock) -> Run:
    """One run, computed to its end, here or by a worker that was quicker. Raises ``Refused`` with the run's own rule."""
    run = ask_run(actor=cast.statistician, at=now(), name=f"Démonstration : {NAMES[name]}", plan=plan, study=study)
    compute_run(run.pk, _unheard, now)
    await_others(lambda: Run.objects.filter(pk=run.pk).exclude(state__in=UNDER_WAY).exists())
    run.refresh_from_db()
    if run.state != RunState.DONE:
        raise Refused(
            run.problem.get("rule", "demonstration.run"), found=f"the run {name}: {run.problem.get('found', run.state)}",
            remedy=run.problem.get("remedy") or "see the page of the run",
        )  # fmt: skip
    return run


def _unheard(done: int, total: int | None = None, step: str = "") -> None:
    """The demonstration says itself how far it is."""


def _published(cast: Cast, run: Run, now: Clock) -> None:
    """A run's tables through the desk: requested, submitted, signed by two, published."""
    words = proposed_words(run)
    request = request_from_run(
        actor=cast.statistician,
        at=now(),
        run_id=run.pk,
        dossier=Dossier(
            dataflow=words["dataflow"],
            title=_text(words, "title"),
            description=_text(words, "description"),
            source=SOURCE,
            reason=REASON,
            is_synthetic=True,
            quality=quality_notes(run),
        ),
    )
    submit_request(actor=cast.statistician, at=now(), request_id=request.pk)
    for reviewer in cast.reviewers:
        sign_request(actor=reviewer, at=now(), request_id=request.pk, verdict=Verdict.APPROVE, reason="demonstration")
    publish_request(actor=cast.statistician, at=now(), request_id=request.pk)


def _text(words: Mapping[str, str], name: str) -> Text:
    return Text(words[f"{name}_fr"], words[f"{name}_ar"], words[f"{name}_en"])
