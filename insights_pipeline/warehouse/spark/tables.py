"""How a table comes into Spark's catalogue: small ones with their rows, those of events as the folders that hold them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from insights_pipeline.events.schema import column_descriptions
from insights_pipeline.lake import DayKey, Lake
from insights_pipeline.warehouse.event_views import events_schema

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_PARTITIONS_AT_ONCE = 500
"""A statement names them one by one, and a first build has tens of thousands."""


def write_table(spark: SparkSession, name: str, rows: pa.Table) -> None:
    """A small table, replaced whole."""
    spark.createDataFrame(rows).coalesce(1).write.mode("overwrite").format("parquet").saveAsTable(name)


def create_events_table(spark: SparkSession, lake: Lake, name: str, services: Iterable[str]) -> None:
    """A table with the columns that typed files of these services have and no partition yet; it replaces one of the same name.

    Columns that a file lacks are null.
    """
    from pyspark.sql.pandas.types import from_arrow_schema

    fields = {
        field.name: (field, service) for service in services for field in from_arrow_schema(events_schema(service))
    }
    columns = [
        f"`{name}` {field.dataType.simpleString()} comment {literal(column_descriptions(service).get(name, ''))}"
        for name, (field, service) in fields.items()
    ]
    spark.sql(f"drop table if exists {name}")
    spark.sql(
        f"create table {name} ({', '.join(columns)}) using parquet "
        f"partitioned by (org, service, date) location {literal(lake.location('events'))}"
    )


def add_days(spark: SparkSession, lake: Lake, table: str, keys: Sequence[DayKey]) -> None:
    """Makes the folders of these days partitions of the table."""
    for some in _in_batches(keys):
        places = [f"{_partition(key)} location {literal(lake.location(key.events_folder))}" for key in some]
        spark.sql(f"alter table {table} add if not exists {' '.join(places)}")


def drop_days(spark: SparkSession, table: str, keys: Sequence[DayKey]) -> None:
    """Makes the table forget these days; files stay."""
    for some in _in_batches(keys):
        spark.sql(f"alter table {table} drop if exists {', '.join(map(_partition, some))}")


def literal(text: str) -> str:
    """A string literal of Spark's SQL."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _in_batches(keys: Sequence[DayKey]) -> list[Sequence[DayKey]]:
    return [keys[start : start + _PARTITIONS_AT_ONCE] for start in range(0, len(keys), _PARTITIONS_AT_ONCE)]


def _partition(key: DayKey) -> str:
    return f"partition (org = {literal(key.org)}, service = {literal(key.service)}, date = date'{key.day}')"
