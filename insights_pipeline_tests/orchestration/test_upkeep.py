"""What upkeep removes, and what it leaves."""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from insights_pipeline.collector import remove_days_before, remove_dead_fetches
from insights_pipeline.lake import DayKey, Lake
from insights_pipeline.orchestration.history import remove_runs
from insights_pipeline.orchestration.resources import Pipeline
from insights_pipeline.orchestration.upkeep import cut_beginning, upkeep
from insights_pipeline.settings import IsolatedSettings
from insights_pipeline_tests.warehouse.days import write_day

OLD, NEW = (DayKey("self", "sso", day) for day in (date(2026, 1, 1), date(2026, 3, 1)))
NOW = datetime.now(UTC)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / "lake")
    for key in (OLD, NEW):
        write_day(lake, key, [{"id": "a" * 24, "timestamp": f"{key.day}T12:00:00Z"}])
    return lake


def files(lake: Lake) -> set[str]:
    return {
        str(path.relative_to(Path(lake.place)))
        for path in Path(lake.place).rglob("*")
        if path.is_file() and path.name != ".lock"
    }


def test_dead_fetches_and_old_temporary_files_go_and_everything_else_stays(lake: Lake) -> None:
    kept = files(lake)
    lake.write(f"{NEW.raw_folder}/dead/0000.json.zst", b"of a fetch that was killed")
    cut_short, under_way = (Path(lake.place) / NEW.events_folder / f"events.parquet.{name}.tmp" for name in ("1", "2"))
    for path in (cut_short, under_way):
        path.write_bytes(b"half")
    long_ago = (NOW - timedelta(days=2)).timestamp()
    os.utime(cut_short, (long_ago, long_ago))
    assert remove_dead_fetches(lake, NOW) == 2
    assert files(lake) == kept | {str(under_way.relative_to(Path(lake.place)))}


def test_a_service_that_is_being_collected_and_a_damaged_manifest_are_left_alone(lake: Lake) -> None:
    lake.write(f"{NEW.raw_folder}/dead/0000.json.zst", b"perhaps of a fetch under way")
    with Lake(lake.place).held("self", "sso"):
        assert remove_dead_fetches(lake, NOW) == 0
        assert remove_days_before(lake, NEW.day) == 0
    lake.write(NEW.manifest_file, b"{")
    assert remove_dead_fetches(lake, NOW) == 0


def test_days_past_the_lakes_retention_go_whole(lake: Lake) -> None:
    assert remove_days_before(lake, NEW.day) == 1
    assert lake.raw_days() == [NEW]
    assert [file.key for file in lake.events_files()] == [NEW]


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        yield instance


def test_old_runs_go_but_those_that_made_what_the_page_shows(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    @dg.asset(partitions_def=dg.StaticPartitionsDefinition(["a", "b"]))
    def daily() -> None: ...

    @dg.asset
    def report() -> None: ...

    def run(partition: str | None) -> str:
        made = dg.materialize([daily] if partition else [report], instance=instance, partition_key=partition)
        return made.run_id

    superseded, newest_a, newest_b = run("a"), run("a"), run("b")
    old_report, new_report = run(None), run(None)
    later = datetime.now(UTC) + timedelta(days=1)
    assert remove_runs(instance, datetime.now(UTC) - timedelta(days=1)) == 0
    assert remove_runs(instance, later) == 2
    assert {run.run_id for run in instance.get_runs()} == {newest_a, newest_b, new_report}
    assert instance.get_materialized_partitions(daily.key) == {"a", "b"}
    shards = {path.stem for path in tmp_path.rglob("*.db")}
    assert not {superseded, old_report} & shards
    assert {newest_a, newest_b, new_report} <= shards


def test_a_log_keeps_its_end_from_a_whole_line_on(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    log.write_text("".join(f"line {number:04d}\n" for number in range(1000)))
    assert cut_beginning(log, 95) == 10_000 - 90
    assert log.read_text().splitlines() == [f"line {number:04d}" for number in range(991, 1000)]
    assert cut_beginning(log, 95) == 0


def test_the_weekly_job_does_all_of_it_and_keeps_the_lake_unless_told_otherwise(
    lake: Lake, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    for retention, days in ((None, [OLD, NEW]), ((NOW.date() - NEW.day).days + 1, [NEW])):
        settings = IsolatedSettings(
            INSIGHTS_HOME=tmp_path, INSIGHTS_RETENTION_DAYS=15, INSIGHTS_LAKE_RETENTION_DAYS=retention
        )
        result = upkeep.execute_in_process(instance=instance, resources={"pipeline": Pipeline(settings, ("sso",))})
        assert result.success
        assert lake.raw_days() == days
