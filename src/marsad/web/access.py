"""Who may open a route: every view says so, and a view that does not say is closed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


def _no_reason(user: Any) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True)
class AccessRule:
    """``allows(user)`` decides; ``name`` is what the test and the documents print.

    ``reasons(user)`` says why not, as codes that the page puts into words, for whoever is refused.
    """

    name: str
    allows: Callable[[Any], bool]
    reasons: Callable[[Any], tuple[str, ...]] = _no_reason


anyone = AccessRule("anyone", lambda user: True)
signed_in = AccessRule("signed in", lambda user: bool(user.is_authenticated))


def access(rule: AccessRule) -> Callable[[View], View]:
    """Mark a view with its rule; the middleware ``marsad.web.middleware.AccessMiddleware`` enforces it."""

    def mark(view: View) -> View:
        view.access_rule = rule  # type: ignore[attr-defined]
        return view

    return mark


def takes_large_files(view: View) -> View:
    """Mark a view that bounds what is sent to it by itself (``marsad.web.middleware.BodySizeMiddleware``)."""
    view.takes_large_files = True  # type: ignore[attr-defined]
    return view
