"""The weekly job that removes what nobody needs any more, and the bounds within which it does."""

from datetime import timedelta
from pathlib import Path

import dagster as dg

from insights_pipeline.collector import remove_days_before, remove_dead_fetches
from insights_pipeline.orchestration.history import remove_runs
from insights_pipeline.orchestration.models import KEPT_TARGETS
from insights_pipeline.orchestration.resources import Pipeline
from insights_pipeline.warehouse import PROJECT_FOLDER, prune_targets

# 96 runs a day, of some 0.5 MB each: a month of them is looked at when something went wrong, older ones never.
RUNS_KEPT = timedelta(days=30)

# Of a log that only grows, the end is what tells of the last months.
LOG_BYTES_KEPT = 5_000_000


@dg.op(description="Pages that no manifest names, writes that were cut short, days past INSIGHTS_LAKE_RETENTION_DAYS.")
def remove_from_lake(context: dg.OpExecutionContext, pipeline: dg.ResourceParam[Pipeline]) -> None:
    """Says how much went, as metadata."""
    now = pipeline.clock()
    kept = pipeline.settings.lake_retention_days
    days = remove_days_before(pipeline.lake, now.date() - timedelta(days=kept)) if kept is not None else 0
    files = remove_dead_fetches(pipeline.lake, now)
    context.add_output_metadata({"days": days, "files": files})


@dg.op(description="Runs older than 30 days, unless a partition's newest materialization is theirs.")
def remove_from_history(context: dg.OpExecutionContext, pipeline: dg.ResourceParam[Pipeline]) -> None:
    """Says how much went, as metadata."""
    context.add_output_metadata({"runs": remove_runs(context.instance, pipeline.clock() - RUNS_KEPT)})


@dg.op(description="Folders of dbt's runs but the newest 20, and the beginning of logs over 5 MB.")
def remove_from_logs(context: dg.OpExecutionContext, pipeline: dg.ResourceParam[Pipeline]) -> None:
    """Says how much went, as metadata."""
    prune_targets(PROJECT_FOLDER / "target", keep=KEPT_TARGETS)
    logs = sorted((pipeline.settings.home / "logs").glob("*.log"))
    context.add_output_metadata({"bytes": sum(cut_beginning(log, LOG_BYTES_KEPT) for log in logs)})


@dg.job(description="Removes what nobody needs any more: see docs/operating.md for what that is.")
def upkeep() -> None:
    """Each op apart from the others: one that fails stops none."""
    remove_from_lake()
    remove_from_history()
    remove_from_logs()


def cut_beginning(log: Path, keep: int) -> int:
    """Leaves the last `keep` bytes of a log, from the next line on; gives how many bytes went."""
    size = log.stat().st_size
    if size <= keep:
        return 0
    with log.open("rb") as file:
        file.seek(size - keep)
        file.readline()
        end = file.read()
    log.write_bytes(end)
    return size - len(end)
