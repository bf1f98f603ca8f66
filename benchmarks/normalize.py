"""How fast raw pages become typed files, how much memory and disk that takes, and what dlt and pandas need for the same.

Run as `python benchmarks/normalize.py`; `--json` gives the figures alone. dlt is compared where it is installed, as
`make bench` does.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import re
import resource
import sys
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import msgspec
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from insights_pipeline.emulator.tenant.bulk import BulkShelf
from insights_pipeline.emulator.tenant.company import found_company
from insights_pipeline.emulator.tenant.days import events_of_day
from insights_pipeline.emulator.timestamps import epoch_milliseconds
from insights_pipeline.events import normalize_day, normalized_services
from insights_pipeline.lake import DayKey, Lake, Manifest, PageFile, Slice

Item = TypeVar("Item")
Result = TypeVar("Result")

DAY = date(2026, 3, 4)
ORG = "641b3db57090821c0b2f8183"
SEED = 1
ROWS_PER_PAGE = 10_000
PAGES_PER_SLICE = 3

# What the columns of a typed file are counted under, by the first part of their path; the rest is the service's own.
COLUMN_GROUPS = {
    "event": "the whole event",
    "id": "id",
    "timestamp": "timestamps",
    "timestamp_text": "timestamps",
    "fetched_at": "timestamps",
    "changes": "JSON columns",
    "association": "JSON columns",
    "auth_context": "JSON columns",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=2_000_000, help="events over all services, for speed and size")
    parser.add_argument("--sample", type=int, default=20_000, help="events that dlt and pandas are timed with")
    parser.add_argument(
        "--large", type=int, default=5_000_000, help="events of the day that memory is measured with, then twice that"
    )
    parser.add_argument("--json", action="store_true", help="the figures alone, as JSON")
    arguments = parser.parse_args()
    figures = {
        **speed_and_size(arguments.events, arguments.sample),
        "peak_memory_mb": {str(events): peak_memory(events) for events in (arguments.large, 2 * arguments.large)},
    }
    print(json.dumps(figures) if arguments.json else json.dumps(figures, indent=2))
    return 0


def speed_and_size(events: int, sample: int) -> dict[str, Any]:
    """Every service's events of one day, as the emulator invents them."""
    bodies: dict[str, list[tuple[int, bytes]]] = {}
    for dated in events_of_day(SEED, found_company(SEED, ORG), DAY, events):
        # The order of the API's pages: by the millisecond, and any within one.
        instant = epoch_milliseconds(dated.event["timestamp"])
        bodies.setdefault(dated.service, []).append((instant, msgspec.json.encode(dated.event)))
    with TemporaryDirectory() as folder:
        lake = Lake(Path(folder))
        keys = [lay(lake, service, [body for _, body in sorted(rows)]) for service, rows in bodies.items()]
        normalize_day(lake, keys[-1])  # this program's imports are not what is measured; the start of others is
        services = [[key] for key in keys]
        seconds, made = timed(lambda: list(normalized_services(lake, services, anew=True)))
        days = [day for of_service in made for day in of_service]
        typed = sum(day.rows for day in days)
        all_bodies = [body for rows in bodies.values() for _, body in rows]
        zipped = gzip_9(all_bodies)
        groups = column_groups(lake, [day.file for day in days])
        ours = typed / seconds
        others = {
            name: run(all_bodies[:: max(1, len(all_bodies) // sample)], Path(folder))
            for name, run in others_installed()
        }
    return {
        "events": typed,
        "bytes_per_event": round(sum(map(len, all_bodies)) / len(all_bodies)),
        "events_per_second": {"normalize": round(ours)} | {name: round(rate) for name, rate in others.items()},
        "times_faster": {name: round(ours / rate, 1) for name, rate in others.items()},
        "size_over_gzip_9": round(sum(groups.values()) / zipped, 2),
        "size_over_gzip_9_by_column": {name: round(size / zipped, 3) for name, size in groups.most_common()},
    }


def gzip_9(bodies: Iterable[bytes]) -> int:
    """Bytes that the bodies take, a line each."""
    zipper = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
    return sum(len(zipper.compress(body + b"\n")) for body in bodies) + len(zipper.flush())


def lay(lake: Lake, service: str, bodies: Iterable[bytes]) -> DayKey:
    """The raw day as the collector leaves it: pages in order of time, some of them a slice."""
    key = DayKey(ORG, service, DAY)
    fetched = datetime.combine(DAY, datetime.min.time(), UTC) + timedelta(days=2)
    pages: list[tuple[datetime, PageFile]] = []
    for number, rows in enumerate(batched(bodies, ROWS_PER_PAGE)):
        raw = b"[" + b",".join(rows) + b"]"
        stored = pa.Codec("zstd").compress(raw, asbytes=True)
        file = f"benchmark/{number:04}.json.zst"
        lake.write(f"{key.raw_folder}/{file}", stored)
        start = datetime.fromisoformat(json.loads(rows[0])["timestamp"])
        page = PageFile(
            file=file,
            rows=len(rows),
            bytes=len(stored),
            raw_bytes=len(raw),
            sha256=hashlib.sha256(stored).hexdigest(),
            request_id=str(number),
            fetched_at=fetched + timedelta(seconds=number),
        )
        pages.append((start, page))
    runs = list(batched(pages, PAGES_PER_SLICE))
    starts = [key.start, *(run[0][0] for run in runs[1:])]
    slices = [
        Slice(
            start=start,
            end=end,
            expected=sum(page.rows for _, page in run),
            received=sum(page.rows for _, page in run),
            beyond=0,
            pages=[page for _, page in run],
            fetched_at=fetched,
        )
        for start, end, run in zip(starts, [*starts[1:], key.end], runs, strict=False)
    ]
    held = sum(part.received for part in slices)
    lake.write_manifest(
        Manifest(
            org=ORG,
            service=service,
            date=DAY,
            state="complete",
            asked_service=service,
            expected_events=held,
            held_events=held,
            late_events=0,
            counted=held,
            counted_at=fetched,
            fetched_at=fetched,
            settled_until=key.end,
            slices=slices,
        )
    )
    return key


def peak_memory(events: int) -> int:
    """Megabytes that the largest process takes to normalize one day of so many events."""
    with TemporaryDirectory() as folder:
        shelf = BulkShelf(found_company(SEED, ORG), "directory", DAY, days=1, events_per_day=events)
        key = lay(Lake(Path(folder)), "directory", (row.body for row in shelf))
        context = multiprocessing.get_context("spawn")
        with context.Pool(1) as pool:
            return pool.apply(_normalize_and_weigh, (folder, key))


def _normalize_and_weigh(folder: str, key: DayKey) -> int:
    list(normalized_services(Lake(Path(folder)), [[key]]))
    # Not getrusage of this process: its figure begins with what the parent held when it forked.
    (own,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return max(int(own), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) // 1024


def column_groups(lake: Lake, files: Sequence[str]) -> Counter[str]:
    """Compressed bytes by kind of column, over all files; what is no column (footers) included."""
    sizes: Counter[str] = Counter()
    for file in files:
        metadata = pq.ParquetFile(lake.location(file)).metadata
        before = sizes.total()
        for group in range(metadata.num_row_groups):
            for index in range(metadata.num_columns):
                column = metadata.row_group(group).column(index)
                name = column.path_in_schema.split(".")[0]
                sizes[COLUMN_GROUPS.get(name, "other typed columns")] += column.total_compressed_size
        sizes["footers"] += len(lake.read(file)) - (sizes.total() - before)
    return sizes


def others_installed() -> Iterator[tuple[str, Callable[[Sequence[bytes], Path], float]]]:
    yield "pandas", through_pandas
    try:
        import dlt  # type: ignore[import-not-found,unused-ignore]  # noqa: F401, PLC0415
    except ImportError:
        print("dlt is not installed, so it is not compared.", file=sys.stderr)
    else:
        yield "dlt", through_dlt


def through_pandas(bodies: Sequence[bytes], folder: Path) -> float:
    """Events a second through json_normalize to sorted Parquet."""

    def run() -> None:
        frame = pd.json_normalize([json.loads(body) for body in bodies])
        for name in frame.select_dtypes(object).columns:
            frame[name] = frame[name].astype("string")
        frame.sort_values(["timestamp", "id"]).to_parquet(folder / "pandas.parquet", compression="zstd")

    seconds, _ = timed(run)
    return len(bodies) / seconds


def through_dlt(bodies: Sequence[bytes], folder: Path) -> float:
    """Events a second through dlt's own way from JSON to Parquet files."""
    import dlt  # noqa: PLC0415

    pipeline = dlt.pipeline(
        "benchmark",
        destination=dlt.destinations.filesystem(bucket_url=(folder / "dlt").as_uri()),
        dataset_name="events",
        pipelines_dir=str(folder / "pipelines"),
    )
    rows = dlt.resource(([json.loads(body) for body in part] for part in batched(bodies, ROWS_PER_PAGE)), name="events")
    seconds, _ = timed(lambda: pipeline.run(rows, loader_file_format="parquet"))
    return len(bodies) / seconds


def batched(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """itertools has this from Python 3.12 on."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


if __name__ == "__main__":
    raise SystemExit(main())
