"""Requests that are refused: with which status, and that the message says why."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from insights_pipeline.emulator import DEMO_API_KEY, RunningEmulator, Tenant, serve
from insights_pipeline_tests.emulator.conftest import NOW, PERIOD, client_of

CALLS = ["/events", "/events/count", "/events/distinct", "/events/interval"]
VALID = PERIOD | {"service": ["sso"], "field": "event_type", "interval_unit": "d"}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"service": None}, "service"),
        ({"service": []}, "service"),
        ({"service": "sso"}, "service"),
        ({"service": ["sso", "saml"]}, "access_management, alerts, all, asset_management"),
        ({"start_time": None}, "start_time"),
        ({"start_time": "2026-03-09"}, "start_time"),
        ({"start_time": "2026-03-09T00:00:00Z\n"}, "start_time"),
        ({"start_time": "now-30d"}, "start_time"),
        ({"start_time": 1_773_014_400}, "start_time"),
        ({"start_time": "2026-02-30T00:00:00Z"}, "start_time"),
        ({"start_time": "0001-01-01T00:00:00+14:00"}, "start_time"),
        ({"end_time": "9999-12-31T23:59:59-01:00"}, "end_time"),
        ({"start_time": "0001-01-01T00:00:00Z", "end_time": "0001-01-01T00:00:00Z"}, "0001-01-01T00:00:00Z >"),
        ({"end_time": "yesterday"}, "end_time"),
        ({"start_time": "2026-03-16T06:00:01Z", "end_time": "2026-03-17T00:00:00Z"}, "future"),
        ({"end_time": "2026-03-09T00:00:00Z"}, "not after End Time 2026-03-09T00:00:00Z > 2026-03-09T00:00:00Z"),
        ({"end_time": "2026-03-08T00:00:00Z"}, "Start Time not after End Time 2026-03-09T00:00:00Z > 2026-03-08T"),
        ({"search_term": {"and": [], "or": []}}, "exactly one"),
        ({"search_term": {"and": [{"a": 1, "b": 2}]}}, "one field"),
        ({"search_term": {"xor": []}}, "exactly one"),
        ({"search_term": "sso"}, "search_term"),
        ({"q": "a", "exact_match": "b"}, "together"),
    ],
)
def test_a_malformed_query_is_refused_with_a_reason(
    client: httpx.Client, call: str, change: dict[str, Any], reason: str
) -> None:
    answer = client.post(call, json=VALID | change)
    assert answer.status_code == 400
    assert reason in answer.json()["message"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"text"', b'{"limit": NaN}', b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_refused(client: httpx.Client, body: bytes) -> None:
    answer = client.post("/events", content=body)
    assert (answer.status_code, "JSON" in answer.json()["message"]) == (400, True)


@pytest.mark.parametrize("cursor", [["x", "id"], [1], [1, 2], [True, "id"], "text", {"a": 1}, [1, "id", 3]])
def test_a_cursor_that_is_none_is_refused(client: httpx.Client, cursor: Any) -> None:
    answer = client.post("/events", json=VALID | {"search_after": cursor})
    assert (answer.status_code, "search_after" in answer.json()["message"]) == (400, True)


@pytest.mark.parametrize(
    ("call", "change"),
    [
        ("/events/distinct", {"field": None}),
        ("/events/interval", {"interval_unit": "y"}),
        ("/events/interval", {"interval_value": "0"}),
        ("/events/interval", {"interval_value": 2}),
        ("/events/interval", {"timezone": "Europe/Berlin"}),
        ("/events/interval", {"timezone": "+9900"}),
        ("/events/interval", {"interval_unit": "s"}),
    ],
)
def test_what_only_one_call_asks_for_is_checked_there(client: httpx.Client, call: str, change: dict[str, Any]) -> None:
    assert client.post(call, json=VALID | change).status_code == 400
    assert client.post("/events/count", json=VALID | change).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"x-api-key": "jca_wrong"}, {"authorization": "Bearer unknown"}])
def test_a_wrong_key_is_401(emulator: RunningEmulator, headers: dict[str, str]) -> None:
    answer = httpx.post(f"{emulator.url}/insights/directory/v1/events", json=VALID, headers=headers)
    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})


@pytest.mark.parametrize(("setting", "status"), [("entitled", 402), ("role_allowed", 403)])
def test_entitlement_and_role_are_told_apart(
    own_emulator: RunningEmulator, own_client: httpx.Client, setting: str, status: int
) -> None:
    setattr(own_emulator.behaviour, setting, False)
    assert own_client.post("/events", json=VALID).status_code == status


def test_unknown_paths_and_methods_answer_in_the_api_s_error_shape(client: httpx.Client) -> None:
    assert set(client.post("/events/64").json()) == {"message"}
    assert client.get("/events").status_code == 405


def test_each_organization_is_asked_for_by_its_header_and_a_provider_by_its_own() -> None:
    tenant = Tenant.invented(seed=1, last_day=NOW.date(), days=2, organizations=2, events_per_day=60)
    first, second = tenant.organizations

    def organizations_answered(client: httpx.Client, headers: list[tuple[str, str]]) -> set[str | None] | int:
        answer = client.post(
            "/events", json={"service": ["all"], "start_time": "2026-03-15T00:00:00Z"}, headers=headers
        )
        return answer.status_code if answer.is_error else {event["organization"] for event in answer.json()}

    with serve(tenant, clock=lambda: NOW) as emulator, client_of(emulator) as client:
        assert organizations_answered(client, []) == 403
        assert organizations_answered(client, [("x-org-id", first)]) == {first}
        assert organizations_answered(client, [("x-org-id", first), ("x-org-id", second)]) == {first, second}
        assert organizations_answered(client, [("x-org-id", "f" * 24)]) == 403
        assert organizations_answered(client, [("x-org-id", "no id")]) == 400
        assert organizations_answered(client, [("x-provider-id", str(tenant.provider))]) == {None}
        assert organizations_answered(client, [("x-provider-id", first)]) == 403
        emulator.behaviour.forbidden_organizations = frozenset({second})
        assert organizations_answered(client, [("x-org-id", second)]) == 403
        assert organizations_answered(client, [("x-org-id", first)]) == {first}


def test_a_refused_service_fails_the_whole_request_and_a_renamed_one_answers_to_its_other_name(
    own_emulator: RunningEmulator, own_client: httpx.Client
) -> None:
    own_emulator.behaviour.refused_services = frozenset({"workflows"})
    own_emulator.behaviour.renamed_services = {"alerts": "alert"}

    def answer(*services: str) -> dict[str, Any]:
        parsed: dict[str, Any] = own_client.post("/events/count", json=PERIOD | {"service": services}).json()
        return parsed

    assert "workflows" not in answer("sso", "workflows")["message"]
    assert "alert," in answer("alerts")["message"]
    assert answer("alert")["count"] == len(own_emulator.tenant.shelves[own_emulator.tenant.organizations[0], "alerts"])


def test_a_service_account_gets_a_token_that_ends(tenant: Tenant) -> None:
    now = NOW
    with serve(tenant, clock=lambda: now) as emulator:
        form = {"grant_type": "client_credentials", "scope": "api"}
        url = f"{emulator.url}/oauth2/token"
        wrong = httpx.post(url, data=form, auth=("demo-client-of-the-emulator", "wrong"))
        assert wrong.status_code == 401
        credentials = ("demo-client-of-the-emulator", "demo-secret-of-the-emulator")
        assert httpx.post(url, data={"grant_type": "password"}, auth=credentials).status_code == 400
        granted = httpx.post(url, data=form, auth=credentials).json()
        assert (granted["token_type"], granted["expires_in"]) == ("bearer", 3600)

        def status() -> int:
            headers = {"authorization": f"Bearer {granted['access_token']}"}
            return httpx.post(f"{emulator.url}/insights/directory/v1/events", json=VALID, headers=headers).status_code

        assert status() == 200
        now = NOW.replace(hour=8)
        assert status() == 401


def test_records_of_requests_hold_no_credential(own_emulator: RunningEmulator, own_client: httpx.Client) -> None:
    own_client.post("/events", json=VALID)
    own_client.post("/events", content=b"{")
    assert [(request.call, request.status) for request in own_emulator.requests] == [("events", 200), ("events", 400)]
    assert own_emulator.requests[0].body == VALID
    assert DEMO_API_KEY not in repr(own_emulator.requests)
