"""Study of a respondent-driven sample: the share of a trait among people whom no list reaches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from marsad.production.results import ESTIMATED, Result
from marsad.production.stored_tables import Intervals, Json
from marsad.production.studies.report import chosen, demand_confirmed, in_scale, method_words, report_of, span
from marsad.production.studies.single import WHOLE, definition_said, table_of
from migstat.estimation.rds_diagnostics import convergence_series
from migstat.estimation.rds_homophily import recruitment_homophily
from migstat.estimation.rds_ii import rds_ii
from migstat.estimation.rds_outcome import outcome_of
from migstat.estimation.rds_recruitment import (
    Recruitment,
    recruitment_from_coupons,
    recruitment_from_recruiters,
)
from migstat.estimation.rds_resampling import Kind, Resampling
from migstat.estimation.rds_successive_sampling import rds_successive_sampling
from migstat.model import Estimate, Refused

COUPON, RECRUITER = "coupon__pseudonym", "recruiter_coupon__pseudonym"
GIVEN = tuple(f"coupon_{number}__pseudonym" for number in (1, 2, 3))
DEGREE = "network_size"
PERCENT = 100.0
STRONG_HOMOPHILY = 1.3


def columns(settings: Mapping[str, Any], stored: Sequence[str]) -> list[str]:
    """The columns that the study reads of those that are stored."""
    wanted = (COUPON, RECRUITER, *GIVEN, DEGREE, settings["trait"], settings.get("by", ""))
    return [name for name in wanted if name in stored]


def compute(settings: Mapping[str, Any], rows: Mapping[str, Any], rng: np.random.Generator) -> Result:
    """The share of the category among the population, by sex where asked. Raises Refused ``rds.*``."""
    method = settings.get("method") or "rds_ii"
    demand_confirmed(method, settings.get("confirmed", ()))
    table = rows[chosen(settings, "sample")]
    people = recruitment_of(table)
    labels = [None if value is None else _word(value) for value in table.column(chosen(settings, "trait")).to_pylist()]
    wanted = chosen(settings, "category")
    groups = _groups(settings, table)
    found = {code: _estimate(settings, people, _within(labels, inside), wanted, rng) for code, inside in groups.items()}
    whole, likeness = found[WHOLE], homophily(people, labels)
    cells: dict[tuple[str, ...], tuple[float, int]] = {
        (code,): (one.value * PERCENT, _smaller_side(_within(labels, groups[code]), wanted))
        for code, one in found.items()
    }
    intervals: Intervals = {
        (code,): in_scale(one.interval, PERCENT, (0.0, PERCENT)) for code, one in found.items() if one.interval
    }
    return Result(
        table=table_of(settings, cells),
        base=settings["indicator"]["base"],
        definition=definition_said(settings, method),
        status=ESTIMATED,
        method=method_words(method, whole),
        intervals=intervals,
        report=report_of(
            method, whole,
            facts={"rows": len(people), "seeds": len(people.seeds), "waves": int(people.wave.max()),
                   "homophily": likeness and round(likeness, 2)},
            pictures=[
                {"kind": "intervals", "rows": [span(c, o.value * PERCENT, intervals.get((c,))) for c, o in found.items()]},
                {"kind": "series", "label": "rds.convergence", "points": _convergence(people, labels, wanted)},
            ],
            sensitivity=_sensitivity(settings, people, labels, wanted, rng),
        ),
    )  # fmt: skip


def recruitment_of(table: Any) -> Recruitment:
    """Who recruited whom, from the recruiter's coupon where that was written, else from the coupons that were given."""
    degrees = table.column(DEGREE).to_pylist()
    own = table.column(COUPON).to_pylist()
    names = table.schema.names
    if RECRUITER in names and any(table.column(RECRUITER).to_pylist()):
        return recruitment_from_recruiters(own, table.column(RECRUITER).to_pylist(), degrees, seed_mark=None)
    given = [table.column(name).to_pylist() for name in GIVEN if name in names]
    if not given:
        raise Refused("production.recruitment", found="neither recruiters nor coupons given", remedy="map the coupons")
    known = {coupon for column in given for coupon in column if coupon is not None}
    came = [coupon if coupon in known else None for coupon in own]
    return recruitment_from_coupons(came, list(zip(*given, strict=True)), degrees)


def _word(value: Any) -> str:
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _groups(settings: Mapping[str, Any], table: Any) -> dict[str, list[bool]]:
    """The whole sample, and each code of the column by which the answer is asked."""
    groups = {WHOLE: [True] * table.num_rows}
    if settings.get("by"):
        column = table.column(settings["by"]).to_pylist()
        groups |= {code: [one == code for one in column] for code in sorted({one for one in column if one})}
    return groups


def _within(labels: Sequence[str | None], inside: Sequence[bool]) -> list[str | None]:
    return [label if belongs else None for label, belongs in zip(labels, inside, strict=True)]


def _smaller_side(labels: Sequence[str | None], wanted: str) -> int:
    """The people on the smaller side of the fraction that is not empty."""
    has = sum(label == wanted for label in labels)
    has_not = sum(label is not None and label != wanted for label in labels)
    return min(side for side in (has, has_not) if side) if has or has_not else 0


def _estimate(
    settings: Mapping[str, Any],
    people: Recruitment,
    labels: Sequence[str | None],
    wanted: str,
    rng: np.random.Generator,
) -> Estimate:
    resampling = Resampling(rng, _bootstrap(settings, people, labels), int(settings.get("replicates") or 500))
    if settings.get("method") == "rds_successive_sampling":
        population = float(chosen(settings, "population"))
        return rds_successive_sampling(people, labels, wanted, population, resampling=resampling)
    return rds_ii(people, labels, wanted, resampling=resampling)


def _bootstrap(settings: Mapping[str, Any], people: Recruitment, labels: Sequence[str | None]) -> Kind | None:
    """The tree bootstrap where people mostly recruit their like: the estimator's own then holds the truth too seldom, and
    this one errs on the wide side. One unbranched chain leaves no tree to draw from."""
    chain = len(people.seeds) == 1 and people.recruits.max() < 2
    return "tree" if (homophily(people, labels) or 1.0) >= STRONG_HOMOPHILY and not chain else None


def homophily(people: Recruitment, labels: Sequence[str | None]) -> float | None:
    """Recruitments among people of one answer over those that chance would give; None where nothing is to compare."""
    if len({label for label in labels if label is not None}) < 2:
        return None
    outcome = outcome_of(labels, people)
    ratio = recruitment_homophily(people.transitions(outcome.codes, len(outcome.categories))[None])[0]
    return float(ratio) if np.isfinite(ratio) else None


def _convergence(people: Recruitment, labels: Sequence[str | None], wanted: str) -> list[list[float]]:
    """How the estimate settles as the sample grows: (people, share in per cent), at most a hundred points."""
    outcome = outcome_of(labels, people)
    series = convergence_series(people, outcome, wanted, 1.0 / people.degree)
    shares = np.asarray(series.share, dtype=np.float64)
    places = np.unique(np.linspace(0, len(shares) - 1, min(100, len(shares))).astype(int))
    return [[float(series.size[at]), float(shares[at] * PERCENT)] for at in places if np.isfinite(shares[at])]


def _sensitivity(
    settings: Mapping[str, Any],
    people: Recruitment,
    labels: Sequence[str | None],
    wanted: str,
    rng: np.random.Generator,
) -> list[Json]:
    """The plain share of the sample, and the answer under other sizes of the population."""
    known = [label for label in labels if label is not None]
    lines = [span("rds.unweighted", sum(label == wanted for label in known) / len(known) * PERCENT, None)]
    lines.append(span("rds.ii", rds_ii(people, labels, wanted).value * PERCENT, None))
    for times in (2, 5, 20):
        size = float(len(people) * times)
        other = rds_successive_sampling(people, labels, wanted, size)
        lines.append(span(f"rds.population {int(size)}", other.value * PERCENT, None))
    return lines
