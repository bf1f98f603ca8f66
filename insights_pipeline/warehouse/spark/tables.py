"""How a table comes into Spark's catalogue: small ones with their rows, that of the events as the files that hold them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pyarrow as pa

from insights_pipeline.events.schema import column_descriptions
from insights_pipeline.lake import Lake
from insights_pipeline.lake.layout import EVENTS, EVENTS_FILE
from insights_pipeline.warehouse.event_views import events_schema

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Whether the catalogue knows a table's partitions. If it does, Spark reads whatever lies in their folders, the rejects and
# records beside a typed file too, and fails on them: pathGlobFilter is for files that Spark finds by itself.
_PARTITIONS_IN_CATALOGUE = "spark.sql.hive.manageFilesourcePartitions"


def write_table(spark: SparkSession, name: str, rows: pa.Table) -> None:
    """A small table, replaced whole."""
    spark.createDataFrame(rows).coalesce(1).write.mode("overwrite").format("parquet").saveAsTable(name)


def create_events_table(spark: SparkSession, lake: Lake, name: str, services: Iterable[str]) -> None:
    """A table over every typed file, those that come later too, with the columns of these services; it replaces one of the same name.

    Columns that a file lacks are null.
    """
    from pyspark.sql.pandas.types import from_arrow_schema

    fields = {field.name: field for service in services for field in from_arrow_schema(events_schema(service))}
    columns = [f"`{name}` {field.dataType.simpleString()}" for name, field in fields.items()]
    before = spark.conf.get(_PARTITIONS_IN_CATALOGUE)
    spark.conf.set(_PARTITIONS_IN_CATALOGUE, "false")
    try:
        spark.sql(f"drop table if exists {name}")
        spark.sql(
            f"create table {name} ({', '.join(columns)}) using parquet options (pathGlobFilter {literal(EVENTS_FILE)}) "
            f"partitioned by (org, service, date) location {literal(as_spark_names(lake.location(EVENTS)))}"
        )
    finally:
        spark.conf.set(_PARTITIONS_IN_CATALOGUE, str(before))


def as_spark_names(location: str) -> str:
    """Hadoop's file system for S3 is s3a; others bear the scheme that their addresses have here."""
    return location.replace("s3://", "s3a://", 1) if location.startswith("s3://") else location


def create_view(spark: SparkSession, name: str, table: str, service: str, condition: str = "true") -> None:
    """The columns of a service's typed files, with what each means, of those rows that the condition holds for."""
    descriptions = column_descriptions(service)
    columns = events_schema(service).names
    named = ", ".join(f"`{column}` comment {literal(descriptions.get(column, ''))}" for column in columns)
    selected = ", ".join(f"`{column}`" for column in columns)
    spark.sql(f"create or replace view {name} ({named}) as select {selected} from {table} where {condition}")


def literal(text: str) -> str:
    """A string literal of Spark's SQL."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
