"""Services with much to do are normalized by processes beside this one, as they would be in it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from insights_pipeline.events import NormalizedDay, normalize_day, normalized_services, processes
from insights_pipeline.events.processes import Processes, Question
from insights_pipeline.lake import DayKey, Lake, LakeError
from insights_pipeline_tests.events.raw_days import DAY, land
from insights_pipeline_tests.object_store import ObjectStore, needs_object_store

SERVICES = ("directory", "sso", "systems")
ORGS = 3


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[DayKey]:
    """Days in the lake `tmp_path`."""
    return landed(Lake(tmp_path), monkeypatch)


def landed(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> list[DayKey]:
    """Days for which processes are worth starting, on a machine of two cores."""
    monkeypatch.setattr(processes, "ROWS_WORTH_STARTING", 1)
    monkeypatch.setattr(processes, "usable_cores", lambda: 2)
    keys = [DayKey(f"{number:024}", service, DAY) for service in SERVICES for number in range(ORGS)]
    for key in keys:
        events = [{"id": f"{second:02}", "timestamp": f"2023-06-15T12:00:{second:02}Z"} for second in range(60)]
        land(lake, key, [*events, {"id": "lost"}])
    return keys


def by_service(keys: Sequence[DayKey]) -> list[list[DayKey]]:
    return [[key for key in keys if key.service == service] for service in SERVICES]


def files(lake: Lake, keys: Sequence[DayKey]) -> dict[str, bytes]:
    return {name: lake.read(name) for key in keys for name in (key.events_file, key.rejects_file)}


def test_processes_make_the_files_and_figures_that_this_process_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    made_alike(Lake(tmp_path), monkeypatch)
    assert capfd.readouterr() == ("", "")


@needs_object_store
def test_processes_find_an_object_store_as_this_process_does(
    object_store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_alike(Lake(object_store.address("processes")), monkeypatch)


def made_alike(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = landed(lake, monkeypatch)
    days = [normalize_day(lake, key) for key in keys]
    made = files(lake, keys)
    for key in keys:
        lake.remove_folder(key.events_folder)

    asked: list[DayKey] = []

    class Watched(Processes):
        def normalized(self, batches: Sequence[Sequence[DayKey]]) -> list[NormalizedDay]:  # type: ignore[override]
            asked.extend(key for batch in batches for key in batch)
            return list(super().normalized(batches))

    with monkeypatch.context() as patch:
        patch.setattr("insights_pipeline.events.record.Processes", Watched)
        told = list(normalized_services(lake, by_service(keys)))
    assert [day for of_service in told for day in of_service] == days
    assert files(lake, keys) == made
    assert sorted(asked) == sorted(keys)

    again = list(normalized_services(lake, by_service(keys)))
    assert again == told
    assert [day.rejected for of_service in again for day in of_service] == [1] * len(keys)


def test_few_events_are_not_worth_a_process_and_many_are_not_on_one_core(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "usable_cores", lambda: 2)
    with Processes(Lake(tmp_path)) as two:
        assert not two.worth(processes.ROWS_WORTH_STARTING - 1)
        assert two.worth(processes.ROWS_WORTH_STARTING)
    monkeypatch.setattr(processes, "usable_cores", lambda: 1)
    with Processes(Lake(tmp_path)) as one:
        assert not one.worth(10 * processes.ROWS_WORTH_STARTING)


def test_what_ails_the_lake_is_told_as_it_is_here(tmp_path: Path, keys: list[DayKey]) -> None:
    lake = Lake(tmp_path)
    lake.write("events", b"a file where a folder should be")
    with pytest.raises(LakeError) as here:
        normalize_day(lake, keys[0])
    with Processes(lake) as some, pytest.raises(LakeError) as there:
        list(some.normalized([keys]))
    assert str(there.value).partition(":")[0] == str(here.value).partition(":")[0]


@pytest.mark.parametrize(
    ("end", "how"),
    [
        (
            "kill -KILL $$",
            "A process that normalized days ended by SIGKILL: the machine may have too little memory; run",
        ),
        ("exit 3", "A process that normalized days ended with exit code 3; run again"),
    ],
)
def test_a_process_that_is_gone_is_named(
    tmp_path: Path, keys: list[DayKey], monkeypatch: pytest.MonkeyPatch, end: str, how: str
) -> None:
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\n{end}\n")
    program.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(program))
    with pytest.raises(ChildProcessError, match=how):
        list(normalized_services(Lake(tmp_path), by_service(keys)))


def test_nothing_runs_on_when_the_figures_are_no_longer_wanted(tmp_path: Path, keys: list[DayKey]) -> None:
    started: list[subprocess.Popen[bytes]] = []
    with pytest.MonkeyPatch.context() as patch:
        popen = subprocess.Popen

        def noted(*arguments: object, **options: object) -> subprocess.Popen[bytes]:
            started.append(popen(*arguments, **options))  # type: ignore[call-overload]
            return started[-1]

        patch.setattr(subprocess, "Popen", noted)
        days = normalized_services(Lake(tmp_path), by_service(keys))
        next(days)
        days.close()  # type: ignore[attr-defined]
    assert started
    assert all(process.poll() is not None for process in started)


def test_a_process_ends_in_the_middle_of_its_work_with_the_one_that_asked(tmp_path: Path, keys: list[DayKey]) -> None:
    lake, key = Lake(tmp_path), DayKey(keys[0].org, "radius", DAY)
    events = [{"id": str(number), "timestamp": f"2023-06-15T12:00:00.{number:06}Z"} for number in range(100_000)]
    land(lake, key, events)
    with worker(tmp_path) as process:
        assert process.stdin is not None
        process.stdin.write(msgspec.json.encode(Question([key], alone=True)) + b"\n")
        process.stdin.flush()
        begun = time.monotonic()
        while not list(tmp_path.glob(f"{key.events_folder}/*")):
            assert time.monotonic() - begun < 30
        asked = time.monotonic()
        assert process.communicate() == (b"", b"")
        assert time.monotonic() - asked < 10
        assert process.returncode == 0
    assert lake.size(key.events_file) is None
    lake.remove_temporary_files(datetime.now(UTC) + timedelta(seconds=1))
    assert not list((tmp_path / key.events_folder).iterdir())


def test_a_process_that_is_asked_nothing_ends_without_a_word(tmp_path: Path) -> None:
    with worker(tmp_path) as process:
        assert process.communicate() == (b"", b"")
        assert process.returncode == 0


def worker(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "insights_pipeline.events.worker", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
