"""The `raw/<service>` assets: pages as received and the manifest that proves them. One op collects all of them side by side."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import dagster as dg
from pydantic import Field

from insights_pipeline.collector import Collector, Outcome, Unasked, connect, is_due, recounted_since
from insights_pipeline.jumpcloud import JumpCloudError, Usage
from insights_pipeline.lake import DayKey, LakeError
from insights_pipeline.orchestration.partitions import backfill_policy, chosen_orgs, day_keys
from insights_pipeline.orchestration.presentation import OWNERS
from insights_pipeline.orchestration.raw_figures import COMPLETE, figures_of, judge, of_partition
from insights_pipeline.orchestration.resources import Pipeline


class CollectConfig(dg.Config):
    """How a run treats days that are proven already."""

    named: bool = True
    """Count every day of the run again, as somebody who asks for a day expects; else only those in the look-back."""
    orgs: list[str] = Field(
        default=[],
        description="Collect these organizations alone, as one of several runs that share them; without any, all. "
        "Figures and checks are of all in any case.",
    )


def build_raw_assets(pipeline: Pipeline, partitions: dg.PartitionsDefinition[str]) -> dg.AssetsDefinition:
    """One asset a service, partitioned by UTC day; organizations share the partition."""
    specs = [
        dg.AssetSpec(
            ["raw", service],
            description=f"What Directory Insights answered for `{service}`, page by page, and the manifest that proves it.",
            group_name="raw",
            kinds={"json"},
            owners=OWNERS,
            partitions_def=partitions,
        )
        for service in pipeline.services
    ]
    checks = [
        dg.AssetCheckSpec(COMPLETE, asset=spec.key, description="Held events equal JumpCloud's count of each day.")
        for spec in specs
    ]

    @dg.multi_asset(
        name="collect",
        specs=specs,
        check_specs=checks,
        can_subset=True,
        backfill_policy=backfill_policy(),
        pool="jumpcloud_api",
    )
    def collect(
        context: dg.AssetExecutionContext, config: CollectConfig, pipeline: dg.ResourceParam[Pipeline]
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        selected = sorted(context.selected_asset_keys)
        keys = day_keys(pipeline.settings.orgs, selected, context.partition_keys)
        now = pipeline.clock()
        orgs = chosen_orgs(pipeline.settings, config.orgs)
        due = [
            key
            for key in keys
            if key.org in orgs
            and is_due(
                key,
                pipeline.lake.readable_manifest(key),
                named=config.named,
                recount_since=recounted_since(pipeline.settings, now),
                settings=pipeline.settings,
                now=now,
            )
        ]
        pipeline.on_start(len(due))
        try:
            outcomes, unasked, usage = asyncio.run(_collect(pipeline, due))
        except (JumpCloudError, LakeError) as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        context.log.info(
            f"{len(due)} of {len(keys)} days asked for, {usage.requests} requests, {usage.retries} of them again"
        )
        for outcome in outcomes:
            if outcome.failure is not None:
                tell = context.log.warning if outcome.refused else context.log.error
                tell(f"{outcome.key.folder}: {outcome.failure}")
        for day in unasked:
            pipeline.on_unasked(day)
            named = ", ".join(f"{service} ({events:,})" for service, events in sorted(day.services.items()))
            context.log.warning(
                f"{day.org} {day.date}: JumpCloud counts {day.all_events:,} events for all services, "
                f"{day.asked_events:,} for those that are collected; others: {named or 'none'}"
            )
        for asset_key in selected:
            service = asset_key.path[-1]
            manifests = {key: pipeline.lake.readable_manifest(key) for key in keys if key.service == service}
            for partition in context.partition_keys:
                figures = figures_of(of_partition(manifests, partition), usage)
                context.add_asset_metadata(figures, asset_key=asset_key, partition_key=partition)
            yield dg.MaterializeResult(asset_key=asset_key)
            of_service = [outcome for outcome in outcomes if outcome.key.service == service]
            if dg.AssetCheckKey(asset_key, COMPLETE) in context.selected_asset_check_keys:
                yield judge(asset_key, manifests, of_service, pipeline.settings.oldest_day(now))

    return collect


async def _collect(pipeline: Pipeline, keys: list[DayKey]) -> tuple[list[Outcome], list[Unasked], Usage]:
    async with connect(pipeline.settings) as client:
        collector = Collector(
            lake=pipeline.lake,
            client=client,
            clock=pipeline.clock,
            settle=timedelta(minutes=pipeline.settings.settle_minutes),
            max_concurrency=pipeline.settings.max_concurrency,
        )
        outcomes = await collector.collect(keys, pipeline.on_collected)
        return outcomes, await collector.unasked(outcomes, pipeline.services), client.usage
