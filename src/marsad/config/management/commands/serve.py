from __future__ import annotations

import logging
import os
import socket
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from django.utils import timezone
from granian import Granian
from granian.constants import Interfaces
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from marsad.config.preparation import STEPS, one_at_a_time, pending_migrations
from marsad.config.running import running
from marsad.dissemination.queries import current_publication


def _prepare(console: Console, *, with_city: bool) -> None:
    steps = STEPS if with_city else STEPS[:-1]
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with one_at_a_time(settings.ENVIRONMENT.home), Progress(*columns, console=console, transient=True) as progress:
        whole = progress.add_task("Preparing", total=len(steps))
        for name, step in steps:
            progress.update(whole, description=f"Preparing: {name}")
            began = time.monotonic()
            step()
            progress.advance(whole)
            if time.monotonic() - began > 1:
                console.print(f"{name}: {time.monotonic() - began:.1f} s")


def _demand_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"port {port} of {host} cannot be used ({error.strerror}): choose another with --port"
            ) from None


def _close_connections() -> None:
    """Before the server forks: no connection is shared between processes."""
    for connection in connections.all(initialized_only=True):
        connection.close()
        if hasattr(connection, "close_pool"):
            connection.close_pool()


def _first_link(address: str) -> str:
    from marsad.accounts.operations import make_first_link
    from marsad.accounts.queries import administrators
    from marsad.audit.rules import System

    if administrators().exists():
        return ""
    sent = make_first_link(actor=System("serve"), at=timezone.now())
    return f"{address}/fr/account/invitation/{sent.token}/"


def _is_new() -> bool:
    """Whether nothing was ever published here: asked before the city is loaded, also where no table stands yet."""
    if pending_migrations("default"):
        return True
    return current_publication() is None


def begin_demonstration() -> bool:
    """Put the made-up city into the queue of background work; False where the city pack has no place for one."""
    from marsad.audit.rules import System
    from marsad.config import jobs  # noqa: F401  (the queue knows a job once its module is read)
    from marsad.demonstration.road import pack_suits
    from marsad.work.operations import start_job

    if not pack_suits():
        return False
    start_job(actor=System("serve"), at=timezone.now(), job="demonstrate")
    return True


class Command(BaseCommand):
    help = "Prepare what is missing, then serve the observatory with its background work until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--public", action="store_true", help="the public pages alone: no account, no confidential data"
        )
        parser.add_argument(
            "--host", default="127.0.0.1", help="the address to listen at (default: this machine alone)"
        )
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument(
            "--demonstrate",
            action="store_true",
            help="on the first start, build a made-up city beside the real one, all of it marked synthetic",
        )
        parser.add_argument("--no-load", action="store_false", dest="load", help="do not look at the city pack")
        parser.add_argument("--workers", type=int, default=2, help="web processes")

    def handle(self, *args: Any, **options: Any) -> None:
        console = Console(stderr=False, highlight=False, soft_wrap=True)
        if options["public"] and not settings.PUBLIC_ONLY:
            os.environ["MARSAD_PUBLIC_ONLY"] = "1"
            raise SystemExit(
                "start the public process by `marsad serve --public`: its settings are read before this point"
            )
        _demand_free(options["host"], options["port"])
        with running(settings.ENVIRONMENT.home):
            self._serve(console, options)

    def _serve(self, console: Console, options: dict[str, Any]) -> None:
        wanted = options["demonstrate"] and options["load"] and not settings.PUBLIC_ONLY and _is_new()
        _prepare(console, with_city=options["load"])
        address = f"http://localhost:{options['port']}"
        link = "" if settings.PUBLIC_ONLY else _first_link(address)
        is_building = wanted and begin_demonstration()
        _close_connections()
        server = Granian(
            "marsad.config.wsgi:application",
            address=options["host"],
            port=options["port"],
            interface=Interfaces.WSGI,
            workers=options["workers"],
            blocking_threads=4,
            respawn_failed_workers=True,
            workers_kill_timeout=10,
            log_level="warning",  # type: ignore[arg-type]
        )
        logging.getLogger("_granian").setLevel(logging.WARNING)
        if not settings.PUBLIC_ONLY:
            from marsad.config.worker_process import WorkerProcess

            worker = WorkerProcess()
            server.on_startup(worker.start)
            server.on_shutdown(worker.stop)
        server.on_startup(lambda: self._announce(console, address, link, is_building=is_building))
        server.serve()

    def _announce(self, console: Console, address: str, link: str, *, is_building: bool) -> None:
        console.print(f"\nMarsad is served at {address}" + (" (public pages alone)" if settings.PUBLIC_ONLY else ""))
        if link:
            console.print(
                f"There is no administrator yet. This link makes the first one, once, within 24 hours:\n{link}"
            )
        if is_building:
            console.print(
                "A made-up city, marked synthetic on every page and file, is being built in the background (about a minute)."
                " `marsad demonstrate --remove` takes it off."
            )
        console.print("Ctrl-C stops it.\n")
