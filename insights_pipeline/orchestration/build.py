"""Assembles everything that Dagster loads; assets, jobs and schedules themselves are defined elsewhere."""

import dagster as dg

from insights_pipeline.orchestration.models import (
    build_dbt_assets,
    build_published_asset,
    dbt_resource,
    prepared_project,
)
from insights_pipeline.orchestration.partitions import daily_partitions
from insights_pipeline.orchestration.raw import build_raw_assets
from insights_pipeline.orchestration.reports import build_reports_asset
from insights_pipeline.orchestration.resources import Pipeline, pipeline_of
from insights_pipeline.orchestration.schedules import COLLECT_ONLY_JOB, PIPELINE_JOB, PUBLISH_JOB, daily_schedule
from insights_pipeline.orchestration.typed import build_events_assets
from insights_pipeline.settings import Settings


def build_defs(pipeline: Pipeline | None = None) -> dg.Definitions:
    """Everything that `dagster dev` shows; without a pipeline, the environment's. Raises SettingsError."""
    pipeline = pipeline or pipeline_of(Settings.load())
    partitions = daily_partitions(pipeline.settings, pipeline.lake, pipeline.clock())
    project = prepared_project(pipeline.settings.home.absolute())
    models = build_dbt_assets(project, pipeline.services)
    published = build_published_asset(models)
    return dg.Definitions(
        assets=[
            build_raw_assets(pipeline, partitions),
            build_events_assets(pipeline, partitions),
            models,
            published,
            build_reports_asset(published),
        ],
        jobs=[PIPELINE_JOB, COLLECT_ONLY_JOB, PUBLISH_JOB],
        schedules=[daily_schedule(pipeline)],
        resources={"pipeline": pipeline, "dbt": dbt_resource(project)},
    )
