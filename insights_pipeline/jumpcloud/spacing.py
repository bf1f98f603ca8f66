"""How fast requests may start, as pure arithmetic on a clock's seconds. Who keeps to it is `pace`'s business.

Starts are spaced evenly, by the generic cell rate algorithm. The rate follows the server: halved when it says 429,
raised a little with every success, as TCP does with congestion (additive increase, multiplicative decrease).
"""

# A start may be this early, so that a sleep that ends late is made up for; at 10 requests a second that is half a
# request.
EARLY_SECONDS = 0.05

# From half the highest rate back to all of it takes 50 successes, some 7 seconds at 10 requests a second: slow enough
# not to run into the server's limit again at once, fast enough not to waste an hour on one bad minute.
INCREASE = 1 / 100

# 10 requests a second go down to one in four seconds; slower than that a collector cannot keep up with a day.
LOWEST = 1 / 40


class Spacing:
    """The rate allowed now, and when the next request may start. Not thread-safe."""

    def __init__(self, highest_rate: float) -> None:
        self._highest_rate = highest_rate
        self._due = 0.0
        self._paused_until = 0.0
        self._slowed_at = float("-inf")
        self.rate = highest_rate

    def take(self, now: float) -> float:
        """Starts a request if one may start: 0.0. Otherwise starts none and returns the seconds to wait before asking
        again.
        """
        ready = max(self._due - EARLY_SECONDS, self._paused_until)
        if now < ready:
            return ready - now
        self._due = max(now, self._due) + 1 / self.rate
        return 0.0

    def slow_down(self, now: float, started: float) -> None:
        """The server refused a request that had started at `started` because there were too many.

        Requests that were on their way when the rate was last halved say nothing of the halved rate, and don't halve
        it again.
        """
        if started < self._slowed_at:
            return
        self.rate = max(self.rate / 2, self._highest_rate * LOWEST)
        self._slowed_at = now

    def pause(self, until: float) -> None:
        """Nothing starts before `until`."""
        self._paused_until = max(self._paused_until, until)

    def speed_up(self) -> None:
        """A request succeeded."""
        self.rate = min(self.rate + self._highest_rate * INCREASE, self._highest_rate)
