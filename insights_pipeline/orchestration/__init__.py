"""Dagster and only Dagster: assets, partitions, checks, jobs, schedules and what they are built from."""

from insights_pipeline.orchestration.build import build_defs

__all__ = ["build_defs"]
