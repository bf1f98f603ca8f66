"""The pace that workers share through Postgres, each with a connection of its own, as processes on several hosts have."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from itertools import count

import pytest

psycopg = pytest.importorskip("psycopg", reason="the extra `cluster` is not installed")

from insights_pipeline.jumpcloud import ApiKey, Credentials, LimitUnavailable, RequestLimits, ServiceAccount  # noqa: E402
from insights_pipeline.jumpcloud.pace import Pace  # noqa: E402
from insights_pipeline.jumpcloud.shared_pace import SharedPace, check_shared_pace  # noqa: E402
from insights_pipeline_tests.postgres import PASSWORD, Postgres, needs_postgres, running_postgres  # noqa: E402

pytestmark = needs_postgres

_numbers = count()


@pytest.fixture
def credential() -> str:
    """One that no other test uses."""
    return ApiKey(f"key-{next(_numbers)}").limit_key


async def with_paces(paces: list[SharedPace], work: Callable[[], Awaitable[list[float]]]) -> list[float]:
    try:
        return await work()
    finally:
        for pace in paces:
            await pace.close()


async def starts(limits: RequestLimits, seconds: float) -> list[float]:
    """When requests started of a worker that has always several more waiting."""
    began, started = time.monotonic(), list[float]()

    async def one_after_the_other() -> None:
        while time.monotonic() < began + seconds:
            async with limits.slot():
                started.append(time.monotonic())

    await asyncio.gather(*(one_after_the_other() for _ in range(3)))
    return started


def test_workers_together_start_no_more_than_the_rate(postgres: Postgres, credential: str) -> None:
    rate, seconds = 40, 1.5
    paces = [SharedPace(postgres.url, credential, rate) for _ in range(3)]
    by_worker: list[list[float]] = []

    async def work() -> list[float]:
        by_worker.extend(await asyncio.gather(*(starts(RequestLimits(rate, 8, pace=pace), seconds) for pace in paces)))
        return sorted(moment for started in by_worker for moment in started)

    times = asyncio.run(with_paces(paces, work))
    # Between the turn and the moment that is noted lies a way back that takes longer at one time than at another.
    for first, start in enumerate(times):
        assert all(
            number - first <= rate * (times[number] - start + 0.05 + 0.1) + 1 for number in range(first, len(times))
        )
    assert len(times) > rate * seconds / 2
    assert all(by_worker)


def test_what_one_worker_is_told_holds_all_of_them(postgres: Postgres, credential: str) -> None:
    paces = [
        SharedPace(postgres.url, credential, 0.5) for _ in range(2)
    ]  # one in two seconds: a busy machine may need half of one
    one, other = paces

    async def share() -> float:
        with psycopg.connect(postgres.url) as connection:
            query = "select share from insights_request_pace where credential = %s"
            (found,) = connection.execute(query, [credential]).fetchone()
        return float(found)

    async def work() -> list[float]:
        assert await one.take() == 0.0
        await one.slow_down(seconds_ago=0.0)
        halved = await share()
        # It had started before the rate was halved, and says nothing of the halved one.
        await other.slow_down(seconds_ago=60.0)
        unchanged = await share()
        wait = await other.take()
        await asyncio.sleep(wait)
        await other.take()
        await other.speed_up()
        recovered = await share()
        await one.pause(30.0)
        await other.pause(5.0)
        return [halved, unchanged, recovered, await other.take(), wait]

    halved, unchanged, recovered, paused, wait = asyncio.run(with_paces(paces, work))
    assert (halved, unchanged) == (0.5, 0.5)
    assert recovered == pytest.approx(0.51)
    assert 29 < paused <= 30
    assert 0 < wait <= 2


def test_the_rate_has_a_floor_and_comes_back_to_the_whole(postgres: Postgres, credential: str) -> None:
    pace = SharedPace(postgres.url, credential, 1000)

    async def work() -> list[float]:
        for _ in range(10):
            await pace.slow_down(seconds_ago=0.0)
        await pace.take()
        lowest = pace._share
        for _ in range(110):
            await pace.speed_up()
        await asyncio.sleep(0.1)
        await pace.take()
        return [lowest, pace._share]

    assert asyncio.run(with_paces([pace], work)) == [pytest.approx(1 / 40), 1.0]


def test_credentials_are_paced_apart_and_told_by_no_row(postgres: Postgres) -> None:
    keys: list[Credentials] = [ApiKey("a-very-secret-key"), ServiceAccount("account-id", "a-very-secret-secret")]
    paces = [SharedPace(postgres.url, key.limit_key, 1) for key in keys]

    async def work() -> list[float]:
        return [await pace.take() for pace in paces]

    assert asyncio.run(with_paces(paces, work)) == [0.0, 0.0]
    with psycopg.connect(postgres.url) as connection:
        rows = str(connection.execute("select * from insights_request_pace").fetchall())
    assert keys[0].limit_key in rows
    assert "very-secret" not in rows
    assert "account-id" not in rows
    renewed = ServiceAccount("account-id", "its-other-secret")
    assert renewed.limit_key == keys[1].limit_key != keys[0].limit_key


def test_a_row_that_somebody_removed_is_made_again(postgres: Postgres, credential: str) -> None:
    pace = SharedPace(postgres.url, credential, 1000)

    async def work() -> list[float]:
        await pace.take()
        with psycopg.connect(postgres.url) as connection:
            connection.execute("delete from insights_request_pace where credential = %s", [credential])
        first = await pace.take()
        return [first, await pace.take()]

    first, second = asyncio.run(with_paces([pace], work))
    assert first > 0
    assert second == 0.0


@pytest.fixture(scope="module")
def stoppable() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


def test_workers_wait_out_a_restart_of_postgres(stoppable: Postgres, credential: str) -> None:
    pace = SharedPace(stoppable.url, credential, 1000)

    async def work() -> list[float]:
        await pace.take()
        stoppable.stop()
        waiting = asyncio.create_task(pace.take())
        await asyncio.sleep(0.3)
        assert not waiting.done()
        stoppable.start()
        return [await waiting]

    assert asyncio.run(with_paces([pace], work)) == [0.0]


def test_nothing_starts_while_postgres_is_away_and_the_reason_is_named_without_secrets(
    stoppable: Postgres, credential: str
) -> None:
    pace = SharedPace(stoppable.url, credential, 1000, patience_seconds=0.5)

    async def asked(call: Callable[[Pace], Awaitable[object]]) -> str:
        with pytest.raises(LimitUnavailable) as raised:
            await call(pace)
        return str(raised.value)

    async def work() -> list[str]:
        await pace.take()
        stoppable.stop()
        try:
            first = await asked(lambda pace: pace.take())
            began = time.monotonic()
            told = [await asked(lambda pace: pace.slow_down(0.0)), await asked(lambda pace: pace.pause(1.0))]
            # The patience was spent: who comes later learns it at once.
            assert time.monotonic() - began < 0.5
            return [first, *told]
        finally:
            stoppable.start()
            await pace.close()

    for sentence in asyncio.run(work()):
        assert "INSIGHTS_SHARED_LIMIT_URL" in sentence
        assert "127.0.0.1" in sentence
        assert PASSWORD not in sentence


def test_a_database_that_cannot_be_used_is_found_out_without_changing_it(stoppable: Postgres) -> None:
    check_shared_pace(stoppable.url)
    empty = stoppable.new_database("empty")
    with psycopg.connect(stoppable.url, autocommit=True) as connection:
        connection.execute("create role guest login password 'guest'")
    guest = empty.replace(f"insights:{PASSWORD}", "guest:guest")
    with pytest.raises(LimitUnavailable, match="grant CREATE"):
        check_shared_pace(guest)
    wrong = stoppable.url.replace(PASSWORD, "a-wrong-secret")
    with pytest.raises(LimitUnavailable) as raised:
        check_shared_pace(wrong)
    assert "a-wrong-secret" not in str(raised.value)
    with psycopg.connect(empty) as connection:
        assert connection.execute("select to_regclass('insights_request_pace')").fetchone() == (None,)
