"""Tells Spark of the typed files: the changed days' as what the models read, all of them as `main.events`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from insights_pipeline.lake import DayKey, Lake
from insights_pipeline.warehouse.coverage import CoverageDay
from insights_pipeline.warehouse.event_views import OTHER_SERVICES, TABLES, coverage_table, days_table
from insights_pipeline.warehouse.spark.tables import create_events_table, create_view, literal, write_table

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_TYPED_FILES = "lake.typed_files"


def write_source_tables(
    spark: SparkSession, lake: Lake, changed: Sequence[DayKey], coverage: Iterable[CoverageDay], *, anew: bool
) -> None:
    """Replaces what the schema `lake` has, and the view `main.events`; `anew` is a build of every day."""
    for schema in ("lake", "main"):
        spark.sql(f"create schema if not exists {schema}")
    # First: it says which days a build began with, should this one end here.
    write_table(spark, "lake.changed_days", days_table(changed))
    write_table(spark, "lake.coverage", coverage_table(coverage))
    create_events_table(spark, lake, _TYPED_FILES, TABLES)
    days = "true" if anew else days_condition(changed)
    spark.sql(f"create or replace view lake.all_services as select * from {_TYPED_FILES} where {days}")
    create_view(spark, "main.events", _TYPED_FILES, OTHER_SERVICES)


def days_condition(keys: Sequence[DayKey]) -> str:
    """Holds for rows of these days alone. Spark finds the folders by it, which it doesn't by a join."""
    conditions = []
    for (org, service), group in groupby(sorted(keys), key=lambda key: (key.org, key.service)):
        ranges = " or ".join(
            f"date between date'{first}' and date'{last}'" for first, last in _ranges([key.day for key in group])
        )
        conditions.append(f"(org = {literal(org)} and service = {literal(service)} and ({ranges}))")
    return " or ".join(conditions) or "false"


def _ranges(days: Sequence[date]) -> list[tuple[date, date]]:
    """The days, in order, as ranges with both ends included."""
    ranges: list[tuple[date, date]] = []
    for day in days:
        if ranges and day - ranges[-1][1] == timedelta(days=1):
            ranges[-1] = (ranges[-1][0], day)
        else:
            ranges.append((day, day))
    return ranges
