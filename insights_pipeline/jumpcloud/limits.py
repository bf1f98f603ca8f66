"""The one limit on requests that everything that runs shares. What a request is, is not known here."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

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
        self._lock = threading.Lock()
        # A semaphore belongs to the event loop that first waits on it.
        self._places: dict[asyncio.AbstractEventLoop, asyncio.Semaphore] = {}

    @property
    def rate(self) -> float:
        """Requests a second allowed now."""
        return self._pace.rate

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[float]:
        """Waits for a place, then for a turn; gives the seconds that the rate or a pause held it up."""
        async with self._place():
            yield await self._turn()

    def succeeded(self) -> None:
        """A request was answered."""
        with self._lock:
            self._pace.speed_up()

    def throttled(self, started: float) -> None:
        """A request that had started at `started`, of the clock's monotonic seconds, was refused for being one too
        many.
        """
        with self._lock:
            self._pace.slow_down(self.clock.monotonic(), started)

    def pause(self, seconds: float) -> None:
        """Nobody starts a request for so long."""
        with self._lock:
            self._pace.pause(self.clock.monotonic() + seconds)

    def _place(self) -> asyncio.Semaphore:
        loop = asyncio.get_running_loop()
        with self._lock:
            if loop not in self._places:
                self._places = {known: place for known, place in self._places.items() if not known.is_closed()}
                self._places[loop] = asyncio.Semaphore(self.max_concurrency)
            return self._places[loop]

    async def _turn(self) -> float:
        began = self.clock.monotonic()
        while True:
            with self._lock:
                wait = self._pace.take(self.clock.monotonic())
            if not wait:
                return self.clock.monotonic() - began
            await self.clock.sleep(max(wait, _SHORTEST_SLEEP_SECONDS))
