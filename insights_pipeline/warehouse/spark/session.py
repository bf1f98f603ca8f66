"""Starts Spark where its own settings say, and keeps tables in the user's catalogue, or in folders here where there is none."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from insights_pipeline.warehouse.errors import WarehouseError

if TYPE_CHECKING:
    from pyspark import SparkConf
    from pyspark.sql import SparkSession

_CONNECTION = "spark.hadoop.javax.jdo.option.ConnectionURL"
_CATALOGUES = ("spark.hadoop.hive.metastore.uris", _CONNECTION)
"""Settings by which users name a catalogue of their own; a hive-site.xml does, too."""


@contextmanager
def spark_session(folder: Path, master: str | None) -> Iterator[SparkSession]:
    """A session in UTC whose tables outlive it; what Java says goes to `spark.log` in the folder. Raises WarehouseError.

    `master` goes before what spark-defaults.conf says; where neither names one, Spark runs on this machine alone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _stderr_into(folder / "spark.log"):
        session = _start(folder, master)
        try:
            yield session
        finally:
            session.stop()


def _start(folder: Path, master: str | None) -> SparkSession:
    from py4j.protocol import Py4JError
    from pyspark import SparkConf, SparkContext
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    try:
        # Java reads spark-defaults.conf, and must run before what that says can be looked at.
        given = SparkConf(loadDefaults=False)
        SparkContext._ensure_initialized(conf=given if master is None else given.setMaster(master))
        conf = SparkConf()
        builder = SparkSession.builder.appName("insights models").enableHiveSupport()
        builder = builder.config("spark.sql.session.timeZone", "UTC").config("spark.ui.showConsoleProgress", "false")
        for name, value in _catalogue(folder, conf, SparkContext._jvm).items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        session.sql("show databases").collect()
    # A master that can't be reached shows as one of Java's exceptions, of which py4j makes its own.
    except (PySparkException, RuntimeError, Py4JError) as error:
        raise WarehouseError(
            f"Spark could not be started on {master or 'the master of its own settings'}: "
            f"check the address and that Java is 17 or later, and read {folder / 'spark.log'}."
        ) from error
    return session


def _catalogue(folder: Path, conf: SparkConf, jvm: Any) -> dict[str, str]:
    """Where tables and their names are kept; nothing where the user's settings say it."""
    hive_site = jvm.java.lang.Thread.currentThread().getContextClassLoader().getResource("hive-site.xml")
    if hive_site is not None or any(conf.contains(name) for name in _CATALOGUES):
        return {}
    # Derby writes a derby.log into the working folder otherwise.
    jvm.java.lang.System.setProperty("derby.stream.error.file", str(folder / "derby.log"))
    ours = {_CONNECTION: f"jdbc:derby:;databaseName={folder / 'metastore'};create=true"}
    if not conf.contains("spark.sql.warehouse.dir"):
        ours["spark.sql.warehouse.dir"] = str(folder / "tables")
    return ours


@contextmanager
def _stderr_into(log: Path) -> Iterator[None]:
    """Java inherits the file descriptor when it is started, and keeps it."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with log.open("ab") as file:
            os.dup2(file.fileno(), 2)
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)
