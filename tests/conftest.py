"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


def _shared() -> Path:
    return Path(os.environ.get("MARSAD_SHARED", REPOSITORY.parent / "shared"))


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """Inputs and reference results kept outside the repository; tests that read them have a smaller case of their own."""
    folder = _shared()
    if not folder.is_dir():
        pytest.skip("the reference inputs are not on this machine; the smaller cases of the same tests run")
    return folder


@pytest.fixture(scope="session")
def reference_folder(shared_folder: Path) -> Path:
    return shared_folder / "reference"
