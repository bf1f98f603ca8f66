from __future__ import annotations

import dataclasses
import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from insights_pipeline.events import KNOWN_SERVICES, NormalizedDay, normalize_day
from insights_pipeline.events.pages import Page, verified
from insights_pipeline.events.parts import plan
from insights_pipeline.events.rows import numbers_of_ids
from insights_pipeline.events.schema import service_fields
from insights_pipeline.lake import Lake
from insights_pipeline_tests.events.raw_days import FETCHED_AT, Event, Window, key_of, land_windows

KEY = key_of()


def hour(number: float) -> datetime:
    return KEY.start + timedelta(hours=number)


def event(id_: str, instant: datetime, **members: object) -> Event:
    return {"id": id_, "timestamp": instant.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), **members}


def normalized(lake: Lake, rows_per_part: int) -> tuple[NormalizedDay, list[dict[str, Any]], bytes | None]:
    day = normalize_day(lake, KEY, rows_per_part=rows_per_part)
    rejects = lake.read(KEY.rejects_file) if lake.size(KEY.rejects_file) is not None else None
    rows: list[dict[str, Any]] = pq.ParquetFile(lake.location(day.file)).read().to_pylist()
    return dataclasses.replace(day, bytes=0), rows, rejects


def page(number: int, rows: int) -> Page:
    return Page(number, f"{number:04}", "", rows, rows * 1000, FETCHED_AT, None)


def test_parts_cover_the_day_and_hold_no_more_rows_than_asked_for_unless_one_slice_does(tmp_path: Path) -> None:
    sizes = [3, 3, 3, 9, 1, 0, 2]
    windows = [
        Window(hour(n), hour(n + 1), [[event(f"{n}-{i}", hour(n)) for i in range(size)]])
        for n, size in enumerate(sizes)
    ]
    manifest = land_windows(Lake(tmp_path), KEY, *windows)
    pages = [page(n, part.rows) for n, part in enumerate(manifest.pages)]
    pages = [dataclasses.replace(mine, file=part.file) for mine, part in zip(pages, manifest.pages, strict=True)]
    parts = plan(KEY, manifest.slices, pages, rows=6)
    assert [[mine.rows for mine in part.pages] for part in parts] == [[3, 3], [3], [9], [1, 0, 2]]
    assert [(part.start, part.end) for part in parts] == [
        (KEY.start, hour(2)),
        (hour(2), hour(3)),
        (hour(3), hour(4)),
        (hour(4), KEY.end),
    ]


def test_a_slice_larger_than_a_part_is_cut_where_its_pages_begin(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    bodies = [[event(f"{n}-{i}", hour(n) + timedelta(minutes=i)) for i in range(3)] for n in range(4)]
    manifest = land_windows(lake, KEY, Window(KEY.start, KEY.end, bodies))
    with lake.at_hand() as at_hand:
        pages, _ = verified(lake, at_hand, KEY, manifest)
    parts = plan(KEY, manifest.slices, pages, rows=6)
    assert [(part.start, part.end, len(part.pages)) for part in parts] == [
        (KEY.start, hour(2), 2),
        (hour(2), KEY.end, 2),
    ]


def test_a_slice_that_was_fetched_twice_is_not_cut(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    body = [event(str(i), hour(i)) for i in range(5)]
    manifest = land_windows(lake, KEY, Window(KEY.start, KEY.end, [body, body]))
    with lake.at_hand() as at_hand:
        pages, _ = verified(lake, at_hand, KEY, manifest)
    assert len(plan(KEY, manifest.slices, pages, rows=6)) == 1


def large_slice(lake: Lake) -> None:
    """Its pages begin in order of time, but not all that they hold does."""
    pages = [[event(f"{n}-{i}", hour(n + i / 2)) for i in range(4)] for n in range(5)]
    land_windows(lake, KEY, Window(KEY.start, KEY.end, [*pages, [event("0-0", hour(9)), event("z", hour(0.25))]]))


def test_a_day_without_slices_is_one_part_without_pages() -> None:
    (part,) = plan(KEY, [], [])
    assert (part.start, part.end, part.pages) == (KEY.start, KEY.end, ())


def border_shared(lake: Lake) -> None:
    """The event on the border came with both neighbours, since the API includes the end."""
    border = event("border", hour(1))
    land_windows(
        lake,
        KEY,
        Window(KEY.start, hour(1), [[event("a", hour(0)), border]]),
        Window(hour(1), KEY.end, [[border, event("b", hour(2))]]),
    )


def border_held_by_the_earlier_alone(lake: Lake) -> None:
    land_windows(
        lake,
        KEY,
        Window(KEY.start, hour(1), [[event("late", hour(5)), event("border", hour(1))]]),
        Window(hour(1), hour(2), [[event("b", hour(1.5))]]),
        Window(hour(2), KEY.end, [[event("c", hour(2.5))]]),
    )


def earlier_than_its_slice(lake: Lake) -> None:
    """As when the API places by a finer clock than the timestamp shows."""
    land_windows(
        lake,
        KEY,
        Window(KEY.start, hour(1), [[event("a", hour(0.5))]]),
        Window(hour(1), KEY.end, [[event("astray", hour(0.25)), event("b", hour(2))]]),
    )


def one_id_at_two_instants(lake: Lake) -> None:
    land_windows(
        lake,
        KEY,
        Window(KEY.start, hour(1), [[event("a", hour(0.5)), event("same", hour(0.75), username="old")]]),
        Window(hour(1), KEY.end, [[event("same", hour(1.5), username="new"), event("b", hour(2))]]),
    )


def the_newest_fetched_is_the_earliest(lake: Lake) -> None:
    """The first slice was fetched again, after the others."""
    windows = [
        Window(
            hour(1), KEY.end, [[event("same", hour(1.5), username="old"), event("same", hour(1.5), username="older")]]
        ),
        Window(
            KEY.start, hour(1), [[event("same", hour(0.5), username="new"), event("same", hour(0.5), username="new")]]
        ),
    ]
    manifest = land_windows(lake, KEY, *windows)
    manifest.slices.reverse()
    lake.write_manifest(manifest)


def no_place_of_its_own(lake: Lake) -> None:
    lost: Event = {"id": "lost"}
    land_windows(
        lake, KEY, Window(KEY.start, hour(1), [[lost]]), Window(hour(1), KEY.end, [[lost, event("a", hour(1))]])
    )


def anything(lake: Lake, seed: int = 0) -> None:
    chance = random.Random(seed)
    windows = []
    for number in range(6):
        rows = []
        for _ in range(chance.randrange(5)):
            instant = hour(
                chance.choice([number, number, number, number + 1, chance.randrange(-1, 26)]) + chance.choice([0, 0.5])
            )
            rows.append(event(str(chance.randrange(30)), instant, username=chance.choice("ab")))
        if chance.random() < 0.2:
            rows.append({"id": "lost"})
        windows.append(Window(hour(number), hour(number + 1), [rows[:5], rows[5:]]))
    land_windows(lake, KEY, *windows)


@pytest.mark.parametrize(
    "day",
    [
        border_shared,
        border_held_by_the_earlier_alone,
        earlier_than_its_slice,
        one_id_at_two_instants,
        the_newest_fetched_is_the_earliest,
        no_place_of_its_own,
        large_slice,
    ],
)
def test_a_day_in_parts_is_the_day_as_a_whole(tmp_path: Path, day: Any) -> None:
    lake = Lake(tmp_path)
    day(lake)
    whole = normalized(lake, 1_000_000)
    assert normalized(lake, 2) == whole
    assert len({row["id"] for row in whole[1]}) == whole[0].rows > 0


@pytest.mark.parametrize("seed", range(5))
def test_whatever_lies_where_a_day_in_parts_is_the_day_as_a_whole(tmp_path: Path, seed: int) -> None:
    lake = Lake(tmp_path)
    anything(lake, seed)
    whole = normalized(lake, 1_000_000)
    assert normalized(lake, 7) == whole
    assert len({row["id"] for row in whole[1]}) == whole[0].rows > 0


def test_an_id_at_two_instants_is_held_once_as_it_was_fetched_last(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    one_id_at_two_instants(lake)
    day, rows, _ = normalized(lake, 2)
    assert [(row["id"], row["username"]) for row in rows] == [("a", None), ("same", "new"), ("b", None)]
    assert (day.conflicts, day.repeated) == (1, 0)


def test_ids_minted_one_after_the_other_are_told_apart_by_their_numbers() -> None:
    """Were they not, every large day would be written twice."""
    ids = [f"{0x69A77838 + n * 2:08x}f88e{n:012x}" for n in range(40_000)]
    ids += [f"E5223E70-F3DB-3CB4-B452-{n:012X}" for n in range(40_000)] + ["a", "b", "é", "\U0001f600"]
    assert len(set(numbers_of_ids(pa.table({"id": ids})).tolist())) == len(ids)
    assert numbers_of_ids(pa.table({"id": ids})).tolist() == numbers_of_ids(pa.table({"id": ids[::-1]})).tolist()[::-1]


@pytest.mark.parametrize("service", KNOWN_SERVICES)
def test_shapes_differ_where_known_keys_do(service: str) -> None:
    """A shape is known by DuckDB's hash of its keys and types, which is not free of collisions."""
    keys = sorted(
        {key for field in service_fields(service) for member in (field, *field.members) for key in member.json_keys}
    )
    with duckdb.connect() as connection:
        (hashes,) = connection.execute(
            "SELECT count(DISTINCT hash(key)) FROM unnest($keys) t(key)", {"keys": keys}
        ).fetchall()[0]
    assert hashes == len(keys)
