"""Pages a second of the site as files, beside reading the same pages through the application; growth with indicators.

    .venv/bin/python benchmarks/bench_export.py [--home FOLDER]

Without ``--home`` Rabat's city is loaded into a home of its own first. Figures are ratios of one run; the machine is said
with them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_PREPARE = """
import django

django.setup()
from marsad.config.preparation import STEPS

for _, step in STEPS:
    step()
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--home", type=Path, help="the home folder of an installation with a city")
    parser.add_argument("--most", type=int, default=400, help="how many addresses to read at most")
    asked = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "marsad.config.settings"
    if not asked.home:
        _measure_own_city(asked.most)
        return
    os.environ.update(MARSAD_HOME=str(asked.home), MARSAD_PUBLIC_ONLY="1")
    import django

    django.setup()
    measure(asked.most)


def _measure_own_city(most: int) -> None:
    """In processes of their own: the public one may not even delete what lies above the line."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "MARSAD_HOME": home}
        subprocess.run([sys.executable, "-c", _PREPARE], check=True, env=environment)
        subprocess.run([sys.executable, __file__, "--home", home, "--most", str(most)], check=True)


def measure(most: int) -> None:
    """Read a share of the addresses of every indicator through the application, then read, link, write and check them."""
    from marsad.dissemination import queries as dissemination
    from marsad.observatory.site_addresses import Depth, becomes_file
    from marsad.observatory.site_fetch import Asker, reading_site
    from marsad.observatory.site_folder import staging
    from marsad.observatory.site_seeds import seeds
    from marsad.observatory.site_work import KNOWN, Options, Worker

    publications = sorted(dissemination.publications(), key=lambda one: one.published_at)
    if not publications:
        sys.exit("load a city first (marsad load-city)")
    every = sorted(one for one in set(seeds(publications)) if becomes_file(one, Depth.PAGES) and one.endswith("/"))
    step = max(1, len(every) // most)
    chosen = every[::step]
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; {len(chosen)} of {len(every)} pages"
    )
    options = Options(base="http://localhost/")
    with tempfile.TemporaryDirectory() as folder, staging(Path(folder) / "site") as made, reading_site():
        asker, worker = Asker(), Worker(options, made)
        for address in chosen[:: max(1, len(chosen) // 12)]:
            asker.ask(address)  # what is made once per process
        for share in (0.25, 0.5, 1.0):
            some = chosen[: int(len(chosen) * share)]
            plain = _timed(lambda some=some: [asker.ask(address) for address in some])
            began = time.process_time()
            pages = [page for page in map(worker.read, some) if page.file]
            known = {page.address: page.file for page in pages}
            (made.root / KNOWN).write_text(json.dumps(known), encoding="utf-8")
            for item in sorted(known.items()):
                worker.finish(item)
            worker.check(tuple(known.values()))
            written = time.process_time() - began
            print(
                f"{len(known):5} pages: through the application {len(some) / plain:6.1f} a second, as checked files "
                f"{len(known) / written:6.1f} a second of one core; ratio {written / plain:.2f}"
            )


def _timed(work: object) -> float:
    began = time.process_time()
    work()  # type: ignore[operator]
    return time.process_time() - began


if __name__ == "__main__":
    main()
