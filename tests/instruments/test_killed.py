"""kill -9 at every step of a submission, in real processes: nothing half, nothing lost once it is sent again, nothing twice."""

from __future__ import annotations

from pathlib import Path

from house.installation import prepared
from instruments.live import said


def test_a_submission_survives_a_kill_at_every_step(tmp_path: Path) -> None:
    home = prepared(tmp_path / "home")
    told = said(home, "import runpy; runpy.run_module('instruments.killed_submissions', run_name='__main__')")
    steps = told["steps"]
    assert isinstance(steps, list)
    assert [one for one in steps if not (one["killed"] and one["whole"] and one["again"])] == []
    assert [one["step"] for one in steps if one["kept"]] == ["all is committed", "not yet answered"]
    assert (told["group"], told["stored"], told["twice"], told["chain"]) == (True, [8 + 6] * 3, 0, True)
