"""Run in a process of its own, in a prepared home: submissions whose process is really killed at each step of their receiving.

Each is received in a child that dies by SIGKILL before or after a named step; then the device sends the same form again.
Prints one line of JSON.
"""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "marsad.config.settings"
import django

django.setup()

from django.db import connections  # noqa: E402

from instruments.small_form import AT, JPEG, filled, new_instance, published  # noqa: E402
from marsad.audit.queries import verify_chain  # noqa: E402
from marsad.audit.rules import System  # noqa: E402
from marsad.collection.instruments import arrival, operations, queueing  # noqa: E402
from marsad.collection.instruments.models import Attachment, Revision, Submission  # noqa: E402
from marsad.collection.instruments.receiving import receive_submission  # noqa: E402
from marsad.collection.instruments.rules import Channel  # noqa: E402

AGENT = System("agent")
# What is done on the way, in its order; the last two are the commits of the event and of the submission.
STEPS: tuple[tuple[str, Any, str, int, bool], ...] = (
    ("the answers are read", arrival, "parse", 1, True),
    ("its turn has come", queueing, "write_group", 1, False),
    ("the row is there", operations, "_revise", 1, True),
    ("the picture is there", operations, "_store_file", 1, True),
    ("the event is written", operations, "record", 1, True),
    ("the event is committed", connections["default"].__class__, "commit", 1, True),
    ("all is committed", connections["confidential"].__class__, "commit", 2, True),
    ("not yet answered", queueing, "write_group", 1, True),
)


def received(xml: bytes) -> None:
    receive_submission(
        actor=AGENT, at=AT, xml=xml, attachments={"roof.jpg": ("image/jpeg", JPEG)}, channel=Channel.OPENROSA
    )


def ended_by(act: Callable[[], None]) -> int:
    """The signal that ended a child which does this; 0 for a child that came to its end."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        act()
        os._exit(0)
    return os.WTERMSIG(os.waitpid(child, 0)[1])


def dying(owner: Any, name: str, call: int, after: bool, act: Callable[[], None]) -> Callable[[], None]:
    def killed() -> None:
        real, seen = getattr(owner, name), [0]

        def deadly(*args: Any, **kwargs: Any) -> Any:
            seen[0] += 1
            if seen[0] == call and not after:
                os.kill(os.getpid(), signal.SIGKILL)
            done = real(*args, **kwargs)
            if seen[0] == call:
                os.kill(os.getpid(), signal.SIGKILL)
            return done

        setattr(owner, name, deadly)
        act()

    return killed


def together(forms: list[bytes]) -> None:
    """Several at once, so that one commit holds more than one of them."""
    threads = [threading.Thread(target=received, args=(xml,)) for xml in forms]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def standing() -> tuple[int, int, int]:
    return Submission.objects.count(), Revision.objects.count(), Attachment.objects.count()


def main() -> None:
    published()
    told = []
    for place, (step, owner, name, call, after) in enumerate(STEPS):
        xml = filled(new_instance(), home="<roof>roof.jpg</roof><card>AB 1</card>")
        ended = ended_by(dying(owner, name, call, after, lambda xml=xml: received(xml)))  # type: ignore[misc]
        before = standing()
        kept = before == (place + 1,) * 3
        again = ended_by(lambda xml=xml: received(xml))  # type: ignore[misc]
        told.append(
            {
                "step": step, "killed": ended == signal.SIGKILL, "kept": kept,
                "whole": kept or before == (place,) * 3, "again": again == 0 and standing() == (place + 1,) * 3,
            }
        )  # fmt: skip
    forms = [filled(new_instance(), home="<roof>roof.jpg</roof>") for _ in range(6)]
    died = ended_by(dying(connections["default"].__class__, "commit", 1, True, lambda: together(forms)))
    ended_by(lambda: together(forms))
    ids = list(Revision.objects.values_list("instance_id", flat=True))
    end = {"group": died == signal.SIGKILL, "stored": standing(), "twice": len(ids) - len(set(ids))}
    print(json.dumps({"steps": told, **end, "chain": verify_chain().sound}))


if __name__ == "__main__":
    main()
