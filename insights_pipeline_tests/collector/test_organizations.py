"""Organizations, providers and services beside each other: what one is refused doesn't stop the others."""

from __future__ import annotations

from datetime import timedelta

import pytest

from insights_pipeline.collector import Outcome, coverage, expiring, read_refusal, read_unasked
from insights_pipeline.collector.collect import DAYS_AT_ONCE
from insights_pipeline.collector.due import days_between
from insights_pipeline.collector.giving_up import DAYS_WITHOUT_ANSWER
from insights_pipeline.emulator import Behaviour, Fault, Tenant
from insights_pipeline.jumpcloud import RetryPolicy, Unauthorized
from insights_pipeline.lake import DayKey
from insights_pipeline.settings import IsolatedSettings
from insights_pipeline_tests.collector.conftest import Serve
from insights_pipeline_tests.collector.harness import DAY, NOW, Site, at, day_key, event, events_over

DAYS = days_between(DAY - timedelta(days=2), DAY)


@pytest.fixture(scope="module")
def customers() -> Tenant:
    return Tenant.invented(seed=5, last_day=DAY, days=3, events_per_day=200, organizations=3)


def keys_of(*services: str, org: str = "self") -> list[DayKey]:
    return [day_key(service, org, day) for service in services for day in DAYS]


def proven(site: Site, outcomes: list[Outcome]) -> bool:
    return all(outcome.failure is None and site.is_proven(outcome.key) for outcome in outcomes)


def test_organizations_and_the_provider_are_collected_apart(served: Serve, customers: Tenant) -> None:
    site = served(customers)
    orgs = [*customers.organizations, f"provider-{customers.provider}"]
    outcomes = site.collect(*(key for org in orgs for key in keys_of("directory", "sso", org=org)))
    assert proven(site, outcomes)
    held = {org: {text for key in keys_of("directory", org=org) for text in site.texts(key)} for org in orgs}
    assert all(len(texts) > 0 for texts in held.values())
    assert len(set().union(*held.values())) == sum(map(len, held.values()))


def test_an_organization_that_is_forbidden_is_named_and_asked_once_a_service(served: Serve, customers: Tenant) -> None:
    forbidden, *others = customers.organizations
    site = served(customers, Behaviour(forbidden_organizations=frozenset({forbidden})))
    outcomes = site.collect(*(key for org in customers.organizations for key in keys_of("directory", "sso", org=org)))
    assert proven(site, [outcome for outcome in outcomes if outcome.key.org in others])
    denied = [outcome for outcome in outcomes if outcome.key.org == forbidden]
    assert len(denied) == 6
    assert all("HTTP 403" in (outcome.failure or "") and not outcome.refused for outcome in denied)
    assert sum(forbidden in request.organizations for request in site.emulator.requests) == 2


def test_an_organization_that_fails_for_a_while_is_made_up_for(served: Serve, customers: Tenant) -> None:
    failing, other, _ = customers.organizations
    site = served(customers, Behaviour(faults=(Fault("status", status=500, organization=failing),)))
    keys = [key for org in (failing, other) for key in keys_of("directory", org=org)]
    outcomes = site.collect(*keys)
    assert proven(site, [outcome for outcome in outcomes if outcome.key.org == other])
    assert all(outcome.failure for outcome in outcomes if outcome.key.org == failing)
    site.emulator.behaviour.faults = ()
    assert proven(site, site.collect(*keys))


def test_a_credential_that_is_not_valid_stops_everything(served: Serve, company: Tenant) -> None:
    site = served(company, Behaviour(faults=(Fault("status", status=401),)))
    with pytest.raises(Unauthorized):
        site.collect(*keys_of("directory", "sso"))


def test_an_organization_that_does_not_answer_is_left_to_the_next_run_after_some_days(
    served: Serve, customers: Tenant
) -> None:
    silent, other, _ = customers.organizations
    site = served(customers, Behaviour(faults=(Fault("status", status=503, organization=silent),)))
    site.retries = RetryPolicy(max_attempts=1)
    days = days_between(DAY - timedelta(days=40), DAY)
    keys = [day_key("sso", org, day) for org in (silent, other) for day in days]
    outcomes = site.collect(*keys)
    assert proven(site, [outcome for outcome in outcomes if outcome.key.org == other])
    failures = [outcome.failure or "" for outcome in outcomes if outcome.key.org == silent]
    assert len(failures) == len(days)
    assert all("HTTP 503" in failure for failure in failures)
    left = [failure for failure in failures if "left to the next run" in failure]
    assert len(days) - DAYS_WITHOUT_ANSWER - DAYS_AT_ONCE <= len(left) <= len(days) - DAYS_WITHOUT_ANSWER

    site.emulator.behaviour.faults = ()
    assert proven(site, site.collect(*keys))


def test_days_that_cannot_be_counted_stop_no_others_while_some_can(served: Serve, customers: Tenant) -> None:
    org = customers.organizations[0]
    site = served(customers, Behaviour(faults=(Fault("status", status=503, calls=frozenset({"count"}), every=2),)))
    site.retries = RetryPolicy(max_attempts=1)
    site.max_concurrency = 1
    days = days_between(DAY - timedelta(days=40), DAY)
    outcomes = site.collect(*(day_key("sso", org, day) for day in days))
    assert not any("left to the next run" in (outcome.failure or "") for outcome in outcomes)
    assert sum(outcome.failure is not None for outcome in outcomes) > DAYS_WITHOUT_ANSWER


def test_an_organization_that_does_not_take_the_credential_stops_no_other(served: Serve, customers: Tenant) -> None:
    closed, *others = customers.organizations
    site = served(customers, Behaviour(faults=(Fault("status", status=401, organization=closed),)))
    outcomes = site.collect(*(key for org in customers.organizations for key in keys_of("directory", "sso", org=org)))
    assert proven(site, [outcome for outcome in outcomes if outcome.key.org in others])
    denied = [outcome for outcome in outcomes if outcome.key.org == closed]
    assert len(denied) == 6
    assert all("HTTP 401" in (outcome.failure or "") and not outcome.refused for outcome in denied)
    assert sum(closed in request.organizations for request in site.emulator.requests) <= 2


def test_an_organization_that_closes_meanwhile_is_asked_no_further(served: Serve, customers: Tenant) -> None:
    closing, *others = customers.organizations
    fault = Fault("status", status=401, organization=closing, spare=4)
    site = served(customers, Behaviour(faults=(fault,)))
    site.max_concurrency = 1
    outcomes = site.collect(*(key for org in customers.organizations for key in keys_of("directory", "sso", org=org)))
    assert proven(site, [outcome for outcome in outcomes if outcome.key.org in others])
    assert any(outcome.failure for outcome in outcomes if outcome.key.org == closing)
    refused = [request for request in site.emulator.requests if request.status == 401]
    assert len(refused) <= 6  # those that were under way


def test_a_credential_that_no_organization_takes_stops_everything(served: Serve, customers: Tenant) -> None:
    site = served(customers, Behaviour(faults=(Fault("status", status=401),)))
    with pytest.raises(Unauthorized):
        site.collect(*(key for org in customers.organizations for key in keys_of("directory", "sso", org=org)))


def test_a_refused_service_is_named_and_skipped_until_it_is_accepted(served: Serve, company: Tenant) -> None:
    site = served(company, Behaviour(refused_services=frozenset({"ldap"})))
    settings = IsolatedSettings(INSIGHTS_START_DATE=DAYS[0])
    for _ in range(2):
        site.emulator.requests.clear()
        outcomes = site.collect(*keys_of("ldap", "sso"))
        skipped = [outcome for outcome in outcomes if outcome.refused]
        assert [outcome.key for outcome in skipped] == keys_of("ldap")
        assert all("refuses the service ldap" in (outcome.failure or "") for outcome in skipped)
        assert proven(site, [outcome for outcome in outcomes if not outcome.refused])
        assert sum(request.status == 400 for request in site.emulator.requests) == 1
    refusal = read_refusal(site.lake, "self", "ldap")
    assert refusal is not None
    assert refusal.at == NOW
    rows = coverage(site.lake, settings, ["ldap", "sso"], NOW, DAYS)
    assert {(row.service, row.state) for row in rows} == {("sso", "complete")}

    site.emulator.behaviour.refused_services = frozenset()
    assert proven(site, site.collect(*keys_of("ldap")))
    assert read_refusal(site.lake, "self", "ldap") is None
    assert len(coverage(site.lake, settings, ["ldap", "sso"], NOW, DAYS)) == 6


def test_a_region_that_says_nothing_of_its_services_is_understood(served: Serve, company: Tenant) -> None:
    bad_request = Fault("status", status=400, services=frozenset({"mdm"}))
    site = served(company, Behaviour(faults=(bad_request,)))
    assert all(outcome.refused for outcome in site.collect(*keys_of("mdm")))


def test_a_bad_request_that_is_not_about_the_service_is_a_failure_of_each_day(served: Serve, company: Tenant) -> None:
    site = served(company, Behaviour(faults=(Fault("status", status=400),)))
    outcomes = site.collect(*keys_of("mdm"))
    assert all("HTTP 400" in (outcome.failure or "") and not outcome.refused for outcome in outcomes)
    assert read_refusal(site.lake, "self", "mdm") is None


def test_alerts_are_asked_for_by_the_name_that_the_region_knows(served: Serve, company: Tenant) -> None:
    site = served(company, Behaviour(renamed_services={"alerts": "alert"}))
    assert proven(site, site.collect(*keys_of("alerts")))
    assert all(site.manifest(key).asked_service == "alert" for key in keys_of("alerts"))
    assert sum(request.status == 400 for request in site.emulator.requests) == 1


def test_days_that_count_as_much_as_all_services_together_hide_nothing(served: Serve, company: Tenant) -> None:
    site = served(company, Behaviour(end_inclusive=True))
    services = sorted({service for _, service in company.shelves})
    outcomes, unasked = site.collect_and_compare(keys_of(*services), services)
    assert proven(site, outcomes)
    assert unasked == []
    assert site.calls("distinct") == 0
    assert (
        sum(request.body is not None and request.body["service"] == ["all"] for request in site.emulator.requests) == 3
    )


def test_a_service_that_nobody_asked_for_is_found_kept_and_forgotten_once_it_is_asked_for(
    served: Serve, company: Tenant
) -> None:
    site = served(company)
    services = sorted({service for _, service in company.shelves})
    site.emulator.arrive("pam", [event(f"pam-{n}", at("09:00:00"), service="pam") for n in range(3)])
    _, (found,) = site.collect_and_compare(keys_of(*services), services)
    assert (found.org, found.date, found.services) == ("self", DAY, {"pam": 3})
    assert found.all_events == found.asked_events + 3
    assert read_unasked(site.lake, "self", DAY) == found
    assert read_unasked(site.lake, "self", DAYS[0]) is None

    _, unasked = site.collect_and_compare(keys_of(*services, "pam"), [*services, "pam"])
    assert unasked == []
    assert read_unasked(site.lake, "self", DAY) is None


def test_a_day_is_compared_only_when_every_service_was_counted(served: Serve, company: Tenant) -> None:
    site = served(company, Behaviour(refused_services=frozenset({"ldap"})))
    services = sorted({service for _, service in company.shelves})
    _, unasked = site.collect_and_compare([day_key("sso")], services)
    assert unasked == []
    everything = {"service": ["all"]}
    assert not any((request.body or {}).get("service") == everything["service"] for request in site.emulator.requests)
    _, unasked = site.collect_and_compare([day_key(service) for service in services], services)
    assert unasked == []  # the region doesn't count in `all` what it refuses


def test_days_that_will_soon_be_lost_are_told_soonest_first(served: Serve) -> None:
    site = served(Tenant.empty().with_events("sso", events_over(at("00:00:00"), at("23:00:00"), 5)))
    site.collect(*keys_of("sso"))
    later = NOW + timedelta(days=80)
    settings = IsolatedSettings(INSIGHTS_START_DATE=DAYS[0] - timedelta(days=1))
    days = days_between(DAYS[0] - timedelta(days=1), later.date())
    warned = expiring(coverage(site.lake, settings, ["sso"], later, days), later)
    assert [row.date for row in warned] == [days[0], *days_between(DAY + timedelta(days=1), DAY + timedelta(days=7))]
    assert {row.state for row in warned} == {"missing"}
    assert warned[0].expires_on == days[0] + timedelta(days=90)
