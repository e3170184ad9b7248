from __future__ import annotations

import os
import signal
import socket
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker

from marsad.config import jobs  # noqa: F401  (registers them)
from marsad.work.scheduler import run_scheduler, turn

_SECONDS_TO_FINISH = 10


def _leave_with(parent: int, stop: threading.Event) -> None:
    """A worker whose server was killed does not stay behind."""
    while not stop.wait(2):
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)
            return


class Command(BaseCommand):
    help = "Run background work and the schedule until stopped. `marsad serve` starts this by itself."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--parent", type=int, help="stop when the process of this number is not the parent any more"
        )
        parser.add_argument(
            "--until-empty", action="store_true", help="run what waits, then stop; the schedule starts nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name = f"{socket.gethostname()[:30]}:{os.getpid()}:{get_random_string(8)}"
        worker = Worker(
            queue_names=["*"],
            interval=0.5,
            batch=options["until_empty"],
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=name,
            excluded_queue_names=[],
        )
        stop = threading.Event()
        starts_due = not options["until_empty"]
        # The first turn comes before the first work: the worker is known to be alive, and what is due waits already.
        turn(name, starts_due=starts_due)
        beside = threading.Thread(
            name="schedule", target=run_scheduler, args=(name, stop), kwargs={"starts_due": starts_due}, daemon=True
        )
        beside.start()
        if options["parent"]:
            threading.Thread(target=_leave_with, args=(options["parent"], stop), daemon=True).start()
        worker.configure_signals()
        try:
            worker.run()
        finally:
            stop.set()
            # A turn under way is finished: nothing is written after the worker said that it stopped.
            beside.join(_SECONDS_TO_FINISH)
