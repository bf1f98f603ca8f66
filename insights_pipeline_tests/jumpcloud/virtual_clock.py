"""A clock whose sleeps take no real time: it moves on to the next sleeper whenever everything else has come to rest."""

import asyncio
import heapq
from datetime import UTC, datetime, timedelta
from itertools import count

from insights_pipeline.jumpcloud import Clock

# An in-process HTTP exchange is done within fewer turns of the event loop than this.
_TURNS_TO_REST = 50


class VirtualTime:
    """Seconds since `epoch`; `clock` is to be given to what is tested."""

    epoch = datetime(2026, 3, 1, tzinfo=UTC)

    def __init__(self) -> None:
        self.seconds = 0.0
        self.clock = Clock(monotonic=lambda: self.seconds, sleep=self._sleep, now=self._now)
        self._order = count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._driver: asyncio.Task[None] | None = None

    def _now(self) -> datetime:
        return self.epoch + timedelta(seconds=self.seconds)

    async def _sleep(self, seconds: float) -> None:
        alarm: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.seconds + seconds, next(self._order), alarm))
        if self._driver is None or self._driver.done():
            self._driver = asyncio.create_task(self._drive())
        await alarm

    async def _drive(self) -> None:
        while self._sleepers:
            for _ in range(_TURNS_TO_REST):
                await asyncio.sleep(0)
            wake_at, _, alarm = heapq.heappop(self._sleepers)
            self.seconds = max(self.seconds, wake_at)
            if not alarm.done():
                alarm.set_result(None)
