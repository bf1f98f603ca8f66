"""The dbt models as assets, all built by one op. What is built is the warehouse's."""

from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliResource, DbtProject, dbt_assets

from insights_pipeline.collector import coverage
from insights_pipeline.orchestration.project import Translator
from insights_pipeline.orchestration.raw_figures import COMPLETE, short_services
from insights_pipeline.orchestration.resources import Pipeline
from insights_pipeline.settings import exported
from insights_pipeline.warehouse import (
    EXCLUDED,
    PROJECT_FOLDER,
    CoverageDay,
    WarehouseError,
    build_failure,
    build_lock,
    finish_build,
    is_current,
    prepare_build,
    prune_targets,
)

# One process at a time may open the build file (DuckDB's lock is the file's, not the table's).
BUILD_FILE_POOL = "duckdb_writer"

# The logs of these many builds can be looked into; at one every 15 minutes that is five hours.
KEPT_TARGETS = 20


class BuildConfig(dg.Config):
    """How a run treats models that are built already."""

    only_if_changed: bool = False
    """Build, and publish, only where a file or a figure of the coverage differs from what is published."""


def build_dbt_assets(project: DbtProject, services: Sequence[str]) -> dg.AssetsDefinition:
    """Every model and seed, built together or not at all; a build itself finds out which days changed since the last one.

    Some of them alone could not be published; and where they can be had alone, Dagster's backfills start a run for each
    as soon as what it reads is there.
    """

    @dbt_assets(
        manifest=project.manifest_path, project=project, exclude=EXCLUDED, dagster_dbt_translator=Translator(services)
    )
    def described() -> Iterator[Any]:
        """Never run: only for what dagster-dbt makes of the project, whose own assets can be had in parts."""
        yield

    @dg.multi_asset(
        name="dbt_models",
        specs=list(described.specs),
        check_specs=list(described.check_specs),
        can_subset=False,
        op_tags=described.op.tags,
        pool=BUILD_FILE_POOL,
    )
    def dbt_models(
        context: dg.AssetExecutionContext,
        config: BuildConfig,
        dbt: DbtCliResource,
        pipeline: dg.ResourceParam[Pipeline],
    ) -> Iterator[Any]:
        # The pool keeps runs of this instance apart; the lock also those of the command line and of other instances.
        with build_lock(pipeline.settings.home.absolute()):
            yield from _build(context, dbt, pipeline, only_if_changed=config.only_if_changed)

    return dbt_models


def _build(
    context: dg.AssetExecutionContext, dbt: DbtCliResource, pipeline: Pipeline, *, only_if_changed: bool
) -> Iterator[Any]:
    home = pipeline.settings.home.absolute()
    try:
        if only_if_changed and is_current(home, pipeline.lake, coverage_days(pipeline)):
            context.log.info("Nothing changed since the last publication.")
            yield from _unchanged(context)
            # Publishing, after which a run otherwise ends by naming them, isn't done.
            if short := short_services(context.instance, pipeline.services):
                sentence = (
                    f"{', '.join(short)} fell short; nothing else changed. The check `{COMPLETE}` of each says why."
                )
                raise dg.Failure(sentence, allow_retries=False)
            return
        plan = prepare_build(home, pipeline.lake, coverage_days(pipeline))
    except WarehouseError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    context.log.info(
        f"{len(plan.changed_days)} days changed since the last build"
        + (", which other models made: everything is built again" if plan.full_refresh else "")
    )
    with exported(plan.environment):
        invocation = dbt.cli(plan.arguments, context=context, raise_on_error=False)
        yield from invocation.stream()
    prune_targets(PROJECT_FOLDER / "target", keep=KEPT_TARGETS)
    if not invocation.is_successful():
        raise dg.Failure(str(build_failure(invocation.target_path)), allow_retries=False)
    finish_build(home, plan)


def _unchanged(context: dg.AssetExecutionContext) -> Iterator[dg.AssetCheckResult]:
    """Dagster wants an answer of every check of an op that isn't run in parts; nothing is published that fails one."""
    for check in context.selected_asset_check_keys:
        yield dg.AssetCheckResult(
            asset_key=check.asset_key,
            check_name=check.name,
            passed=True,
            description="Nothing changed since the build that passed it.",
        )


def coverage_days(pipeline: Pipeline) -> Iterator[CoverageDay]:
    """The coverage as the warehouse takes it."""
    days = coverage(pipeline.lake, pipeline.settings, pipeline.services, pipeline.clock())
    return (CoverageDay(*(getattr(day, name) for name in CoverageDay._fields)) for day in days)
