"""`insights coverage`: what is held, how it compares with what JumpCloud counts, and how late events came."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from insights_pipeline.cli.arguments import FirstDay, LastDay, Services, services_of
from insights_pipeline.cli.errors import UsageMistake
from insights_pipeline.cli.summary import coverage_line, coverage_table, expiring_table, lateness_table, settling_line
from insights_pipeline.collector import Coverage, Lateness, coverage, expiring, lateness
from insights_pipeline.lake import DayKey
from insights_pipeline.orchestration.resources import Pipeline, pipeline_of
from insights_pipeline.settings import Settings


def show_coverage(
    first: FirstDay = None,
    last: LastDay = None,
    service: Services = None,
    late: Annotated[
        bool, typer.Option("--lateness", help="How long after their own time events came to be seen, per service.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line: org, service, day; or service, with --lateness.")
    ] = False,
) -> None:
    """What is held and how it compares, per organization, service and day. Asks nothing of JumpCloud.

    Below stands what is without proof and will be deleted by JumpCloud within two weeks.
    """
    if first is not None and last is not None and first > last:
        raise UsageMistake(f"--from {first} is after --to {last}: swap them.")
    pipeline = pipeline_of(Settings.load())
    now = datetime.now(UTC)
    held = coverage(pipeline.lake, pipeline.settings, pipeline.services, now)
    services = services_of(service or (), sorted({*pipeline.services, *(row.service for row in held)}))
    rows = [row for row in held if row.service in services and (first or date.min) <= row.date <= (last or date.max)]
    if late:
        _show_lateness(pipeline, rows, as_json)
    elif as_json:
        _write_json(rows)
    else:
        _show_days(rows, now)


def _show_days(rows: Sequence[Coverage], now: datetime) -> None:
    console = Console(soft_wrap=True, highlight=False)
    console.print(coverage_table(rows))
    console.print(coverage_line(rows), markup=False)
    if ending := expiring(rows, now):
        console.print("\nWithout proof, and deleted by JumpCloud within two weeks:", style="bold")
        console.print(expiring_table(ending))
        console.print(f"`insights run --from {ending[0].date} --to {ending[-1].date}` asks for them.", markup=False)


def _show_lateness(pipeline: Pipeline, rows: Sequence[Coverage], as_json: bool) -> None:
    manifests = (pipeline.lake.readable_manifest(DayKey(row.org, row.service, row.date)) for row in rows)
    figures = lateness(manifest for manifest in manifests if manifest is not None)
    if as_json:
        _write_json(figures)
        return
    console = Console(soft_wrap=True, highlight=False)
    if figures:
        console.print(lateness_table(figures))
    console.print(settling_line(figures, pipeline.settings), markup=False)


def _write_json(rows: Iterable[Coverage | Lateness]) -> None:
    for row in rows:
        sys.stdout.write(msgspec.json.encode(dataclasses.asdict(row)).decode() + "\n")
