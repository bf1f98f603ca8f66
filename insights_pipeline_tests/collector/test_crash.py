"""What a run leaves behind when it is killed, runs beside another, finds the disk full or pages damaged."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from insights_pipeline.collector import quarantine
from insights_pipeline.collector.plan import SLICE_EVENTS
from insights_pipeline.emulator import Tenant
from insights_pipeline.lake import DayKey, Lake, LakeError
from insights_pipeline_tests.collector import collecting
from insights_pipeline_tests.collector.conftest import Serve
from insights_pipeline_tests.collector.harness import NOW, Site, at, day_key, event, events_over

SERVICES = ["sso", "ldap", "radius"]
KEYS = [day_key(service, day=day) for service in SERVICES for day in collecting.DAYS]
KEY = day_key("sso")
PATIENCE_SECONDS = 30.0


@pytest.fixture(scope="module")
def busy() -> Tenant:
    """Days of two slices, and small ones."""
    tenant = Tenant.empty()
    for service, count in zip(SERVICES, (SLICE_EVENTS + 3_000, 900, 20), strict=True):
        days = [events_over(at("00:00:00", day), at("23:59:59", day), count, f"{day}-") for day in collecting.DAYS]
        tenant = tenant.with_events(service, [happened for events in days for happened in events])
    return tenant


def start(site: Site) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", collecting.__name__, site.emulator.url, site.place, *SERVICES],
        stderr=subprocess.PIPE,
    )


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def committed(site: Site) -> dict[DayKey, set[str]]:
    manifests = {key: site.lake.manifest(key) for key in KEYS}
    return {key: {page.file for page in manifest.pages} for key, manifest in manifests.items() if manifest is not None}


@pytest.mark.parametrize("seed", range(5))
def test_a_killed_run_is_gone_on_with_and_nothing_committed_is_fetched_twice(
    served: Serve, busy: Tenant, seed: int
) -> None:
    rng = random.Random(seed)
    site = served(busy)
    site.emulator.behaviour.row_microseconds = 15
    child = start(site)
    try:
        reached = rng.randint(3, 24)
        wait_until(lambda: len(site.emulator.requests) >= reached or child.poll() is not None)
        time.sleep(rng.random() * 0.1)
    finally:
        child.kill()
        child.communicate()
    kept = committed(site)
    windows = {
        (key.service, part.start, part.end)
        for key in kept
        for part in site.manifest(key).slices
        if part.proven and part.received
    }
    site.emulator.requests.clear()
    site.collect(*KEYS)
    assert all(site.is_proven(key) for key in KEYS)
    after = committed(site)
    assert all(files <= after[key] for key, files in kept.items())
    fetched = {
        (request.body["service"][0], request.body["start_time"], request.body["end_time"])
        for request in site.emulator.requests
        if request.call == "events" and request.body
    }
    assert (
        not {
            (
                service,
                f"{s:%Y-%m-%dT%H:%M:%S}.{s.microsecond // 1000:03}Z",
                f"{e:%Y-%m-%dT%H:%M:%S}.{e.microsecond // 1000:03}Z",
            )
            for service, s, e in windows
        }
        & fetched
    )


def test_two_runs_at_once_take_turns_and_the_second_only_counts(served: Serve, busy: Tenant) -> None:
    site = served(busy)
    children = [start(site), start(site)]
    for child in children:
        _, complaint = child.communicate(timeout=PATIENCE_SECONDS)
        assert (child.returncode, complaint) == (0, b"")
    assert all(site.is_proven(key) for key in KEYS)
    pages = site.pages_asked()
    assert len(pages) == len(set(pages))


class FullDisk(Lake):
    """A lake with room for some writes and then no more."""

    def __init__(self, root: Path, room: int) -> None:
        super().__init__(root)
        self.room = room

    def write(self, relative: str, data: bytes) -> None:
        self.room -= 1
        if self.room >= 0:
            super().write(relative, data)
            return
        with self.writing(relative):
            Path("/dev/full").write_bytes(data)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
@pytest.mark.parametrize("room", [0, 1, 3, 6])
def test_a_full_disk_is_one_clear_sentence_and_no_harm(served: Serve, company: Tenant, room: int) -> None:
    site = served(company)
    site.emulator.behaviour.maximum_limit = 40
    keys = [day_key("directory"), day_key("sso")]
    with pytest.raises(LakeError) as failure:
        site.collect(*keys, lake=FullDisk(site.root, room))
    message = str(failure.value)
    assert "No space left on device" in message
    assert "free some space" in message
    assert "\n" not in message
    site.collect(*keys)
    assert all(site.is_proven(key) for key in keys)


def paged_site(served: Serve) -> Site:
    """A complete day of five pages in one slice."""
    site = served(Tenant.empty().with_events("sso", events_over(at("00:00:00"), at("23:59:00"), 95)))
    site.emulator.behaviour.maximum_limit = 20
    site.collect(KEY)
    assert site.is_proven(KEY)
    return site


def damage(site: Site, place: int) -> str:
    file = site.manifest(KEY).pages[place].file
    path = site.root / KEY.raw_folder / file
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    return file


def test_a_damaged_page_is_quarantined_and_fetched_again(served: Serve) -> None:
    site = paged_site(served)
    file = damage(site, 2)
    quarantined = quarantine(site.lake, KEY, {file}, NOW)
    assert quarantined == site.manifest(KEY)
    assert (quarantined.state, quarantined.held_events, quarantined.expected_events) == ("short", 75, 95)
    assert quarantined.failure is not None
    assert file in quarantined.failure.reason
    assert len(site.texts(KEY)) == 75
    site.collect(KEY)
    assert site.is_proven(KEY)
    assert site.manifest(KEY).late_events == 20


def test_what_only_the_sound_pages_of_a_quarantined_slice_hold_is_not_lost(served: Serve) -> None:
    site = paged_site(served)
    quarantine(site.lake, KEY, {damage(site, 2)}, NOW)
    site.emulator.store.withhold(lambda owner, service, row, position: position == 3)
    site.collect(KEY)
    manifest = site.manifest(KEY)
    assert (manifest.state, manifest.held_events, manifest.expected_events) == ("over", 95, 94)
    assert len(site.texts(KEY)) == 95


def test_quarantine_of_files_that_no_manifest_names_changes_nothing(served: Serve) -> None:
    site = paged_site(served)
    before = site.manifest(KEY)
    assert quarantine(site.lake, KEY, {"elsewhere/0000.json.zst"}, NOW) == before == site.manifest(KEY)
    assert quarantine(site.lake, day_key("ldap"), {"elsewhere/0000.json.zst"}, NOW) is None


def test_a_page_that_is_damaged_or_gone_does_not_stop_its_slice_from_being_fetched_again(served: Serve) -> None:
    site = paged_site(served)
    damage(site, 0)
    (site.root / KEY.raw_folder / site.manifest(KEY).pages[1].file).unlink()
    site.emulator.arrive("sso", [event("late", at("10:00:00"))])
    site.collect(KEY)
    assert site.is_proven(KEY)


def test_a_damaged_manifest_is_named_and_the_other_days_go_on(served: Serve) -> None:
    site = paged_site(served)
    (site.root / KEY.manifest_file).write_text("{")
    damaged, sound = site.collect(KEY, day_key("sso", day=NOW.date()))
    assert "is damaged" in (damaged.failure or "")
    assert sound.failure is None
    assert (site.root / KEY.manifest_file).read_text() == "{"
