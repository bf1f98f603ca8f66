"""Events from files and from Python: served as they stand, whatever they lack."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from insights_pipeline.emulator import Tenant, serve
from insights_pipeline_tests.emulator.conftest import client_of

PUBLIC_EVENTS = Path(__file__).parents[4] / "shared" / "events"

EVENTS = [
    b'{"id":"a","service":"sso","timestamp":"2023-01-01T00:00:00Z"}',
    b'{ "id" : "b", "service":"directory","timestamp":"2023-01-02T00:00:00.5Z"  }',
    b'{"id":"no timestamp","service":"directory"}',
    b'{"id":"no service","timestamp":"2023-01-03T00:00:00Z"}',
    b'{"id":"a","service":null,"timestamp":17}',
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"\n".join(EVENTS) + b"\n\n")
    return path


def test_lines_are_served_byte_for_byte(file: Path) -> None:
    with serve(Tenant.from_files([file])) as emulator, client_of(emulator) as client:
        query = {"service": ["all"], "start_time": "2023-01-01T00:00:00Z", "end_time": "2023-01-02T12:00:00Z"}
        page = client.post("/events", json=query).content
    assert page in {b"[" + b",".join(order) + b"]" for order in (EVENTS[:3], [EVENTS[0], EVENTS[2], EVENTS[1]])}


def test_an_event_without_service_is_the_directory_s_and_without_timestamp_stands_behind_the_one_before(
    file: Path,
) -> None:
    tenant = Tenant.from_files([file])
    with serve(tenant) as emulator, client_of(emulator) as client:

        def ids(day: int) -> set[str]:
            window = {"start_time": f"2023-01-{day:02}T00:00:00Z", "end_time": f"2023-01-{day + 1:02}T00:00:00Z"}
            return {event["id"] for event in client.post("/events", json=window | {"service": ["directory"]}).json()}

        assert ids(2) == {"b", "no timestamp"}
        assert ids(3) == {"no service", "a"}
        assert client.post("/events/count", json={"service": ["all"], "start_time": "2022-01-01T00:00:00Z"}).json() == {
            "count": 5
        }


@pytest.mark.parametrize("line", [b"{", b"[]", b"null", b"\xff"])
def test_a_line_that_is_no_object_is_named_and_not_shown(file: Path, line: bytes) -> None:
    file.write_bytes(EVENTS[0] + b"\n" + line)
    with pytest.raises(ValueError, match=r"^events\.jsonl, line 2 .*: not a JSON object$"):
        Tenant.from_files([file])


@pytest.mark.skipif(not PUBLIC_EVENTS.exists(), reason="the published events are not at hand")
def test_the_published_events_are_all_served() -> None:
    paths = sorted(PUBLIC_EVENTS.glob("*.jsonl"))
    lines = sorted(line for path in paths for line in path.read_bytes().splitlines())
    tenant = Tenant.from_files(paths)
    assert sorted(row.body for shelf in tenant.shelves.values() for row in shelf) == lines
    with serve(tenant) as emulator, client_of(emulator) as client:
        answer = client.post("/events", json={"service": ["all"], "start_time": "2019-01-01T00:00:00Z"})
        assert sorted(map(json.dumps, answer.json())) == sorted(json.dumps(json.loads(line)) for line in lines)


def test_the_same_event_may_be_given_twice_and_pages_hold_both() -> None:
    event: dict[str, Any] = {"id": "x", "timestamp": "2026-01-01T00:00:00Z"}
    tenant = Tenant.empty().with_events("mdm", [event, event]).with_events("mdm", [event])
    (shelf,) = tenant.shelves.values()
    assert len({row.document_id for row in shelf}) == 3
    with serve(tenant) as emulator, client_of(emulator) as client:
        query: dict[str, Any] = {"service": ["mdm"], "start_time": "2026-01-01T00:00:00Z", "limit": 1}
        answers = 0
        while (answer := client.post("/events", json=query)).json():
            query["search_after"] = json.loads(answer.headers["X-Search_after"])
            answers += 1
        assert answers == 3
