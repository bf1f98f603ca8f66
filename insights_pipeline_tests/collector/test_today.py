"""Today, collected every few minutes: only what was not settled is asked for again, and the day ends complete."""

from __future__ import annotations

from datetime import datetime, timedelta

from insights_pipeline.collector.window import SECOND, edge_before
from insights_pipeline.emulator import Tenant
from insights_pipeline_tests.collector.conftest import Serve
from insights_pipeline_tests.collector.harness import Site, at, day_key, event, events_over

KEY = day_key("sso")
SETTLE = timedelta(minutes=30)


def site_at(served: Serve, now: datetime, tenant: Tenant) -> Site:
    site = served(tenant)
    site.now, site.settle = now, SETTLE
    return site


def even_day() -> Tenant:
    return Tenant.empty().with_events("sso", events_over(at("00:00:00"), at("23:59:59"), 2_000))


def test_only_the_part_since_the_last_settled_moment_is_asked_for_again(served: Serve) -> None:
    site = site_at(served, at("06:00:00.250"), even_day())
    settled = KEY.start
    for minutes in (0, 5, 10, 95, 240):
        site.now = at("06:00:00.250") + timedelta(minutes=minutes)
        site.emulator.requests.clear()
        site.collect(KEY)
        manifest = site.manifest(KEY)
        assert manifest.state == "open"
        assert manifest.held_events == site.emulator.truth.count("sso", KEY.start, site.now)
        assert min(start for start, _ in site.asked()) == settled
        assert all(start == KEY.start or start >= settled for start, _ in site.asked("count"))
        settled = edge_before(site.now - SETTLE)
        assert manifest.settled_until == settled
        assert len(site.emulator.requests) < 12
    assert len(site.manifest(KEY).slices) < 6


def test_the_day_is_complete_once_it_has_settled_and_not_before(served: Serve) -> None:
    site = site_at(served, at("23:50:00"), even_day())
    states = []
    for minutes in (0, 15, 39, 41):
        site.now = at("23:50:00") + timedelta(minutes=minutes)
        site.collect(KEY)
        states.append(site.manifest(KEY).state)
    assert states == ["open", "open", "open", "complete"]
    assert site.is_proven(KEY)


def test_an_event_of_the_last_minutes_is_no_late_one_and_one_from_before_is(served: Serve) -> None:
    site = site_at(served, at("12:00:00"), even_day())
    site.collect(KEY)
    site.emulator.arrive("sso", [event("usual", at("11:50:00"))])
    site.now += timedelta(minutes=10)
    site.collect(KEY)
    assert site.manifest(KEY).late_events == 0
    site.emulator.arrive("sso", [event("late", at("10:00:00"))])
    site.now += timedelta(minutes=10)
    site.collect(KEY)
    manifest = site.manifest(KEY)
    assert manifest.late_events == 1
    assert manifest.held_events == site.emulator.truth.count("sso", KEY.start, site.now)
    assert [max(came.lateness_seconds) for came in manifest.arrivals] == [20 * 60, 140 * 60]


def test_many_runs_leave_few_slices_and_every_event_once(served: Serve) -> None:
    site = site_at(served, at("00:00:30"), even_day())
    while site.now < KEY.end + SETTLE + SECOND:
        site.collect(KEY)
        site.now += timedelta(minutes=67)
    site.collect(KEY)
    assert site.is_proven(KEY)
    assert site.manifest(KEY).late_events == 0
    assert len(site.manifest(KEY).slices) < 4


def test_the_first_second_of_a_day_can_be_collected(served: Serve) -> None:
    site = site_at(served, KEY.start + SECOND, even_day())
    site.collect(KEY)
    assert (site.manifest(KEY).state, site.manifest(KEY).held_events) == ("open", 1)
