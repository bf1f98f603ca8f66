"""A build on Spark, whole: which days it has to read, their tables, dbt, and the note of what was read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from insights_pipeline.lake import DayKey, Lake
from insights_pipeline.warehouse.build import models_fingerprint
from insights_pipeline.warehouse.changes import changed_days
from insights_pipeline.warehouse.coverage import CoverageDay
from insights_pipeline.warehouse.dbt_project import EXCLUDED, PROJECT_FOLDER, failed_nodes
from insights_pipeline.warehouse.errors import WarehouseError
from insights_pipeline.warehouse.files import first_line, locked
from insights_pipeline.warehouse.spark.notes import note_begun, note_finished, read_notes
from insights_pipeline.warehouse.spark.session import spark_session
from insights_pipeline.warehouse.spark.sources import write_source_tables


class ModelsFailed(WarehouseError):
    """dbt ran, and a model or a test of it failed."""


@dataclass(frozen=True, slots=True)
class SparkBuild:
    """What a build did."""

    master: str
    changed_days: list[DayKey]
    full_refresh: bool
    """Whether everything was built, since there were no tables yet or other models had made them."""


def build_on_spark(home: Path, lake: Lake, coverage: Iterable[CoverageDay], master: str | None) -> SparkBuild:
    """Builds what changed since the last build that succeeded in the same catalogue; raises WarehouseError."""
    folder = home.absolute() / "spark"
    with locked(folder), spark_session(folder, master) as spark:
        files = lake.events_files()
        fingerprint = models_fingerprint()
        notes = read_notes(spark)
        if notes is not None and notes.fingerprint != fingerprint:
            notes = None
        days = changed_days(files, *(([],) if notes is None else (notes.files, notes.unfinished)))
        note_begun(spark, notes)
        with _reading(lake):
            write_source_tables(spark, lake, days, coverage, anew=notes is None)
        _run_dbt(folder / "target", full_refresh=notes is None)
        note_finished(spark, fingerprint, files)
        return SparkBuild(str(spark.sparkContext.master), days, full_refresh=notes is None)


@contextmanager
def _reading(lake: Lake) -> Iterator[None]:
    """Raises WarehouseError where Spark can't reach a lake in an object store."""
    from py4j.protocol import Py4JJavaError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JJavaError) as error:
        if "://" not in lake.place:
            raise
        said = error.java_exception.toString() if isinstance(error, Py4JJavaError) else str(error)
        raise WarehouseError(
            f"Spark can't read the lake at {lake.place} ({first_line(Exception(said))}): give Spark its jars and credentials for that "
            "store in spark-defaults.conf, such as hadoop-aws and spark.hadoop.fs.s3a.* for S3."
        ) from error


def _run_dbt(target: Path, *, full_refresh: bool) -> None:
    """In this process: dbt-spark takes the session that it finds here. Raises ModelsFailed."""
    from dbt.cli.main import dbtRunner

    places = {"project-dir": PROJECT_FOLDER, "profiles-dir": PROJECT_FOLDER, "target-path": target, "log-path": target}
    (target / "run_results.json").unlink(missing_ok=True)
    arguments = [
        "--log-level",
        "none",
        "--log-level-file",
        "debug",
        "build",
        "--target",
        "spark",
        "--exclude",
        EXCLUDED,
    ]
    arguments += [part for name, place in places.items() for part in (f"--{name}", str(place))]
    outcome = dbtRunner().invoke([*arguments, "--full-refresh"] if full_refresh else arguments)
    if not outcome.success:
        failed = failed_nodes(target / "run_results.json") or ["dbt itself"]
        raise ModelsFailed(
            f"The models were not built on Spark because of {', '.join(failed)}: "
            f"read {target / 'dbt.log'} for the whole story, and run again."
        )
