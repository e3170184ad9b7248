"""Reads that are answered once and kept, for as long as somebody holds that nothing moves meanwhile.

Whoever writes thousands of pages in one go (the site as files) asks for the same places and editions with each of them. A
query marked ``read_once`` is asked anew by every reader of the living pages; within ``reading_once`` the first answer serves
again. A QuerySet kept here holds its rows after the first look at them; narrowing it asks the database as always.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_MOST: Final = 256
_answers: ContextVar[dict[Callable[..., Any], OrderedDict[Hashable, Any]] | None] = ContextVar("answers", default=None)


@contextmanager
def reading_once() -> Iterator[None]:
    """While this holds, in this thread, what ``read_once`` marks is asked once for each question."""
    token = _answers.set({})
    try:
        yield
    finally:
        _answers.reset(token)


def read_once(most: int = _MOST) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a query whose answer callers look at and never change; the ``most`` answers asked for last are kept."""

    def marked(read: Callable[P, R]) -> Callable[P, R]:
        @wraps(read)
        def answer(*args: P.args, **kwargs: P.kwargs) -> R:
            every = _answers.get()
            if every is None:
                return read(*args, **kwargs)
            kept = every.setdefault(read, OrderedDict())
            question = (*map(_fixed, args), *((name, _fixed(given)) for name, given in sorted(kwargs.items())))
            if question not in kept:
                kept[question] = read(*args, **kwargs)
                if len(kept) > most:
                    kept.popitem(last=False)
            kept.move_to_end(question)
            found: R = kept[question]
            return found

        return answer

    return marked


def _fixed(given: Any) -> Any:
    return tuple(given) if isinstance(given, list) else given
