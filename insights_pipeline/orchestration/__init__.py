"""Dagster and only Dagster: assets, partitions, checks, jobs, schedules and what they are built from."""
