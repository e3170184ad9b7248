"""The worker beside the web server: a process of its own, started again when it dies, stopped with the server."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

_SECONDS_TO_STOP = 15
_SECONDS_BEFORE_RESTART = 3


class WorkerProcess:
    """Keeps one ``marsad work`` alive from ``start`` to ``stop``."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        return [sys.executable, "-m", "marsad.config.console", "work", "--parent", str(os.getpid())]

    def _begin(self) -> subprocess.Popen[bytes]:
        # A session of its own: Ctrl-C reaches the server alone, which asks the worker once to come to an end.
        self._process = subprocess.Popen(self.command(), start_new_session=True)  # noqa: S603
        return self._process

    def _keep(self, process: subprocess.Popen[bytes]) -> None:
        while True:
            process.wait()
            if self._stopping.wait(_SECONDS_BEFORE_RESTART):
                return
            process = self._begin()

    def start(self) -> None:
        """Begun before this returns: the server forks its web processes next, and one forked in the middle of the
        worker's start would keep the pipe open on which that start waits."""
        threading.Thread(target=self._keep, args=(self._begin(),), name="worker", daemon=True).start()

    def stop(self) -> None:
        self._stopping.set()
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(_SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            self._process.kill()
