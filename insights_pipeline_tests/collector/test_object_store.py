"""Collecting into an object store: killed, beside another run, and while the store has its faults."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import timedelta

import pytest

from insights_pipeline.emulator import Tenant
from insights_pipeline.lake import DayKey, Lake
from insights_pipeline_tests.collector import collecting
from insights_pipeline_tests.collector.conftest import Serve
from insights_pipeline_tests.collector.harness import NOW, Site, at, events_over
from insights_pipeline_tests.collector.test_crash import KEYS, PATIENCE_SECONDS, SERVICES, start, wait_until
from insights_pipeline_tests.object_store import ObjectStore, needs_object_store

pytestmark = needs_object_store


@dataclass
class StoreSite(Site):
    """A site whose lake has an address."""

    address: str = ""

    @property
    def place(self) -> str:
        return self.address

    @property
    def lake(self) -> Lake:
        return Lake(self.address)

    def files(self, key: DayKey) -> set[str]:
        import obstore

        from insights_pipeline.lake.object_files import RETRIES, open_store

        listed = obstore.list(open_store(self.address, RETRIES), f"{key.raw_folder}/").collect()
        return {meta["path"].partition(f"{key.raw_folder}/")[2] for meta in listed}


@pytest.fixture(scope="module")
def tenant() -> Tenant:
    tenant = Tenant.empty()
    for service, count in zip(SERVICES, (4_000, 900, 20), strict=True):
        days = [events_over(at("00:00:00", day), at("23:59:59", day), count, f"{day}-") for day in collecting.DAYS]
        tenant = tenant.with_events(service, [happened for events in days for happened in events])
    return tenant


@pytest.fixture
def site(served: Serve, tenant: Tenant, object_store: ObjectStore, request: pytest.FixtureRequest) -> StoreSite:
    local = served(tenant)
    return StoreSite(
        local.emulator, local.root, address=object_store.address(request.node.name.replace("[", "-").rstrip("]"))
    )


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes over from who was silent for four seconds, as this process sees it."""
    from insights_pipeline.lake import object_files

    monkeypatch.setattr(object_files, "LEASE_DURATION", timedelta(seconds=4))
    monkeypatch.setattr(object_files.ObjectFiles, "poll_seconds", 0.1)


@pytest.mark.parametrize("seed", range(3))
def test_what_a_killed_run_committed_stays_and_the_next_takes_over_what_it_held(
    site: StoreSite, impatient: None, seed: int
) -> None:
    rng = random.Random(seed)
    site.emulator.behaviour.row_microseconds = 15
    child = start(site)
    try:
        reached = rng.randint(6, 16)
        wait_until(lambda: len(site.emulator.requests) >= reached or child.poll() is not None)
        time.sleep(rng.random() * 0.2)
    finally:
        child.kill()
        child.communicate()
    manifests = [manifest for key in KEYS if (manifest := site.lake.manifest(key)) is not None]
    proven = {(m.service, part.start): part for m in manifests for part in m.slices if part.proven and part.received}
    site.collect(*KEYS)
    assert all(site.is_proven(key) for key in KEYS)
    now = {(key.service, part.start): part for key in KEYS for part in site.manifest(key).slices}
    assert {name: now[name] for name in proven} == proven


def test_two_runs_at_once_take_turns_and_the_second_only_counts(site: StoreSite) -> None:
    children = [start(site), start(site)]
    for child in children:
        _, complaint = child.communicate(timeout=PATIENCE_SECONDS)
        assert (child.returncode, complaint) == (0, b"")
    assert all(site.is_proven(key) for key in KEYS)
    pages = site.pages_asked()
    assert len(pages) == len(set(pages))


def test_faults_of_the_store_leave_every_day_proven(site: StoreSite, object_store: ObjectStore) -> None:
    object_store.door.refused, object_store.door.lost = 0.1, 0.05
    outcomes = site.collect(*KEYS)
    object_store.door.refused = object_store.door.lost = 0.0
    assert [outcome.failure for outcome in outcomes] == [None] * len(KEYS)
    assert all(site.is_proven(key) for key in KEYS)


def test_days_past_the_lakes_retention_and_dead_fetches_go(site: StoreSite) -> None:
    from insights_pipeline.collector import remove_days_before, remove_dead_fetches

    site.collect(*KEYS)
    dead = f"{KEYS[0].raw_folder}/20260101T000000Z-00000000/0000.json.zst"
    site.lake.write(dead, b"of a fetch that was killed")
    with Lake(site.address).held("self", KEYS[0].service):
        assert remove_dead_fetches(site.lake, NOW) == 0
    assert remove_dead_fetches(site.lake, NOW) == 1
    assert remove_days_before(site.lake, collecting.DAYS[1]) == len(SERVICES)
    assert site.lake.raw_days() == sorted(key for key in KEYS if key.day == collecting.DAYS[1])
    assert all(site.is_proven(key) for key in site.lake.raw_days())
