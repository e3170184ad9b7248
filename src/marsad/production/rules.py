"""Runs as plain values: their steps and graph, states and moves, and what a step's digest is made of. No Django."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from marsad.production.stored_tables import checksum
from migstat.model import Refused


class RunState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RunMove(StrEnum):
    """``resume`` takes up a run whose process is gone; what it had computed is kept."""

    BEGIN = "begin"
    FINISH = "finish"
    FAIL = "fail"
    CANCEL = "cancel"
    RESUME = "resume"
    RETRY = "retry"


TRANSITIONS: Mapping[tuple[RunState, RunMove], RunState | None] = {
    (state, move): None for state in RunState for move in RunMove
} | {
    (RunState.WAITING, RunMove.BEGIN): RunState.RUNNING,
    (RunState.WAITING, RunMove.CANCEL): RunState.CANCELLED,
    (RunState.RUNNING, RunMove.RESUME): RunState.RUNNING,
    (RunState.RUNNING, RunMove.FINISH): RunState.DONE,
    (RunState.RUNNING, RunMove.FAIL): RunState.FAILED,
    (RunState.FAILED, RunMove.RETRY): RunState.WAITING,
    (RunState.CANCELLED, RunMove.RETRY): RunState.WAITING,
}
UNDER_WAY: Final = frozenset({RunState.WAITING, RunState.RUNNING})
# A process that computes prolongs its hold at every step; after so long without a sign another takes the run up.
LEASE: Final = timedelta(minutes=15)
MOST_ATTEMPTS: Final = 3


def reached(state: RunState, move: RunMove) -> RunState:
    """The state after a move. Raises ``Refused("production.move")`` where the table has none.

    >>> str(reached(RunState.FAILED, RunMove.RETRY))
    'waiting'
    """
    after = TRANSITIONS[state, move]
    if after is None:
        raise Refused("production.move", found=f"{move} of a run that is {state}", remedy="choose an open step")
    return after


class StepKind(StrEnum):
    READ = "read"
    EVALUATE = "evaluate"
    ESTIMATE = "estimate"


class StepState(StrEnum):
    """``reused``: the same step was computed before, by this code on these inputs, and its result stands."""

    WAITING = "waiting"
    DONE = "done"
    REUSED = "reused"
    FAILED = "failed"


@dataclass(frozen=True)
class Step:
    """One step of the graph: what it does (``settings``, plain values) and which steps it takes from (``after``)."""

    id: str
    kind: StepKind
    settings: Mapping[str, Any] = field(default_factory=dict)
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """A graph of steps as data, each after those that it takes from.

    Raises Refused ``production.plan`` for a name used twice, a step after one that does not come before it, a reading
    after something, and a graph that computes nothing.

    >>> plan = Plan((Step("rows", StepKind.READ), Step("table", StepKind.EVALUATE, after=("rows",))))
    >>> [step.id for step in plan.computed()]
    ['table']
    """

    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        before: set[str] = set()
        for step in self.steps:
            reads = step.kind is StepKind.READ
            if step.id in before or not set(step.after) <= before or bool(step.after) == reads:
                raise Refused(
                    "production.plan",
                    found="steps that are no graph",
                    remedy="name each once, after what it takes from",
                )
            before.add(step.id)
        if not any(True for _ in self.computed()):
            raise Refused("production.plan", found="nothing to compute", remedy="choose a definition or a study")

    def computed(self) -> Iterator[Step]:
        """The steps that give tables."""
        return (step for step in self.steps if step.kind is not StepKind.READ)

    def step(self, id: str) -> Step:
        return next(step for step in self.steps if step.id == id)

    def to_json(self) -> list[dict[str, Any]]:
        return [
            {"id": one.id, "kind": one.kind.value, "settings": dict(one.settings), "after": list(one.after)}
            for one in self.steps
        ]

    @classmethod
    def from_json(cls, stored: Sequence[Mapping[str, Any]]) -> Plan:
        return cls(
            tuple(Step(one["id"], StepKind(one["kind"]), one["settings"], tuple(one["after"])) for one in stored)
        )

    def digests(self, code: Mapping[StepKind, str], seed: int) -> dict[str, str]:
        """A digest of each step: what it does, what it takes from, by which code, and with which seed where dice enter.

        >>> plan = Plan((Step("rows", StepKind.READ, {"checksum": "a"}), Step("t", StepKind.EVALUATE, after=("rows",))))
        >>> code = {kind: "1" for kind in StepKind}
        >>> plan.digests(code, 1) == plan.digests(code, 2)
        True
        """
        found: dict[str, str] = {}
        for step in self.steps:
            taken = [found[id] for id in step.after]
            dice = [seed] if step.kind is StepKind.ESTIMATE else []
            found[step.id] = checksum([step.kind.value, dict(step.settings), taken, code[step.kind], dice])
        return found


def seed_of_plan(plan: Plan) -> int:
    """The seed that follows from what is computed, so that nobody throws the dice until they please."""
    return int(checksum(plan.to_json())[:8], 16) % (2**31)
