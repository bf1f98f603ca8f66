"""Whom the collector asks as: the credentials of the settings, and the organization or provider of a lake folder."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from insights_pipeline.collector import check_access, client_for, connect
from insights_pipeline.emulator import DEMO_API_KEY, DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, RunningEmulator, Tenant, serve
from insights_pipeline.jumpcloud import EventQuery, Unauthorized
from insights_pipeline.settings import IsolatedSettings, SettingsError
from insights_pipeline_tests.collector.harness import NOW

QUERY = EventQuery("directory", datetime(2026, 3, 13, tzinfo=UTC), NOW)


def settings_for(emulator: RunningEmulator, **others: Any) -> IsolatedSettings:
    return IsolatedSettings(JUMPCLOUD_API_URL=emulator.url, **others)


def count_as(settings: IsolatedSettings, org: str) -> int:
    async def count() -> int:
        async with connect(settings) as client:
            return await client_for(client, org).count(QUERY)

    return asyncio.run(count())


def test_the_service_account_is_used_where_one_is_set_and_the_key_elsewhere(company: Tenant) -> None:
    with serve(company, clock=lambda: NOW) as emulator:
        account = {"JUMPCLOUD_CLIENT_ID": DEMO_CLIENT_ID, "JUMPCLOUD_CLIENT_SECRET": DEMO_CLIENT_SECRET}
        token_url = {"JUMPCLOUD_TOKEN_URL": f"{emulator.url}/oauth2/token"}
        by_key = count_as(settings_for(emulator, JUMPCLOUD_API_KEY=DEMO_API_KEY), "self")
        assert [request.call for request in emulator.requests] == ["count"]
        by_account = count_as(settings_for(emulator, JUMPCLOUD_API_KEY="old", **account, **token_url), "self")
        assert [request.call for request in emulator.requests] == ["count", "token", "count"]
        assert by_key == by_account > 0


def test_without_credentials_one_is_told_before_anything_is_asked() -> None:
    with pytest.raises(SettingsError, match="There are no credentials"):
        connect(IsolatedSettings())


def test_a_folder_of_an_organization_or_provider_is_asked_for_by_its_header() -> None:
    tenant = Tenant.invented(seed=2, last_day=QUERY.start.date(), days=1, events_per_day=50, organizations=2)
    with serve(tenant, clock=lambda: NOW) as emulator:
        settings = settings_for(emulator, JUMPCLOUD_API_KEY=DEMO_API_KEY)
        for org in (*tenant.organizations, f"provider-{tenant.provider}"):
            assert count_as(settings, org) == emulator.truth.count("directory", QUERY.start, NOW, org)
        asked = [(*request.organizations, request.provider) for request in emulator.requests]
        assert asked == [(tenant.organizations[0], None), (tenant.organizations[1], None), (tenant.provider,)]


def test_a_wrong_key_is_told_by_one_request(company: Tenant) -> None:
    with serve(company) as emulator:
        with pytest.raises(Unauthorized):
            asyncio.run(check_access(settings_for(emulator, JUMPCLOUD_API_KEY="wrong"), datetime.now(UTC)))
        assert len(emulator.requests) == 1
        asyncio.run(check_access(settings_for(emulator, JUMPCLOUD_API_KEY=DEMO_API_KEY), datetime.now(UTC)))
