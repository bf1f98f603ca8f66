"""Builds the dbt models from the lake's typed files and publishes them; what the models mean is said in `dbt_project`."""

from insights_pipeline.warehouse.build import BuildPlan, finish_build, is_current, prepare_build
from insights_pipeline.warehouse.coverage import CoverageDay
from insights_pipeline.warehouse.dbt_project import (
    EXCLUDED,
    PROJECT_FOLDER,
    build_failure,
    known_event_types,
    prune_targets,
    run_dbt,
)
from insights_pipeline.warehouse.errors import WarehouseError
from insights_pipeline.warehouse.event_sources import EVENT_SOURCES_FILE, event_sources
from insights_pipeline.warehouse.files import build_file, build_lock, published_file
from insights_pipeline.warehouse.open_sql import open_sql
from insights_pipeline.warehouse.publish import PUBLISHED_TABLES, Published, publish
from insights_pipeline.warehouse.published_schema import as_markdown, published_schema
from insights_pipeline.warehouse.query import query

__all__ = [
    "EVENT_SOURCES_FILE",
    "EXCLUDED",
    "PROJECT_FOLDER",
    "PUBLISHED_TABLES",
    "BuildPlan",
    "CoverageDay",
    "Published",
    "WarehouseError",
    "as_markdown",
    "build_failure",
    "build_file",
    "build_lock",
    "event_sources",
    "finish_build",
    "is_current",
    "known_event_types",
    "open_sql",
    "prepare_build",
    "prune_targets",
    "publish",
    "published_file",
    "published_schema",
    "query",
    "run_dbt",
]
