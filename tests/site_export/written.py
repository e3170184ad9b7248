"""A small city with two publications, written as files once for all that look at it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.urls import clear_url_caches, set_urlconf

from marsad.audit.rules import System
from marsad.dissemination.models import Edition, Observation, Publication
from marsad.observatory import city as city_records
from marsad.observatory import rendering
from marsad.observatory.citypack.pack import read_pack
from marsad.observatory.operations import load_city
from marsad.observatory.page_cache import shelf
from marsad.observatory.site_addresses import _resolved
from marsad.observatory.site_export import export
from marsad.observatory.site_work import Options
from small_city import small_pack

BASE = "https://data.example.org/observatory/"
# The second edition of one series: what the first said of 2024, and what the second says.
INDICATOR, AREA, BEFORE, AFTER = "FLW-02", "MAR", 4526, 4871
_PICTURE = b"\x89PNG\r\n\x1a\n"


@contextmanager
def public_city(folder: Path) -> Iterator[None]:
    """The small city and the addresses of the public process, for as long as this holds."""
    environment, routes = settings.ENVIRONMENT, settings.ROOT_URLCONF
    draw = rendering.framed_png
    settings.ENVIRONMENT = replace(environment, city=small_pack(folder))
    settings.ROOT_URLCONF = "marsad.config.public_urls"
    # Pixels take longer than all the rest and hold no words; that they are drawn is tested with the charts.
    rendering.framed_png = lambda *_, **__: _PICTURE
    _forget()
    try:
        yield
    finally:
        settings.ENVIRONMENT, settings.ROOT_URLCONF, rendering.framed_png = environment, routes, draw
        _forget()


def _forget() -> None:
    for kept in (city_records.city, city_records._page, _resolved):
        kept.cache_clear()
    clear_url_caches()
    set_urlconf(None)
    shelf.clear()


def load_and_revise(root: Path) -> None:
    """Load the pack, then publish a second edition of a series, in which one number differs."""
    load_city(pack=read_pack(root), actor=System("load-city"), at=datetime(2026, 10, 5, 9, 0, tzinfo=UTC))
    first = Edition.objects.filter(dataflow_id="ASYLUM").latest("published_on")
    latest = Publication.objects.latest("published_at")
    rows = list(first.observations.order_by("pk").values())
    second = Edition.objects.create(
        dataflow_id="ASYLUM", number="2026-2", published_on=date(2026, 11, 2), reason_fr="Chiffre corrigé",
        reason_ar="رقم مصحح", reason_en="A corrected figure", vintage="2026-11", checksum="2" * 64,
        observation_count=len(rows), origin=first.origin,
    )  # fmt: skip
    for row in rows:
        columns = {name: value for name, value in row.items() if name not in {"id", "edition_id"}}
        if (row["indicator_id"], row["area_id"], row["period"], row["breakdown_key"]) == (INDICATOR, AREA, "2024", ""):
            columns["value"] = AFTER
        Observation.objects.create(edition=second, **columns)
    publication = Publication.objects.create(
        number="2026-2", published_at=datetime(2026, 11, 2, 9, tzinfo=UTC), checksum="2"
    )
    publication.editions.set([*latest.editions.exclude(dataflow="ASYLUM"), second])


@pytest.fixture(scope="session")
def written(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: object, compiled_words: None
) -> Path:
    """The folder of the site, written by whichever process of the run comes first."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if "gw" in shared.name else shared
    folder = shared / "written-site"
    with (shared / "written-site.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "manifest.json").exists():
            with django_db_blocker.unblock(), transaction.atomic(), public_city(shared / "written-city"):  # type: ignore[attr-defined]
                load_and_revise(shared / "written-city")
                export(folder, Options(base=BASE))
                transaction.set_rollback(True)
    return folder
