"""`insights coverage`: what is held, and how it compares with what JumpCloud counts."""

from __future__ import annotations

import dataclasses
import sys
from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from insights_pipeline.cli.summary import coverage_line, coverage_table
from insights_pipeline.collector import coverage
from insights_pipeline.orchestration.build import pipeline_of
from insights_pipeline.settings import Settings


def show_coverage(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line: org, service, day.")] = False,
) -> None:
    """What is held and how it compares, per organization, service and day. Asks nothing of JumpCloud."""
    pipeline = pipeline_of(Settings.load())
    days = coverage(pipeline.lake, pipeline.settings, pipeline.services, datetime.now(UTC))
    if as_json:
        for day in days:
            sys.stdout.write(msgspec.json.encode(dataclasses.asdict(day)).decode() + "\n")
        return
    console = Console(soft_wrap=True, highlight=False)
    console.print(coverage_table(days))
    console.print(coverage_line(days), markup=False)
