"""The invented tenant's ordinary days: repeatable, plausible, and in the shapes that JumpCloud's events have."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest

from insights_pipeline.emulator import Tenant
from insights_pipeline.emulator.tenant.catalogue import SERVICES

SPECIFIED_TYPES = Path(__file__).parents[4] / "shared" / "api" / "event_types.csv"
MONDAY, SUNDAY = date(2026, 3, 9), date(2026, 3, 15)


@pytest.fixture(scope="module")
def week() -> Tenant:
    return Tenant.invented(seed=11, last_day=SUNDAY, days=7)


def bodies(tenant: Tenant, service: str) -> list[bytes]:
    return [row.body for row in tenant.shelves.get((tenant.organizations[0], service), ())]


def events(tenant: Tenant, service: str) -> list[dict[str, Any]]:
    return [json.loads(body) for body in bodies(tenant, service)]


def day_of(event: dict[str, Any]) -> date:
    return datetime.fromisoformat(event["timestamp"]).date()


def test_a_day_has_the_same_bytes_whatever_other_days_are_made(week: Tenant) -> None:
    shorter = Tenant.invented(seed=11, last_day=SUNDAY, days=2)
    for service in SERVICES:
        last_two_days = [
            body for body in bodies(week, service) if day_of(json.loads(body)) >= SUNDAY - timedelta(days=1)
        ]
        assert bodies(shorter, service) == last_two_days


def test_another_seed_is_another_tenant(week: Tenant) -> None:
    other = Tenant.invented(seed=12, last_day=SUNDAY, days=1)
    assert other.organizations != week.organizations
    assert not set(bodies(other, "sso")) & set(bodies(week, "sso"))


def test_every_service_has_events_and_a_week_has_about_ten_thousand(week: Tenant) -> None:
    assert {service for _, service in week.shelves} == set(SERVICES)
    assert len(SERVICES) == 16
    assert 8_000 < sum(len(shelf) for shelf in week.shelves.values()) < 14_000


def test_shares_of_services_and_weights_of_kinds_make_sense() -> None:
    assert sum(profile.share for profile in SERVICES.values()) == pytest.approx(1, abs=0.01)
    for profile in SERVICES.values():
        types = [kind.event_type for kind in profile.kinds]
        assert len(types) == len(set(types))
        assert all(kind.weight > 0 for kind in profile.kinds)


@pytest.mark.skipif(not SPECIFIED_TYPES.exists(), reason="the catalogue of event types is not at hand")
def test_event_types_are_those_of_the_specification() -> None:
    with SPECIFIED_TYPES.open(encoding="utf-8", newline="") as file:
        specified = {(row["service"], row["event_type"]) for row in csv.DictReader(file)}
    ours = {(service, kind.event_type) for service, profile in SERVICES.items() for kind in profile.kinds}
    assert {(service, event_type) for service, event_type in ours - specified if service != "workflows"} == set()


def test_people_work_on_weekdays_and_machines_go_on(week: Tenant) -> None:
    sign_ins = Counter(day_of(event) for event in events(week, "sso"))
    assert sign_ins[SUNDAY] < sign_ins[MONDAY] / 4
    binds = Counter(day_of(event) for event in events(week, "ldap"))
    assert binds[SUNDAY] > binds[MONDAY] / 4


@pytest.mark.parametrize(
    ("service", "form"),
    [
        ("directory", r"\.\d{3}Z"),
        ("sso", r"(\.\d{0,8}[1-9])?Z"),
        ("radius", r"Z"),
        ("mdm", r"\.\d{9}Z"),
    ],
)
def test_timestamps_have_the_service_s_precision(week: Tenant, service: str, form: str) -> None:
    pattern = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d" + form)
    assert all(pattern.fullmatch(event["timestamp"]) for event in events(week, service))


def test_sso_writes_timestamps_in_its_old_way_and_its_new_one(week: Tenant) -> None:
    whole = [event for event in events(week, "sso") if "." not in event["timestamp"]]
    assert len({len(event["timestamp"]) for event in events(week, "sso")}) > 2
    assert any("server_timestamp" in event for event in whole)
    for event in whole:
        assert event.get("server_timestamp", event["timestamp"])[:19] == event["timestamp"][:19]


def test_ids_have_the_service_s_form_and_none_occurs_twice(week: Tenant) -> None:
    for event in events(week, "directory"):
        second = int(event["id"][:8], 16)
        assert datetime.fromtimestamp(second, UTC) == datetime.fromisoformat(event["timestamp"]).replace(microsecond=0)
    assert all(
        re.fullmatch(r"[0-9A-F]{8}-[0-9A-F]{4}-3[0-9A-F]{3}-.{17}", event["id"]) for event in events(week, "radius")
    )
    ids = [event["id"] for service in SERVICES for event in events(week, service)]
    assert len(ids) == len(set(ids))


def test_the_oddities_of_real_events_occur(week: Tenant) -> None:
    sso, directory = events(week, "sso"), events(week, "directory")
    assert all("success" not in event and "sso_token_success" in event for event in sso)
    assert any(event["auth_context"]["auth_methods"] == {} for event in sso)
    assert {event.get("provider", "absent") for event in directory} >= {None, "absent"}
    assert {event["provider"] for event in sso} == {""}
    values = [change.get("to") for event in directory for change in event.get("changes", ())]
    assert {type(value) for value in values} >= {str, bool, int, list, dict}
    assert any("from" not in change for event in directory for change in event.get("changes", ()))
    vault = events(week, "password_manager")
    assert any("user_agent" in event for event in vault)
    assert any("useragent" in event for event in vault)
    assert any(event["service"] == "directory" for event in events(week, "software"))
    assert any("success" not in event for event in directory)
    assert all(
        "initiated_by" not in event for event in events(week, "software") if event["event_type"] == "software_add"
    )


def test_addresses_and_domains_are_those_set_aside_for_examples(week: Tenant) -> None:
    documented = [ip_network(text) for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")]
    for service in SERVICES:
        for event in events(week, service):
            if "client_ip" in event:
                address = ip_address(event["client_ip"])
                assert any(address in network for network in documented if network.version == address.version)
        domains = set(re.findall(rb"[\w.]+@([\w.]+)", b"".join(bodies(week, service))))
        assert domains <= {b"example.com", b"example.org"}


def test_several_organizations_employ_different_people_and_their_provider_has_events_of_its_own() -> None:
    tenant = Tenant.invented(seed=5, last_day=SUNDAY, days=2, organizations=2, events_per_day=100)
    assert tenant.provider is not None
    people = [
        {json.loads(row.body)["initiated_by"]["username"] for row in tenant.shelves[organization, "sso"]}
        for organization in tenant.organizations
    ]
    assert people[0] != people[1]
    own = [json.loads(row.body) for row in tenant.shelves[tenant.provider, "directory"]]
    assert {(event["organization"], event["provider"]) for event in own} == {(None, tenant.provider)}
