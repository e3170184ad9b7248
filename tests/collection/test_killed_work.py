"""Kill -9 at every step of a freeze, an erasure and the end of a retention: nothing lost, nothing twice, nothing half."""

from __future__ import annotations

import json

import pytest

from house.installation import REPOSITORY, prepared, python


def test_work_that_is_killed_at_any_step_is_done_once_and_whole(tmp_path_factory: pytest.TempPathFactory) -> None:
    home = prepared(tmp_path_factory.mktemp("killed") / "home")
    script = REPOSITORY / "tests" / "collection" / "killed_work.py"
    code = f"import runpy; runpy.run_path({str(script)!r}, run_name='__main__')"
    done = python(home, code, STORE_CASES=str(REPOSITORY / "tests"), OMP_NUM_THREADS="1")
    assert done.returncode == 0, done.stderr[-3000:]
    *deaths, end = (json.loads(line) for line in done.stdout.splitlines())
    assert len(deaths) == (6 + 1) + (8 + 1) + (2 + 1)
    wrong = [one for one in deaths if not all(value for name, value in one.items() if name not in ("step", "after"))]
    assert wrong == []
    assert end["chain"]
