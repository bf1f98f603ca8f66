"""Who keeps to the rate: this process alone, or everybody who shares a pace. How starts are spaced is `spacing`'s to say."""

import threading
from typing import Protocol

from insights_pipeline.jumpcloud.clock import SYSTEM_CLOCK, Clock
from insights_pipeline.jumpcloud.spacing import Spacing


class Pace(Protocol):
    """What `RequestLimits` asks before a request starts, and tells of its end. Usable from any event loop and thread.

    Every method raises LimitUnavailable where the pace can't be asked or told: no request starts without it.
    """

    async def take(self) -> float:
        """Starts a request if one may start: 0.0. Otherwise starts none and returns the seconds to wait before asking
        again.
        """

    async def speed_up(self) -> None:
        """A request succeeded."""

    async def slow_down(self, seconds_ago: float) -> None:
        """The server refused a request that had started so long ago because there were too many."""

    async def pause(self, seconds: float) -> None:
        """Nothing starts for so long."""

    async def close(self) -> None:
        """Lets go of connections; what is asked afterwards opens them again."""


class OwnPace:
    """The pace of this process alone."""

    def __init__(self, highest_rate: float, clock: Clock = SYSTEM_CLOCK) -> None:
        self._spacing = Spacing(highest_rate)
        self._clock = clock
        self._lock = threading.Lock()

    @property
    def rate(self) -> float:
        """Requests a second allowed now."""
        return self._spacing.rate

    async def take(self) -> float:
        """See `Pace`, as for all methods."""
        with self._lock:
            return self._spacing.take(self._clock.monotonic())

    async def speed_up(self) -> None:
        with self._lock:
            self._spacing.speed_up()

    async def slow_down(self, seconds_ago: float) -> None:
        now = self._clock.monotonic()
        with self._lock:
            self._spacing.slow_down(now, now - seconds_ago)

    async def pause(self, seconds: float) -> None:
        with self._lock:
            self._spacing.pause(self._clock.monotonic() + seconds)

    async def close(self) -> None:
        """There is nothing to let go of."""
