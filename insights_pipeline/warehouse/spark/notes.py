"""What a build on Spark has read, noted in the catalogue that its tables are in: another catalogue is another build."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from insights_pipeline.lake import DayKey, EventsFile
from insights_pipeline.warehouse.spark.tables import write_table

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_FILES = pa.schema(
    [
        pa.field("org", pa.string()),
        pa.field("service", pa.string()),
        pa.field("date", pa.date32()),
        pa.field("size", pa.int64()),
        pa.field("version", pa.string()),
    ]
)
_BUILD = pa.schema([pa.field("fingerprint", pa.string()), pa.field("is_finished", pa.bool_())])


@dataclass(frozen=True, slots=True)
class Notes:
    """Of the last build that succeeded, and of one that was begun since."""

    fingerprint: str
    """Of the models that made the tables."""
    files: list[EventsFile]
    unfinished: list[DayKey]
    """Days that a build began with and didn't finish."""


def read_notes(spark: SparkSession) -> Notes | None:
    """None where there was no build yet, or the first one of these models did not succeed."""
    if not all(map(spark.catalog.tableExists, ("pipeline.build", "pipeline.loaded_files", "lake.changed_days"))):
        return None
    (build,) = spark.sql("select fingerprint, is_finished from pipeline.build").collect()
    files = spark.sql("select org, service, date, size, version from pipeline.loaded_files").collect()
    days = [] if build.is_finished else spark.sql("select org, service, date from lake.changed_days").collect()
    return Notes(
        build.fingerprint,
        [EventsFile(DayKey(row.org, row.service, row.date), row.size, row.version) for row in files],
        [DayKey(row.org, row.service, row.date) for row in days],
    )


def note_begun(spark: SparkSession, notes: Notes | None) -> None:
    """Without notes that hold any more, the build is one of everything, and so is the next unless this one succeeds."""
    spark.sql("create schema if not exists pipeline")
    if notes is None:
        spark.sql("drop table if exists pipeline.build")
    else:
        _write_build(spark, notes.fingerprint, is_finished=False)


def note_finished(spark: SparkSession, fingerprint: str, files: list[EventsFile]) -> None:
    """After dbt has succeeded; `files` are those that were there when the build began."""
    rows = [(file.key.org, file.key.service, file.key.day, file.size, file.version) for file in files]
    write_table(
        spark,
        "pipeline.loaded_files",
        pa.Table.from_pylist([dict(zip(_FILES.names, row, strict=True)) for row in rows], _FILES),
    )
    _write_build(spark, fingerprint, is_finished=True)


def _write_build(spark: SparkSession, fingerprint: str, *, is_finished: bool) -> None:
    row = {"fingerprint": fingerprint, "is_finished": is_finished}
    write_table(spark, "pipeline.build", pa.Table.from_pylist([row], _BUILD))
