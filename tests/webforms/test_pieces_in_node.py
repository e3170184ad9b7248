"""The front end's own tests, and what its code seals opened by the server: where Node and the packages are."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from tests.webforms.browser_record import FOLDER, KEYS, OWNER, RECORD, XML
from tests.webforms.make_fixture import sealed_now

from marsad.collection.instruments import sealed

FRONTEND = FOLDER.parents[1] / "frontend"


@pytest.fixture(autouse=True)
def node():
    if shutil.which("node") is None or not (FRONTEND / "node_modules" / "@getodk").is_dir():
        pytest.skip(
            "Node, or the packages of the front end, are not on this machine; the sealed fixture is opened all the same"
        )


def test_the_pieces_of_the_forms_hold():
    done = subprocess.run(
        ["node", "--test", "tests/"], cwd=FRONTEND, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:]


def test_what_todays_code_seals_opens():
    envelope = sealed_now()
    assert envelope != (FOLDER / "sealed_by_browser.bin").read_bytes()
    assert sealed.open_sealed(envelope, record=RECORD, owner=OWNER, keys=KEYS).xml.decode() == XML
