"""Pages of events: order, cursors, limits, headers, projections."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import httpx
import pytest

from insights_pipeline.emulator import RunningEmulator
from insights_pipeline.emulator.timestamps import epoch_milliseconds
from insights_pipeline_tests.emulator.conftest import END, PERIOD, START
from insights_pipeline_tests.emulator.paging import all_pages


@pytest.mark.parametrize("limit", [97, 1_000])
@pytest.mark.parametrize("service", ["directory", "all"])
def test_paging_by_cursor_brings_every_event_once_in_order_of_time(
    emulator: RunningEmulator, client: httpx.Client, service: str, limit: int
) -> None:
    events = all_pages(client, PERIOD | {"service": [service], "limit": limit})
    assert [event["id"] for event in events] == emulator.truth.ids(service, START, END)
    instants = [epoch_milliseconds(event["timestamp"]) for event in events]
    assert all(earlier <= later for earlier, later in pairwise(instants))


def test_descending_pages_are_the_ascending_ones_turned_round(client: httpx.Client) -> None:
    query = PERIOD | {"service": ["all"], "limit": 331}
    assert all_pages(client, query | {"sort": "dEsC"}) == all_pages(client, query)[::-1]


def test_a_cursor_may_say_its_milliseconds_as_text(client: httpx.Client) -> None:
    query = PERIOD | {"service": ["sso"], "limit": 5}
    number, document = json.loads(client.post("/events", json=query).headers["X-Search_after"])
    as_number = client.post("/events", json=query | {"search_after": [number, document]}).json()
    as_text = client.post("/events", json=query | {"search_after": [str(number), document]}).json()
    assert as_number == as_text != []


def test_the_last_page_carries_a_cursor_too_and_nothing_comes_after_it(client: httpx.Client) -> None:
    query = PERIOD | {"service": ["radius"], "limit": 10_000}
    last = client.post("/events", json=query)
    assert int(last.headers["X-Result-Count"]) < int(last.headers["X-Limit"])
    after = client.post("/events", json=query | {"search_after": json.loads(last.headers["X-Search_after"])})
    assert after.json() == []


@pytest.mark.parametrize(
    ("asked", "used"),
    [(1, 1), (10_000, 10_000), (10_001, 1_000), (0, 1_000), (-3, 1_000), ("many", 1_000), (None, 1_000), (True, 1_000)],
)
def test_a_limit_that_makes_no_sense_becomes_the_default(client: httpx.Client, asked: Any, used: int) -> None:
    answer = client.post("/events", json=PERIOD | {"service": ["sso"], "limit": asked})
    assert int(answer.headers["X-Limit"]) == used


def test_a_limit_above_the_maximum_may_become_the_maximum(
    own_emulator: RunningEmulator, own_client: httpx.Client
) -> None:
    own_emulator.behaviour.excessive_limit = "maximum"
    limits = {
        asked: own_client.post("/events", json=PERIOD | {"service": ["sso"], "limit": asked}).headers["X-Limit"]
        for asked in (10_001, 0)
    }
    assert limits == {10_001: "10000", 0: "1000"}


def test_all_may_leave_services_out(own_emulator: RunningEmulator, own_client: httpx.Client) -> None:
    own_emulator.behaviour.omitted_from_all = frozenset({"mdm"})
    found = all_pages(own_client, PERIOD | {"service": ["all"]})
    everything, left_out = (own_emulator.truth.ids(service, START, END) for service in ("all", "mdm"))
    assert {event["id"] for event in found} == set(everything) - set(left_out) != set(everything)
    assert all_pages(own_client, PERIOD | {"service": ["mdm"]})


def test_a_lower_maximum_is_told_by_the_header(own_emulator: RunningEmulator, own_client: httpx.Client) -> None:
    own_emulator.behaviour.maximum_limit = 50
    answer = own_client.post("/events", json=PERIOD | {"service": ["all"], "limit": 5_000})
    assert (len(answer.json()), answer.headers["X-Limit"]) == (50, "50")


def test_fields_keep_the_parents_of_dotted_paths(client: httpx.Client) -> None:
    query = PERIOD | {"service": ["sso"], "limit": 20, "fields": ["id", "application.name", "no_such_field"]}
    for event in client.post("/events", json=query).json():
        assert set(event) == {"id", "application"}
        assert set(event["application"]) == {"name"}


@pytest.mark.parametrize("fields", [[], ["no_such_field"], "id", [1]])
def test_fields_that_are_none_are_refused(client: httpx.Client, fields: Any) -> None:
    answer = client.post("/events", json=PERIOD | {"service": ["sso"], "fields": fields})
    assert answer.status_code == 400
    assert "fields" in answer.json()["message"]


def test_skip_leaves_out_the_first_rows(client: httpx.Client) -> None:
    query = PERIOD | {"service": ["ldap", "sso"], "limit": 10}
    first_ten = client.post("/events", json=query).json()
    assert client.post("/events", json=query | {"skip": 4, "limit": 6}).json() == first_ten[4:]


def test_keys_that_the_api_does_not_know_are_ignored(client: httpx.Client) -> None:
    query = PERIOD | {"service": ["sso"], "search_term_filter": {"a": 1}, "sortOrder": "x"}
    assert client.post("/events", json=query).status_code == 200
