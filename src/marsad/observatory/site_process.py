"""A process beside the one that writes the site. It begins without settings, so nothing here may import a model."""

from __future__ import annotations

import atexit
import pickle
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from marsad.observatory.site_work import Worker

_worker: Worker | None = None
_held = ExitStack()


def begin(work: bytes) -> None:
    """Read the same environment as the first process, then take up the work, packed until the models stand."""
    global _worker
    import django

    django.setup()
    from marsad.observatory.site_fetch import reading_site
    from marsad.observatory.site_work import Worker

    _held.enter_context(reading_site())
    # Before the modules are taken apart at the end of the process, not while.
    atexit.register(_held.close)
    _worker = Worker(*pickle.loads(work))  # nosec B301 # noqa: S301 -- packed by the first process, for this one


def do(task: tuple[str, Any]) -> Any:
    """One item of a verb of ``Worker``."""
    assert _worker is not None
    return getattr(_worker, task[0])(task[1])
