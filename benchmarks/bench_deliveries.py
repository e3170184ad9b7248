"""Rows a second of a delivery: checked, pseudonymised, sealed; beside ``frictionless validate`` and a bare polars read.

Run: ``python benchmarks/bench_deliveries.py [rows] [rows for frictionless]`` (1,000,000 and 100,000 where none are given).
Every part runs in a process of its own, so that each peak of memory is its own.
"""

from __future__ import annotations

import csv
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
NAMES = ("Diallo", "Traoré", "Koné", "Sow", "El Amrani", "Benali", "Okafor", "Mbaye", "Camara", "Ouattara")
CODES = ("GIN", "MLI", "SYR", "SEN", "CIV", "CMR", "YEM", "SDN")
AREAS = ("04.421.01.01", "04.421.01.03", "04.421.01.05", "04.421.01.06", "04.421.01.09")
HEADING = ("family_name", "given_name", "birth_date", "citizenship", "area", "age", "visit_date")


def write_file(path: Path, rows: int) -> None:
    dice = random.Random(4)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADING)
        for number in range(rows):
            born = date(1960, 1, 1) + timedelta(days=dice.randrange(18_000))
            writer.writerow(
                (f"{dice.choice(NAMES)} {number % 50_000}", f"P{dice.randrange(5_000)}", born.isoformat(), dice.choice(CODES),
                 dice.choice(AREAS), 2026 - born.year, (date(2026, 1, 1) + timedelta(days=dice.randrange(31))).isoformat())
            )  # fmt: skip


def _delivery(path: Path) -> dict[str, Any]:
    """The whole road in one process: sealed, read, checked, pseudonymised, frozen; each step timed."""
    sys.path[:0] = [str(HERE.parent / "src"), str(HERE.parent / "tests")]
    os.environ["DJANGO_SETTINGS_MODULE"] = "marsad.config.settings"
    import django

    django.setup()
    from django.utils import timezone

    from deliveries.delivery_cases import sent, stage
    from marsad.collection.deliveries import operations_decisions as decisions
    from marsad.collection.deliveries import queries
    from marsad.collection.deliveries.models import Delivery
    from marsad.collection.deliveries.rules import Move
    from marsad.collection.deliveries.steps import advance
    from marsad.config.preparation import migrate_databases

    migrate_databases()
    people = stage()
    times: dict[str, float] = {}

    def timed(name: str, act: Any) -> Any:
        start = time.perf_counter()
        done = act()
        times[name] = time.perf_counter() - start
        return done

    found = timed("seal", lambda: sent(people, path.read_bytes()))
    timed("read", lambda: advance(found.pk))
    mapping = queries.mapping_of(Delivery.objects.get())
    decisions.confirm_mapping(actor=people.partner, at=timezone.now(), delivery_id=found.pk, mapping=mapping)
    timed("check", lambda: advance(found.pk))
    decision = decisions.Decision(Move.RESERVE, "benchmark")
    Delivery.objects.update(questions=0)
    decisions.decide(actor=people.officer, at=timezone.now(), delivery_id=found.pk, decision=decision)
    timed("store", lambda: advance(found.pk))
    done = Delivery.objects.get()
    assert done.state == "accepted_reserved", (done.state, done.problem)
    return {"times": times, "rows": done.stored_rows, "seconds": sum(times.values())}


def _frictionless(path: Path) -> dict[str, Any]:
    import frictionless

    start = time.perf_counter()
    schema = {
        "fields": [
            {"name": name, "type": "integer" if name == "age" else "date" if "date" in name else "string"}
            for name in HEADING
        ]
    }
    resource_read = frictionless.Resource(
        path=path.name, basepath=str(path.parent), schema=frictionless.Schema.from_descriptor(schema)
    )
    report = frictionless.validate(resource_read)
    assert report.valid, report.to_summary()
    return {"seconds": time.perf_counter() - start, "rows": report.tasks[0].stats["rows"]}


def _polars(path: Path) -> dict[str, Any]:
    import polars

    start = time.perf_counter()
    rows = polars.read_csv(path).height
    return {"seconds": time.perf_counter() - start, "rows": rows}


PARTS = {"delivery": _delivery, "frictionless": _frictionless, "polars": _polars}


def _measure(part: str, path: Path, home: Path) -> dict[str, Any]:
    given = {**os.environ, "MARSAD_HOME": str(home), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, __file__, "--part", part, str(path)], env=given, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    if "--part" in sys.argv:
        told = PARTS[sys.argv[2]](Path(sys.argv[3]))
        told["cpu"] = time.process_time()
        told["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(json.dumps(told))
        return
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    fewer = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        whole, part = Path(folder) / "whole.csv", Path(folder) / "part.csv"
        write_file(whole, rows)
        write_file(part, fewer)
        for name, path in (("polars", whole), ("delivery", whole), ("frictionless", part)):
            told = _measure(name, path, Path(folder) / "home")
            speed = told["rows"] / told["seconds"]
            size = f"{told['rows']:>9,} rows {told['seconds']:8.1f} s {speed:>11,.0f} rows/s {told['peak_mib']:>6,} MiB"
            # On a machine that others use, the seconds of the processor say more than those of the clock.
            own = f"{told['cpu']:8.1f} s of processor, {told['rows'] / told['cpu']:,.0f} rows in each"
            steps = ", ".join(f"{step} {took:.1f} s" for step, took in told.get("times", {}).items())
            print(f"{name:13} {size} {own} {steps}", flush=True)


if __name__ == "__main__":
    main()
