"""The one limit on requests that everything that runs shares. What a request is, or when it is tried again, is not
known here.
"""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakKeyDictionary

from insights_pipeline.jumpcloud.clock import SYSTEM_CLOCK, Clock
from insights_pipeline.jumpcloud.pace import Pace

# Waking earlier than this gains nothing, and a rest of rounding errors would spin.
_SHORTEST_SLEEP_SECONDS = 0.001


class RequestLimits:
    """How many requests may start a second and run at once, for every client that is built with it.

    JumpCloud publishes no limit; 10 a second is what another collector of these events keeps to. The rate halves when
    JumpCloud says 429 and recovers with successes; a pause that it asks for holds everybody.

    It may serve successive `asyncio.run` calls, and event loops in several threads: the rate is one for all of them,
    the number at once is counted for each event loop.
    """

    def __init__(
        self, max_requests_per_second: float = 10, max_concurrency: int = 8, *, clock: Clock = SYSTEM_CLOCK
    ) -> None:
        if max_requests_per_second <= 0:
            raise ValueError("The requests per second must be more than 0.")
        if max_concurrency < 1:
            raise ValueError("At least one request must be allowed at once.")
        self.max_concurrency = max_concurrency
        self.clock = clock
        self._pace = Pace(max_requests_per_second)
        self._pace_lock = threading.Lock()
        # A semaphore belongs to the event loop that first waits on it.
        self._slots: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()

    @property
    def rate(self) -> float:
        """Requests a second allowed now."""
        return self._pace.rate

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[float]:
        """Waits for a place and a turn, in order of arrival; gives the seconds that the rate or a pause held it up."""
        async with self._semaphore():
            yield await self._turn()

    def succeeded(self) -> None:
        """A request was answered."""
        with self._pace_lock:
            self._pace.speed_up()

    def throttled(self, started: float) -> None:
        """A request that had started at `started`, of the clock's monotonic seconds, was refused for being one too
        many.
        """
        with self._pace_lock:
            self._pace.slow_down(self.clock.monotonic(), started)

    def pause(self, seconds: float) -> None:
        """Nobody starts a request for so long."""
        with self._pace_lock:
            self._pace.pause(self.clock.monotonic() + seconds)

    def _semaphore(self) -> asyncio.Semaphore:
        with self._pace_lock:
            return self._slots.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(self.max_concurrency))

    async def _turn(self) -> float:
        began = self.clock.monotonic()
        while True:
            with self._pace_lock:
                wait = self._pace.take(self.clock.monotonic())
            if not wait:
                return self.clock.monotonic() - began
            await self.clock.sleep(max(wait, _SHORTEST_SLEEP_SECONDS))
