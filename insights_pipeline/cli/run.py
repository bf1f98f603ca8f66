"""`insights run`: collects, normalizes, models and publishes days of a real tenant."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.console import Console

from insights_pipeline.cli.arguments import FirstDay, LastDay, Services, days_of, held_days, services_of
from insights_pipeline.cli.errors import in_one_sentence
from insights_pipeline.cli.progress import run_progress
from insights_pipeline.cli.summary import coverage_line, first_lines, shortcomings, unasked_line
from insights_pipeline.cli.verbosity import Verbose
from insights_pipeline.collector import check_access
from insights_pipeline.orchestration.resources import Pipeline, pipeline_of
from insights_pipeline.settings import Settings

if TYPE_CHECKING:
    from insights_pipeline.orchestration.run import RunReport

# Days in these states agree with what JumpCloud has, or ask nothing of it any more.
SOUND = {"complete", "open", "expired"}


def run(
    first: FirstDay = None,
    last: LastDay = None,
    service: Services = None,
    from_pages: Annotated[
        bool,
        typer.Option(
            "--renormalize",
            help="Make the typed files of days that are held again, from their raw pages and without asking JumpCloud; "
            "without days, of all.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="What came of it as one JSON object.")] = False,
    verbose: Verbose = False,
) -> None:
    """Collect, normalize, model and publish.

    Without days: today, the look-back days and every day of the retention that isn't complete. A day that is named is
    counted again even if it was complete. Exit code 1 says that something is short; run again to mend it.
    """
    settings = Settings.load()
    now = datetime.now(UTC)
    pipeline = pipeline_of(settings)
    services = services_of(service or (), pipeline.services)
    if from_pages:
        days = held_days(pipeline.lake, settings.orgs, services, first, last)
        pipeline.lake.check_writable()
        report = execute(pipeline, services, days, named=False, from_pages=True)
    else:
        days = days_of(first, last, settings, now)
        settings.require_credentials()
        pipeline.lake.check_writable()
        asyncio.run(check_access(settings, now))
        report = execute(pipeline, services, days, named=first is not None or last is not None)
    if as_json:
        _print_json(report)
    else:
        print_report(report)
    # What is held may be short; making typed files of it is well all the same.
    raise typer.Exit(0 if (not report.faults if from_pages else is_sound(report)) else 1)


def execute(
    pipeline: Pipeline, services: Sequence[str], days: Sequence[date], *, named: bool, from_pages: bool = False
) -> RunReport:
    """Runs with progress shown; `from_pages`, only from what is held."""
    # Dagster and dbt take some 3 seconds to import, which the other commands needn't wait for.
    from insights_pipeline.orchestration.run import renormalize, run_pipeline

    log = pipeline.settings.home / "logs" / "run.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    # dbt under Dagster writes its lines to standard output; there they would tear the progress bar.
    with run_progress() as progress, log.open("a") as file, redirect_stdout(file):
        watched = replace(pipeline, on_start=progress.started, on_collected=progress.collected)
        if from_pages:
            return renormalize(watched, services, days)
        return run_pipeline(watched, services, days, named=named)


def is_sound(report: RunReport) -> bool:
    """Whether the run may exit with 0: what is held is what JumpCloud has, and nothing kept it from being compared."""
    failed = any(outcome.failure is not None and not outcome.refused for outcome in report.outcomes)
    return not report.faults and not failed and all(day.state in SOUND for day in report.coverage)


def print_report(report: RunReport) -> None:
    """What came of a run, on a screen: of each kind of trouble the first lines, and the figures last."""
    console = Console(soft_wrap=True, highlight=False)
    lines = [
        *first_lines([f"Failed: {in_one_sentence(fault)}" for fault in report.faults]),
        *first_lines(shortcomings(report.outcomes)),
        *first_lines([unasked_line(day) for day in report.unasked]),
        coverage_line(report.coverage),
    ]
    if not report.published and not report.faults:
        lines.append("Nothing new: the published database is up to date.")
    for line in lines:
        console.print(line, markup=False)


def _print_json(report: RunReport) -> None:
    failures = [outcome for outcome in report.outcomes if outcome.failure is not None]
    kept = {
        "sound": is_sound(report),
        "published": report.published,
        "new_events": sum(outcome.new_events for outcome in report.outcomes),
        "faults": report.faults,
        "failures": [
            {
                "org": outcome.key.org,
                "service": outcome.key.service,
                "date": outcome.key.day,
                "reason": outcome.failure,
                "refused": outcome.refused,
            }
            for outcome in failures
        ],
        "unasked": report.unasked,
        "coverage": [asdict(day) for day in report.coverage],
    }
    sys.stdout.write(msgspec.json.encode(kept).decode() + "\n")
