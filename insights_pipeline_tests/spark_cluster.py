"""A standalone Spark cluster on loopback, a master and two workers, each a process of its own; ended with the block."""

from __future__ import annotations

import importlib.util
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from insights_pipeline_tests.ports import free_port
from insights_pipeline_tests.processes import running

_MISSING = [name for name in ("pyspark", "dbt.adapters.spark") if importlib.util.find_spec(name) is None]
_MISSING += [] if shutil.which("java") else ["java"]
needs_spark = pytest.mark.skipif(
    bool(_MISSING), reason=f'{" and ".join(_MISSING)} not installed: make setup EXTRAS="dashboard spark", and Java 17'
)

WORKERS = 2
START_SECONDS = 60.0

# A build is hundreds of short statements by Java programs that have just started. Measured on two cores, a whole build
# of 123 files: 212 s of processor time as it is, 94 s without the second compiler and whole-stage code. The cache of
# compiled code is small where there is one compiler, and Java goes on uncompiled when it is full.
_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:ReservedCodeCacheSize=240m"
_SETTINGS = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.driver.extraJavaOptions": _JAVA,
    "spark.executor.memory": "640m",
    "spark.executor.extraJavaOptions": _JAVA,
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.files.minPartitionNum": "1",
    "spark.sql.codegen.wholeStage": "false",
}


@dataclass(frozen=True)
class SparkCluster:
    """Where it is, and how a program finds it."""

    master: str
    environment: dict[str, str]
    processes: list[subprocess.Popen[bytes]]


@contextmanager
def spark_cluster(folder: Path) -> Iterator[SparkCluster]:
    """Logs and the workers' files go to the folder."""
    settings = folder / "settings"
    settings.mkdir(parents=True)
    (settings / "spark-defaults.conf").write_text("".join(f"{name} {value}\n" for name, value in _SETTINGS.items()))
    environment = {
        "SPARK_CONF_DIR": str(settings),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_DAEMON_MEMORY": "256m",
        # Which Python's packages `spark-class` finds itself in.
        "PYSPARK_PYTHON": sys.executable,
    }
    port = free_port()
    master = f"spark://127.0.0.1:{port}"
    with ExitStack() as stack:

        def start(name: str, *arguments: str) -> subprocess.Popen[bytes]:
            log = folder / f"{name}.log"
            return stack.enter_context(running("spark-class", arguments, environment, log))

        package = "org.apache.spark.deploy"
        processes = [
            start("master", f"{package}.master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0")
        ]
        _wait_for_port(port)
        for number in range(WORKERS):
            # One core each: on a machine of two, that is what there is.
            sizes = ("--cores", "1", "--memory", "1g", "--webui-port", "0", "--work-dir", str(folder / f"work{number}"))
            processes.append(
                start(f"worker{number}", f"{package}.worker.Worker", "--host", "127.0.0.1", *sizes, master)
            )
        _wait_for_workers(folder / "master.log")
        yield SparkCluster(master, environment | {"SPARK_MASTER": master}, processes)


def _wait_for_port(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < deadline, "the master didn't start"
            time.sleep(0.2)
        else:
            return


def _wait_for_workers(log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while log.read_text().count("Registering worker") < WORKERS:
        assert time.monotonic() < deadline, "the workers didn't start"
        time.sleep(0.2)
