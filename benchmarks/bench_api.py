"""Observations per second of the open door beside a bare Django view, and the memory of a streamed answer.

The bare view writes the same observations as JSON from one query, without codes, statuses, negotiation or problem bodies: what
a team would write first. Run ``python benchmarks/bench_api.py [observations]``; everything happens in one process, in turn.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marsad.config.settings_test")
AREAS = ("04.421.01.05", "04.421.01.06", "04.421.01.07", "MAR")


def prepared(count: int) -> None:
    """A small city with one edition of ``count`` observations."""
    from dataclasses import replace
    from datetime import UTC, date, datetime

    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from small_city import small_pack

    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, city=small_pack(Path(tempfile.mkdtemp()) / "city"))
    settings.ALLOWED_HOSTS = ["*"]
    call_command("migrate", verbosity=0)
    from marsad.audit.rules import System
    from marsad.dissemination.models import Edition, Observation
    from marsad.observatory.citypack.pack import read_pack
    from marsad.observatory.operations import load_city

    at = datetime(2026, 10, 5, tzinfo=UTC)
    load_city(pack=read_pack(settings.ENVIRONMENT.city), actor=System("load-city"), at=at)
    edition = Edition.objects.create(
        dataflow_id="ASYLUM", number="2026-2", published_on=date(2026, 11, 1), reason_fr="r", reason_ar="r", reason_en="r",
        vintage="2026", checksum="0" * 64, observation_count=count, origin="real",
    )  # fmt: skip
    Observation.objects.bulk_create(
        (
            Observation(
                edition=edition, indicator_id="FLW-02", area_id=AREAS[n % 4], period=f"{1000 + n // 8}",
                period_start=date(1000 + n // 8, 1, 1), period_end=date(1000 + n // 8, 12, 31),
                breakdown={"citizenship": "NER"} if n % 8 > 3 else {}, breakdown_key="citizenship=NER" if n % 8 > 3 else "",
                state="value", value=float(n), status="A", base="registered",
            )
            for n in range(count)
        ),
        batch_size=2000,
    )  # fmt: skip


def bare(request: Any) -> Any:
    from django.http import JsonResponse

    from marsad.dissemination.models import Observation

    rows = Observation.objects.filter(edition__number="2026-2").values(
        "indicator_id", "area_id", "period", "breakdown", "state", "value", "status", "base"
    )
    return JsonResponse({"observations": list(rows)})


def asked(path: str) -> Callable[[], int]:
    """A function that asks for a path and gives the number of bytes it got, part by part."""
    from django.test import Client

    client = Client()

    def ask() -> int:
        answer = client.get(path)
        assert answer.status_code == 200, answer.content
        return sum(map(len, answer.streaming_content)) if answer.streaming else len(answer.content)

    return ask


def measured(ask: Callable[[], int], count: int) -> tuple[float, float]:
    """Observations per second (the best of three), and the peak of Python's memory in megabytes."""
    ask()
    seconds = []
    for _ in range(3):
        begun = time.perf_counter()
        ask()
        seconds.append(time.perf_counter() - begun)
    tracemalloc.start()
    ask()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return count / min(seconds), peak / 2**20


def main(count: int) -> None:
    prepared(count)
    from django.test import RequestFactory

    request = RequestFactory().get("/")
    found = {"bare view, JSON": measured(lambda: len(bare(request).content), count)}
    root = "/sdmx/data/dataflow/SMALL/ASYLUM/~/*"
    for name, path in (
        ("plain CSV", "/data/ASYLUM/2026-2/data.csv"),
        ("SDMX-CSV 2.0", f"{root}?format=csv"),
        ("SDMX-ML 3.0", f"{root}?format=xml"),
        ("SDMX-JSON 2.0", f"{root}?format=json"),
    ):
        found[name] = measured(asked(path), count)
    size = min(1000, count)
    found["API, one page"] = measured(asked(f"/api/v1/observations?dataflow=ASYLUM&limit={size}"), size)
    base = found["bare view, JSON"]
    for name, (speed, peak) in found.items():
        print(f"{name:20} {speed:10,.0f} observations/s  {speed / base[0]:5.2f} of bare  peak {peak:6.1f} MB")
    print(json.dumps({name: {"per_second": round(s), "peak_mb": round(p, 1)} for name, (s, p) in found.items()}))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
