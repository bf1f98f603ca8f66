"""The story inside the last seven days: each chapter is there to be found, on its day."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from insights_pipeline.emulator import Emulator, Tenant
from insights_pipeline.emulator.tenant.story import INTEGRATIONS
from insights_pipeline.emulator.truth import Truth

LAST_DAY = date(2026, 3, 15)


@pytest.fixture(scope="module")
def truth() -> Truth:
    return Emulator(Tenant.invented(seed=11, last_day=LAST_DAY, days=9, events_per_day=300)).truth


def chapter(truth: Truth, label: str) -> list[dict[str, Any]]:
    return [json.loads(body) for body in truth.labelled(label)]


def days_before_last(event: dict[str, Any]) -> int:
    return (LAST_DAY - datetime.fromisoformat(event["timestamp"]).date()) // timedelta(days=1)


def test_a_spray_tries_many_people_from_one_address_and_all_fail(truth: Truth) -> None:
    attempts = [event for event in chapter(truth, "password_spray") if event["event_type"] == "user_login_attempt"]
    assert {(event["client_ip"], event["success"]) for event in attempts} == {("203.0.113.66", False)}
    tries = Counter(event["initiated_by"]["username"] for event in attempts)
    assert (len(tries), set(tries.values())) == (140, {2})


def test_afterwards_a_sign_in_from_the_same_country_succeeds_where_none_was_before(truth: Truth) -> None:
    portal, *applications = sorted(chapter(truth, "new_country"), key=lambda event: str(event["timestamp"]))
    assert (portal["success"], portal["geoip"]["country_code"]) == (True, "MD")
    assert len(applications) == 2
    assert all(event["sso_token_success"] for event in applications)
    spray = chapter(truth, "password_spray")
    assert portal["timestamp"] > max(event["timestamp"] for event in spray)
    assert portal["initiated_by"]["username"] not in {
        event["initiated_by"]["username"] for event in spray if event["event_type"] == "user_login_attempt"
    }


def test_mfa_is_switched_off_for_someone_who_used_it(truth: Truth) -> None:
    switched = chapter(truth, "mfa_off")
    assert {event["event_type"] for event in switched} == {"user_update", "totp_delete_enrollment"}
    (person,) = {event["resource"]["username"] for event in switched}
    start = datetime.combine(LAST_DAY - timedelta(days=8), time(), UTC)
    sign_ins = [json.loads(body) for body in truth.events("directory", start, start + timedelta(days=9))]
    used = {
        event["mfa"]
        for event in sign_ins
        if event["event_type"] == "user_login_attempt"
        and event["initiated_by"]["username"] == person
        and event["success"]
    }
    assert used == {True}


def test_an_administrator_is_made_and_weakens_the_password_policy(truth: Truth) -> None:
    made = {event["event_type"]: event for event in chapter(truth, "admin_made")}
    assert set(made) == {"admin_create", "user_admin_granted", "admin_login_attempt"}
    newcomer = made["admin_create"]["resource"]["id"]
    (weakened,) = chapter(truth, "policy_weakened")
    assert weakened["initiated_by"]["id"] == newcomer == made["admin_login_attempt"]["initiated_by"]["id"]
    (change,) = weakened["changes"]
    assert (change["field"], change["from"]["minLength"], change["to"]["minLength"]) == (
        "settings.passwordPolicy",
        12,
        6,
    )


def test_the_chapters_lie_in_the_last_seven_days(truth: Truth) -> None:
    days = {
        label: {days_before_last(event) for event in chapter(truth, label)}
        for label in ("key_rotated", "password_spray", "new_country", "mfa_off", "admin_made", "policy_weakened")
    }
    assert list(days.values()) == [{6}, {5}, {5}, {4}, {3}, {2}]


def test_four_integrations_go_on_with_the_old_key_each_in_its_rhythm_and_one_goes_quiet(truth: Truth) -> None:
    (rotation,) = chapter(truth, "key_rotated")
    calls = {integration.name: chapter(truth, f"old_api_key:{integration.name}") for integration in INTEGRATIONS}
    assert len(calls) == 4
    for events in calls.values():
        assert {event["event_type"] for event in events} == {"admin_old_api_key_attempt"}
        assert {event["initiated_by"]["id"] for event in events} == {rotation["initiated_by"]["id"]}
        assert len({event["client_ip"] for event in events}) == 1
        assert min(event["timestamp"] for event in events) > rotation["timestamp"]
    on_a_full_day = {name: sum(days_before_last(event) == 4 for event in events) for name, events in calls.items()}
    assert on_a_full_day["inventory synchronization"] == 96
    assert on_a_full_day["log forwarder"] == 24
    assert on_a_full_day["nightly user import"] == 1
    assert 2 <= on_a_full_day["report script"] <= 9
    last_calls = {name: min(days_before_last(event) for event in events) for name, events in calls.items()}
    assert last_calls == {
        "inventory synchronization": 0,
        "log forwarder": 0,
        "nightly user import": 0,
        "report script": 4,
    }
    assert {type(event["resource"]) for events in calls.values() for event in events} == {str, dict}
