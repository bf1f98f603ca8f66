"""A run as a process of its own, to be killed, or to find the disk full: `python -m ... <url> <home> <lake> [bytes]`.

With `bytes` it publishes alone, and no file that it writes may become larger: to a writer that is a full disk.
"""

from __future__ import annotations

import resource
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from insights_pipeline.emulator import DEMO_API_KEY
from insights_pipeline.orchestration.resources import Pipeline, pipeline_of
from insights_pipeline.orchestration.run import run_pipeline
from insights_pipeline.settings import IsolatedSettings
from insights_pipeline.warehouse import WarehouseError, publish

SERVICES = ("directory", "sso", "radius")
DAYS = [date(2026, 3, 3), date(2026, 3, 4)]
NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)


def pipeline_at(url: str, home: Path, lake: Path) -> Pipeline:
    """Of two closed days, its clock standing still."""
    settings = IsolatedSettings(
        JUMPCLOUD_API_URL=url,
        JUMPCLOUD_API_KEY=DEMO_API_KEY,
        INSIGHTS_HOME=home,
        INSIGHTS_LAKE=lake,
        INSIGHTS_SERVICES=",".join(SERVICES),
        INSIGHTS_SETTLE_MINUTES=0,
        INSIGHTS_MAX_REQUESTS_PER_SECOND=1000,
    )
    return replace(pipeline_of(settings), clock=lambda: NOW)


def main(url: str, home: str, lake: str, most_bytes: str | None = None) -> None:
    pipeline = pipeline_at(url, Path(home), Path(lake))
    if most_bytes is None:
        run_pipeline(pipeline, SERVICES, DAYS, named=True)
        return
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(most_bytes), int(most_bytes)))
    try:
        publish(pipeline.settings.home, pipeline.lake)
    except WarehouseError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(*sys.argv[1:])
