"""Studies that reckon what no register counts: people without papers as a rest, and net migration as a difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from marsad.production.results import ESTIMATED, Result
from marsad.production.stored_tables import Json
from marsad.production.studies.domains import Design, drawn_sample
from marsad.production.studies.report import chosen, demand_confirmed, in_scale, method_words, report_of, span
from marsad.production.studies.single import WHOLE, definition_said, table_of
from migstat.estimation.flows_residual import Measured, residual
from migstat.estimation.flows_vital_statistics import VitalErrors, net_vital_statistics
from migstat.estimation.survey_total import survey_total
from migstat.model import Estimate, Refused

PERSONS, WEIGHT, CITIZENSHIP, OWN = "household_size", "weight", "citizenship", "MAR"
RESIDUAL, NET = "residual", "net_vital_statistics"


def columns(settings: Mapping[str, Any], stored: Sequence[str]) -> list[str]:
    """The columns that the study reads of those that are stored."""
    design = Design.from_settings(settings)
    wanted = {PERSONS, WEIGHT, CITIZENSHIP, "residence_status", "mother_citizenship", *settings.get("key", ())}
    return [name for name in stored if name in wanted | set(design.columns())]


def compute(settings: Mapping[str, Any], rows: Mapping[str, Any], rng: np.random.Generator) -> Result:
    """One number for the city. Raises Refused ``residual.*``, ``net.*``, ``production.negative`` for a net departure."""
    method = chosen(settings, "method")
    demand_confirmed(method, settings.get("confirmed", ()))
    if method == RESIDUAL:
        estimate, people, facts, lines = _without_papers(settings, rows)
    else:
        estimate, people, facts, lines = _net(settings, rows)
    if estimate.value < 0:
        raise Refused(
            "production.negative", found="a net departure", remedy="say it in a note: a table holds no negative value"
        )
    if estimate.interval is None:
        raise Refused("production.no_estimate", found="a number without interval", remedy="give the errors")
    ends = in_scale(estimate.interval, 1.0)
    return Result(
        table=table_of(settings, {(WHOLE,): (estimate.value, people)}),
        base=settings["indicator"]["base"],
        definition=definition_said(settings, method),
        status=ESTIMATED,
        method=method_words(method, estimate),
        intervals={(WHOLE,): ends},
        report=report_of(
            method, estimate, facts=facts, sensitivity=lines,
            pictures=[{"kind": "intervals", "rows": [span(WHOLE, estimate.value, ends)]}],
        ),
    )  # fmt: skip


@dataclass(frozen=True)
class Foreigners:
    """Persons of foreign citizenship by a survey, the answers behind them, and the households that did not say."""

    estimate: Estimate
    answers: int
    silent: int


def foreigners(table: Any, settings: Mapping[str, Any]) -> Foreigners:
    """Persons in households whose person of reference is of foreign citizenship.

    A household that did not say its citizenship, or how many live in it, is not one without foreigners: those that did
    say stand for it by their weights, and it is counted.
    """
    every = [row for row in table.to_pylist() if row.get(WEIGHT) is not None]
    said = [row.get(PERSONS) is not None and row.get(CITIZENSHIP) is not None for row in every]
    design = drawn_sample(every, WEIGHT, Design.from_settings(settings))
    answered = np.array(said, dtype=np.bool_)
    known = float(design.weights[answered].sum())
    if not known > 0:
        raise Refused("production.no_estimate", found="no household that said its citizenship", remedy="choose another")
    inside = np.array([ok and row[CITIZENSHIP] != OWN for ok, row in zip(said, every, strict=True)], dtype=np.bool_)
    persons = [float(row[PERSONS]) if ok else 0.0 for ok, row in zip(said, every, strict=True)]
    standing_for = design.reweighted(np.where(answered, design.weights * design.population_size / known, 0.0))
    return Foreigners(survey_total(standing_for, persons, domain=inside), int(inside.sum()), int((~answered).sum()))


def registered(table: Any, key: Sequence[str], statuses: Sequence[str]) -> int:
    """Different people with one of these residence statuses on a register."""
    people = {
        tuple(row[name] for name in key)
        for row in table.to_pylist()
        if row.get("residence_status") in set(statuses) and all(row.get(name) is not None for name in key)
    }
    return len(people)


def _without_papers(
    settings: Mapping[str, Any], rows: Mapping[str, Any]
) -> tuple[Estimate, int, dict[str, Any], list[Json]]:
    found = foreigners(rows[chosen(settings, "sample")], settings)
    counted, people = found.estimate, found.answers
    listed = registered(rows[chosen(settings, "register")], chosen(settings, "key"), chosen(settings, "statuses"))
    missed = float(settings.get("missed") or 0.0)
    error = float(settings.get("missed_error") or 0.0)
    given = Measured(counted.value, counted.standard_error or 0.0), Measured(float(listed))
    estimate = residual(*given, Measured(missed, error))
    lines = []
    for other in (0.0, 0.1, 0.2, 0.3):
        one = residual(*given, Measured(other, error))
        lines.append(span(f"flows.missed {other:.0%}", one.value, one.interval))
    return (
        estimate,
        people,
        {"counted": round(counted.value), "registered": listed, "answers": people, "silent": found.silent},
        lines,
    )


def _net(settings: Mapping[str, Any], rows: Mapping[str, Any]) -> tuple[Estimate, int, dict[str, Any], list[Json]]:
    before, after = (foreigners(rows[chosen(settings, wave)], settings) for wave in ("start", "end"))
    first, last = before.estimate, after.estimate
    births, doubt = _births(rows[chosen(settings, "births")])
    deaths = float(chosen(settings, "deaths"))
    errors = VitalErrors(first.standard_error or 0.0, last.standard_error or 0.0, doubt, 0.0)

    def net(died: float) -> Estimate:
        terms = [first.value], [last.value], [births], [died]
        return net_vital_statistics(*terms, errors=errors, places=[WHOLE]).estimate(WHOLE)

    lines = [
        span(f"flows.deaths {died:g}", net(died).value, net(died).interval) for died in (deaths / 2, deaths, deaths * 2)
    ]
    facts = {"start": round(first.value), "end": round(last.value), "births": round(births), "deaths": deaths,
             "silent": before.silent + after.silent}  # fmt: skip
    return net(deaths), min(before.answers, after.answers), facts, lines


def _births(table: Any) -> tuple[float, float]:
    """Births of mothers of foreign citizenship and their error, counted as Poisson; acts that do not say it are as the
    others are. Raises ``Refused("production.no_estimate")`` where none says it: that is not 0 births."""
    said = [one for one in table.column("mother_citizenship").to_pylist() if one is not None]
    if table.num_rows and not said:
        raise Refused("production.no_estimate", found="no act that says a citizenship", remedy="choose other births")
    foreign, each = sum(one != OWN for one in said), table.num_rows / max(len(said), 1)
    return foreign * each, float(np.sqrt(foreign)) * each
