"""Which days a run asks about: those without proof, those named, those of the look-back, and no others."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from insights_pipeline.collector import coverage_of, default_days, is_due, keys, recounted_since
from insights_pipeline.emulator import Tenant
from insights_pipeline.settings import IsolatedSettings
from insights_pipeline_tests.collector.conftest import Serve
from insights_pipeline_tests.collector.harness import NOW, at, day_key, event

SETTINGS = IsolatedSettings(INSIGHTS_RETENTION_DAYS=30, INSIGHTS_LOOKBACK_DAYS=2, INSIGHTS_SETTLE_MINUTES=60)


def test_only_days_without_proof_or_in_the_look_back_cost_a_request(served: Serve) -> None:
    site = served(Tenant.empty().with_events("sso", [event(1, at("10:00:00"))]))
    days = keys(SETTINGS, ["sso"], default_days(SETTINGS, NOW))

    def due(now: datetime, *, named: bool = False) -> list[date]:
        since = recounted_since(SETTINGS, now)
        return [
            key.day
            for key in days
            if is_due(key, site.lake.manifest(key), named=named, recount_since=since, settings=SETTINGS, now=now)
        ]

    assert due(NOW) == [key.day for key in days]
    site.collect(*days)
    site.emulator.requests.clear()
    today = NOW.date()
    assert due(NOW) == [today - timedelta(days=2), today - timedelta(days=1), today]
    assert due(NOW + timedelta(days=10)) == [today]  # it was open when it was collected
    assert due(NOW, named=True) == [key.day for key in days]
    assert site.collect() == []
    assert site.emulator.requests == []


@pytest.mark.parametrize(
    ("now", "due"),
    [(at("00:00:00"), False), (at("00:00:00.999"), False), (at("00:00:01"), True), (at("12:00:00"), True)],
)
def test_a_day_is_due_once_its_first_second_is_over(now: datetime, due: bool) -> None:
    key = day_key("sso")
    since = recounted_since(SETTINGS, now)
    assert is_due(key, None, named=True, recount_since=since, settings=SETTINGS, now=now) == due


def test_a_day_past_retention_is_not_asked_for_and_is_expired_if_it_was_never_fetched() -> None:
    first_of_retention, day_before = (day_key("sso", day=NOW.date() - timedelta(days=age)) for age in (29, 30))
    for key, due, state in ((first_of_retention, True, "missing"), (day_before, False, "expired")):
        since = recounted_since(SETTINGS, NOW)
        assert is_due(key, None, named=True, recount_since=since, settings=SETTINGS, now=NOW) == due
        assert coverage_of(key, None, SETTINGS, NOW).state == state


def test_a_day_that_was_left_open_is_unverified_once_it_is_over(served: Serve) -> None:
    site = served(Tenant.empty())
    today = day_key("sso", day=NOW.date())
    site.collect(today)
    assert coverage_of(today, site.manifest(today), SETTINGS, NOW).state == "open"
    over = today.end + timedelta(minutes=60)
    assert coverage_of(today, site.manifest(today), SETTINGS, over - timedelta(seconds=1)).state == "open"
    assert coverage_of(today, site.manifest(today), SETTINGS, over).state == "unverified"
