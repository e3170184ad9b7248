"""A PostgreSQL cluster of one's own, for the test suite: a folder, a socket, no network, gone when the process ends."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

_OPTIONS = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c listen_addresses='' -c max_connections=60"


def server_programs() -> Path:
    """The folder that holds ``initdb`` and ``pg_ctl``: on the path, or where Debian keeps its newest version."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = str(debian[-1]) if debian else shutil.which("initdb")
    if not found:
        raise ImproperlyConfigured("PostgreSQL's server programs are not installed: apt-get install postgresql")
    return Path(found).parent


def _run(*command: str) -> None:
    # The server refuses to run as root, so root hands over to the account that Debian makes for it.
    as_postgres = ("runuser", "-u", "postgres", "--") if os.geteuid() == 0 else ()
    done = subprocess.run((*as_postgres, *command), capture_output=True, text=True, cwd="/")  # noqa: S603
    if done.returncode:
        raise ImproperlyConfigured(f"{Path(command[0]).name} failed: {done.stderr.strip() or done.stdout.strip()}")


def start_private_cluster() -> str:
    """Start a cluster and return the address of its server, without a database's name: ``{address}/name?host=...``.

    The returned text has ``{name}`` where the database's name goes.
    """
    programs = server_programs()
    folder = Path(tempfile.mkdtemp(prefix="marsad-pg-"))
    folder.chmod(0o755)
    cluster = folder / "cluster"
    cluster.mkdir()
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        shutil.chown(cluster, "postgres")
    initdb = ("--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8")
    _run(str(programs / "initdb"), "-D", str(cluster), *initdb)
    control = (str(programs / "pg_ctl"), "-D", str(cluster), "-w", "-s")
    _run(*control, "-l", str(folder / "log"), "-o", f"{_OPTIONS} -c unix_socket_directories='{folder}'", "start")

    def stop() -> None:
        _run(*control, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    return f"postgresql://postgres@/{{name}}?host={folder}"
