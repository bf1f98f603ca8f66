"""Removes Dagster's own records of runs, which Dagster never does: nothing of what the page says of assets depends on them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import dagster as dg
from dagster._core.storage.event_log import SqliteEventLogStorage

_ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]

# SQLite takes this many values in a query without being asked for more.
_AT_ONCE = 500


def remove_runs(instance: dg.DagsterInstance, before: datetime) -> int:
    """Removes runs that ended before, with their events and logs; gives how many went.

    A run that made the newest materialization of a partition stays: with its events the partition would become missing.
    """
    needed = set(_newest_runs(instance))
    records = instance.get_run_records(dg.RunsFilter(statuses=_ENDED, updated_before=before))
    old = [record.dagster_run.run_id for record in records if record.dagster_run.run_id not in needed]
    for run_id in old:
        instance.delete_run(run_id)
        _remove_files(instance, run_id)
    return len(old)


def _newest_runs(instance: dg.DagsterInstance) -> Iterator[str]:
    """Runs of the newest materialization of each asset and of each of its partitions."""
    made = dg.DagsterEventType.ASSET_MATERIALIZATION
    for asset_key in instance.get_asset_keys():
        newest = instance.get_latest_materialization_event(asset_key)
        if newest is not None:
            yield newest.run_id
        by_partition = instance.event_log_storage.get_latest_storage_id_by_partition(asset_key, made)
        ids = list(by_partition.values())
        for start in range(0, len(ids), _AT_ONCE):
            yield from _runs_of(instance, asset_key, ids[start : start + _AT_ONCE])


def _runs_of(instance: dg.DagsterInstance, asset_key: dg.AssetKey, ids: Sequence[int]) -> Iterator[str]:
    found = instance.fetch_materializations(dg.AssetRecordsFilter(asset_key=asset_key, storage_ids=ids), limit=len(ids))
    for record in found.records:
        yield record.run_id


def _remove_files(instance: dg.DagsterInstance, run_id: str) -> None:
    """What deleting a run leaves: an empty database of its events, and what its steps printed."""
    instance.compute_log_manager.delete_logs(prefix=[run_id])
    storage = instance.event_log_storage
    if isinstance(storage, SqliteEventLogStorage):
        shard = Path(storage.path_for_shard(run_id))
        for path in (shard, shard.with_name(f"{shard.name}-wal"), shard.with_name(f"{shard.name}-shm")):
            path.unlink(missing_ok=True)
