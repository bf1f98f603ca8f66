"""A small served tenant and clients for it, shared by the emulator's tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import httpx
import pytest

from insights_pipeline.emulator import DEMO_API_KEY, RunningEmulator, Tenant, serve

LAST_DAY = date(2026, 3, 15)
NOW = datetime(2026, 3, 16, 6, tzinfo=UTC)
START, END = datetime(2026, 3, 9, tzinfo=UTC), datetime(2026, 3, 16, tzinfo=UTC)
PERIOD = {"start_time": "2026-03-09T00:00:00Z", "end_time": "2026-03-16T00:00:00Z"}


@pytest.fixture(scope="session")
def tenant() -> Tenant:
    return Tenant.invented(seed=7, last_day=LAST_DAY, days=7, events_per_day=400)


@pytest.fixture(scope="session")
def emulator(tenant: Tenant) -> Iterator[RunningEmulator]:
    """For tests that only ask: one server for all of them."""
    with serve(tenant, clock=lambda: NOW) as running:
        yield running


@pytest.fixture
def own_emulator(tenant: Tenant) -> Iterator[RunningEmulator]:
    """For tests that change how it behaves or what it holds."""
    with serve(tenant, clock=lambda: NOW) as running:
        yield running


@pytest.fixture
def client(emulator: RunningEmulator) -> Iterator[httpx.Client]:
    with client_of(emulator) as client:
        yield client


@pytest.fixture
def own_client(own_emulator: RunningEmulator) -> Iterator[httpx.Client]:
    with client_of(own_emulator) as client:
        yield client


def client_of(emulator: RunningEmulator) -> httpx.Client:
    # No TLS on loopback: without certificates to load a client is there in 1 ms instead of 100.
    headers = {"x-api-key": DEMO_API_KEY}
    return httpx.Client(base_url=f"{emulator.url}/insights/directory/v1", headers=headers, verify=False)
