"""What the collector promises of speed, memory and requests, measured against the emulated service in a process of its own.

`python benchmarks/collect.py` takes some four minutes and wants two cores that nobody else uses. Prints lines for people,
then one line of JSON. Smaller figures (`--events`, `--memory-events`) run sooner; speed then counts for little.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

import httpx

from insights_pipeline.collector import Collector
from insights_pipeline.emulator import DEMO_API_KEY, Behaviour, Tenant, run
from insights_pipeline.emulator.tenant.catalogue import KNOWN_SERVICES
from insights_pipeline.jumpcloud import MAX_LIMIT, ApiKey, DirectoryInsights, RequestLimits
from insights_pipeline.lake import DayKey, Lake

FIRST_DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 20, tzinfo=UTC)

# The collector's default, 10 a second, spares JumpCloud; here it would measure the limiter.
REQUESTS_PER_SECOND = 1_000
CONCURRENCY = 8

# What is promised.
TIMES_FASTER = 8
PEAK_MEGABYTES = 400
RECOUNT_REQUESTS = 130

RECOUNT_DAYS = 7

# Fresh processes: what one measurement leaves in memory doesn't show in the next.
_processes = multiprocessing.get_context("spawn")

T = TypeVar("T")


@dataclass(frozen=True)
class Load:
    """What the service holds a day, and how slow it is."""

    events_per_day: Mapping[str, int]
    days: int
    latency_milliseconds: float
    row_microseconds: float
    variety: int = 64
    """Events of a service that differ in more than id and time; the more, the less they compress."""

    @property
    def keys(self) -> list[DayKey]:
        days = [FIRST_DAY + timedelta(days=number) for number in range(self.days)]
        return [DayKey("self", service, day) for service in self.events_per_day for day in days]


@dataclass(frozen=True)
class Measured:
    """What one client did, `peak_megabytes` being its process's resident memory at its highest."""

    events: int
    seconds: float
    requests: int
    bytes_received: int
    bytes_written: int
    cpu_seconds: float
    peak_megabytes: float

    @property
    def events_per_second(self) -> float:
        return self.events / self.seconds

    def __str__(self) -> str:
        return (
            f"{self.events:,} events in {self.seconds:.1f} s, {self.events_per_second:,.0f} a second, "
            f"{self.requests:,} requests, {self.bytes_received / 1e6:,.0f} MB received, "
            f"{self.bytes_written / 1e6:,.1f} MB written, {self.cpu_seconds:.1f} s of CPU, "
            f"peak {self.peak_megabytes:,.0f} MB"
        )


def collect(url: str, keys: list[DayKey], root: str) -> Measured:
    """The product, as a run uses it: days that are held already are counted again."""

    async def run_once() -> tuple[int, int, int]:
        limits = RequestLimits(REQUESTS_PER_SECOND, CONCURRENCY)
        async with DirectoryInsights(url, ApiKey(DEMO_API_KEY), limits=limits) as client:
            collector = Collector(Lake(Path(root)), client, lambda: NOW, timedelta(minutes=60), CONCURRENCY)
            outcomes = await collector.collect(keys)
            await collector.unasked(outcomes, sorted({key.service for key in keys}))
            states = {outcome.manifest.state if outcome.manifest else "missing" for outcome in outcomes}
            if states != {"complete"}:
                raise SystemExit(f"The collector did not prove every day: {states}.")
            return sum(outcome.new_events for outcome in outcomes), client.usage.requests, client.usage.bytes_received

    started = time.perf_counter()
    events, requests, received = asyncio.run(run_once())
    return _measured(started, events, requests, received, root)


def page_plainly(url: str, keys: list[DayKey], root: str) -> Measured:
    """What a script does: one request after the other, full pages, each parsed and its events written gzipped."""
    started = time.perf_counter()
    events = requests = received = 0
    with httpx.Client(base_url=url, headers={"x-api-key": DEMO_API_KEY}, timeout=60) as client:
        for key in keys:
            body = {
                "service": [key.service],
                "start_time": f"{key.start:%Y-%m-%dT%H:%M:%SZ}",
                "end_time": f"{key.end:%Y-%m-%dT%H:%M:%SZ}",
                "limit": MAX_LIMIT,
            }
            with gzip.open(Path(root) / f"{key.service}-{key.day}.json.gz", "wb") as file:
                while True:
                    answer = client.post("/insights/directory/v1/events", json=body).raise_for_status()
                    page = json.loads(answer.content)
                    file.write(answer.content)
                    events, requests, received = events + len(page), requests + 1, received + len(answer.content)
                    if len(page) < MAX_LIMIT:
                        break
                    body["search_after"] = json.loads(answer.headers["X-Search_after"])
    return _measured(started, events, requests, received, root)


def _measured(started: float, events: int, requests: int, received: int, root: str) -> Measured:
    return Measured(
        events=events,
        seconds=time.perf_counter() - started,
        requests=requests,
        bytes_received=received,
        bytes_written=sum(path.stat().st_size for path in Path(root).rglob("*") if path.is_file()),
        cpu_seconds=time.process_time(),
        peak_megabytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024,  # Linux counts kilobytes
    )


def _serve(load: Load, line: Connection) -> None:
    tenant = Tenant.bulk(first_day=FIRST_DAY, days=load.days, events_per_day=load.events_per_day, variety=load.variety)
    behaviour = Behaviour(latency_milliseconds=load.latency_milliseconds, row_microseconds=load.row_microseconds)
    run(tenant, behaviour=behaviour, on_ready=line.send)


@contextmanager
def served(load: Load) -> Iterator[str]:
    """The service's address, for as long as the block lasts."""
    ours, theirs = _processes.Pipe()
    process = _processes.Process(target=_serve, args=(load, theirs), daemon=True)
    process.start()
    theirs.close()  # so that a service that does not start ends the wait
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def in_fresh_process(
    client: Callable[[str, list[DayKey], str], Measured], url: str, keys: list[DayKey], root: str
) -> Measured:
    """Runs a client to its end in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=_processes) as pool:
        return pool.submit(client, url, keys, root).result()


def measure_speed(load: Load) -> dict[str, object]:
    """The same days by a plain client and by the collector."""
    with served(load) as url, tempfile.TemporaryDirectory() as plain_root, tempfile.TemporaryDirectory() as root:
        plain = in_fresh_process(page_plainly, url, load.keys, plain_root)
        print(f"  plain client  {plain}")
        ours = in_fresh_process(collect, url, load.keys, root)
        print(f"  collector     {ours}")
    if plain.events != ours.events:
        raise SystemExit(f"The plain client has {plain.events} events, the collector {ours.events}.")
    times = ours.events_per_second / plain.events_per_second
    print(f"  {times:.1f} times as fast, {_verdict(times >= TIMES_FASTER)} (at least {TIMES_FASTER})")
    return {"plain": asdict(plain), "collector": asdict(ours), "times_faster": times, "holds": times >= TIMES_FASTER}


def measure_memory(load: Load) -> dict[str, object]:
    """One large day, and one twice as large."""
    found = []
    for factor in (1, 2):
        larger = Load(
            {service: factor * events for service, events in load.events_per_day.items()},
            load.days,
            load.latency_milliseconds,
            load.row_microseconds,
        )
        with served(larger) as url, tempfile.TemporaryDirectory() as root:
            found.append(in_fresh_process(collect, url, larger.keys, root))
        print(f"  {found[-1]}")
    once, twice = (measured.peak_megabytes for measured in found)
    # How many pages lie in memory at the same moment is chance, of one run as of the other.
    holds = once < PEAK_MEGABYTES and twice < PEAK_MEGABYTES
    print(f"  {twice / once:.2f} times the memory for twice the events, {_verdict(holds)} (under {PEAK_MEGABYTES} MB)")
    return {"runs": [asdict(measured) for measured in found], "holds": holds}


def measure_recount(load: Load) -> dict[str, object]:
    """A second run over days that are complete, with nothing new."""
    with served(load) as url, tempfile.TemporaryDirectory() as root:
        first = in_fresh_process(collect, url, load.keys, root)
        second = in_fresh_process(collect, url, load.keys, root)
    print(f"  first run     {first}")
    print(f"  second run    {second}")
    holds = second.requests < RECOUNT_REQUESTS and second.events == 0
    print(f"  {second.requests} requests, {_verdict(holds)} (under {RECOUNT_REQUESTS})")
    return {"first": asdict(first), "second": asdict(second), "holds": holds}


def _verdict(holds: bool) -> str:
    return "as promised" if holds else "NOT as promised"


def main() -> None:
    """Measures all three and prints what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--events", type=int, default=1_000_000, help="events of the speed test, in two services")
    parser.add_argument("--memory-events", type=int, default=1_000_000, help="events of the smaller of the large days")
    parser.add_argument("--latency", type=float, default=150, help="milliseconds that each answer takes")
    parser.add_argument("--row-cost", type=float, default=60, help="microseconds that each row adds")
    arguments = parser.parse_args()
    slowness = arguments.latency, arguments.row_cost
    print(
        f"{arguments.latency:g} ms an answer and {arguments.row_cost:g} µs a row, {CONCURRENCY} requests at once "
        f"(the default), up to {REQUESTS_PER_SECOND:,} a second (the default is 10)"
    )
    print("Speed")
    sizes = {"directory": arguments.events // 5, "sso": arguments.events - arguments.events // 5}
    speed = measure_speed(Load(sizes, 1, *slowness))
    print("Memory")
    memory = measure_memory(Load({"sso": arguments.memory_events}, 1, *slowness))
    print(f"Counting {RECOUNT_DAYS} complete days of {len(KNOWN_SERVICES)} services again")
    recount = measure_recount(Load(dict.fromkeys(sorted(KNOWN_SERVICES), 200), RECOUNT_DAYS, *slowness))
    print(json.dumps({"speed": speed, "memory": memory, "recount": recount}))


if __name__ == "__main__":
    main()
