"""Builds the dbt models from the lake's typed files and publishes them; what the models mean is said in `dbt_project`."""

from insights_pipeline.warehouse.build import BuildPlan, finish_build, is_current, is_finished, prepare_build
from insights_pipeline.warehouse.coverage import CoverageDay
from insights_pipeline.warehouse.dbt_project import EXCLUDED, PROJECT_FOLDER, build_failure, prune_targets, run_dbt
from insights_pipeline.warehouse.errors import WarehouseError
from insights_pipeline.warehouse.files import build_file, build_lock, published_file
from insights_pipeline.warehouse.open_sql import open_sql
from insights_pipeline.warehouse.publish import PUBLISHED_TABLES, Published, publish
from insights_pipeline.warehouse.query import query

__all__ = [
    "EXCLUDED",
    "PROJECT_FOLDER",
    "PUBLISHED_TABLES",
    "BuildPlan",
    "CoverageDay",
    "Published",
    "WarehouseError",
    "build_failure",
    "build_file",
    "build_lock",
    "finish_build",
    "is_current",
    "is_finished",
    "open_sql",
    "prepare_build",
    "prune_targets",
    "publish",
    "published_file",
    "query",
    "run_dbt",
]
