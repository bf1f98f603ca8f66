"""What goes wrong on the way: after a run that says complete, the events held are those that the service has."""

from __future__ import annotations

import random
from typing import Any

import pytest

from insights_pipeline.emulator import Behaviour, Fault, Tenant
from insights_pipeline.jumpcloud import RetryPolicy
from insights_pipeline_tests.collector.conftest import Serve
from insights_pipeline_tests.collector.harness import Site, at, day_key, event, events_over

SERVICES = ("directory", "sso", "systems", "ldap")
KEYS = [day_key(service) for service in SERVICES]


def is_all_proven(site: Site) -> bool:
    outcomes = site.collect(*KEYS)
    assert sum(len(site.true_texts(key)) for key in KEYS) > 200
    return all(outcome.failure is None and site.is_proven(outcome.key) for outcome in outcomes)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"kind": "status", "status": 429}, id="429"),
        pytest.param(
            {"kind": "status", "status": 429, "retry_after": "seconds", "retry_after_seconds": 0}, id="429 0s"
        ),
        pytest.param({"kind": "status", "status": 500}, id="500"),
        pytest.param({"kind": "status", "status": 503, "retry_after": "date", "retry_after_seconds": 0}, id="503 date"),
        pytest.param({"kind": "dropped"}, id="dropped"),
        pytest.param({"kind": "cut"}, id="cut"),
        pytest.param({"kind": "not_json"}, id="not JSON"),
        pytest.param({"kind": "no_cursor", "calls": {"events"}}, id="no cursor"),
        pytest.param({"kind": "repeated_cursor", "calls": {"events"}}, id="repeated cursor"),
        pytest.param({"kind": "wrong_result_count", "amount": -1}, id="fewer rows than said"),
        pytest.param({"kind": "delayed", "amount": 30}, id="slow"),
    ],
)
def test_a_fault_of_every_third_answer_loses_and_doubles_nothing(
    served: Serve, company: Tenant, fault: dict[str, Any]
) -> None:
    site = served(company, Behaviour(maximum_limit=40, faults=(Fault(every=3, **fault),)))
    assert is_all_proven(site)


@pytest.mark.parametrize("amount", [1, 7, 30])
def test_rows_that_following_pages_repeat_are_held_once(served: Serve, company: Tenant, amount: int) -> None:
    site = served(company, Behaviour(maximum_limit=40, faults=(Fault("repeated_rows", amount=amount),)))
    assert is_all_proven(site)


def test_a_hard_rate_limit_is_kept_to(served: Serve, company: Tenant) -> None:
    site = served(company, Behaviour(requests_per_second=6, retry_after="seconds", maximum_limit=100))
    site.retries = RetryPolicy(first_pause=0.01)
    assert is_all_proven(site)
    assert 429 in {request.status for request in site.emulator.requests}


def test_compressed_answers_and_a_lower_limit_than_asked_for_are_followed(served: Serve, company: Tenant) -> None:
    site = served(company, Behaviour(gzip=True, maximum_limit=5))
    assert is_all_proven(site)


@pytest.mark.parametrize("seed", range(8))
def test_any_mixture_of_faults_and_readings_of_the_documents_is_survived(
    served: Serve, company: Tenant, seed: int
) -> None:
    rng = random.Random(seed)
    kinds = rng.sample(["dropped", "cut", "not_json", "no_cursor", "wrong_result_count", "repeated_rows"], k=3)
    site = served(
        company,
        Behaviour(
            end_inclusive=rng.random() < 0.5,
            gzip=rng.random() < 0.5,
            maximum_limit=rng.choice([7, 40, 10_000]),
            seed=seed,
            faults=(
                *(Fault(kind, share=0.1, amount=rng.choice([1, 2])) for kind in kinds),  # type: ignore[arg-type]
                Fault("status", status=rng.choice([429, 500, 502, 503, 504]), share=0.1),
                Fault("wrong_count", amount=rng.choice([-1, 1, 3]), first=2, calls=frozenset({"count"})),
            ),
        ),
    )
    site.retries = RetryPolicy(max_attempts=12, first_pause=0.001, longest_pause=0.01)
    assert is_all_proven(site)


def test_faults_that_outlast_the_tries_leave_the_other_services_alone(served: Serve, company: Tenant) -> None:
    site = served(company, Behaviour(faults=(Fault("status", status=503, services=frozenset({"sso"})),)))
    outcomes = {outcome.key.service: outcome for outcome in site.collect(*KEYS)}
    assert "HTTP 503" in (outcomes.pop("sso").failure or "")
    assert all(site.is_proven(outcome.key) for outcome in outcomes.values())
    manifest = site.manifest(day_key("sso"))
    assert (manifest.state, manifest.slices) == ("unverified", [])
    site.emulator.behaviour.faults = ()
    assert is_all_proven(site)


def test_a_service_that_can_t_be_counted_is_held_and_called_unverified(served: Serve, company: Tenant) -> None:
    site = served(company, Behaviour(faults=(Fault("status", status=500, calls=frozenset({"count"})),)))
    (outcome,) = site.collect(day_key("sso"))
    manifest = site.manifest(day_key("sso"))
    assert (manifest.state, manifest.counted, manifest.held_events) == (
        "unverified",
        None,
        len(site.true_texts(outcome.key)),
    )
    assert site.texts(outcome.key) == set(site.true_texts(outcome.key))
    assert "count of sso" in (outcome.failure or "")
    site.emulator.behaviour.faults = ()
    site.collect(outcome.key)
    assert site.is_proven(outcome.key)


def test_a_proven_day_stays_proven_when_it_can_t_be_counted_again(served: Serve, company: Tenant) -> None:
    site = served(company)
    site.collect(day_key("sso"))
    before = site.manifest(day_key("sso"))
    site.emulator.behaviour.faults = (Fault("status", status=500),)
    (outcome,) = site.collect(day_key("sso"))
    assert outcome.failure is not None
    assert site.manifest(day_key("sso")) == before == outcome.manifest


def test_a_day_that_grew_and_can_t_be_fetched_keeps_what_it_has_and_is_short(served: Serve, company: Tenant) -> None:
    site = served(company)
    key = day_key("sso")
    site.collect(key)
    before = site.texts(key)
    site.emulator.arrive("sso", [event("late", at("10:00:00"))])
    site.emulator.behaviour.faults = (Fault("status", status=500, calls=frozenset({"events"})),)
    (outcome,) = site.collect(key)
    manifest = site.manifest(key)
    assert manifest.state == "short"
    assert manifest.expected_events == manifest.held_events + 1
    assert manifest.failure is not None
    assert outcome.failure == manifest.failure.reason
    assert site.texts(key) == before
    site.emulator.behaviour.faults = ()
    site.collect(key)
    assert site.is_proven(key)


def test_events_that_arrive_between_count_and_fetch_are_no_contradiction(served: Serve) -> None:
    tenant = Tenant.empty().with_events("sso", events_over(at("00:00:00"), at("23:00:00"), 200))
    for requests in range(1, 7):
        site = served(tenant, Behaviour(maximum_limit=40, reveal_after_requests=requests))
        site.root = site.root.with_name(f"lake-{requests}")
        site.emulator.store.withhold(lambda owner, service, row, position: position % 10 == 3)
        site.collect(day_key("sso"))
        assert len(site.true_texts(day_key("sso"))) == 200
        site.collect(day_key("sso"))
        assert site.is_proven(day_key("sso"))
