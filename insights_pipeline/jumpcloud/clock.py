"""The time that pauses and limits go by, as a value, so that tests need not wait. Nothing here knows what is timed."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Clock:
    """`monotonic` in seconds from any origin, `sleep` for seconds, `now` as an aware UTC time."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    now: Callable[[], datetime] = _utc_now


SYSTEM_CLOCK = Clock()
