"""`insights report` from the command's side: what it prints, where it writes, what it refuses. The report itself is held elsewhere."""

from pathlib import Path

from insights_pipeline_tests.cli.conftest import Insights
from insights_pipeline_tests.reports.published import coverage, publish


def test_it_prints_a_line_a_report_and_the_page_to_open(insights: Insights, home: Path) -> None:
    publish(home, coverage("2026-11-18", "2026-11-24"))
    ended = insights("report")
    assert ended.code == 0
    lines = ended.out.splitlines()
    assert [line.partition(":")[0] for line in lines[:4]] == [
        "Authentication",
        "Admin changes",
        "Old API keys",
        "Coverage",
    ]
    assert lines[-1] == str(home / "reports" / "2026-11-24" / "index.html")
    assert Path(lines[-1]).exists()


def test_it_writes_the_days_and_to_the_place_that_it_is_told(insights: Insights, home: Path, tmp_path: Path) -> None:
    publish(home, coverage("2026-11-18", "2026-11-24"))
    out = tmp_path / "evidence"
    ended = insights("report", "--from", "2026-11-19", "--to", "2026-11-20", "--out", str(out))
    assert ended.code == 0
    assert [path.name for path in out.iterdir()] == ["2026-11-20"]
    assert not (home / "reports").exists()


def test_days_that_the_database_does_not_cover_are_refused(insights: Insights, home: Path) -> None:
    publish(home, coverage("2026-11-18", "2026-11-24"))
    ended = insights("report", "--from", "2026-11-01")
    assert ended.code == 2
    assert ended.err.startswith("Error: --from 2026-11-01 is outside of what the published database covers")
    assert "2026-11-18 to 2026-11-24" in ended.err


def test_a_place_that_cannot_be_written_is_named_with_the_remedy(
    insights: Insights, home: Path, tmp_path: Path
) -> None:
    publish(home, coverage("2026-11-18", "2026-11-24"))
    file = tmp_path / "file"
    file.write_text("")
    ended = insights("report", "--out", str(file))
    assert ended.code == 2
    (line,) = ended.err.splitlines()
    assert str(file) in line
    assert "--out" in line
