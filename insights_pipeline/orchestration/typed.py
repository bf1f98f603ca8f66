"""The `events/<service>` assets: typed Parquet made from raw pages, without the network."""

from collections.abc import Iterator

import dagster as dg

from insights_pipeline.collector import quarantine
from insights_pipeline.events import NormalizedDay, arrow_schema, column_descriptions, normalized
from insights_pipeline.orchestration.partitions import backfill_policy, day_keys
from insights_pipeline.orchestration.resources import Pipeline


def build_events_assets(pipeline: Pipeline, partitions: dg.PartitionsDefinition[str]) -> dg.AssetsDefinition:
    """One asset a service, partitioned by UTC day, each made from the raw asset of the same name."""
    specs = [
        dg.AssetSpec(
            ["events", service],
            deps=[["raw", service]],
            description=f"The events of `{service}` as typed Parquet, each once, its whole JSON beside the columns.",
            group_name="events",
            kinds={"parquet"},
            partitions_def=partitions,
            metadata={"dagster/column_schema": _column_schema(service)},
        )
        for service in pipeline.services
    ]

    @dg.multi_asset(name="normalize", specs=specs, can_subset=True, backfill_policy=backfill_policy())
    def normalize(
        context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]
    ) -> Iterator[dg.MaterializeResult[None]]:
        for asset_key in sorted(context.selected_asset_keys):
            for partition in context.partition_keys:
                days = []
                for key in day_keys(pipeline.settings.orgs, [asset_key], [partition]):
                    day = normalized(pipeline.lake, key)
                    if day is None:
                        continue
                    days.append(day)
                    for page in day.corrupt_pages:
                        context.log.error(f"{key.folder}: {page.file} {page.reason}")
                    if day.corrupt_pages:
                        damaged = [page.file for page in day.corrupt_pages]
                        quarantine(pipeline.lake, key, damaged, pipeline.clock())
                context.add_asset_metadata(_metadata(days), asset_key=asset_key, partition_key=partition)
            yield dg.MaterializeResult(asset_key=asset_key)

    return normalize


def _column_schema(service: str) -> dg.TableSchema:
    descriptions = column_descriptions(service)
    return dg.TableSchema(
        columns=[
            dg.TableColumn(name=field.name, type=str(field.type), description=descriptions.get(field.name))
            for field in arrow_schema(service)
        ]
    )


def _metadata(days: list[NormalizedDay]) -> dict[str, dg.MetadataValue]:
    """Figures of one day over its organizations: counts and paths, never values."""
    return {
        "dagster/partition_row_count": dg.MetadataValue.int(sum(day.rows for day in days)),
        "bytes": dg.MetadataValue.int(sum(day.bytes for day in days)),
        "rejected": dg.MetadataValue.int(sum(day.rejected for day in days)),
        "conflicts": dg.MetadataValue.int(sum(day.conflicts for day in days)),
    }
