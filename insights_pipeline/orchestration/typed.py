"""The `events/<service>` assets: typed Parquet made from raw pages, without the network."""

from collections.abc import Iterator, Sequence

import dagster as dg
from pydantic import Field

from insights_pipeline.collector import quarantine
from insights_pipeline.events import NormalizedDay, arrow_schema, column_descriptions, normalized_services
from insights_pipeline.lake import LakeError
from insights_pipeline.orchestration.partitions import backfill_policy, chosen_orgs, day_keys
from insights_pipeline.orchestration.presentation import OWNERS, check_key
from insights_pipeline.orchestration.resources import Pipeline
from insights_pipeline.orchestration.typed_figures import check_specs, figures_of, judge
from insights_pipeline.warehouse import known_event_types


class NormalizeConfig(dg.Config):
    """How a run normalizes."""

    anew: bool = Field(
        default=False,
        description="Make typed files again whose pages and schema are those they were made from. "
        "Without this, a new version of the schema makes them again by itself.",
    )
    orgs: list[str] = Field(
        default=[], description="Normalize the days of these organizations alone; without any, of all."
    )


def build_events_assets(pipeline: Pipeline, partitions: dg.PartitionsDefinition[str]) -> dg.AssetsDefinition:
    """One asset a service, partitioned by UTC day, each made from the raw asset of the same name."""
    specs = [
        dg.AssetSpec(
            ["events", service],
            deps=[["raw", service]],
            description=f"The events of `{service}` as typed Parquet, each once, its whole JSON beside the columns.",
            group_name="events",
            kinds={"parquet"},
            owners=OWNERS,
            partitions_def=partitions,
            metadata={"dagster/column_schema": _column_schema(service)},
        )
        for service in pipeline.services
    ]

    @dg.multi_asset(
        name="normalize",
        specs=specs,
        check_specs=[check for spec in specs for check in check_specs(spec.key)],
        can_subset=True,
        backfill_policy=backfill_policy(),
    )
    def normalize(
        context: dg.AssetExecutionContext, config: NormalizeConfig, pipeline: dg.ResourceParam[Pipeline]
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        known_types = known_event_types()
        asset_keys = sorted(context.selected_asset_keys)
        for asset_key, days in zip(asset_keys, _normalized(context, pipeline, asset_keys, config), strict=True):
            by_partition: dict[str, list[NormalizedDay]] = {partition: [] for partition in context.partition_keys}
            for day in days:
                by_partition[day.key.day.isoformat()].append(day)
            for partition, of_day in by_partition.items():
                context.add_asset_metadata(figures_of(of_day), asset_key=asset_key, partition_key=partition)
            yield dg.MaterializeResult(asset_key=asset_key)
            for result in judge(asset_key, days, known_types):
                if check_key(result) in context.selected_asset_check_keys:
                    yield result

    return normalize


def _normalized(
    context: dg.AssetExecutionContext, pipeline: Pipeline, asset_keys: Sequence[dg.AssetKey], config: NormalizeConfig
) -> Iterator[list[NormalizedDay]]:
    """The figures of each asset's days that were ever fetched. Pages that are damaged are left to the next run to fetch."""
    orgs = set(chosen_orgs(pipeline.settings, config.orgs))
    if config.anew and not config.orgs:
        # Of organizations that are collected no more, too: their days stay published.
        orgs |= {key.org for key in pipeline.lake.raw_days()}
    services = [day_keys(sorted(orgs), [asset_key], context.partition_keys) for asset_key in asset_keys]
    try:
        for days in normalized_services(pipeline.lake, services, anew=config.anew):
            for day in days:
                for page in day.corrupt_pages:
                    context.log.error(f"{day.key.folder}: {page.file} {page.reason}")
                if day.corrupt_pages:
                    quarantine(pipeline.lake, day.key, [page.file for page in day.corrupt_pages], pipeline.clock())
            yield days
    except LakeError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    except ChildProcessError as error:
        raise dg.Failure(str(error)) from error


def _column_schema(service: str) -> dg.TableSchema:
    descriptions = column_descriptions(service)
    return dg.TableSchema(
        columns=[
            dg.TableColumn(name=field.name, type=str(field.type), description=descriptions.get(field.name))
            for field in arrow_schema(service)
        ]
    )
