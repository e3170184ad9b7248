"""What was promised beside what came, flow by flow. Plain values, no clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median


@dataclass(frozen=True)
class Came:
    """One delivery as the register notes it: counts, codes and dates."""

    received_on: date
    state: str
    rows: int
    errors: int
    breakdowns: tuple[str, ...] = ()
    file_format: str = ""
    hours: float | None = None
    period: str = ""


@dataclass(frozen=True)
class Due:
    """One promised delivery: when it was due, when something usable came (None: nothing yet), and whether that was
    accepted since, with or without reservations."""

    period: str
    due_on: date
    received_on: date | None = None
    taken: bool = False


@dataclass(frozen=True)
class Flow:
    """One promised flow and everything that came of it."""

    producer: str
    dataflow: str
    agreement: str
    promised: tuple[str, ...]
    due: tuple[Due, ...]
    came: tuple[Came, ...]


@dataclass(frozen=True)
class FlowMeasures:
    """Delays in days after the due day (0 in time), what came of what was due, detail lost, returns, friction, work.

    ``completeness``, ``on_time`` and ``returned`` are shares from 0 to 1, None where nothing was due or came.
    ``lost`` are the promised breakdowns that the latest accepted delivery lacks, None before any was accepted.
    """

    due: int
    came: int
    completeness: float | None
    on_time: float | None
    delays: tuple[int, ...]
    median_delay: float | None
    longest_delay: int | None
    returned: float | None
    errors_per_thousand: float | None
    formats: int
    lost: tuple[str, ...] | None
    hours: float | None


TAKEN = frozenset({"accepted", "accepted_with_reservations"})


def expected_of(flow: Flow, *, today: date) -> list[Due]:
    """What was due by a day, or came before it was due."""
    return [one for one in flow.due if one.due_on <= today or one.received_on is not None]


def measure(flow: Flow, *, today: date) -> FlowMeasures:
    """Measure a flow as it stands on a day; a delivery that is not yet due does not count as missing."""
    due = expected_of(flow, today=today)
    arrived = [one for one in due if one.received_on is not None]
    delays = tuple(_late(one, today) for one in due)
    decided = [one for one in flow.came if one.state != "received"]
    taken = sorted((one for one in decided if one.state in TAKEN), key=lambda one: one.received_on)
    rows = sum(one.rows for one in flow.came)
    hours = [one.hours for one in flow.came if one.hours is not None]
    return FlowMeasures(
        due=len(due),
        came=len(flow.came),
        completeness=_share(len(arrived), len(due)),
        on_time=_share(sum(delay == 0 for delay in delays), len(due)),
        delays=delays,
        median_delay=float(median(delays)) if delays else None,
        longest_delay=max(delays, default=None),
        returned=_share(sum(one.state not in TAKEN for one in decided), len(decided)),
        errors_per_thousand=1000 * sum(one.errors for one in flow.came) / rows if rows else None,
        formats=len({one.file_format for one in flow.came if one.file_format}),
        lost=tuple(name for name in flow.promised if name not in taken[-1].breakdowns) if taken else None,
        hours=sum(hours) if hours else None,
    )


def _late(one: Due, today: date) -> int:
    return max(0, ((one.received_on or today) - one.due_on).days)


def _share(part: int, whole: int) -> float | None:
    """
    >>> _share(1, 4), _share(0, 0)
    (0.25, None)
    """
    return part / whole if whole else None


@dataclass(frozen=True)
class Quality:
    """One delivery as its producer follows it over time. ``late`` are days after the due day of its period, None where
    nothing was due for it; ``lost`` are promised breakdowns that it lacks, None before it was taken."""

    received_on: date
    period: str
    state: str
    late: int | None
    errors_per_thousand: float | None
    lost: tuple[str, ...] | None


def over_time(flow: Flow) -> tuple[Quality, ...]:
    """Every delivery of a flow, the latest first."""
    due = {one.period: one.due_on for one in flow.due}
    return tuple(
        Quality(
            one.received_on,
            one.period,
            one.state,
            max(0, (one.received_on - due[one.period]).days) if one.period in due else None,
            1000 * one.errors / one.rows if one.rows else None,
            tuple(name for name in flow.promised if name not in one.breakdowns) if one.state in TAKEN else None,
        )
        for one in sorted(flow.came, key=lambda one: (one.received_on, one.period), reverse=True)
    )


def delay_classes(delays: Iterable[int]) -> tuple[tuple[str, int], ...]:
    """Delays counted in five classes, for a distribution that fits a row: in time, a week, a month, a quarter, more.

    >>> delay_classes([0, 0, 5, 40])
    (('0', 2), ('1-7', 1), ('8-30', 0), ('31-91', 1), ('92+', 0))
    """
    bounds = (("0", 0), ("1-7", 7), ("8-30", 30), ("31-91", 91))
    counted: Counter[str] = Counter()
    for delay in delays:
        counted[next((name for name, most in bounds if delay <= most), "92+")] += 1
    return tuple((name, counted[name]) for name in (*(name for name, _ in bounds), "92+"))


@dataclass(frozen=True)
class Duplicate:
    """Two producers who collect nearly the same: ``shared`` of ``together`` columns."""

    one: str
    other: str
    shared: int
    together: int


def duplicates(collected: Sequence[tuple[str, str, frozenset[str]]], *, least: float = 0.6) -> list[Duplicate]:
    """Pairs of flows of different producers whose columns overlap by at least ``least`` (Jaccard).

    ``collected``: producer, dataflow, names of the columns that describe a person or a place. A pair with fewer than
    three shared columns is no finding.
    """
    found = []
    for number, (producer, flow, columns) in enumerate(collected):
        for other_producer, other, other_columns in collected[number + 1 :]:
            shared, together = len(columns & other_columns), len(columns | other_columns)
            if producer != other_producer and shared >= 3 and shared / together >= least:
                found.append(Duplicate(flow, other, shared, together))
    return sorted(found, key=lambda pair: (-pair.shared / pair.together, pair.one, pair.other))
