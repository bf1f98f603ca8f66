"""The dbt project on disk: where it is, what its content is, and running it. Which days it reads is decided elsewhere."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from insights_pipeline.warehouse.errors import WarehouseError

PROJECT_FOLDER = Path(__file__).resolve().parents[2] / "dbt_project"

# Unit tests hold the models' rules on invented rows, which no build changes.
EXCLUDED = "resource_type:unit_test"
"""For dbt's `--exclude`, whoever runs a build."""

_CONTENT_FOLDERS = ("macros", "models", "seeds")
_CONTENT_SUFFIXES = frozenset({".sql", ".csv"})


def content_hash(project: Path = PROJECT_FOLDER) -> str:
    """SHA-256, hexadecimal, of everything in the project that decides which rows the models give.

    Descriptions and tests are left out: another wording is no reason to compute the history again.
    """
    digest = hashlib.sha256((project / "dbt_project.yml").read_bytes())
    files = sorted(
        path
        for folder in _CONTENT_FOLDERS
        for path in (project / folder).rglob("*")
        if path.suffix in _CONTENT_SUFFIXES and path.is_file()
    )
    for path in files:
        digest.update(path.relative_to(project).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def known_event_types(project: Path = PROJECT_FOLDER) -> frozenset[tuple[str, str]]:
    """Pairs of service and event type that the catalogue knows."""
    with (project / "seeds" / "event_types.csv").open(encoding="utf-8", newline="") as file:
        return frozenset((row["service"], row["event_type"]) for row in csv.DictReader(file))


def run_dbt(
    arguments: Sequence[str], environment: Mapping[str, str], target: Path, project: Path = PROJECT_FOLDER
) -> None:
    """Runs dbt in a process of its own, whose whole environment is the one given; raises WarehouseError.

    `target` is the folder for what dbt writes beside the tables: manifest, compiled SQL, results, log.
    """
    places = {"project-dir": project, "profiles-dir": project, "target-path": target, "log-path": target}
    command = [sys.executable, "-m", "dbt.cli.main", "--no-use-colors", *arguments]
    command += [part for name, place in places.items() for part in (f"--{name}", str(place))]
    run = subprocess.run(command, env=dict(environment), capture_output=True, text=True, check=False)  # noqa: S603 (our own words)
    if run.returncode != 0:
        raise build_failure(target)


def build_failure(target: Path) -> WarehouseError:
    """What to say of a dbt run that failed: which models and tests did.

    dbt's own messages stay in its log: an engine's can quote a value, and values are people's.
    """
    failed = failed_nodes(target / "run_results.json") or ["dbt itself"]
    return WarehouseError(
        f"The models were not built because of {', '.join(failed)}, and the published database stays as it was: "
        f"read {target / 'dbt.log'} for the whole story."
    )


def failed_nodes(run_results: Path) -> list[str]:
    """The models and tests that failed, by kind and name; none where dbt came to no result."""
    if not run_results.is_file():
        return []
    results = json.loads(run_results.read_text())["results"]
    failed = [result["unique_id"] for result in results if result["status"] in ("error", "fail", "runtime error")]
    # `model.insights.coverage`: the project's name says nothing here.
    return [" ".join(unique_id.split(".")[::2][:2]) for unique_id in failed]


def prune_targets(target: Path, keep: int) -> None:
    """Removes all but the newest folders that dbt's runs under Dagster left in `target`: some 4 MB each, never reused."""
    runs = [path for path in target.glob("*/") if (path / "dbt.log").exists()]
    for old in sorted(runs, key=lambda path: path.stat().st_mtime, reverse=True)[keep:]:
        shutil.rmtree(old, ignore_errors=True)
