"""The one limit on requests that everything that runs shares. What a request is, is not known here."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from insights_pipeline.jumpcloud.clock import SYSTEM_CLOCK, Clock
from insights_pipeline.jumpcloud.pace import OwnPace, Pace

# Waking earlier than this gains nothing, and a rest of rounding errors would spin.
_SHORTEST_SLEEP_SECONDS = 0.001


class _Gate:
    """What requests of one event loop pass: a place among those at once, then their turn, one after the other."""

    def __init__(self, places: int) -> None:
        self.places = asyncio.Semaphore(places)
        # Only who is next asks for the turn: a pace that others share is asked over the network.
        self.turn = asyncio.Lock()


class RequestLimits:
    """How many requests may start a second and run at once, for every client that is built with it.

    JumpCloud publishes no limit; 10 a second is what another collector of these events keeps to. The rate halves when
    JumpCloud says 429 and recovers with successes; a pause that it asks for holds everybody. `pace` keeps to a rate of
    its own, in place of `max_requests_per_second`: with a `SharedPace` it is one rate for many processes.

    It may serve successive `asyncio.run` calls, and event loops in several threads: the rate is one for all of them,
    the number at once is counted for each event loop.
    """

    def __init__(
        self,
        max_requests_per_second: float = 10,
        max_concurrency: int = 8,
        *,
        clock: Clock = SYSTEM_CLOCK,
        pace: Pace | None = None,
    ) -> None:
        if max_requests_per_second <= 0:
            raise ValueError("The requests per second must be more than 0.")
        if max_concurrency < 1:
            raise ValueError("At least one request must be allowed at once.")
        self.max_concurrency = max_concurrency
        self.clock = clock
        self._pace = pace or OwnPace(max_requests_per_second, clock)
        self._lock = threading.Lock()
        # Semaphores and locks belong to the event loop that first waits on them.
        self._gates: dict[asyncio.AbstractEventLoop, _Gate] = {}

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[float]:
        """Waits for a place, then for a turn; gives the seconds that the rate or a pause held it up.

        Raises LimitUnavailable where a shared pace can't be asked, as the other methods do.
        """
        gate = self._gate()
        async with gate.places:
            began = self.clock.monotonic()
            async with gate.turn:
                await self._turn()
            yield self.clock.monotonic() - began

    async def succeeded(self) -> None:
        """A request was answered."""
        await self._pace.speed_up()

    async def throttled(self, started: float) -> None:
        """A request that had started at `started`, of the clock's monotonic seconds, was refused for being one too
        many.
        """
        await self._pace.slow_down(self.clock.monotonic() - started)

    async def pause(self, seconds: float) -> None:
        """Nobody starts a request for so long."""
        await self._pace.pause(seconds)

    async def close(self) -> None:
        """Lets go of what the pace holds; clients that are still open get it back when they ask."""
        await self._pace.close()

    def _gate(self) -> _Gate:
        loop = asyncio.get_running_loop()
        with self._lock:
            if loop not in self._gates:
                self._gates = {known: gate for known, gate in self._gates.items() if not known.is_closed()}
                self._gates[loop] = _Gate(self.max_concurrency)
            return self._gates[loop]

    async def _turn(self) -> None:
        while wait := await self._pace.take():
            await self.clock.sleep(max(wait, _SHORTEST_SLEEP_SECONDS))
