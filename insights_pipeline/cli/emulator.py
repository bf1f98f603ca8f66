"""`insights emulator`: serves an invented tenant, or given events, on loopback."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from insights_pipeline.cli.errors import UsageMistake
from insights_pipeline.emulator import DEMO_API_KEY, Tenant, run


def run_emulator(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 takes any that is free.")] = 8765,
    days: Annotated[int, typer.Option(min=1, max=90, help="Days of the invented tenant, up to today.")] = 7,
    per_day: Annotated[int, typer.Option(min=1, help="About how many events a working day has.")] = 1_800,
    events: Annotated[
        list[Path] | None, typer.Option(help="Serve the events of this JSON lines file instead; may be repeated.")
    ] = None,
) -> None:
    """Serve a Directory Insights API on loopback until interrupted."""
    for path in events or ():
        if not path.is_file():
            raise UsageMistake(f"There is no file {path}: name one that holds an event as JSON on each line.")
    today = datetime.now(UTC).date()
    try:
        tenant = (
            Tenant.from_files(events)
            if events
            else Tenant.invented(seed=7, last_day=today, days=days, events_per_day=per_day)
        )
    except ValueError as error:
        raise UsageMistake(f"{error}: give files that hold one event as a JSON object on each line.") from None
    console = Console(soft_wrap=True, highlight=False)

    def ready(url: str) -> None:
        console.print(f"export JUMPCLOUD_API_URL={url} JUMPCLOUD_API_KEY={DEMO_API_KEY}")

    try:
        run(tenant, port=port, on_ready=ready)
    except OSError as error:
        raise UsageMistake(f"Port {port} can't be served ({error.strerror}): choose another with --port.") from None
