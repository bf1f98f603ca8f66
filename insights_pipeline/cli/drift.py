"""`insights drift`: what events had that nobody declared, in the days that are held."""

from __future__ import annotations

import dataclasses
import sys
from datetime import date
from typing import Annotated

import msgspec
import pyarrow as pa
import typer
from rich.console import Console

from insights_pipeline.cli.arguments import FirstDay, LastDay, Services, services_of
from insights_pipeline.cli.errors import UsageMistake
from insights_pipeline.cli.output import write_table
from insights_pipeline.events import Drift, drift_of, recorded
from insights_pipeline.orchestration.resources import pipeline_of
from insights_pipeline.settings import Settings
from insights_pipeline.warehouse import known_event_types


def show_drift(
    first: FirstDay = None,
    last: LastDay = None,
    service: Services = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """What events have that isn't declared: new fields, new event types, values of another type than their column's.

    Nothing of it is lost: the whole event is kept. `example` is a typed file that has it; no value is shown. Asks
    nothing of JumpCloud.
    """
    if first is not None and last is not None and first > last:
        raise UsageMistake(f"--from {first} is after --to {last}: swap them.")
    pipeline = pipeline_of(Settings.load())
    held = [key for key in pipeline.lake.raw_days() if (first or date.min) <= key.day <= (last or date.max)]
    services = services_of(service or (), sorted({*pipeline.services, *(key.service for key in held)}))
    records = (recorded(pipeline.lake, key) for key in held if key.service in services)
    drifts = drift_of((record.day for record in records if record is not None), known_event_types())
    if as_json:
        for drift in drifts:
            sys.stdout.write(msgspec.json.encode(drift).decode() + "\n")
        return
    console = Console(soft_wrap=True, highlight=False)
    if not held:
        console.print("Nothing is held yet: `insights run` collects.", markup=False)
        return
    if not drifts:
        console.print(f"No drift in {len(held):,} days: every field, type and value is as declared.", markup=False)
        return
    names = [field.name for field in dataclasses.fields(Drift)]
    rows = [dataclasses.asdict(drift) | {"kind": drift.kind.value.replace("_", " ")} for drift in drifts]
    write_table(pa.table({name: [row[name] for row in rows] for name in names}), sys.stdout)
