"""Days that are normalized together come out as each does alone, to the last byte of their files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insights_pipeline.events import NormalizedDay, normalize_day, normalized, recorded
from insights_pipeline.events.parts import ROWS_PER_PART
from insights_pipeline.lake import DayKey, Lake
from insights_pipeline_tests.events.raw_days import DAY, Event, land
from insights_pipeline_tests.events.test_wild import SERVICES, VALUES, events, mostly

Files = dict[str, bytes]


def keys_of(service: str, count: int) -> list[DayKey]:
    """The same day of several organizations."""
    return [DayKey(f"{number:024}", service, DAY) for number in range(count)]


def at(second: int, id_: str, **members: object) -> Event:
    return {"id": id_, "timestamp": f"2023-06-15T12:00:{second:02}Z", **members}


def together(lake: Lake, keys: Sequence[DayKey]) -> tuple[dict[DayKey, NormalizedDay], Files]:
    days = {day.key: day for day in normalized(lake, keys, anew=True)}
    return days, files(lake, keys)


def alone(lake: Lake, keys: Sequence[DayKey]) -> tuple[dict[DayKey, NormalizedDay], Files]:
    for key in keys:
        lake.remove_folder(key.events_folder)
    days = {key: normalize_day(lake, key) for key in keys}
    return days, files(lake, keys)


def files(lake: Lake, keys: Sequence[DayKey]) -> Files:
    names = [name for key in keys for name in (key.events_file, key.rejects_file) if lake.size(name) is not None]
    return {name: lake.read(name) for name in names}


def test_days_of_every_kind_come_out_together_as_they_do_alone(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    pages: list[list[Sequence[Event] | str]] = [
        [[at(5, "b"), at(1, "a", success=True)]],
        [],
        [[]],
        [[at(1, "a"), {"id": "lost"}, {"timestamp": "2023-06-15T12:00:00Z"}]],
        [[at(1, "a", username="x")], [at(1, "a", username="y"), at(2, "b")]],
        [[at(1, "a"), {"id": "tomorrow", "timestamp": "2023-06-16T00:00:00Z"}]],
        [[at(1, "a", success="yes", resource={"shade": "blue"}, colour=1)], [at(2, "b")]],
        [[{"id": "nothing can be placed"}]],
    ]
    keys = keys_of("directory", len(pages))
    for key, bodies in zip(keys, pages, strict=True):
        land(lake, key, *bodies)
    days, held = together(lake, keys)
    assert (days, held) == alone(lake, keys)
    assert sum(day.rows for day in days.values()) == 8
    assert [days[keys[n]].unknown_fields for n in (0, 6)] == [{}, {"colour": 1, "resource.shade": 1}]


@given(st.data())
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_comes_comes_out_together_as_it_does_alone(data: st.DataObject) -> None:
    service = data.draw(st.sampled_from(SERVICES))
    bodies = data.draw(
        st.lists(st.lists(mostly(events(service), VALUES.map(json.dumps)), max_size=4), min_size=2, max_size=4)
    )
    with TemporaryDirectory() as folder:
        lake, keys = Lake(Path(folder)), keys_of(service, len(bodies))
        for key, texts in zip(keys, bodies, strict=True):
            land(lake, key, f"[{','.join(texts)}]")
        assert together(lake, keys) == alone(lake, keys)


def test_a_damaged_page_is_named_and_costs_the_other_days_nothing(tmp_path: Path) -> None:
    lake, keys = Lake(tmp_path), keys_of("sso", 4)
    bodies: list[Sequence[Event] | str] = [[at(1, "a")], "[{", [at(1, "b")], [at(1, "c")]]
    for key, body in zip(keys, bodies, strict=True):
        land(lake, key, body)
    lake.write(f"{keys[2].raw_folder}/20230617T040000Z/0000.json.zst", b"other bytes")
    days, held = together(lake, keys)
    assert [len(days[key].corrupt_pages) for key in keys] == [0, 1, 1, 0]
    assert [days[key].rows for key in keys] == [1, 0, 0, 1]
    assert [recorded(lake, key) is not None for key in keys] == [True, False, False, True]
    assert (days, held) == alone(lake, keys)


def test_what_is_typed_already_is_not_typed_again(tmp_path: Path) -> None:
    lake, keys = Lake(tmp_path), keys_of("sso", 3)
    for key in keys:
        land(lake, key, [at(1, "a")])
    first = sorted(normalized(lake, keys), key=lambda day: day.key)
    land(lake, keys[1], [at(1, "a"), at(2, "b")])
    times = {file.key: file.version for file in lake.events_files()}
    second = sorted(normalized(lake, keys), key=lambda day: day.key)
    assert [day.rows for day in first] == [1, 1, 1]
    assert [day.rows for day in second] == [1, 2, 1]
    assert [file.version == times[file.key] for file in lake.events_files()] == [True, False, True]


def test_a_day_too_large_for_the_others_is_typed_beside_them(tmp_path: Path) -> None:
    lake, keys = Lake(tmp_path), keys_of("sso", 3)
    sizes = [2, ROWS_PER_PART + 1, 3]
    for key, size in zip(keys, sizes, strict=True):
        land(lake, key, [at(0, str(number)) for number in range(size)])
    days, _ = together(lake, keys)
    assert [days[key].rows for key in keys] == sizes
