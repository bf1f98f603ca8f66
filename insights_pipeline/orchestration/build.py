"""Assembles everything that Dagster loads; assets, checks, jobs, schedules and sensors themselves are defined elsewhere."""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from insights_pipeline.orchestration.alerts import Alerts
from insights_pipeline.orchestration.jobs import build_jobs
from insights_pipeline.orchestration.models import build_dbt_assets
from insights_pipeline.orchestration.partitions import daily_partitions
from insights_pipeline.orchestration.project import dbt_resource, prepared_project
from insights_pipeline.orchestration.published import build_published_asset
from insights_pipeline.orchestration.raw import build_raw_assets
from insights_pipeline.orchestration.reports import build_reports_asset
from insights_pipeline.orchestration.resources import Pipeline, pipeline_of
from insights_pipeline.orchestration.schedules import build_schedules
from insights_pipeline.orchestration.sensors import build_sensors
from insights_pipeline.orchestration.standing_checks import build_services_complete, build_standing_checks
from insights_pipeline.orchestration.typed import build_events_assets
from insights_pipeline.orchestration.upkeep import upkeep
from insights_pipeline.settings import Settings


def build_defs(
    pipeline: Pipeline | None = None, *, alerts: Alerts | None = None, resources: Mapping[str, Any] | None = None
) -> dg.Definitions:
    """Everything that `dagster dev` shows; without a pipeline, the environment's.

    `alerts` and `resources` take the place of those that the pipeline's settings give. Raises SettingsError.
    """
    pipeline = pipeline or pipeline_of(Settings.load())
    alerts = alerts or Alerts(pipeline.settings)
    partitions = daily_partitions(pipeline.settings, pipeline.lake, pipeline.clock())
    project = prepared_project(pipeline.settings.home.absolute())
    models = build_dbt_assets(project, pipeline.services)
    standing_checks, services_complete = build_standing_checks(pipeline), build_services_complete(pipeline)
    published = build_published_asset(models)
    return dg.Definitions(
        assets=[
            build_raw_assets(pipeline, partitions),
            build_events_assets(pipeline, partitions),
            models,
            published,
            build_reports_asset(published),
        ],
        asset_checks=[standing_checks, services_complete],
        jobs=[*build_jobs(standing_checks, services_complete), upkeep],
        schedules=build_schedules(pipeline),
        sensors=build_sensors(pipeline, alerts),
        # Also of runs that the asset graph starts: a process for each step costs some 5 seconds of imports.
        executor=dg.in_process_executor,
        resources={"pipeline": pipeline, "dbt": dbt_resource(project), **(resources or {})},
    )
