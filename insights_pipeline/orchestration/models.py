"""The dbt models as assets, and `insights_duckdb`, the published database. What is built and published is the warehouse's."""

import hashlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, DbtProject, dbt_assets

from insights_pipeline.collector import coverage
from insights_pipeline.orchestration.resources import Pipeline
from insights_pipeline.settings import exported
from insights_pipeline.warehouse import (
    EXCLUDED,
    PROJECT_FOLDER,
    CoverageDay,
    Published,
    WarehouseError,
    build_failure,
    build_file,
    build_lock,
    finish_build,
    is_finished,
    prepare_build,
    prune_targets,
    publish,
    run_dbt,
)

# One process at a time may open the build file (DuckDB's lock is the file's, not the table's).
BUILD_FILE_POOL = "duckdb_writer"

# The logs of these many builds can be looked into; at one every 15 minutes that is five hours.
KEPT_TARGETS = 20


def prepared_project(home: Path) -> DbtProject:
    """The dbt project with a manifest that fits it; parsed again, some 5 seconds, only when a file of it changed.

    Or the home: dbt goes by what it parsed before only where the profile, which names the build file, is the same.
    """
    project = DbtProject(PROJECT_FOLDER)
    stamp = project.manifest_path.with_name("manifest.sha256")
    content = f"{_content(PROJECT_FOLDER)} {build_file(home)}"
    if not (project.manifest_path.exists() and stamp.exists() and stamp.read_text() == content):
        # dagster-dbt's own preparation looks for dbt on the PATH, where an environment that isn't activated doesn't have it.
        run_dbt(["parse", "--quiet"], {"INSIGHTS_WAREHOUSE": str(build_file(home))}, project.manifest_path.parent)
        stamp.write_text(content)
    return project


def dbt_resource(project: DbtProject) -> DbtCliResource:
    """dbt of the environment that this interpreter belongs to."""
    return DbtCliResource(project_dir=project, dbt_executable=str(Path(sys.executable).with_name("dbt")))


def _content(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and inside.parts[0] not in ("target", "logs") and not inside.name.startswith("."):
            digest.update(inside.as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


class Translator(DagsterDbtTranslator):
    """Tells Dagster what the project's files can't: that the coverage comes from every raw asset's manifests.

    Without it a backfill would build the coverage at its start, before anything is collected.
    """

    def __init__(self, services: Sequence[str]) -> None:
        super().__init__()
        self._services = services

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        """As dagster-dbt has it, with the raw assets above the coverage."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        if unique_id == "model.insights.coverage":
            return spec.merge_attributes(deps=[dg.AssetKey(["raw", service]) for service in self._services])
        return spec


def build_dbt_assets(project: DbtProject, services: Sequence[str]) -> dg.AssetsDefinition:
    """Every model and seed; unpartitioned, since a build itself finds out which days changed since the last one."""

    @dbt_assets(
        manifest=project.manifest_path,
        project=project,
        exclude=EXCLUDED,
        name="dbt_models",
        pool=BUILD_FILE_POOL,
        dagster_dbt_translator=Translator(services),
    )
    def dbt_models(
        context: dg.AssetExecutionContext, dbt: DbtCliResource, pipeline: dg.ResourceParam[Pipeline]
    ) -> Iterator[Any]:
        # The pool keeps runs of this instance apart; the lock also those of the command line and of other instances.
        with build_lock(pipeline.settings.home.absolute()):
            # The context knows only what was selected; seeds, which read nothing, may have been built ahead.
            whole = {spec.key for spec in dbt_models.specs if list(spec.deps)} <= context.selected_asset_keys
            yield from _build(context, dbt, pipeline, whole=whole)

    return dbt_models


def _build(context: dg.AssetExecutionContext, dbt: DbtCliResource, pipeline: Pipeline, *, whole: bool) -> Iterator[Any]:
    home = pipeline.settings.home.absolute()
    try:
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
    if whole:
        finish_build(home, plan)
    else:
        context.log.info("Only some models were built: the others follow before anything is published.")


def build_published_asset(models: dg.AssetsDefinition) -> dg.AssetsDefinition:
    """The database that people open, after every model and every test of it passed."""

    @dg.asset(
        name="insights_duckdb",
        deps=[models],
        group_name="published",
        kinds={"duckdb"},
        pool=BUILD_FILE_POOL,
        description="The published database: replaced whole by a rename, so that readers never wait nor see half of it.",
    )
    def insights_duckdb(pipeline: dg.ResourceParam[Pipeline]) -> dg.MaterializeResult[None]:
        try:
            published = _publish_whole(pipeline)
        except WarehouseError as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        table = "\n".join(f"| {name} | {rows:,} |" for name, rows in published.tables.items())
        return dg.MaterializeResult(
            metadata={
                "path": dg.MetadataValue.path(str(published.path)),
                "bytes": published.bytes,
                "tables": dg.MetadataValue.md(f"| table | rows |\n|---|---|\n{table}"),
            }
        )

    return insights_duckdb


def _publish_whole(pipeline: Pipeline) -> Published:
    """Publishes after a build of all models, made here where there was none.

    Dagster's backfills build models in several runs, each as soon as what it reads is there; none of them is whole.
    """
    home = pipeline.settings.home.absolute()
    with build_lock(home):
        if not is_finished(home):
            plan = prepare_build(home, pipeline.lake, coverage_days(pipeline))
            run_dbt([*plan.arguments, "--exclude", EXCLUDED], plan.environment, PROJECT_FOLDER / "target" / "whole")
            finish_build(home, plan)
        return publish(home, pipeline.lake)


def coverage_days(pipeline: Pipeline) -> Iterator[CoverageDay]:
    """The coverage as the warehouse takes it."""
    days = coverage(pipeline.lake, pipeline.settings, pipeline.services, pipeline.clock())
    return (CoverageDay(*(getattr(day, name) for name in CoverageDay._fields)) for day in days)
