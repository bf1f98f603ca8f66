"""What is said of a dbt run that failed, and what its runs leave on disk."""

import json
import os
from pathlib import Path

from insights_pipeline.warehouse import build_failure, prune_targets


def test_a_failure_names_what_failed_and_quotes_no_value(tmp_path: Path) -> None:
    message = "Conversion Error: Could not convert string 'ann@example.org' to DOUBLE"
    results = [
        {"unique_id": "model.insights.authentications", "status": "error", "message": message},
        {"unique_id": "test.insights.not_null_coverage_org.0a1b2c", "status": "fail", "message": "Got 3 results"},
        {"unique_id": "model.insights.coverage", "status": "success", "message": "OK"},
    ]
    (tmp_path / "run_results.json").write_text(json.dumps({"results": results}))
    said = str(build_failure(tmp_path))
    assert "model authentications, test not_null_coverage_org" in said
    assert "coverage," not in said.replace("not_null_coverage_org,", "")
    assert "ann@example.org" not in said
    assert str(tmp_path / "dbt.log") in said


def test_a_failure_before_the_first_model_is_told_too(tmp_path: Path) -> None:
    assert "dbt itself" in str(build_failure(tmp_path))


def test_only_the_newest_folders_of_runs_are_kept(tmp_path: Path) -> None:
    for number in range(5):
        folder = tmp_path / f"dbt_models-{number}"
        folder.mkdir()
        (folder / "dbt.log").write_text("")
        os.utime(folder, (number, number))
    (tmp_path / "compiled").mkdir()
    prune_targets(tmp_path, keep=2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["compiled", "dbt_models-3", "dbt_models-4"]
