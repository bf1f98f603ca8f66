"""The shared limit, at work in event loops."""

import asyncio
from itertools import pairwise

import pytest

from insights_pipeline.jumpcloud import RequestLimits
from insights_pipeline.jumpcloud.pace import OwnPace
from insights_pipeline_tests.jumpcloud.virtual_clock import VirtualTime


async def starts(limits: RequestLimits, requests: int, seconds_each: float) -> list[float]:
    """When so many requests start that are all there at once."""
    started: list[float] = []

    async def request() -> None:
        async with limits.slot():
            started.append(limits.clock.monotonic())
            await limits.clock.sleep(seconds_each)

    await asyncio.gather(*(request() for _ in range(requests)))
    return started


def test_requests_start_no_faster_than_the_rate() -> None:
    limits = RequestLimits(10, 8, clock=VirtualTime().clock)
    times = asyncio.run(starts(limits, requests=31, seconds_each=0.15))
    assert times[-1] == pytest.approx(3, abs=0.1)


def test_no_more_run_at_once_than_allowed() -> None:
    limits = RequestLimits(1000, 3, clock=VirtualTime().clock)
    times = asyncio.run(starts(limits, requests=12, seconds_each=10))
    for earlier, later in zip(times, times[3:], strict=False):
        assert later >= earlier + 10


def test_successive_event_loops_keep_one_rate() -> None:
    limits = RequestLimits(10, 2, clock=VirtualTime().clock)
    times = [time for _ in range(3) for time in asyncio.run(starts(limits, requests=10, seconds_each=0.5))]
    assert times == sorted(times)
    assert all(later - earlier > 0.0499 for earlier, later in pairwise(times))
    assert len(limits._gates) == 1  # loops that are closed are forgotten


def test_a_pause_holds_everybody() -> None:
    limits = RequestLimits(10, 8, clock=VirtualTime().clock)

    async def pause_and_start() -> list[float]:
        await limits.pause(60)
        return await starts(limits, requests=5, seconds_each=0.1)

    assert min(asyncio.run(pause_and_start())) == pytest.approx(60)


def test_a_slot_tells_how_long_the_rate_held_it_up() -> None:
    limits = RequestLimits(10, 8, clock=VirtualTime().clock)

    async def held_up() -> float:
        await limits.pause(7)
        async with limits.slot() as seconds:
            return seconds

    assert asyncio.run(held_up()) == pytest.approx(7)


def test_refusals_and_successes_change_the_rate() -> None:
    time = VirtualTime()
    pace = OwnPace(10, time.clock)
    limits = RequestLimits(10, 8, clock=time.clock, pace=pace)

    async def refused_once_and_answered_once() -> list[float]:
        await limits.throttled(started=0.0)
        halved = pace.rate
        await limits.succeeded()
        return [halved, pace.rate]

    assert asyncio.run(refused_once_and_answered_once()) == pytest.approx([5, 5.1])


def test_a_place_is_given_back_when_its_request_is_cancelled() -> None:
    async def cancel_one_and_run_another() -> None:
        limits = RequestLimits(1000, 1)
        holder = asyncio.create_task(starts(limits, requests=1, seconds_each=60))
        await asyncio.sleep(0.01)
        waiter = asyncio.create_task(starts(limits, requests=1, seconds_each=0))
        await asyncio.sleep(0.01)
        assert not waiter.done()
        holder.cancel()
        assert len(await asyncio.wait_for(waiter, 1)) == 1

    asyncio.run(cancel_one_and_run_another())


@pytest.mark.parametrize(("rate", "concurrency"), [(0, 1), (-1, 1), (1, 0)])
def test_limits_that_let_nothing_through_are_refused(rate: float, concurrency: int) -> None:
    with pytest.raises(ValueError, match=r"must be"):
        RequestLimits(rate, concurrency)
