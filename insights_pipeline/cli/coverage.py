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
from insights_pipeline.cli.coverage_tables import expiring_table, organizations_table, services_table
from insights_pipeline.cli.errors import UsageMistake
from insights_pipeline.cli.summary import coverage_line, lateness_table, settling_line, some
from insights_pipeline.collector import Coverage, Lateness, coverage, expiring, lateness
from insights_pipeline.lake import DayKey
from insights_pipeline.orchestration.resources import Pipeline, pipeline_of
from insights_pipeline.settings import Settings


def show_coverage(
    first: FirstDay = None,
    last: LastDay = None,
    service: Services = None,
    org: Annotated[
        list[str] | None,
        typer.Option("--org", help="Only this organization, by service; repeat for several.", show_default=False),
    ] = None,
    late: Annotated[
        bool, typer.Option("--lateness", help="How long after their own time events came to be seen, per service.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line: org, service, day; or service, with --lateness.")
    ] = False,
) -> None:
    """What is held and how it compares, per organization, service and day. Asks nothing of JumpCloud.

    Of several organizations one row each is shown, those that fall short first.

    Below stands what is without proof and will be deleted by JumpCloud within two weeks.
    """
    if first is not None and last is not None and first > last:
        raise UsageMistake(f"--from {first} is after --to {last}: swap them.")
    pipeline = pipeline_of(Settings.load())
    now = datetime.now(UTC)
    held = coverage(pipeline.lake, pipeline.settings, pipeline.services, now)
    services = services_of(service or (), sorted({*pipeline.services, *(row.service for row in held)}))
    orgs = _orgs_of(org or (), {row.org for row in held})
    rows = [
        row
        for row in held
        if row.org in orgs and row.service in services and (first or date.min) <= row.date <= (last or date.max)
    ]
    if late:
        _show_lateness(pipeline, rows, as_json)
    elif as_json:
        _write_json(rows)
    else:
        _show_days(rows, now, by_service=bool(org) or len(orgs) == 1)


def _orgs_of(asked: Sequence[str], known: set[str]) -> set[str]:
    for org in asked:
        if org not in known:
            raise UsageMistake(
                f"There is no organization {org!r} here: use one of {some(sorted(known))}, or name it in JUMPCLOUD_ORG_IDS."
            )
    return set(asked) or known


def _show_days(rows: Sequence[Coverage], now: datetime, *, by_service: bool) -> None:
    console = Console(soft_wrap=True, highlight=False)
    if by_service:
        console.print(services_table(rows))
    else:
        table, below = organizations_table(rows)
        console.print(table)
        console.print(below, markup=False)
    console.print(coverage_line(rows), markup=False)
    if ending := expiring(rows, now):
        console.print("\nWithout proof, and deleted by JumpCloud within two weeks:", style="bold")
        table, below = expiring_table(ending)
        console.print(table)
        if below:
            console.print(below, markup=False)
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
