"""`insights demo` in a process of its own, as a newcomer runs it: the whole way, and the second time nothing."""

import hashlib
import json
import re
from pathlib import Path

import duckdb

from insights_pipeline.warehouse import PUBLISHED_TABLES
from insights_pipeline_tests.demo import Demo, insights


def test_it_ends_well_with_the_coverage_line_and_the_heads_of_three_reports(demo: Demo) -> None:
    assert demo.first.returncode == 0, demo.first.stdout + demo.first.stderr
    line = re.search(r"16 services × 7 days: 112 of 112 complete, ([\d,]+) events", demo.first.stdout)
    assert line is not None
    assert int(line[1].replace(",", "")) > 5_000
    for title in ("Sign-ins", "Changes by administrators", "Callers with an old API key", "Next"):
        assert f"\n{title}\n" in demo.first.stdout


def test_the_reports_are_written_and_the_page_to_open_is_named_first(demo: Demo) -> None:
    line = demo.first.stdout.partition("\nNext\n")[2].splitlines()[0]
    index = Path(line.split("#")[0].strip())
    assert index.is_relative_to(demo.home / "reports")
    page = index.read_text()
    assert "Coverage is complete." in page
    assert "16 services on 7 days" in page
    manifest = json.loads(index.with_name("manifest.json").read_text())
    assert manifest["coverage"]["days_by_state"] == {"complete": 112}
    published = (demo.home / "insights.duckdb").read_bytes()
    assert manifest["inputs"][0]["sha256"] == hashlib.sha256(published).hexdigest()
    assert all(entry["bytes"] < 2_000_000 for entry in manifest["files"] if entry["name"].endswith(".html"))


def test_it_prints_no_warning_and_no_traceback(demo: Demo) -> None:
    for run in (demo.first, demo.second):
        assert "Warning" not in run.stderr
        assert "Traceback" not in run.stderr


def test_a_second_run_publishes_nothing_and_says_so(demo: Demo) -> None:
    assert demo.second.returncode == 0
    assert "Nothing new" in demo.second.stdout
    assert "112 of 112 complete" in demo.second.stdout


def test_every_published_table_is_there_and_explained(demo: Demo) -> None:
    with duckdb.connect(str(demo.home / "insights.duckdb"), read_only=True) as connection:
        for table in PUBLISHED_TABLES:
            assert connection.execute(f"select count(*) > 0 from {table}").fetchone() == (True,)
        unexplained = connection.execute(
            "select table_name, column_name from duckdb_columns() where schema_name = 'main' and not internal "
            "and comment is null"
        ).fetchall()
    assert unexplained == []


def test_the_commands_that_it_suggests_work(demo: Demo) -> None:
    query = insights(demo.home, "query", "--format", "csv", "select count(*) as callers from old_api_key_sources")
    assert query.stdout == "callers\n4\n"
    coverage = insights(demo.home, "coverage")
    assert coverage.returncode == 0
    assert "directory" in coverage.stdout


def test_plain_duckdb_opens_the_database_with_what_open_sql_prints(demo: Demo) -> None:
    printed = insights(demo.home, "open-sql")
    assert printed.returncode == 0
    with duckdb.connect() as plain:
        plain.execute(printed.stdout)
        assert plain.execute("select count(*) from old_api_key_sources").fetchone() == (4,)
        assert plain.execute("select count(*) > 0 from events_sso").fetchone() == (True,)


def test_a_query_that_is_wrong_is_told_in_a_sentence(demo: Demo) -> None:
    wrong = insights(demo.home, "query", "select nothing from nowhere")
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("Error: The query can't be answered")
    assert len(wrong.stderr.splitlines()) == 1


def test_the_database_cannot_be_written_by_a_query(demo: Demo) -> None:
    assert insights(demo.home, "query", "drop table authentications").returncode == 2
