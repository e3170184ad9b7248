"""What every test may ask for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# Programs that tests start in a process of their own, to kill them.
collect_ignore_glob = ["*/killed*.py"]

# The check of a submission looks at the same examples each time; a desk looks for new ones.
# No deadline: how long an example takes says how busy the machine is, nothing of the code.
settings.register_profile("found", deadline=None)
settings.register_profile("repeatable", deadline=None, derandomize=True, database=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "found"))

REPOSITORY = Path(__file__).resolve().parent.parent


def _shared() -> Path:
    return Path(os.environ.get("MARSAD_SHARED", REPOSITORY.parent / "shared"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What needs writers at the same time, or the tools of one engine, belongs to the run on that engine alone."""
    other = "sqlite" if os.environ.get("MARSAD_TEST_POSTGRESQL") == "1" else "postgresql"
    elsewhere = [item for item in items if item.get_closest_marker(other)]
    if elsewhere:
        config.hook.pytest_deselected(items=elsewhere)
        items[:] = [item for item in items if item not in elsewhere]


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


@pytest.fixture(autouse=True)
def no_witness_of_other_tests() -> None:
    """The audit chain begins anew in each test, and so do the notes of its ends."""
    from django.conf import settings

    (Path(settings.ENVIRONMENT.home) / "audit.witness").unlink(missing_ok=True)


@pytest.fixture(autouse=True)
def no_language_of_other_tests() -> Iterator[None]:
    """A page asked for in Arabic leaves Arabic to the thread until the next request; the next test begins without it."""
    from django.utils import translation

    yield
    translation.deactivate()


@pytest.fixture(scope="session", autouse=True)
def compiled_words() -> None:
    """The catalogues of words as the installation compiles them."""
    from marsad.config.texts import compile_texts

    compile_texts()


@pytest.fixture(scope="session", autouse=True)
def emptied_log() -> Iterator[None]:
    """Tests with real transactions empty the tables afterwards; only for that is the audit log's refusal lifted."""
    from django.core.management.commands.flush import Command
    from django.db import connections

    from marsad.audit.triggers import create_triggers, drop_triggers

    flush = Command.handle

    def lifted(self: Command, **options: Any) -> None:
        if options["database"] != "default":
            flush(self, **options)
            return
        drop_triggers(connections["default"])
        flush(self, **options)
        create_triggers(connections["default"])

    Command.handle = lifted  # type: ignore[method-assign]
    yield
    Command.handle = flush  # type: ignore[method-assign]
