"""Tells Spark of the typed files: the changed days' as what the models read, all of them as `main.events`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from insights_pipeline.lake import DayKey, Lake
from insights_pipeline.warehouse.coverage import CoverageDay
from insights_pipeline.warehouse.event_views import (
    OTHER_SERVICES,
    TABLES,
    coverage_table,
    days_table,
)
from insights_pipeline.warehouse.spark.tables import add_days, create_events_table, drop_days, write_table

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def write_source_tables(
    spark: SparkSession,
    lake: Lake,
    changed: Sequence[DayKey],
    present: Iterable[DayKey],
    coverage: Iterable[CoverageDay],
) -> None:
    """Replaces the tables of the schema `lake`; `present` are the days that have a file."""
    spark.sql("create schema if not exists lake")
    # First: it says which days a build began with, should this one end here.
    write_table(spark, "lake.changed_days", days_table(changed))
    write_table(spark, "lake.coverage", coverage_table(coverage))
    create_events_table(spark, lake, "lake.all_services", TABLES)
    existing = set(present)
    add_days(spark, lake, "lake.all_services", [key for key in changed if key in existing])


def keep_events_table(
    spark: SparkSession, lake: Lake, changed: Sequence[DayKey], present: Iterable[DayKey], *, anew: bool
) -> None:
    """Makes `main.events` hold each day that has a file, `anew` or by what changed."""
    spark.sql("create schema if not exists main")
    existing = set(present)
    if anew or not spark.catalog.tableExists("main.events"):
        create_events_table(spark, lake, "main.events", [OTHER_SERVICES])
        add_days(spark, lake, "main.events", sorted(existing))
    else:
        add_days(spark, lake, "main.events", [key for key in changed if key in existing])
        drop_days(spark, "main.events", [key for key in changed if key not in existing])
