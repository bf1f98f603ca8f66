"""What goes wrong on demand, over real connections, and when it strikes."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from insights_pipeline.emulator import Behaviour, Fault, RunningEmulator, Tenant, serve
from insights_pipeline.emulator.faults import FaultPlan, RateLimit, strikes
from insights_pipeline_tests.emulator.conftest import END, NOW, PERIOD, START, client_of
from insights_pipeline_tests.emulator.paging import all_pages

QUERY = PERIOD | {"service": ["sso"], "limit": 100}


def numbers_struck(fault: Fault, count: int, seed: int = 0) -> list[int]:
    return [number for number in range(1, count + 1) if strikes(fault, number, seed)]


def test_conditions_of_a_fault_choose_the_requests_it_strikes() -> None:
    assert numbers_struck(Fault("cut", every=3), 10) == [3, 6, 9]
    assert numbers_struck(Fault("cut", first=2), 10) == [1, 2]
    assert numbers_struck(Fault("cut", spare=7), 10) == [8, 9, 10]
    assert numbers_struck(Fault("cut", every=2, first=5, spare=2), 10) == [4]
    assert numbers_struck(Fault("cut", share=0), 10) == []


def test_a_share_is_about_that_share_and_the_same_for_the_same_seed() -> None:
    fault = Fault("status", share=0.2)
    assert 150 < len(numbers_struck(fault, 1_000)) < 250
    assert numbers_struck(fault, 1_000) == numbers_struck(fault, 1_000)
    assert numbers_struck(fault, 1_000, seed=1) != numbers_struck(fault, 1_000, seed=2)


def test_a_fault_counts_only_the_requests_that_it_is_about() -> None:
    fault = Fault("cut", every=2, calls=frozenset({"events"}), services=frozenset({"sso"}), organization="a")
    plan, behaviour = FaultPlan(), Behaviour(faults=(fault,))
    assert plan.strike(behaviour, "events", ["sso", "ldap"], ["a"]) == []
    assert plan.strike(behaviour, "count", ["sso"], ["a"]) == []
    assert plan.strike(behaviour, "events", ["ldap"], ["a"]) == []
    assert plan.strike(behaviour, "events", ["sso"], ["b"]) == []
    assert plan.strike(behaviour, "events", ["sso"], ["a"]) == [fault]


def test_the_rate_limit_holds_within_any_second() -> None:
    limit = RateLimit()
    assert [limit.admits(now, 2) for now in (0.0, 0.5, 0.9, 1.6, 1.85, 3.0)] == [True, True, False, True, False, True]
    assert RateLimit().admits(0.0, None)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 401, 403])
def test_a_status_strikes_and_the_next_request_is_served(
    own_emulator: RunningEmulator, own_client: httpx.Client, status: int
) -> None:
    own_emulator.behaviour.faults = (Fault("status", status=status, first=1),)
    assert own_client.post("/events", json=QUERY).status_code == status
    assert own_client.post("/events", json=QUERY).status_code == 200


def test_retry_after_comes_as_seconds_as_a_date_or_not_at_all(
    own_emulator: RunningEmulator, own_client: httpx.Client
) -> None:
    def retry_after(**settings: Any) -> str | None:
        own_emulator.behaviour.faults = (Fault("status", status=429, **settings),)
        value: str | None = own_client.post("/events", json=QUERY).headers.get("retry-after")
        return value

    assert retry_after() is None
    assert retry_after(retry_after="seconds", retry_after_seconds=7) == "7"
    date = retry_after(retry_after="date", retry_after_seconds=7)
    assert date is not None
    assert parsedate_to_datetime(date) == NOW + timedelta(seconds=7)


def test_more_requests_than_allowed_within_a_second_are_throttled(
    own_emulator: RunningEmulator, own_client: httpx.Client
) -> None:
    own_emulator.behaviour.requests_per_second = 3
    own_emulator.behaviour.retry_after = "seconds"
    answers = [own_client.post("/events/count", json=QUERY) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].headers["retry-after"] == "1"


def test_a_dropped_connection_ends_before_the_announced_length(
    own_emulator: RunningEmulator, own_client: httpx.Client
) -> None:
    own_emulator.behaviour.faults = (Fault("dropped", first=1),)
    with pytest.raises(httpx.RemoteProtocolError):
        own_client.post("/events", json=QUERY)
    assert own_client.post("/events", json=QUERY).status_code == 200


def test_a_cut_body_agrees_with_its_length_and_is_no_json(
    own_emulator: RunningEmulator, own_client: httpx.Client
) -> None:
    own_emulator.behaviour.faults = (Fault("cut"),)
    answer = own_client.post("/events", json=QUERY)
    assert len(answer.content) == int(answer.headers["content-length"])
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_a_garbled_body_keeps_its_length_and_is_no_text(
    own_emulator: RunningEmulator, own_client: httpx.Client
) -> None:
    plain = own_client.post("/events", json=QUERY).content
    own_emulator.behaviour.faults = (Fault("garbled"),)
    garbled = own_client.post("/events", json=QUERY).content
    assert len(garbled) == len(plain)
    with pytest.raises(UnicodeDecodeError):
        garbled.decode("utf-8")


def test_a_proxy_s_page_may_stand_in_for_the_answer(own_emulator: RunningEmulator, own_client: httpx.Client) -> None:
    own_emulator.behaviour.faults = (Fault("not_json"),)
    answer = own_client.post("/events", json=QUERY)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html")


def test_headers_may_lie(own_emulator: RunningEmulator, own_client: httpx.Client) -> None:
    own_emulator.behaviour.faults = (Fault("wrong_result_count", amount=-1), Fault("no_cursor", spare=1))
    first, second = (own_client.post("/events", json=QUERY) for _ in range(2))
    assert int(first.headers["X-Result-Count"]) == len(first.json()) - 1
    assert "X-Search_after" in first.headers
    assert "X-Search_after" not in second.headers


def test_a_repeated_cursor_leads_back_to_where_one_was(own_emulator: RunningEmulator, own_client: httpx.Client) -> None:
    own_emulator.behaviour.faults = (Fault("repeated_cursor"),)
    cursor = json.loads(own_client.post("/events", json=QUERY).headers["X-Search_after"])
    second = own_client.post("/events", json=QUERY | {"search_after": cursor})
    assert json.loads(second.headers["X-Search_after"]) == cursor


@pytest.mark.parametrize("sort", ["ASC", "DESC"])
def test_repeated_rows_are_those_that_ended_the_page_before(
    own_emulator: RunningEmulator, own_client: httpx.Client, sort: str
) -> None:
    query = QUERY | {"sort": sort}
    plain = own_client.post("/events", json=query | {"limit": 250}).json()
    own_emulator.behaviour.faults = (Fault("repeated_rows", amount=3),)
    first = own_client.post("/events", json=query)
    cursor = json.loads(first.headers["X-Search_after"])
    second = own_client.post("/events", json=query | {"search_after": cursor})
    assert first.json() == plain[:100]
    assert second.json() == plain[97:197]


def test_repeated_rows_lose_no_event(own_emulator: RunningEmulator, own_client: httpx.Client) -> None:
    own_emulator.behaviour.faults = (Fault("repeated_rows", amount=2),)
    ids = [event["id"] for event in all_pages(own_client, QUERY)]
    assert len(ids) > len(set(ids))
    assert set(ids) == set(own_emulator.truth.ids("sso", START, END))


def test_the_count_may_be_off_for_the_first_calls(own_emulator: RunningEmulator, own_client: httpx.Client) -> None:
    own_emulator.behaviour.faults = (Fault("wrong_count", amount=5, first=2),)
    counts = [own_client.post("/events/count", json=QUERY).json()["count"] for _ in range(3)]
    assert counts[0] == counts[1] == counts[2] + 5


def test_slow_answers_take_their_time_side_by_side(own_emulator: RunningEmulator, own_client: httpx.Client) -> None:
    own_emulator.behaviour.latency_milliseconds = 100
    own_emulator.behaviour.row_microseconds = 1_000
    started = time.monotonic()
    own_client.post("/events", json=QUERY)
    assert time.monotonic() - started >= 0.2
    own_emulator.behaviour.row_microseconds = 0
    own_emulator.behaviour.faults = (Fault("delayed", amount=150, calls=frozenset({"count"})),)
    started = time.monotonic()
    own_client.post("/events/count", json=QUERY)
    assert time.monotonic() - started >= 0.25


def test_a_request_that_hangs_does_not_keep_the_server_from_stopping(tenant: Tenant) -> None:
    started = time.monotonic()
    hanging = Behaviour(faults=(Fault("delayed", amount=60_000),))
    with (
        serve(tenant, behaviour=hanging, clock=lambda: NOW) as emulator,
        client_of(emulator) as client,
        pytest.raises(httpx.ReadTimeout),
    ):
        client.post("/events", json=QUERY, timeout=0.1)
    assert time.monotonic() - started < 10


def test_gzip_is_used_where_it_is_accepted(own_emulator: RunningEmulator, own_client: httpx.Client) -> None:
    plain = own_client.post("/events", json=QUERY)
    own_emulator.behaviour.gzip = True
    packed = own_client.post("/events", json=QUERY)
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(plain.content) == len(packed.content)
    refused = own_client.post("/events", json=QUERY, headers={"accept-encoding": "identity"})
    assert "content-encoding" not in refused.headers


def test_the_end_of_a_window_can_be_inclusive() -> None:
    instants = ["2026-03-10T00:00:00Z", "2026-03-10T23:59:59.999999999Z", "2026-03-11T00:00:00.000000001Z"]
    events = [{"id": str(number), "timestamp": instant} for number, instant in enumerate(instants)]
    with serve(Tenant.empty().with_events("mdm", events)) as emulator, client_of(emulator) as client:
        window = {"start_time": "2026-03-10T00:00:00Z", "end_time": "2026-03-11T00:00:00Z", "service": ["mdm"]}
        assert [event["id"] for event in client.post("/events", json=window).json()] == ["0", "1"]
        emulator.behaviour.end_inclusive = True
        assert [event["id"] for event in client.post("/events", json=window).json()] == ["0", "1", "2"]


@pytest.mark.parametrize(
    "wrong", [{"latency": 1}, {"maximum_limit": 0}, {"faults": [{"kind": "flood"}]}, {"retry_after": "soon"}]
)
def test_settings_that_do_not_exist_are_named(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Behaviour(**wrong)


def test_events_past_retention_and_those_still_to_come_are_not_found() -> None:
    now = datetime(2026, 3, 16, 12, tzinfo=UTC)
    tenant = Tenant.invented(seed=3, last_day=now.date(), days=95, events_per_day=40)
    with serve(tenant, clock=lambda: now) as emulator, client_of(emulator) as client:
        query = {"service": ["all"], "start_time": "2025-01-01T00:00:00Z", "end_time": "2027-01-01T00:00:00Z"}
        found = client.post("/events/count", json=query).json()["count"]
        assert found == emulator.truth.count("all", now - timedelta(days=90), now)
        assert found < emulator.truth.count("all", now - timedelta(days=100), now + timedelta(days=1))
