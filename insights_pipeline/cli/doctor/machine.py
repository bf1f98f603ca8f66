"""Checks of this machine: lake, disk, published database, dbt and Dagster. The network is not touched."""

from __future__ import annotations

import importlib.util
import shutil
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from insights_pipeline.cli.doctor.check import Check
from insights_pipeline.lake import Lake, LakeError
from insights_pipeline.settings import Settings
from insights_pipeline.warehouse import PROJECT_FOLDER, WarehouseError, build_file, published_file, query

# A day of a tenant of some hundred people takes megabytes: a gigabyte is months, and room for DuckDB to sort in.
_LEAST_FREE_BYTES = 1 << 30

_DBT_PACKAGES = ("dbt-core", "dbt-duckdb")


def check_machine(settings: Settings) -> list[Check]:
    """Every check of this room; none leaves anything behind."""
    return [
        check_lake(settings.lake_root),
        *(check_space(place, settings.home) for place in _disks(settings)),
        check_published(settings.home),
        check_dbt(PROJECT_FOLDER),
        check_dagster(settings),
    ]


def _disks(settings: Settings) -> list[Path]:
    """Those that the pipeline fills."""
    return [place for place in dict.fromkeys((settings.lake_root, settings.home)) if isinstance(place, Path)]


def check_lake(root: Path | str) -> Check:
    """Whether files can be made there."""
    try:
        lake = Lake(root)
        lake.check_writable()
        days = len(lake.raw_days())
    except LakeError as error:
        return Check("fail", "lake", str(error))
    return Check("ok", f"lake {root} can be written, {days:,} days of services in it")


def check_space(place: Path, home: Path) -> Check:
    """Whether the disk has room for days to come, and for the copy that is made of the database when it is published."""
    nearest = next(folder for folder in (place.absolute(), *place.absolute().parents) if folder.is_dir())
    free = shutil.disk_usage(nearest).free
    build = build_file(home)
    needed = _LEAST_FREE_BYTES + (build.stat().st_size if build.exists() else 0)
    what = f"disk of {place}: {free / (1 << 30):,.1f} GiB free"
    if free < needed:
        return Check("warn", what, f"Free some space: {needed / (1 << 30):,.1f} GiB are good to have.")
    return Check("ok", what)


def check_published(home: Path) -> Check:
    """Whether the published database is there and opens in this DuckDB."""
    path = published_file(home)
    if not path.exists():
        return Check("warn", f"published database {path}", "There is none yet: run `insights run`.")
    try:
        (row,) = query(home, "select count(*) as days, max(date) as last_day from coverage").to_pylist()
    except WarehouseError:
        return Check("fail", f"published database {path} can't be read", "Remove it: `insights run` writes it again.")
    return Check(
        "ok", f"published database {path} can be read, {row['days']:,} days of services up to {row['last_day']}"
    )


def check_dbt(project: Path) -> Check:
    """Whether the models are where they should be, and dbt can be started."""
    if not (project / "dbt_project.yml").is_file():
        return Check("fail", f"dbt project {project}", "It isn't there: run from a whole clone of this repository.")
    try:
        versions = ", ".join(f"{package} {version(package)}" for package in _DBT_PACKAGES)
    except PackageNotFoundError as error:
        return Check("fail", f"dbt: {error.name} is not installed", "Run `make setup`.")
    if importlib.util.find_spec("dbt.cli.main") is None:
        return Check("fail", "dbt can't be imported", "Run `make setup`.")
    return Check("ok", f"dbt project {project}, {versions}")


def check_dagster(settings: Settings) -> Check:
    """Whether runs of the command line show on Dagster's page."""
    folder = (settings.dagster_home or settings.home / "dagster").absolute()
    if (folder / "dagster.yaml").is_file():
        return Check("ok", f"Dagster's home {folder}: runs are recorded there")
    if settings.dagster_home is not None:
        return Check(
            "warn", f"Dagster's home {folder}", "It has no dagster.yaml: run `make dev` once, or unset DAGSTER_HOME."
        )
    return Check("ok", "Dagster's page was never opened: runs are not recorded, `make dev` changes that")
