"""A lake in an object store does what one on disk does, whatever the store does meanwhile."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from insights_pipeline.lake import DamagedManifest, DayKey, Lake, LakeError, ServiceBusy, filesystem_of
from insights_pipeline_tests.lake.test_store import KEY, MANIFEST
from insights_pipeline_tests.object_store import ObjectStore, needs_object_store

pytestmark = needs_object_store

OTHER = DayKey("an-org", "radius", date(2026, 2, 21))


@pytest.fixture(params=["disk", "store"])
def lake(request: pytest.FixtureRequest, tmp_path: Path, object_store: ObjectStore) -> Lake:
    """Empty; both kinds are held to the same."""
    name = f"{request.node.name.partition('[')[0]}/lake"
    return Lake(tmp_path / "lake") if request.param == "disk" else Lake(object_store.address(name))


@pytest.fixture
def stored(object_store: ObjectStore, request: pytest.FixtureRequest) -> Callable[[], Lake]:
    """Opens the test's lake, as often as it is asked to, as so many processes would."""
    return lambda: Lake(object_store.address(request.node.name))


@pytest.fixture
def short_leases(monkeypatch: pytest.MonkeyPatch) -> float:
    """Seconds that they last."""
    from insights_pipeline.lake import object_files

    monkeypatch.setattr(object_files, "LEASE_DURATION", timedelta(seconds=4))
    return 4.0


def test_what_is_written_is_read_back_and_gone_when_it_was_removed(lake: Lake) -> None:
    lake.check_writable()
    assert (lake.manifest(KEY), lake.size(KEY.manifest_file), lake.raw_days(), lake.events_files()) == (
        None,
        None,
        [],
        [],
    )
    lake.write_manifest(MANIFEST)
    assert lake.manifest(KEY) == MANIFEST
    assert lake.size(KEY.manifest_file) == len(lake.read(KEY.manifest_file))
    lake.remove(KEY.manifest_file)
    lake.remove(KEY.manifest_file)
    assert lake.manifest(KEY) is None
    with pytest.raises(FileNotFoundError):
        lake.read(KEY.manifest_file)


def test_days_and_typed_files_are_listed_and_another_content_is_another_version(lake: Lake) -> None:
    lake.write_manifest(MANIFEST)
    lake.write(f"{OTHER.raw_folder}/fetch/0000.json.zst", b"page")
    lake.write("raw/org=an-org/unasked/date=2026-02-21.json", b"{}")
    lake.write(KEY.events_file, b"1234")
    lake.write(f"{KEY.events_folder}/normalized.json", b"{}")
    assert lake.raw_days() == [OTHER, KEY]
    (before,) = lake.events_files()
    assert (before.key, before.size) == (KEY, 4)
    assert lake.events_files() == [before]
    lake.write(KEY.events_file, b"4321")
    (after,) = lake.events_files()
    assert after != before


def test_a_write_that_fails_leaves_the_old_content(lake: Lake) -> None:
    lake.write(KEY.events_file, b"old")

    def interrupted_write() -> None:
        with lake.writing(KEY.events_file) as temporary:
            Path(temporary).write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted_write()
    assert lake.read(KEY.events_file) == b"old"
    with lake.writing(KEY.events_file) as temporary:
        Path(temporary).write_bytes(b"new" * 4_000_000)  # more than one part of an upload
    assert lake.read(KEY.events_file) == b"new" * 4_000_000


def test_sweeping_removes_what_is_not_kept_and_a_folder_goes_whole(lake: Lake) -> None:
    for name in ("keep/a", "keep/b", "dead/c"):
        lake.write(f"{KEY.raw_folder}/{name}", b"")
    lake.write(f"{OTHER.raw_folder}/a", b"")
    assert lake.sweep(KEY.raw_folder, keep={f"{KEY.raw_folder}/keep/a"}) == 2
    assert lake.raw_days() == [OTHER, KEY]
    lake.remove_folder(KEY.raw_folder)
    lake.remove_folder("raw/org=nobody")
    assert lake.raw_days() == [OTHER]
    assert lake.remove_temporary_files(datetime.now(UTC)) == 0


def test_a_damaged_manifest_is_named_with_the_remedy(lake: Lake) -> None:
    lake.write(KEY.manifest_file, b'{"org": "self"')
    with pytest.raises(DamagedManifest, match=r"manifest\.json is damaged .* remove the file"):
        lake.manifest(KEY)
    assert lake.readable_manifest(KEY) is None


def test_files_are_at_hand_for_who_reads_a_disk_alone(lake: Lake) -> None:
    lake.write(f"{KEY.raw_folder}/a/0000.json.zst", b"page")
    with lake.at_hand() as at_hand:
        content, path = at_hand.fetch(f"{KEY.raw_folder}/a/0000.json.zst")
        assert (content, Path(path).read_bytes()) == (b"page", b"page")
        with pytest.raises(FileNotFoundError):
            at_hand.fetch(f"{KEY.raw_folder}/a/0001.json.zst")


def test_only_one_has_a_service_at_a_time(lake: Lake) -> None:
    second = Lake(lake.place)

    async def waiting_in_vain() -> None:
        async with second.collecting("self", "sso", 0.1):
            raise AssertionError("two have it")

    with lake.held("self", "sso") as mine, second.held("self", "radius") as another:
        assert (mine, another) == (True, True)
        with second.held("self", "sso") as also_mine:
            assert not also_mine
        with pytest.raises(ServiceBusy):
            asyncio.run(waiting_in_vain())
    with second.held("self", "sso") as mine_now:
        assert mine_now


def test_of_many_that_ask_at_the_same_time_one_gets_the_service(stored: Callable[[], Lake]) -> None:
    lakes = [stored() for _ in range(8)]

    def ask(lake: Lake) -> bool:
        with lake.held("self", "sso") as held:
            time.sleep(0.5)
            return held

    with ThreadPoolExecutor(len(lakes)) as pool:
        assert sum(pool.map(ask, lakes)) == 1


def test_a_hold_outlasts_its_duration_as_long_as_its_holder_lives(
    stored: Callable[[], Lake], short_leases: float
) -> None:
    first, second = stored(), stored()
    with first.held("self", "sso"):
        until = time.monotonic() + 1.5 * short_leases
        while time.monotonic() < until:
            with second.held("self", "sso") as taken:
                assert not taken
            time.sleep(0.05)
    with second.held("self", "sso") as taken:
        assert taken


def test_who_was_silent_for_too_long_loses_the_service_and_commits_no_more(
    stored: Callable[[], Lake], short_leases: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    from insights_pipeline.lake import leases

    first, second = stored(), stored()
    monkeypatch.setattr(leases, "RENEWED_AFTER", 1_000)  # as a process that the system has stopped

    async def collect() -> None:
        async with first.collecting("self", "sso", 0.0):
            first.write_manifest(MANIFEST)
            deadline = time.monotonic() + 10 * short_leases
            while time.monotonic() < deadline:
                with second.held("self", "sso") as taken:
                    if taken:
                        break
                await asyncio.sleep(0.05)
            with pytest.raises(LakeError, match=r"another may be collecting sso .* run again"):
                first.write_manifest(MANIFEST)

    asyncio.run(collect())


@pytest.mark.parametrize("trouble", ["refused", "lost"])
def test_errors_of_the_store_are_outlasted(stored: Callable[[], Lake], object_store: ObjectStore, trouble: str) -> None:
    """A put whose answer was lost is sent again and meets its own work: a hold must not take that for another's."""
    setattr(object_store.door, trouble, 0.3)
    first, second = stored(), stored()
    for number in range(20):
        lake = first if number % 2 else second
        with lake.held("self", "sso") as held:
            assert held
            lake.write(f"{KEY.raw_folder}/{number}/0000.json.zst", b"page" * number)
            lake.write_manifest(MANIFEST)
    assert first.sweep(KEY.raw_folder, keep={KEY.manifest_file}) == 20
    assert first.raw_days() == [KEY]
    assert second.manifest(KEY) == MANIFEST


def test_a_store_that_cannot_be_used_is_one_sentence_without_a_secret(
    object_store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    lakes = [Lake("s3://no-such-bucket/lake")]
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    lakes.append(Lake(object_store.address("lake")))
    for lake in lakes:
        with pytest.raises(LakeError, match=r"^s3://.*INSIGHTS_LAKE.*AWS_ACCESS_KEY_ID[^\n]*$") as raised:
            lake.check_writable()
        assert object_store.variables["AWS_SECRET_ACCESS_KEY"] not in str(raised.value)


def test_a_store_that_is_away_is_not_taken_for_days_that_were_never_fetched(
    stored: Callable[[], Lake], object_store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    from insights_pipeline.lake import object_files

    monkeypatch.setattr(object_files, "RETRIES", object_files.FEW_RETRIES)
    lake = stored()
    lake.write_manifest(MANIFEST)
    object_store.door.refused = 1.0
    for ask in (lambda: lake.readable_manifest(KEY), lake.raw_days, lake.events_files, lambda: lake.size("a")):
        with pytest.raises(LakeError, match="can't be reached or used"):
            ask()


def test_without_the_extra_an_address_is_refused_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)
    monkeypatch.delitem(sys.modules, "insights_pipeline.lake.object_files", raising=False)
    with pytest.raises(LakeError, match=r"need the extra `object-store`.*make setup EXTRAS"):
        Lake("s3://bucket/lake")


def test_duckdb_finds_files_by_pattern_and_reads_a_small_one_by_one_request(
    stored: Callable[[], Lake], object_store: ObjectStore
) -> None:
    lake = stored()
    keys = [DayKey(org, "sso", date(2026, 2, day)) for org in ("a", "b") for day in range(1, 6)]
    for number, key in enumerate(keys):
        with lake.writing(key.events_file) as temporary:
            pq.write_table(pa.table({"number": [number]}), temporary)
        lake.write(f"{key.events_folder}/normalized.json", b"{}")
    large = DayKey("a", "radius", date(2026, 2, 1))
    with lake.writing(large.events_file) as temporary:
        pq.write_table(
            pa.table({"number": pa.array(range(1_000_000))}), temporary, compression="none", use_dictionary=False
        )
    with duckdb.connect() as connection:
        connection.register_filesystem(filesystem_of(lake.place))
        object_store.door.asked.clear()
        pattern = lake.location("events/org=*/service=sso/date=*/events.parquet")
        rows = connection.execute(f"select org, date, number from read_parquet('{pattern}') order by number").fetchall()
        assert rows == [(key.org, key.day, number) for number, key in enumerate(keys)]
        assert object_store.door.asked["GET"] == len(keys) + 3  # organizations, and the days of each
        assert object_store.door.asked["HEAD"] == 0
        everything = lake.location("events/*/*/*/events.parquet")
        ((count, total),) = connection.execute(
            f"select count(*), sum(number) from read_parquet('{everything}')"
        ).fetchall()
        assert (count, total) == (1_000_010, sum(range(1_000_000)) + 45)


def test_a_file_that_is_replaced_while_it_is_read_is_an_error_and_not_a_mixture(stored: Callable[[], Lake]) -> None:
    lake = stored()
    lake.write(KEY.events_file, b"a" * 3_000_000)
    filesystem = filesystem_of(lake.place)
    with filesystem.open(lake.location(KEY.events_file)) as file:
        assert file.read(10) == b"a" * 10
        lake.write(KEY.events_file, b"b" * 3_000_000)
        with pytest.raises(OSError, match="written again while it was being read"):
            file.read(10)


def test_years_of_manifests_are_told_by_some_requests_and_as_they_are_by_now(
    stored: Callable[[], Lake], object_store: ObjectStore
) -> None:
    lake = stored()
    keys = [DayKey("self", "sso", date(2025, 1, 1) + timedelta(days=number)) for number in range(200)]
    for key in keys:
        lake.write_manifest(msgspec.structs.replace(MANIFEST, date=key.day))
    expected = [lake.manifest(key) for key in keys]
    missing = DayKey("self", "sso", date(2024, 12, 31))
    assert lake.manifests([*keys, missing]) == [None, *expected]
    object_store.door.asked.clear()
    assert stored().manifests(keys) == expected
    assert object_store.door.asked == {"GET": 2}  # the listing and the file
    changed = msgspec.structs.replace(MANIFEST, date=keys[3].day, state="short")
    lake.write_manifest(changed)
    lake.write(keys[4].manifest_file, b"{")
    lake.remove(keys[5].manifest_file)
    told = stored().manifests(keys)
    assert told[3] == changed
    assert isinstance(told[4], DamagedManifest)
    assert told[5] is None
    assert [told[n] == expected[n] for n in (2, 6, 199)] == [True, True, True]


@pytest.mark.parametrize("content", [b"", b"no file of this program", pa.Codec("zstd").compress(b"{", asbytes=True)])
def test_a_damaged_file_of_gathered_manifests_is_as_none(stored: Callable[[], Lake], content: bytes) -> None:
    lake = stored()
    keys = [DayKey("self", "sso", date(2025, 1, 1) + timedelta(days=number)) for number in range(100)]
    for key in keys:
        lake.write_manifest(msgspec.structs.replace(MANIFEST, date=key.day))
    lake.write("raw/org=self/service=sso/manifests.msgpack.zst", content)
    assert lake.manifests(keys) == [lake.manifest(key) for key in keys]
    assert len(lake.read("raw/org=self/service=sso/manifests.msgpack.zst")) > 100


def test_a_run_that_is_ended_while_it_asks_for_a_service_leaves_it_free(lake: Lake) -> None:
    async def ended() -> None:
        async def collect() -> None:
            async with lake.collecting("self", "sso", 0.0):
                await asyncio.sleep(60)

        for pause in (0.0, 0.001, 0.005, 0.05):
            task = asyncio.create_task(collect())
            await asyncio.sleep(pause)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            with Lake(lake.place).held("self", "sso") as free:
                assert free

    asyncio.run(ended())


def test_a_lease_is_counted_from_before_it_was_written(object_store: ObjectStore) -> None:
    """Others may see it while its answer is still on the way, and count from then."""
    from insights_pipeline.lake.leases import Leases
    from insights_pipeline.lake.object_files import FEW_RETRIES, open_store

    leases = Leases(open_store(object_store.address("slow"), FEW_RETRIES), timedelta(seconds=2))
    object_store.door.latency_seconds = 0.6
    lease = leases.acquire("lock")
    assert lease is not None
    assert time.monotonic() - lease.renewed_at >= 0.6
    assert not lease.lost
    time.sleep(0.5)
    assert lease.lost, "a write that begins now could end after another has taken it"
    object_store.door.latency_seconds = 0.0
    lease.release()
