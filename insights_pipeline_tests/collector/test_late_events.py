"""Events that come after their time was collected: found by counting, fetched by the slices that grew, told as late."""

from __future__ import annotations

from datetime import timedelta

import pytest

from insights_pipeline.collector import lateness
from insights_pipeline.emulator import Behaviour, Tenant
from insights_pipeline_tests.collector.conftest import Serve
from insights_pipeline_tests.collector.harness import NOW, at, day_key, event, events_over

KEY = day_key("sso")


def test_only_the_slices_that_grew_are_fetched_again(served: Serve) -> None:
    tenant = Tenant.empty().with_events("sso", events_over(at("00:00:00"), at("23:59:59"), 70_000))
    site = served(tenant)
    site.collect(KEY)
    first = site.manifest(KEY)
    assert len(first.slices) > 2
    grown = first.slices[1]
    late = grown.start + timedelta(minutes=5)
    site.emulator.arrive("sso", [event("late", late)])
    site.emulator.requests.clear()
    (outcome,) = site.collect(KEY)
    assert outcome.new_events == 1
    assert site.is_proven(KEY)
    assert site.asked() == [(grown.start, grown.end)]
    second = site.manifest(KEY)
    assert (second.late_events, second.held_events) == (1, first.held_events + 1)
    untouched = [part for part in first.slices if part != grown]
    assert all(part in second.slices for part in untouched)
    assert [came.lateness_seconds for came in second.arrivals] == [[round((NOW - late).total_seconds())]]
    (row,) = lateness([second])
    assert (row.later_events, row.held_events, row.max_seconds) == (1, 70_001, round((NOW - late).total_seconds()))


@pytest.mark.parametrize("seed", range(5))
def test_whatever_comes_late_is_held_after_the_next_run(served: Serve, company: Tenant, seed: int) -> None:
    keys = [day_key(service) for service in ("directory", "sso", "systems")]
    site = served(company, Behaviour(end_inclusive=bool(seed % 2), maximum_limit=40))
    withheld = site.emulator.store.withhold(lambda owner, service, row, position: (position * 7 + seed) % 11 < 3)
    site.collect(*keys)
    assert all(site.is_proven(key) for key in keys)
    held = sum(site.manifest(key).held_events for key in keys)
    for count in (1, withheld // 2, None):
        site.now += timedelta(hours=1)
        site.emulator.store.reveal(count)
        site.collect(*keys)
        assert all(site.is_proven(key) for key in keys)
    came = sum(site.manifest(key).held_events for key in keys) - held
    assert came == sum(site.manifest(key).late_events for key in keys) > 0
    assert came == sum(arrival.events for key in keys for arrival in site.manifest(key).arrivals)


def test_an_event_that_comes_late_twice_is_late_twice(served: Serve) -> None:
    site = served(Tenant.empty().with_events("sso", events_over(at("00:00:00"), at("23:00:00"), 10)))
    site.collect(KEY)
    for number in range(2):
        site.emulator.arrive("sso", [event("again", at("05:00:00"))])
        site.collect(KEY)
        assert site.is_proven(KEY)
        assert site.manifest(KEY).held_events == 11 + number


def test_what_the_service_has_no_more_is_kept_and_makes_the_day_over(served: Serve) -> None:
    site = served(Tenant.empty().with_events("sso", events_over(at("00:00:00"), at("23:00:00"), 50)))
    site.collect(KEY)
    before = site.texts(KEY)
    site.emulator.store.withhold(lambda owner, service, row, position: position % 10 == 0)
    for _ in range(2):
        site.collect(KEY)
        manifest = site.manifest(KEY)
        assert (manifest.state, manifest.held_events, manifest.expected_events) == ("over", 50, 45)
        assert site.texts(KEY) == before
    site.emulator.store.reveal()
    site.collect(KEY)
    assert site.is_proven(KEY)
    assert site.manifest(KEY).late_events == 0


def test_a_proven_day_that_is_counted_again_costs_one_request(served: Serve, company: Tenant) -> None:
    site = served(company)
    site.collect(KEY)
    before = site.manifest(KEY)
    site.emulator.requests.clear()
    site.now += timedelta(hours=1)
    (outcome,) = site.collect(KEY)
    assert (site.calls("count"), len(site.emulator.requests), outcome.new_events) == (1, 1, 0)
    after = site.manifest(KEY)
    assert after.counted_at == site.now
    assert (after.slices, after.fetched_at, after.state) == (before.slices, before.fetched_at, "complete")
