"""Power is cut at every step of a publication: either the whole edition is there or nothing of it, and a second start goes on.

Real files, real processes, signal 9. The world is made once; each case is a copy of its two databases.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
STEPS = [
    ("marsad.release.operations_publish.begin_publication", "inside"),
    ("marsad.release.operations_publish.begin_publication", "after"),
    ("marsad.dissemination.operations._provenance", "inside"),
    ("marsad.dissemination.operations.renew", "after"),
    ("marsad.dissemination.operations.publish", "after"),
    ("marsad.release.operations_publish.complete_publication", "inside"),
    ("marsad.release.operations_publish.complete_publication", "after"),
]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, object]]:
    home = tmp_path_factory.mktemp("killed")
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("MARSAD_", "PYTEST_"))}
    paths = os.pathsep.join([str(HERE.parents[1] / "src"), str(HERE.parent)])
    found = subprocess.run(
        [sys.executable, str(HERE / "killed_world.py"), str(home), json.dumps(STEPS)],
        env={**variables, "MARSAD_HOME": str(home / "world"), "PYTHONPATH": paths, "DJANGO_SETTINGS_MODULE": "marsad.config.settings"},
        capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    shutil.rmtree(home, ignore_errors=True)
    assert found.returncode == 0, found.stderr[-3000:]
    return json.loads(found.stdout.splitlines()[-1])


@pytest.mark.sqlite
@pytest.mark.parametrize("step", range(len(STEPS)), ids=[f"{name.rpartition('.')[2]}-{when}" for name, when in STEPS])
def test_killed_at_a_step(outcomes, step):
    result = outcomes[step]
    assert result["signal"] == 9, "the process was to die here"
    seen = result["after_the_kill"]
    whole = {"editions": 1, "observations": 15, "provenance": 1}
    nothing = {"editions": 0, "observations": 0, "provenance": 0}
    public = {name: seen[name] for name in whole}
    assert public in (whole, nothing)
    assert seen["shown"] == public["editions"], "a publication shows the edition if, and only if, it is there"
    assert seen["ledger"] >= public["editions"], "what is public is in the ledger"
    then = result["after_the_next_start"]
    assert {name: then[name] for name in whole} == whole
    assert (then["shown"], then["ledger"], then["state"], then["events"]) == (1, 1, "published", True)
    assert result["after_one_more"] == then
