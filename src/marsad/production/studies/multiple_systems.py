"""Study of several lists of the same people: how many there are in all, those on no list among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np

from marsad.production.results import ESTIMATED, Result
from marsad.production.stored_tables import Intervals, Json
from marsad.production.studies.report import demand_confirmed, in_scale, method_words, report_of, span
from marsad.production.studies.single import WHOLE, definition_said, table_of
from migstat.estimation.mse_chao import mse_chao
from migstat.estimation.mse_chapman import mse_chapman
from migstat.estimation.mse_linkage import mse_linkage
from migstat.estimation.mse_multimodel import Criterion, mse_multimodel
from migstat.estimation.mse_tables import CaptureTable, table_from_membership
from migstat.model import Estimate, Refused

MODELS_SHOWN = 40
LEAST_COMMON = 7
LINKED = "mse_linkage"
Person = tuple[str, ...]


def compute(settings: Mapping[str, Any], rows: Mapping[str, Any], rng: np.random.Generator) -> Result:
    """The size of the population, by sex where asked, with every model that the criterion cannot tell from the best.

    ``settings["lists"]`` says of each list its step and its name, ``settings["key"]`` the pseudonyms that together tell
    one person; or ``settings["draws"]`` holds the capture tables drawn from a linkage, whose doubt the interval then
    includes. Raises Refused ``mse.*``, ``production.key``.
    """
    method = settings.get("method") or "mse_multimodel"
    demand_confirmed(method, settings.get("confirmed", ()))
    unnamed = None
    if method == LINKED:
        tables, found, one_draw = _over_draws(settings)
    else:
        people, unnamed = _membership(settings["lists"], rows, settings["key"])
        tables = _tables(people, [one["name"] for one in settings["lists"]], bool(settings.get("by")))
        refuse_few_common(*tables.values())
        estimate = _method(method, settings)
        found = {code: estimate(table) for code, table in tables.items()}
        one_draw = found[WHOLE]
    whole = found[WHOLE]
    intervals: Intervals = {(code,): in_scale(_widest(one), 1.0) for code, one in found.items()}
    cells: dict[tuple[str, ...], tuple[float, int]] = {
        (code,): (one.value, tables[code].observed) for code, one in found.items()
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
            facts={"observed": tables[WHOLE].observed, "unnamed": unnamed, "models_tried": one_draw.extra.get("n_models"),
                   "draws": len(settings["draws"]["counts"]) if method == LINKED else None},
            lists=_lists(tables[WHOLE]),
            models=_models(one_draw, tables[WHOLE]),
            pictures=[{"kind": "intervals", "rows": [span(c, o.value, intervals[c,]) for c, o in found.items()]}],
            sensitivity=_sensitivity(tables[WHOLE], method),
        ),
    )  # fmt: skip


def _over_draws(settings: Mapping[str, Any]) -> tuple[dict[str, CaptureTable], dict[str, Estimate], Estimate]:
    """The size over draws of a linkage by all models, and that of the first draw, whose lists and models the page shows."""
    drawn = settings.get("draws")
    if not drawn:
        raise Refused("production.draws", found="no draws of a linkage", remedy="choose a linkage")
    names = tuple(drawn["lists"])
    tables = [CaptureTable(names, np.array(counts, dtype=np.float64)) for counts in drawn["counts"]]
    refuse_few_common(*tables)
    estimate = _method("mse_multimodel", settings)
    return {WHOLE: tables[0]}, {WHOLE: mse_linkage(tables, estimate)}, estimate(tables[0])


def _membership(
    lists: Sequence[Mapping[str, str]], rows: Mapping[str, Any], key: Sequence[str]
) -> tuple[dict[Person, tuple[list[bool], str]], int]:
    """Who is on which list, with a sex where one was written, and how many rows lack a part of the key."""
    people: dict[Person, tuple[list[bool], str]] = {}
    unnamed = 0
    for place, one in enumerate(lists):
        table = rows[one["step"]]
        lacking = [name for name in key if name not in table.schema.names]
        if lacking:
            raise Refused("production.key", found="a list without the key", remedy="choose lists that have it")
        sexes = table.column("sex").to_pylist() if "sex" in table.schema.names else [None] * table.num_rows
        for *person, sex in zip(*(table.column(name).to_pylist() for name in key), sexes, strict=True):
            if any(part is None for part in person):
                unnamed += 1
                continue
            on, known = people.setdefault(tuple(person), ([False] * len(lists), sex or ""))
            on[place] = True
            if not known and sex:
                people[tuple(person)] = (on, sex)
    return people, unnamed


def _tables(
    people: Mapping[Person, tuple[list[bool], str]], names: Sequence[str], by_sex: bool
) -> dict[str, CaptureTable]:
    tables = {WHOLE: table_from_membership([on for on, _ in people.values()], names)}
    if by_sex:
        for sex in sorted({sex for _, sex in people.values() if sex}):
            tables[sex] = table_from_membership([on for on, each in people.values() if each == sex], names)
    return tables


def refuse_few_common(*tables: CaptureTable) -> None:
    """Raises ``Refused("production.few_common")`` where fewer than seven people are on two lists or more.

    So few of them leave a bias that no interval knows of (Robson and Regier 1964, Transactions of the American Fisheries
    Society 93, 215-226): lists of 1 % of 2,000 people say "some 400", and are sure of it.
    """
    for table in tables:
        if table.by_captures[2:].sum() < LEAST_COMMON:
            raise Refused(
                "production.few_common",
                found="fewer than seven people on two lists or more",
                remedy="bring lists that overlap more",
            )


def _method(method: str, settings: Mapping[str, Any]) -> Callable[[CaptureTable], Estimate]:
    criterion: Criterion = "aic" if settings.get("criterion") == "aic" else "bic"
    ways: dict[str, Callable[[CaptureTable], Estimate]] = {
        "mse_multimodel": lambda table: mse_multimodel(table, criterion=criterion),
        "mse_chapman": mse_chapman,
        "mse_chao": lambda table: mse_chao(table, lists_differ=True),
    }
    if method not in ways:
        raise Refused("production.method", found=method, remedy=f"use one of {', '.join(ways)}")
    return ways[method]


def _widest(estimate: Estimate) -> Any:
    """The interval that is published: over all models that the criterion cannot tell apart, where there are several.

    Over draws of a linkage it reaches as far as that of the draws in the middle does, or as Rubin's rules do if farther.
    """
    ranges = [
        one.extra["range_interval"] for one in estimate.extra.get("estimates", ()) if "range_interval" in one.extra
    ]
    if not ranges or estimate.interval is None:
        return estimate.extra.get("range_interval") or estimate.interval
    low, high = (float(np.median([getattr(one, end) for one in ranges])) for end in ("low", "high"))
    return replace(estimate.interval, low=min(low, estimate.interval.low), high=max(high, estimate.interval.high))


def _lists(table: CaptureTable) -> list[Json]:
    """How many people each list holds, and each two of them together."""
    sizes = [{"label": name, "people": int(size)} for name, size in zip(table.lists, table.list_sizes, strict=True)]
    pairs = [
        {"label": f"{first} + {second}", "people": table.overlap(first, second)}
        for first, second in combinations(table.lists, 2)
    ]
    return [*sizes, *pairs]


def _models(estimate: Estimate, table: CaptureTable) -> list[Json]:
    """Every model of the space by the criterion: size, error, difference, weight."""
    space = estimate.extra.get("space")
    if space is None:
        return []
    both = {name: space.criterion(name) for name in ("aic", "bic")}
    order = space.order(estimate.extra["criterion"])[:MODELS_SHOWN]
    lines = space.rows(order, estimate.extra["criterion"])
    return [
        {**line, "aic": float(both["aic"][row]), "bic": float(both["bic"][row])}
        for line, row in zip(lines, order.tolist(), strict=True)
    ]


def _sensitivity(table: CaptureTable, method: str) -> list[Json]:
    """The answer by the other criterion, by Chao's lower bound, and without each list in turn."""
    lines = []
    if table.n_lists > 2:
        criteria: tuple[Criterion, ...] = ("bic", "aic")
        for criterion in criteria:
            one = mse_multimodel(table, criterion=criterion)
            lines.append(span(f"mse.{criterion}", one.value, _widest(one)))
    lower = mse_chao(table, lists_differ=True)
    lines.append(span("mse.chao", lower.value, lower.interval))
    for name in table.lists if table.n_lists > 2 else ():
        lines += _without(table, name)
    return lines


def _without(table: CaptureTable, name: str) -> list[Json]:
    """The answer of the lists that remain; nothing where these cannot give one."""
    kept = [place for place, one in enumerate(table.lists) if one != name]
    counts = np.zeros(1 << len(kept))
    for mask, people in enumerate(table.counts):
        counts[sum((mask >> place & 1) << at for at, place in enumerate(kept))] += people
    counts[0] = 0.0  # on no list that remains
    try:
        rest = CaptureTable(tuple(table.lists[place] for place in kept), counts)
        refuse_few_common(rest)
        found = mse_chapman(rest) if rest.n_lists == 2 else mse_multimodel(rest)
    except Refused:
        return []
    return [span(f"mse.without {name}", found.value, _widest(found))]
