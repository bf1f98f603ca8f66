"""`insights models`: builds the dbt models on another engine than the one that publishes."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console

from insights_pipeline.cli.errors import in_one_sentence
from insights_pipeline.collector import coverage
from insights_pipeline.events import KNOWN_SERVICES
from insights_pipeline.lake import Lake
from insights_pipeline.settings import Settings
from insights_pipeline.warehouse import CoverageDay
from insights_pipeline.warehouse.spark import ModelsFailed, build_on_spark, require_spark


class Target(StrEnum):
    """The targets of dbt's profile that this command knows to prepare."""

    SPARK = "spark"


def build_models(
    target: Annotated[Target, typer.Option(help="The engine, as dbt's profile names it.")],
    master: Annotated[
        str | None,
        typer.Option(
            help="Spark's master, such as spark://host:7077; by default SPARK_MASTER, then what spark-defaults.conf says."
        ),
    ] = None,
) -> None:
    """Build the models on Apache Spark, from the Parquet files that are held. Days that didn't change stay as they are.

    `insights run` builds them in DuckDB and publishes that; this needs the extra `spark`, and Java.
    """
    settings = Settings.load()
    require_spark(settings.java_home)
    lake = Lake(settings.lake_root)
    days = coverage(lake, settings, settings.services or KNOWN_SERVICES, datetime.now(UTC))
    begun = time.monotonic()
    try:
        built = build_on_spark(
            settings.home,
            lake,
            [CoverageDay(*(getattr(day, name) for name in CoverageDay._fields)) for day in days],
            master or settings.spark_master,
        )
    except ModelsFailed as error:
        Console(stderr=True, soft_wrap=True, highlight=False).print(in_one_sentence(str(error)), markup=False)
        raise typer.Exit(1) from None
    what = "everything" if built.full_refresh else "what changed"
    Console(soft_wrap=True, highlight=False).print(
        f"Built {what} on {built.master}: {len(built.changed_days)} days in {time.monotonic() - begun:.0f} s.",
        markup=False,
    )
