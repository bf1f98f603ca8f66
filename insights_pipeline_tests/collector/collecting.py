"""A run of the collector as a process of its own, to be killed or started twice: `python -m ... <url> <lake> <service>...`.

Its clock runs twenty times as fast as others, so that days are committed every quarter of a second while they last.
"""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import datetime, timedelta

from insights_pipeline.collector import Collector
from insights_pipeline.emulator import DEMO_API_KEY
from insights_pipeline.jumpcloud import ApiKey, DirectoryInsights, RequestLimits
from insights_pipeline.lake import Lake
from insights_pipeline_tests.collector.harness import DAY, NOW, day_key

DAYS = [DAY - timedelta(days=1), DAY]


async def main(url: str, root: str, services: list[str]) -> None:
    started = time.monotonic()

    def clock() -> datetime:
        return NOW + timedelta(seconds=20 * (time.monotonic() - started))

    async with DirectoryInsights(url, ApiKey(DEMO_API_KEY), limits=RequestLimits(1_000, 4)) as client:
        collector = Collector(Lake(root), client, clock, timedelta(0), 4)
        outcomes = await collector.collect(day_key(service, day=day) for service in services for day in DAYS)
    if any(outcome.failure for outcome in outcomes):
        sys.exit(1)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
