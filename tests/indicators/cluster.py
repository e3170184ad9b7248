"""A standalone Spark cluster on loopback: one master and some workers, as processes of their own."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

JAVA = shutil.which("java")
# A handful of rows: compiling a query takes longer than answering it.
_SMALL = {
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.executor.memory": "600m",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
}


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def _start(folder: Path, name: str, *arguments: str) -> subprocess.Popen[bytes]:
    import pyspark

    home = Path(pyspark.__file__).parent
    environment = os.environ | {
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_DAEMON_JAVA_OPTS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        "SPARK_WORKER_DIR": str(folder / "work"),
        "SPARK_LOCAL_DIRS": str(folder / "local"),
        "PYSPARK_PYTHON": sys.executable,
    }
    with (folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen(
            [str(home / "bin" / "spark-class"), *arguments],
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


@contextmanager
def spark_cluster(folder: Path, *, workers: int = 1, memory: str = "1g", small: bool = True) -> Iterator[str]:
    """The address of a cluster that runs until the block ends, set for ``small`` tables or left as Spark sets itself.

    Raises TimeoutError when its workers do not come up.
    """
    if small:
        lines = [f"{name} {value}" for name, value in _SMALL.items()]
        (folder / "spark-defaults.conf").write_text("\n".join(lines), encoding="utf-8")
        os.environ["SPARK_CONF_DIR"] = str(folder)
    port, page = _free_port(), _free_port()
    address = f"spark://127.0.0.1:{port}"
    deploy = "org.apache.spark.deploy"
    started = [
        _start(
            folder,
            "master",
            f"{deploy}.master.Master",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "--webui-port",
            str(page),
        )
    ]
    try:
        for number in range(workers):
            own = ("--host", "127.0.0.1", "--webui-port", str(_free_port()), "--cores", "1", "--memory", memory)
            started.append(_start(folder, f"worker-{number}", f"{deploy}.worker.Worker", *own, address))
        _wait_for(page, workers)
        yield address
    finally:
        os.environ.pop("SPARK_CONF_DIR", None)
        for process in started:
            os.killpg(process.pid, signal.SIGTERM)
        for process in started:
            process.wait(timeout=20)


def _wait_for(page: int, workers: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            with urlopen(f"http://127.0.0.1:{page}/json/", timeout=2) as answer:
                alive = re.search(rb'"aliveworkers"\s*:\s*(\d+)', answer.read())
                if alive and int(alive[1]) >= workers:
                    return
        except OSError:
            pass
        time.sleep(0.2)
    raise TimeoutError("the Spark cluster did not come up")
