"""Which assets run together, and how a run is configured. When they run is said in `schedules`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg

if TYPE_CHECKING:
    # What `define_asset_job` gives; Dagster has no public name for it.
    from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

PIPELINE = "insights"
COLLECT_AND_NORMALIZE = "collect_and_normalize"
MODEL_AND_PUBLISH = "model_and_publish"

STANDING_CHECKS = "checks"

_COLLECTED = dg.AssetSelection.key_prefixes("raw", "events")


def build_jobs(
    standing_checks: dg.AssetChecksDefinition, services_complete: dg.AssetChecksDefinition
) -> list[UnresolvedAssetJobDefinition]:
    """The standing checks have a job of their own: every run would otherwise write 33 evaluations more."""
    standing = dg.AssetSelection.checks(standing_checks)
    everything = dg.AssetSelection.all() - standing
    return [
        dg.define_asset_job(
            PIPELINE,
            selection=everything,
            description="Collects, normalizes, models and publishes the days of the run.",
        ),
        dg.define_asset_job(
            COLLECT_AND_NORMALIZE,
            selection=_COLLECTED - standing,
            description="Collects and normalizes the days of the run, for stretches before the one that is modelled.",
        ),
        dg.define_asset_job(
            MODEL_AND_PUBLISH,
            # Whether services fell short is told by whoever started the job after collecting.
            selection=everything - _COLLECTED - dg.AssetSelection.checks(services_complete),
            description="Builds the models of what changed and publishes the database.",
        ),
        dg.define_asset_job(
            STANDING_CHECKS,
            selection=standing,
            description="Looks whether services are fresh and the retention is proven; asks nothing of JumpCloud.",
        ),
    ]


def collect_config(*, named: bool) -> dict[str, object]:
    """Of a job that collects; `named` days are counted again even if they were proven."""
    return {"ops": {"collect": {"config": {"named": named}}}}


def renormalize_config() -> dict[str, object]:
    """Of a job that makes typed files again."""
    return {"ops": {"normalize": {"config": {"anew": True}}}}


def pipeline_config(*, named: bool, only_if_changed: bool) -> dict[str, object]:
    """Of the job that goes the whole way."""
    return {
        "ops": {
            "collect": {"config": {"named": named}},
            "dbt_models": {"config": {"only_if_changed": only_if_changed}},
        }
    }
