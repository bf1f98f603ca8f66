"""The folder of a report: the same bytes each time, whole or not there, checkable by its manifest."""

import hashlib
import json
import os
import shutil
from datetime import date
from pathlib import Path

import pytest

from insights_pipeline.reports import ReportError
from insights_pipeline.reports.write import WrittenReport, are_current, write_reports
from insights_pipeline_tests.reports.published import coverage, publish

PAGES = {"index.html", "authentication.html", "admin-changes.html", "old-api-keys.html", "coverage.html"}


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_folder_is_named_by_the_last_day_and_holds_pages_tables_and_a_manifest(report: WrittenReport) -> None:
    assert report.folder.name == "2026-11-23"
    tables = {f"{name}.{ending}" for name in report.rows for ending in ("csv", "parquet")}
    assert {path.name for path in report.folder.iterdir()} == PAGES | tables | {"manifest.json"}
    assert [path.name for path in report.folder.parent.iterdir()] == ["2026-11-23"]


def test_the_same_database_and_days_give_the_same_bytes(report: WrittenReport, tenant: Path, tmp_path: Path) -> None:
    again = write_reports(tenant, tmp_path, report.period.first, report.period.last)
    assert content(again.folder) == content(report.folder)


def test_the_manifest_tells_inputs_rows_coverage_and_every_hash(report: WrittenReport, tenant: Path) -> None:
    manifest = json.loads((report.folder / "manifest.json").read_text())
    files = {entry["name"]: entry for entry in manifest["files"]}
    assert files.keys() == {path.name for path in report.folder.iterdir()} - {"manifest.json"}
    for name, entry in files.items():
        data = (report.folder / name).read_bytes()
        assert (entry["bytes"], entry["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    assert (
        files["authentications.csv"]["rows"]
        == files["authentications.parquet"]["rows"]
        == report.rows["authentications"]
    )
    database = (tenant / "insights.duckdb").read_bytes()
    assert manifest["inputs"] == [
        {"name": "insights.duckdb", "bytes": len(database), "sha256": hashlib.sha256(database).hexdigest()}
    ]
    assert manifest["period"] == {"first_day": "2026-10-25", "last_day": "2026-11-23"}
    assert manifest["organizations"] == ["5f1a", "7c2b"]
    assert manifest["coverage"]["days_by_state"] == {
        "complete": 221,
        "short": 4,
        "over": 1,
        "unverified": 4,
        "missing": 10,
    }
    assert len(manifest["code"]["sha256"]) == 64


def test_no_page_is_larger_than_two_megabytes_whatever_users_type(
    report: WrittenReport, hostile_report: WrittenReport
) -> None:
    for written in (report, hostile_report):
        sizes = {path.name: path.stat().st_size for path in written.folder.glob("*.html")}
        assert sizes.keys() == PAGES
        assert max(sizes.values()) < 2_000_000


def test_a_report_is_replaced_whole_and_what_others_put_beside_it_is_kept(tmp_path: Path) -> None:
    publish(tmp_path, coverage("2026-11-24", "2026-11-24"))
    folder = write_reports(tmp_path).folder
    before = content(folder)
    (folder / "notes.txt").write_text("mine")
    (folder / "index.html").write_text("spoiled")
    write_reports(tmp_path)
    assert content(folder) == before | {"notes.txt": b"mine"}
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_a_report_that_fails_half_way_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path, coverage("2026-11-24", "2026-11-24"))
    folder = write_reports(tmp_path).folder
    before = content(folder)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("insights_pipeline.reports.write.render_index", full)
    with pytest.raises(ReportError, match="No space left on device"):
        write_reports(tmp_path)
    assert content(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_what_a_killed_writer_left_is_removed_and_what_another_writes_now_is_not(tmp_path: Path) -> None:
    publish(tmp_path, coverage("2026-11-24", "2026-11-24"))
    abandoned, writing = (tmp_path / "reports" / f".writing-{name}" for name in ("abandoned", "now"))
    for folder in (abandoned, writing):
        folder.mkdir(parents=True)
        (folder / "index.html").write_text("half")
    os.utime(abandoned, (0, 0))
    write_reports(tmp_path)
    assert not abandoned.exists()
    assert writing.exists()


def test_reports_are_current_until_another_database_is_published(tmp_path: Path) -> None:
    publish(tmp_path, coverage("2026-11-24", "2026-11-24"))
    assert not are_current(tmp_path)
    folder = write_reports(tmp_path).folder
    assert are_current(tmp_path)
    publish(tmp_path, coverage("2026-11-23", "2026-11-24"))
    assert not are_current(tmp_path)
    write_reports(tmp_path)
    shutil.rmtree(folder)
    assert not are_current(tmp_path)


def test_a_period_that_is_asked_for_is_reported_alone(tenant: Path, tmp_path: Path) -> None:
    written = write_reports(tenant, tmp_path, date(2026, 10, 2), date(2026, 10, 3))
    assert written.folder == tmp_path / "2026-10-03"
    assert written.rows["authentications"] == pytest.approx(2 * 20_000 / 55, abs=2)
    assert written.basis.period == "2026-10-02 to 2026-10-03"
