"""Recording: every write is one transaction that leaves exactly one event."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import ExitStack
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import transaction

from marsad.audit.models import ChainHead, Event
from marsad.audit.rules import FIRST_LINK, Actor, Details, Link, checked_details, is_code
from migstat.model.refusals import Refused

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Operation:
    """One public write of the system, as the test that walks them sees it."""

    action: str
    database: str
    function: Callable[..., Any]


@dataclass
class _Unit:
    action: str
    events: list[Event] = field(default_factory=list)


OPERATIONS: dict[str, Operation] = {}
_running: ContextVar[_Unit | None] = ContextVar("marsad_running_write", default=None)


def record(*, actor: Actor, action: str, target: str, at: datetime, details: Details | None = None) -> Event:
    """Append one event to the chain, inside the operation that ``writes(action)`` opened.

    ``target`` is a code such as ``"figures.case:foreign-2014"``; ``details`` are counts and codes. Raises
    ``Refused`` for personal words, a clock without time zone, or an event outside an operation of that action.
    """
    unit = _running.get()
    if unit is None or unit.action != action:
        raise Refused(
            "audit.outside", found=f"the event {action!r} outside its operation", remedy="decorate with writes"
        )
    if at.tzinfo is None:
        raise Refused("audit.clock", found="a time without its zone", remedy="give the time with its zone")
    if not (is_code(actor.audit_code) and is_code(action) and is_code(target)):
        raise Refused("audit.code", found="an actor, action or target that is not a code", remedy="name it by its code")
    head, _ = ChainHead.objects.select_for_update().get_or_create(pk=1, defaults={"sequence": 0, "digest": FIRST_LINK})
    link = Link(head.sequence + 1, at, actor.audit_code, action, target, checked_details(details or {}), head.digest)
    event = Event.objects.create(
        sequence=link.sequence,
        at=link.at,
        actor=link.actor,
        action=link.action,
        target=link.target,
        details=link.details,
        previous=link.previous,
        digest=link.digest(),
    )
    head.sequence, head.digest = event.sequence, event.digest
    head.save(update_fields=["sequence", "digest"])
    unit.events.append(event)
    return event


def _demand_shape(function: Callable[..., Any]) -> None:
    parameters = inspect.signature(function).parameters
    if any(one.kind is not inspect.Parameter.KEYWORD_ONLY for one in parameters.values()):
        raise TypeError(f"{function.__qualname__}: every parameter of an operation is given by name")
    if not {"actor", "at"} <= parameters.keys():
        raise TypeError(f"{function.__qualname__}: an operation is given actor and at")


def writes(action: str, *, using: str = "default") -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a function an operation: one transaction, undone whole when it fails or leaves no event of ``action``.

    With ``using="confidential"`` the event, which lives below the line, is committed before the confidential
    change: a crash between the two leaves an event without a change, never a change without an event.
    """

    def mark(function: Callable[P, R]) -> Callable[P, R]:
        _demand_shape(function)

        @wraps(function)
        def operation(*args: P.args, **kwargs: P.kwargs) -> R:
            unit = _Unit(action)
            token = _running.set(unit)
            try:
                with ExitStack() as stack:
                    for alias in dict.fromkeys((using, "default")):
                        stack.enter_context(transaction.atomic(using=alias))
                    result = function(*args, **kwargs)
                    if len(unit.events) != 1:
                        raise Refused(
                            "audit.one_event",
                            found=f"{len(unit.events)} events left by {action}",
                            remedy="record exactly one event in each operation",
                        )
                    return result
            finally:
                _running.reset(token)

        OPERATIONS[f"{function.__module__}.{function.__qualname__}"] = Operation(action, using, operation)
        return operation

    return mark
