from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from insights_pipeline.events import KNOWN_SERVICES, NormalizedDay, arrow_schema, normalize_day
from insights_pipeline.lake import DayKey, Lake, LakeError
from insights_pipeline_tests.events.public_events import by_day, public_events
from insights_pipeline_tests.events.raw_days import FETCHED_AT, Event, key_of, land


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def rows_of(lake: Lake, day: NormalizedDay) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.ParquetFile(lake.location(day.file)).read().to_pylist()
    return rows


def rejects_of(lake: Lake, key: DayKey) -> list[dict[str, Any]]:
    stored = pa.BufferReader(lake.read(key.rejects_file))
    lines = pa.CompressedInputStream(stored, "zstd").read().splitlines()
    return [msgspec.json.decode(line) for line in lines]


def one(lake: Lake, event: Event | str, service: str = "directory") -> dict[str, Any]:
    """The row that an event becomes; id and timestamp are added to those that are given as members."""
    key = key_of(service)
    if isinstance(event, str):
        land(lake, key, f"[{event}]")
    else:
        land(lake, key, [{"id": "a", "timestamp": "2023-06-15T12:00:00Z", **event}])
    (row,) = rows_of(lake, normalize_day(lake, key))
    return row


def at(instant: str, id_: str) -> Event:
    return {"id": id_, "timestamp": instant}


def test_every_public_event_with_an_id_and_a_timestamp_is_in_the_file_of_its_day_as_published(lake: Lake) -> None:
    held: Counter[str] = Counter()
    for day, events in by_day(public_events()).items():
        key = key_of("directory", date.fromisoformat(day))
        land(lake, key, f"[{','.join(events)}]")
        normalized = normalize_day(lake, key)
        held.update(row["event"] for row in rows_of(lake, normalized))
        if normalized.conflicts:
            held.update(reject["event"] for reject in rejects_of(lake, key))
    assert held == Counter(public_events())


def test_two_public_events_that_share_an_id_are_one_row_and_one_conflict(lake: Lake) -> None:
    key = key_of("directory", date(2020, 4, 14))
    first, second = by_day(public_events())["2020-04-14"]
    land(lake, key, f"[{first}]", f"[{second}]")
    day = normalize_day(lake, key)
    assert (day.rows, day.conflicts, day.repeated, day.rejected) == (1, 1, 0, 0)
    assert [row["event"] for row in rows_of(lake, day)] == [second]
    assert [(reject["reason"], reject["event"]) for reject in rejects_of(lake, key)] == [("conflict", first)]


@pytest.mark.parametrize("service", [*KNOWN_SERVICES, "never_heard_of"])
def test_a_day_without_events_is_a_file_with_the_schema_and_no_rows(lake: Lake, service: str) -> None:
    land(lake, key_of(service))
    day = normalize_day(lake, key_of(service))
    file = pq.ParquetFile(lake.location(day.file))
    assert file.metadata.num_rows == day.rows == 0
    assert file.schema_arrow.equals(arrow_schema(service), check_metadata=True)
    assert day.bytes > 0
    assert day.first_timestamp is None


def test_a_day_that_was_never_fetched_is_refused_with_what_to_do(lake: Lake) -> None:
    with pytest.raises(LakeError, match="collect that day before"):
        normalize_day(lake, key_of())


def test_events_lie_by_instant_to_the_nanosecond_and_then_by_id(lake: Lake) -> None:
    instants = [
        ("2023-06-15T12:00:00.123456789Z", "a"),
        ("2023-06-15T12:00:00.12345678Z", "z"),
        ("2023-06-15T12:00:00.123456Z", "n"),
        ("2023-06-15T12:00:00.123456Z", "m"),
        ("2023-06-15T12:00:00.2Z", "k"),
        ("2023-06-15T12:00:00Z", "l"),
        ("2023-06-15T21:29:59+09:30", "j"),
        ("2023-06-15T00:00:00Z", "i"),
        ("2023-06-15T23:59:59.999999999Z", "h"),
    ]
    land(lake, key_of(), [at(*event) for event in instants])
    day = normalize_day(lake, key_of())
    rows = rows_of(lake, day)
    assert [row["id"] for row in rows] == ["i", "j", "l", "m", "n", "z", "a", "k", "h"]
    assert rows[-1]["timestamp"] == datetime(2023, 6, 15, 23, 59, 59, 999999, UTC) == day.last_timestamp
    assert rows[-1]["timestamp_text"] == "2023-06-15T23:59:59.999999999Z"
    assert day.first_timestamp == datetime(2023, 6, 15, tzinfo=UTC)


def test_only_what_happened_on_the_day_is_in_its_file(lake: Lake) -> None:
    instants = [
        "2023-06-14T23:59:59.999999999Z",
        "2023-06-15T00:00:00Z",
        "2023-06-16T00:00:00Z",
        "2023-06-16T01:00:00+02:00",
    ]
    land(lake, key_of(), [at(instant, str(number)) for number, instant in enumerate(instants)])
    day = normalize_day(lake, key_of())
    assert [row["id"] for row in rows_of(lake, day)] == ["1", "3"]
    assert (day.beyond, day.rejected) == (2, 0)


def test_a_page_that_came_twice_is_in_the_file_once(lake: Lake) -> None:
    page = [at("2023-06-15T12:00:00Z", "a"), at("2023-06-15T12:00:01Z", "b")]
    land(lake, key_of(), page, page)
    day = normalize_day(lake, key_of())
    assert (day.rows, day.repeated, day.conflicts) == (2, 2, 0)
    assert lake.size(key_of().rejects_file) is None


def test_of_bodies_that_share_an_id_the_newest_fetched_stays_and_each_other_is_kept_once(lake: Lake) -> None:
    def body(value: str) -> Event:
        return {"id": "a", "timestamp": "2023-06-15T12:00:00Z", "username": value}

    land(lake, key_of(), [body("old")], [body("old"), body("middle")], [body("new")], [body("new")])
    day = normalize_day(lake, key_of())
    assert [row["username"] for row in rows_of(lake, day)] == ["new"]
    assert sorted(json.loads(reject["event"])["username"] for reject in rejects_of(lake, key_of())) == ["middle", "old"]
    assert (day.conflicts, day.repeated) == (2, 2)


def test_events_that_cannot_be_placed_or_told_apart_are_kept_beside_and_named(lake: Lake) -> None:
    page = """[
        {"timestamp": "2023-06-15T12:00:00Z"}, {"id": "", "timestamp": "2023-06-15T12:00:01Z"}, {"id": 5, "timestamp": "2023-06-15T12:00:01Z"},
        {"id": "a"}, {"id": "b", "timestamp": null}, {"id": "c", "timestamp": "yesterday"}, {"id": "d", "timestamp": 1686830400},
        {"id": "e", "timestamp": "2023-06-15"}, {"id": "f", "timestamp": "2023-02-30T12:00:00Z"}, {"id": "g", "timestamp": "infinity"},
        "text", 1, null, [], {"id": "kept", "timestamp": "2023-06-15T12:00:00Z"}
    ]"""
    land(lake, key_of(), page)
    day = normalize_day(lake, key_of())
    assert [row["id"] for row in rows_of(lake, day)] == ["kept"]
    reasons = Counter(reject["reason"] for reject in rejects_of(lake, key_of()))
    assert reasons == {"no_id": 3, "no_timestamp": 2, "unreadable_timestamp": 5, "not_an_object": 4}
    assert day.rejected == 14


def test_an_event_is_carried_exactly_as_received(lake: Lake) -> None:
    event = (
        '{ "id" : "a",\n"timestamp":"2023-06-15T12:00:00Z","n":123456789012345678901234567890,"f":1.10,"e":1E400,'
        '"twice":1,"twice":2,"s":"\\u00e9\\/\\u0000\\n","deep":{"x": [ 1 , {} ] }, "é":"\U0001f600" }'
    )
    assert one(lake, event)["event"] == event


def test_a_row_says_when_the_answer_that_held_it_arrived(lake: Lake) -> None:
    assert one(lake, {})["fetched_at"] == FETCHED_AT


def test_values_that_do_not_fit_are_null_in_their_column_and_named(lake: Lake) -> None:
    row = one(
        lake,
        {
            "success": "true",
            "mfa": 1,
            "username": 7,
            "error_message": {"code": 1},
            "client_ip": ["10.0.0.1"],
            "initiated_by": [{"field": "Status"}],
            "resource": "https://console.jumpcloud.com/api/systemusers",
            "geoip": {"latitude": "north", "longitude": "-96.8", "country_code": 1},
            "changes": "not a list",
        },
    )
    assert sorted(row["misfits"]) == [
        "client_ip",
        "error_message",
        "geoip.country_code",
        "geoip.latitude",
        "initiated_by",
        "mfa",
        "resource",
        "success",
        "username",
    ]
    for column in ("success", "mfa", "username", "error_message", "client_ip", "initiated_by", "resource"):
        assert row[column] is None, column
    assert row["geoip"]["latitude"] is None
    assert row["geoip"]["country_code"] is None
    assert row["geoip"]["longitude"] == -96.8
    assert row["changes"] == '"not a list"'


def test_integers_that_are_too_large_or_no_integers_are_misfits(lake: Lake) -> None:
    sizes = [9223372036854775807, 9223372036854775808, 1.5, "7", 10**30, None, -1]
    events = [{**at(f"2023-06-15T12:00:0{n}Z", str(n)), "total_space_used": size} for n, size in enumerate(sizes)]
    land(lake, key_of("object_storage"), events)
    day = normalize_day(lake, key_of("object_storage"))
    rows = rows_of(lake, day)
    assert [row["total_space_used"] for row in rows] == [9223372036854775807, None, None, None, None, None, -1]
    assert [bool(row["misfits"]) for row in rows] == [False, True, True, True, True, False, False]
    assert day.misfits == {"total_space_used": 4}


@pytest.mark.parametrize(
    "members",
    [
        {"geoip": {"country_code": "US", "latitude": 45.8491, "longitude": -119.7143}},
        {"geoip": {"geoip": {"country_code": "US", "latitude": "45.8491", "longitude": "-119.7143"}}},
        {"Geoip": {"country_code2": "US", "latitude": 45.8491, "longitude": -119.7143}},
        {"Geoip": {"geoip": {"country_code": "US", "latitude": 45.8491, "longitude": -119.7143}}},
        {"geoip": None, "Geoip": {"country_code": "US", "latitude": 45.8491, "longitude": -119.7143}},
    ],
)
def test_a_place_is_read_wherever_events_carry_it(lake: Lake, members: Event) -> None:
    row = one(lake, members)
    assert (row["geoip"]["country_code"], row["geoip"]["latitude"], row["geoip"]["longitude"]) == (
        "US",
        45.8491,
        -119.7143,
    )
    assert row["misfits"] == []


@pytest.mark.parametrize(
    "members",
    [{"useragent": {"name": "curl"}}, {"user_agent": {"name": "curl"}}, {"useragent": {"useragent": {"name": "curl"}}}],
)
def test_a_user_agent_is_read_under_either_name(lake: Lake, members: Event) -> None:
    assert one(lake, members)["useragent"]["name"] == "curl"


@pytest.mark.parametrize("members", [{"provider": None}, {"provider": ""}, {}])
def test_a_provider_that_is_null_blank_or_absent_is_null(lake: Lake, members: Event) -> None:
    assert one(lake, members)["provider"] is None


def test_the_service_that_an_event_names_itself_is_kept_beside_the_one_asked_for(lake: Lake) -> None:
    row = one(lake, {"service": "directory", "event_type": "software_add_request"}, service="software")
    assert row["event_service"] == "directory"
    assert "service" not in row


def test_an_event_without_service_and_type_is_in_the_file(lake: Lake) -> None:
    row = one(lake, {})
    assert (row["event_service"], row["event_type"]) == (None, None)


def test_changes_of_six_json_types_in_one_list_stay_json(lake: Lake) -> None:
    values: list[object] = [True, 1, 1.5, None, "text", [{"a": {}}], {"b": []}]
    changes: list[dict[str, object]] = [{"field": "a", "from": value} for value in values]
    changes.append({"field": "password"})
    row = one(lake, {"changes": changes, "association": None, "auth_context": {}})
    assert json.loads(row["changes"]) == changes
    assert (row["association"], row["auth_context"]) == (None, "{}")
    assert row["misfits"] == []


def test_members_that_no_field_describes_are_counted_by_path(lake: Lake) -> None:
    events = [
        {**at("2023-06-15T12:00:00Z", "a"), "@version": "1", "brand_new": 1, "resource": {"id": "r", "colour": "red"}},
        {**at("2023-06-15T12:00:01Z", "b"), "@version": 1, "brand_new": {"inside": 1}, "changes": [{"anything": 1}]},
    ]
    land(lake, key_of(), events)
    day = normalize_day(lake, key_of())
    assert day.unknown_fields == {"brand_new": 2, "resource.colour": 1}
    assert day.misfits == {}


def test_event_types_are_counted(lake: Lake) -> None:
    types = ["user_create", "user_create", "user_delete", None]
    land(lake, key_of(), [{**at("2023-06-15T12:00:00Z", str(n)), "event_type": type_} for n, type_ in enumerate(types)])
    assert normalize_day(lake, key_of()).event_types == {"user_create": 2, "user_delete": 1}


@pytest.mark.parametrize(
    "body",
    [
        "",
        "not json",
        '{"message": "no"}',
        '[{"id": "a", "timestamp": "2023-06-15T12:00:00Z"}',
        '[{"id": "a"}] more',
        '[{"id": "\\ud800"}]x',
    ],
)
def test_a_page_that_is_no_json_array_is_named_and_the_others_are_used(lake: Lake, body: str) -> None:
    good = [at("2023-06-15T12:00:00Z", "good")]
    land(lake, key_of(), good, body)
    day = normalize_day(lake, key_of())
    assert [row["id"] for row in rows_of(lake, day)] == ["good"]
    assert [page.file for page in day.corrupt_pages] == ["20230617T040000Z/0001.json.zst"]


def test_a_page_whose_bytes_changed_is_named_and_not_used(lake: Lake) -> None:
    land(lake, key_of(), [at("2023-06-15T12:00:00Z", "a")], [at("2023-06-15T12:00:01Z", "b")])
    lake.write(f"{key_of().raw_folder}/20230617T040000Z/0000.json.zst", b"other bytes")
    lake.remove(f"{key_of().raw_folder}/20230617T040000Z/0001.json.zst")
    day = normalize_day(lake, key_of())
    assert day.rows == 0
    assert [page.reason for page in day.corrupt_pages] == [
        "does not have the SHA-256 that the manifest names",
        "is missing",
    ]


def test_the_same_pages_give_the_same_file(lake: Lake) -> None:
    page = [at(f"2023-06-15T12:00:0{n % 7}Z", str(n)) for n in range(500)]
    land(lake, key_of(), page, page[::-1])
    first = normalize_day(lake, key_of())
    before = lake.read(first.file)
    lake.remove_folder(key_of().events_folder)
    assert normalize_day(lake, key_of()) == first
    assert lake.read(first.file) == before


def test_a_rejects_file_goes_when_nothing_is_rejected_any_more(lake: Lake) -> None:
    land(lake, key_of(), [{"id": "a"}])
    normalize_day(lake, key_of())
    assert lake.size(key_of().rejects_file) is not None
    land(lake, key_of(), [at("2023-06-15T12:00:00Z", "a")])
    normalize_day(lake, key_of())
    assert lake.size(key_of().rejects_file) is None


def test_an_event_larger_than_the_usual_buffer_is_read(lake: Lake) -> None:
    row = one(lake, {"message_chain": {"text": "x" * 20_000_000}})
    assert len(row["message_chain"]) > 20_000_000


def test_half_a_surrogate_pair_costs_no_event_and_is_kept_as_received(lake: Lake) -> None:
    events = [
        r'{"id": "half", "timestamp": "2023-06-15T12:00:00Z", "username": "a\ud800b", "n": "\\ud800"}',
        r'{"id": "low", "timestamp": "2023-06-15T12:00:01Z", "username": "\uDC00"}',
        r'{"id": "pair", "timestamp": "2023-06-15T12:00:02Z", "username": "\ud83d\ude00"}',
        r'{"id": "plain", "timestamp": "2023-06-15T12:00:03Z", "username": "c"}',
        r'{"id": "lost", "username": "\udfff"}',
    ]
    land(lake, key_of(), f"[ {events[0]} , {', '.join(events[1:])} ]", [at("2023-06-15T13:00:00Z", "good")])
    day = normalize_day(lake, key_of())
    rows = rows_of(lake, day)
    assert day.corrupt_pages == ()
    assert [row["username"] for row in rows] == ["a\ufffdb", "\ufffd", "\U0001f600", "c", None]
    assert [row["event"] for row in rows[:4]] == events[:4]
    assert [reject["event"] for reject in rejects_of(lake, key_of())] == events[4:]
