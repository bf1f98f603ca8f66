"""One pace for processes on any number of hosts: a row of Postgres for each credential. The arithmetic is `spacing`'s, in SQL.

Needs psycopg, which the extra `cluster` brings: nothing else imports this module before a shared pace is asked for.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from urllib.parse import urlsplit

import psycopg
import tenacity
from psycopg.conninfo import make_conninfo

from insights_pipeline.jumpcloud.errors import LimitUnavailable
from insights_pipeline.jumpcloud.spacing import EARLY_SECONDS, INCREASE, LOWEST

Result = TypeVar("Result")

# A restart or a failover of Postgres takes less; a run that waits longer is told rather than left hanging.
PATIENCE_SECONDS = 60.0

# A host that vanished sends no refusal: without these a statement would wait for the system's own two hours.
_CONNECTION: dict[str, str | int] = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
    "application_name": "insights-pipeline",
}

# Two that make the table at once would both find it missing; the number is arbitrary, and nobody else's here.
_MAKING_LOCK = 7_302_586_001

# `share` is the part of the highest rate that is allowed now: a worker with another setting keeps to its own.
_MAKE = """
create table if not exists insights_request_pace (
    credential text primary key,
    share double precision not null default 1,
    due_at timestamptz not null default 'epoch',
    paused_until timestamptz not null default 'epoch',
    slowed_at timestamptz not null default 'epoch'
)
"""

_CAN_BE_MADE = (
    "select to_regclass('insights_request_pace') is not null or has_schema_privilege(current_schema(), 'create')"
)

# One statement: it takes the turn if there is one, else tells how long to wait. Every time is the server's, and where two
# ask at once the second waits for the first one's row and looks again.
_TAKE = """
with taken as (
    update insights_request_pace
    set due_at = greatest(due_at, clock_timestamp()) + make_interval(secs => 1 / (%(highest_rate)s * share))
    where credential = %(credential)s
        and greatest(due_at - make_interval(secs => %(early)s), paused_until) <= clock_timestamp()
    returning share
)
select true, 0, share from taken
union all
select
    false,
    extract(epoch from greatest(due_at - make_interval(secs => %(early)s), paused_until) - clock_timestamp())::float8,
    share
from insights_request_pace
where credential = %(credential)s and not exists (select from taken)
"""

_SPEED_UP = """
update insights_request_pace set share = least(share + %(increase)s, 1)
where credential = %(credential)s and share < 1
"""

_SLOW_DOWN = """
update insights_request_pace set share = greatest(share / 2, %(lowest)s), slowed_at = clock_timestamp()
where credential = %(credential)s and slowed_at <= clock_timestamp() - make_interval(secs => %(seconds_ago)s)
"""

_PAUSE = """
update insights_request_pace
set paused_until = greatest(paused_until, clock_timestamp() + make_interval(secs => %(seconds)s))
where credential = %(credential)s
"""

# What passes by itself; anything else, such as a missing right, is told at once.
_PASSING = (psycopg.OperationalError, psycopg.InterfaceError)

# Of a turn that somebody else took a moment ago.
_SHORTEST_WAIT_SECONDS = 0.001


class SharedPace:
    """A `Pace` for everybody who gives the same database and the same `credential` (see `Credentials.limit_key`).

    `url` is a `postgresql://` address. While Postgres doesn't answer nothing starts; after `patience_seconds` of that,
    every method raises LimitUnavailable. The first who asks makes the table.
    """

    def __init__(
        self, url: str, credential: str, highest_rate: float, *, patience_seconds: float = PATIENCE_SECONDS
    ) -> None:
        self._url = url
        self._values = {
            "credential": credential,
            "highest_rate": highest_rate,
            "early": EARLY_SECONDS,
            "increase": INCREASE,
            "lowest": LOWEST,
        }
        self._patience_seconds = patience_seconds
        # All below is touched by this one thread alone, whichever event loop asks.
        self._thread = ThreadPoolExecutor(1, "shared-pace")
        self._connection: psycopg.Connection | None = None
        self._silent_since: float | None = None
        self._share = 1.0

    async def take(self) -> float:
        """See `Pace`, as for all methods."""
        return await self._in_thread(self._take)

    async def speed_up(self) -> None:
        if self._share < 1:
            await self._in_thread(lambda: self._execute(_SPEED_UP))

    async def slow_down(self, seconds_ago: float) -> None:
        await self._in_thread(lambda: self._execute(_SLOW_DOWN, seconds_ago=seconds_ago))

    async def pause(self, seconds: float) -> None:
        if seconds > 0:
            await self._in_thread(lambda: self._execute(_PAUSE, seconds=seconds))

    async def close(self) -> None:
        await self._in_thread(self._disconnect)

    async def _in_thread(self, call: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    def _take(self) -> float:
        answer = self._execute(_TAKE).fetchone()
        if answer is None:
            self._disconnect()  # Somebody removed the row: connecting makes it again.
            return _SHORTEST_WAIT_SECONDS
        taken, wait, self._share = answer
        return 0.0 if taken else max(wait, _SHORTEST_WAIT_SECONDS)

    def _execute(self, statement: str, **values: float) -> psycopg.Cursor[Any]:
        """Tries again for as long as the patience lasts, counted from when Postgres fell silent."""
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_PASSING),
            wait=tenacity.wait_random_exponential(multiplier=0.25, max=5),
            stop=lambda _: self._silent_seconds() >= self._patience_seconds,
            reraise=True,
        )
        try:
            return retrying(self._try, statement, self._values | values)
        except psycopg.Error as error:
            raise _unavailable(self._url, error) from None

    def _try(self, statement: str, values: dict[str, Any]) -> psycopg.Cursor[Any]:
        try:
            if self._connection is None:
                self._connection = _connect(self._url)
                _prepare(self._connection, values["credential"])
            cursor = self._connection.execute(statement.encode(), values)
        except psycopg.Error:
            self._silent_since = self._silent_since or time.monotonic()
            self._disconnect()
            raise
        self._silent_since = None
        return cursor

    def _silent_seconds(self) -> float:
        return 0.0 if self._silent_since is None else time.monotonic() - self._silent_since

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def check_shared_pace(url: str) -> None:
    """Whether a pace can be shared there; raises LimitUnavailable at the first failure. Changes nothing."""
    try:
        with _connect(url) as connection:
            answer = connection.execute(_CAN_BE_MADE).fetchone()
    except psycopg.Error as error:
        raise _unavailable(url, error) from None
    if answer != (True,):
        raise LimitUnavailable(
            "The database of INSIGHTS_SHARED_LIMIT_URL lacks the table insights_request_pace, and its user may not make it: "
            "grant CREATE on the schema once."
        )


def _connect(url: str) -> psycopg.Connection:
    # Statements that the server keeps prepared belong to its connection, which a pooler such as PgBouncer exchanges.
    return psycopg.connect(make_conninfo(url, **_CONNECTION), autocommit=True, prepare_threshold=None)


def _prepare(connection: psycopg.Connection, credential: str) -> None:
    """Sees to it that the table and the credential's row are there; asks for no right that it doesn't need."""
    if connection.execute("select to_regclass('insights_request_pace')").fetchone() == (None,):
        with connection.transaction():
            connection.execute("select pg_advisory_xact_lock(%s)", [_MAKING_LOCK])
            connection.execute(_MAKE)
    connection.execute(
        "insert into insights_request_pace (credential) values (%s) on conflict do nothing", [credential]
    )


def _unavailable(url: str, error: psycopg.Error) -> LimitUnavailable:
    """Tells the host and the kind of error: its text may quote the address, password and all."""
    host = urlsplit(url).hostname or "this host"
    return LimitUnavailable(
        f"The rate limit that workers share can't be asked of Postgres at {host} ({type(error).__name__}), and nothing is sent "
        "without it: start that database, or correct INSIGHTS_SHARED_LIMIT_URL."
    )
