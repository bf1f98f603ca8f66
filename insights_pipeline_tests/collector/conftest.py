"""Tenants for the collector's tests, invented once, and a fresh service and lake for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from insights_pipeline.emulator import Behaviour, Tenant, serve
from insights_pipeline_tests.collector.harness import DAY, NOW, Site

Serve = Callable[..., Site]


@pytest.fixture(scope="session")
def company() -> Tenant:
    """Three days of one small organization."""
    return Tenant.invented(seed=11, last_day=DAY, days=3, events_per_day=600)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Serve]:
    """Serves a tenant with a behaviour until the test ends; the service's now is the site's."""
    with ExitStack() as stack:

        def serve_tenant(tenant: Tenant, behaviour: Behaviour | None = None) -> Site:
            site: Site
            emulator = stack.enter_context(serve(tenant, behaviour=behaviour, clock=lambda: site.now))
            site = Site(emulator, tmp_path / "lake", NOW)
            return site

        yield serve_tenant
