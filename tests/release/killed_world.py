"""Run by test_killed.py: makes an approved request, then publishes it in forked processes that die where they are told to."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import signal
import sys
from datetime import date
from pathlib import Path
from typing import Any

import django

FILES = ("default.sqlite3", "confidential.sqlite3")


def main(home: Path, steps: list[list[str]]) -> None:
    world = home / "world"
    world.mkdir(parents=True)
    from small_city import small_pack

    os.environ["MARSAD_CITY"] = str(small_pack(home / "city"))
    django.setup()
    request = prepared()
    close()
    found = []
    for number, (name, when) in enumerate(steps):
        copy = home / str(number)
        copy.mkdir()
        for file in FILES:
            for part in world.glob(f"{file}*"):
                shutil.copy(part, copy / part.name)
        status = in_a_fork(copy, lambda name=name, when=when: die_at(name, when, request))
        seen = told(copy, lambda: state(request))
        then = told(copy, lambda: finished(request))
        again = told(copy, lambda: finished(request))
        found.append({"signal": status, "after_the_kill": seen, "after_the_next_start": then, "after_one_more": again})
    print(json.dumps(found))


def prepared() -> Any:
    from django.core.management import call_command

    from marsad.audit.rules import System
    from marsad.config.settings import ENVIRONMENT
    from marsad.observatory.citypack.pack import read_pack
    from marsad.observatory.operations import load_city

    for alias in ("default", "confidential"):
        call_command("migrate", database=alias, verbosity=0, interactive=False)
    from house.people import person
    from marsad.accounts.rules import Role
    from marsad.release.operations import grant_competence
    from release.bundles import AT, approved

    load_city(pack=read_pack(ENVIRONMENT.city), actor=System("load-city"), at=AT)
    author = person(Role.STATISTICIAN, email="author@example.org")
    reviewers = [person(Role.REVIEWER, email=f"r{n}@example.org") for n in (1, 2)]
    for each in reviewers:
        grant_competence(actor=System("t"), at=AT, person=str(each.pk), expires_on=date(2027, 1, 1), reason="course")
    return approved(author, reviewers).pk


def close() -> None:
    from django.db import connections

    connections.close_all()


def use(folder: Path) -> None:
    from django.conf import settings
    from django.db import connections

    for alias, file in zip(("default", "confidential"), FILES, strict=True):
        settings.DATABASES[alias]["NAME"] = str(folder / file)
        connections[alias].settings_dict["NAME"] = str(folder / file)


def in_a_fork(folder: Path, work: Any) -> int:
    """Run ``work`` in a process of its own; returns the signal that ended it, 0 where none did."""
    child = os.fork()
    if child == 0:
        try:
            use(folder)
            work()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def told(folder: Path, work: Any) -> Any:
    """What ``work`` finds, told by a process of its own."""
    answer = folder / "answer.json"
    in_a_fork(folder, lambda: answer.write_text(json.dumps(work())))
    return json.loads(answer.read_text())


def die_at(name: str, when: str, request: Any) -> None:
    module_name, _, function = name.rpartition(".")
    module = importlib.import_module(module_name)
    original = getattr(module, function)

    def dying(*args: Any, **kwargs: Any) -> Any:
        if when == "after":
            original(*args, **kwargs)
            os.kill(os.getpid(), signal.SIGKILL)
        from marsad.release import operations_publish

        watched = operations_publish._record

        def cut(*inner: Any, **more: Any) -> Any:
            watched(*inner, **more)
            os.kill(os.getpid(), signal.SIGKILL)

        operations_publish._record = cut
        result = original(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(module, function, dying)
    from marsad.audit.rules import System
    from marsad.release.operations_publish import publish_request
    from release.bundles import AT

    publish_request(actor=System("publish"), at=AT, request_id=request)


def state(request: Any) -> dict[str, Any]:
    from marsad.audit.queries import verify_chain
    from marsad.dissemination.models import Edition, Observation, Provenance, Publication
    from marsad.release.models import LedgerRecord, ReleaseRequest

    editions = Edition.objects.filter(dataflow="residents")
    latest = Publication.objects.order_by("-published_at", "-id").first()
    return {
        "editions": editions.count(),
        "observations": Observation.objects.filter(edition__in=editions).count(),
        "provenance": Provenance.objects.count(),
        "shown": latest.editions.filter(dataflow="residents").count(),
        "ledger": LedgerRecord.objects.count(),
        "state": ReleaseRequest.objects.get(pk=request).state,
        "events": verify_chain().sound,
    }


def finished(request: Any) -> dict[str, Any]:
    """What a start does: go on where it was cut off; a request still approved is published."""
    from marsad.audit.rules import System
    from marsad.release.models import ReleaseRequest
    from marsad.release.operations_publish import finish_interrupted, publish_request
    from release.bundles import AT

    finish_interrupted(actor=System("finish"), at=AT)
    if ReleaseRequest.objects.get(pk=request).state == "approved":
        publish_request(actor=System("publish"), at=AT, request_id=request)
    return state(request)


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]))
