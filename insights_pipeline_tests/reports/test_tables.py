"""The tables as files: every row, in both formats, and nothing in a CSV file that a spreadsheet would run."""

import csv
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from insights_pipeline.reports.inert_csv import FORMULA_STARTS
from insights_pipeline.reports.tables import TABLES
from insights_pipeline.reports.write import WrittenReport, write_reports
from insights_pipeline_tests.reports.published import attempts, coverage, publish

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"]


@pytest.fixture(scope="module")
def formulas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report folder; three attempts a formula, by somebody whose name it is."""
    home = tmp_path_factory.mktemp("formulas")
    names = ", ".join(f"'{text}'" for text in FORMULAS)
    publish(
        home,
        coverage("2026-11-24", "2026-11-24"),
        attempts(18, "2026-11-24", 1),
        f"update authentications set actor = list_extract([{names}], 1 + cast(event_id[2:] as integer) % 6), latitude = -1.5",
    )
    return write_reports(home).folder


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_a_spreadsheet_would_run_begins_with_an_apostrophe(formulas: Path, text: str) -> None:
    with (formulas / "authentications.csv").open(newline="") as file:
        actors = {row["actor"] for row in csv.DictReader(file)}
    assert f"'{text}" in actors
    assert not [actor for actor in actors if actor.startswith(FORMULA_STARTS)]


def test_numbers_and_parquet_files_stay_as_they_are(formulas: Path) -> None:
    with (formulas / "authentications.csv").open(newline="") as file:
        assert {row["latitude"] for row in csv.DictReader(file)} == {"-1.5"}
    assert set(pq.read_table(formulas / "authentications.parquet")["actor"].to_pylist()) == set(FORMULAS)


@pytest.mark.parametrize("source", TABLES, ids=lambda source: source.name)
def test_both_formats_hold_every_row_of_the_period_and_no_other(
    report: WrittenReport, tenant: Path, source: object
) -> None:
    name = source.name  # type: ignore[attr-defined]
    day = (
        "date"
        if name in ("coverage", "old_api_key_burndown")
        else "cast(first_seen as date)"
        if name.endswith("sources")
        else "event_date"
    )
    first = "-infinity" if name.endswith("sources") else report.period.first
    with duckdb.connect(str(tenant / "insights.duckdb"), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        counted = connection.execute(
            f"select count(*) from {name} where {day} between '{first}' and '{report.period.last}'"
        ).fetchone()
    assert counted is not None
    assert counted[0] > 0
    with (report.folder / f"{name}.csv").open(newline="") as file:
        in_csv = sum(1 for _ in csv.DictReader(file))
    assert (in_csv, pq.read_metadata(report.folder / f"{name}.parquet").num_rows) == (counted[0], counted[0])
    assert report.rows[name] == counted[0]


def test_times_are_written_with_their_zone(report: WrittenReport) -> None:
    with (report.folder / "authentications.csv").open(newline="") as file:
        first = next(csv.DictReader(file))
    assert first["occurred_at"].startswith("2026-10-25T00:")
    assert first["occurred_at"].endswith("Z")
    assert (
        str(pq.read_schema(report.folder / "authentications.parquet").field("occurred_at").type)
        == "timestamp[us, tz=UTC]"
    )
