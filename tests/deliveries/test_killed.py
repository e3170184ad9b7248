"""kill -9 at every step of a delivery, in real processes: nothing lost, nothing twice."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

from house.installation import environment, prepared

HERE = Path(__file__).resolve().parent


def test_a_delivery_survives_a_kill_at_every_step(tmp_path: Path) -> None:
    home = prepared(tmp_path / "installation")
    paths = f"{HERE.parents[1] / 'src'}:{HERE.parent}"
    given = environment(home, MARSAD_MASTER_KEY_FILE=str(tmp_path / "master.key"), PYTHONPATH=paths)
    done = subprocess.run(
        [sys.executable, str(HERE / "killed.py")], env=given, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert set(told["killed"].values()) == {int(signal.SIGKILL)}, told
    assert len(told["killed"]) == 15
    assert (told["state"], told["receipt"], told["again"], told["left"]) == ("accepted", "accepted", "AlreadyThere", [])
