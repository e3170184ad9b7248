"""The public holidays of the city, from its pack: ``calendar/holidays.csv``, read once for each state of the file."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from marsad.coordination.needs.working_days import Holidays


def holidays() -> Holidays:
    """The holidays of the pack that the installation serves; none where a pack lists none: weekends alone count then."""
    path: Path = settings.ENVIRONMENT.city / "calendar" / "holidays.csv"
    return _read(path, path.stat().st_mtime_ns) if path.is_file() else Holidays()


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> Holidays:
    return Holidays.from_csv(path.read_text("utf-8"))
