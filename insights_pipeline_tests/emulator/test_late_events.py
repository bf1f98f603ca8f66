"""Events that can be found only later: withheld and revealed, or arriving while requests are served."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from insights_pipeline.emulator import RunningEmulator
from insights_pipeline_tests.emulator.conftest import END, PERIOD, START
from insights_pipeline_tests.emulator.paging import all_pages

QUERY = PERIOD | {"service": ["ldap"], "limit": 50}


def count(client: httpx.Client) -> int:
    counted: int = client.post("/events/count", json=QUERY).json()["count"]
    return counted


def test_withheld_events_are_nowhere_until_they_are_revealed(
    own_emulator: RunningEmulator, own_client: httpx.Client
) -> None:
    before = own_emulator.truth.ids("ldap", START, END)
    withheld = own_emulator.store.withhold(
        lambda owner, service, row, position: service == "ldap" and position % 4 == 0
    )
    assert own_emulator.store.withheld == withheld == -(-len(before) // 4)
    assert count(own_client) == len(before) - withheld == own_emulator.truth.count("ldap", START, END)
    assert own_emulator.store.reveal(2) == 2
    assert count(own_client) == len(before) - withheld + 2
    assert own_emulator.store.reveal() == withheld - 2
    assert own_emulator.truth.ids("ldap", START, END) == before
    assert [event["id"] for event in all_pages(own_client, QUERY)] == before


def test_withheld_events_can_reveal_themselves_after_so_many_requests(
    own_emulator: RunningEmulator, own_client: httpx.Client
) -> None:
    total = count(own_client)
    own_emulator.store.withhold(lambda owner, service, row, position: service == "ldap")
    own_emulator.behaviour.reveal_after_requests = 3
    assert [count(own_client) for _ in range(3)] == [0, 0, total]


def test_events_arrive_at_their_place_in_time_behind_a_reader_s_cursor_too(
    own_emulator: RunningEmulator, own_client: httpx.Client
) -> None:
    first = own_client.post("/events", json=QUERY)
    early = {"id": "early", "timestamp": first.json()[10]["timestamp"]}
    own_emulator.arrive("ldap", [early, early, {"id": "last", "timestamp": "2026-03-15T23:59:59.999Z"}])
    rest = all_pages(own_client, QUERY | {"search_after": json.loads(first.headers["X-Search_after"])})
    assert [event["id"] for event in rest].count("early") == 0
    again = [event["id"] for event in all_pages(own_client, QUERY)]
    assert (again.count("early"), again[-1]) == (2, "last")
    own_emulator.arrive("ldap", [early])
    again = [event["id"] for event in all_pages(own_client, QUERY | {"limit": 1_000})]
    assert again.count("early") == 3
    assert count(own_client) == len(again)


def test_a_service_nobody_knows_can_be_asked_for_once_it_has_events(
    own_emulator: RunningEmulator, own_client: httpx.Client
) -> None:
    query = PERIOD | {"service": ["pam"]}
    assert own_client.post("/events/count", json=query).status_code == 400
    everything = PERIOD | {"service": ["all"]}
    before = own_client.post("/events/count", json=everything).json()["count"]
    own_emulator.arrive("pam", [{"id": "1", "service": "pam", "timestamp": "2026-03-10T10:00:00Z"}])
    assert own_client.post("/events/count", json=query).json() == {"count": 1}
    assert own_client.post("/events/count", json=everything).json()["count"] == before + 1


@pytest.fixture
def control(own_emulator: RunningEmulator) -> httpx.Client:
    return httpx.Client(base_url=f"{own_emulator.url}/_emulator", verify=False)


def test_all_of_it_can_be_controlled_from_another_process(
    own_emulator: RunningEmulator, own_client: httpx.Client, control: httpx.Client
) -> None:
    with control:
        total = count(own_client)
        assert control.post("/withhold", json={"service": "ldap", "every": 3}).json() == {"withheld": total // 3}
        assert count(own_client) == total - total // 3
        assert control.post("/reveal", json={"count": 1}).json() == {"revealed": 1}
        assert control.post("/reveal").json() == {"revealed": total // 3 - 1}
        window = {"service": "ldap", "start": START.isoformat(), "end": END.isoformat()}
        assert control.post("/truth", json=window).json()["ids"] == own_emulator.truth.ids("ldap", START, END)
        assert [request["call"] for request in control.get("/requests").json()] == ["count", "count"]
        assert control.delete("/requests").json() == own_emulator.requests == []


def test_settings_can_be_read_and_changed_from_another_process(
    own_emulator: RunningEmulator, own_client: httpx.Client, control: httpx.Client
) -> None:
    faults = [{"kind": "status", "status": 503, "first": 1, "calls": ["count"]}]
    with control:
        shown = control.post("/behaviour", json={"faults": faults, "maximum_limit": 7}).json()
        assert (shown["maximum_limit"], shown["faults"][0]["status"]) == (7, 503)
        assert own_client.post("/events/count", json=QUERY).status_code == 503
        assert len(own_client.post("/events", json=QUERY).json()) == 7
        assert own_emulator.behaviour.maximum_limit == 7
        refused = control.post("/behaviour", json={"maximum_limit": 0, "no_such_setting": 1})
        assert (refused.status_code, "no_such_setting" in refused.json()["message"]) == (400, True)
        assert control.get("/behaviour").json() == shown


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("withhold", {"every": 0}),
        ("truth", {"service": "sso"}),
        ("reveal", {"count": "all"}),
        ("reveal", {"count": -1}),
    ],
)
def test_control_calls_that_make_no_sense_are_refused(control: httpx.Client, path: str, body: dict[str, Any]) -> None:
    with control:
        assert control.post(f"/{path}", json=body).status_code == 400
