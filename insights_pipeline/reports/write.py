"""Writes a report's folder: everything beside its place first, then into place by a rename."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from insights_pipeline.reports import admin_changes, authentication, coverage, old_api_keys
from insights_pipeline.reports.basis import basis
from insights_pipeline.reports.database import Database, open_database, sha256_of_published
from insights_pipeline.reports.errors import ReportError
from insights_pipeline.reports.manifest import MANIFEST, manifest
from insights_pipeline.reports.page import Basis, Page
from insights_pipeline.reports.period import Period
from insights_pipeline.reports.render import INDEX, render_index, render_page
from insights_pipeline.reports.tables import write_tables
from insights_pipeline.warehouse.files import first_line, quoted

_BESIDE = ".writing-"

_ABANDONED_SECONDS = 24 * 60 * 60

PAGES = (authentication.page, admin_changes.page, old_api_keys.page, coverage.page)


@dataclass(frozen=True)
class WrittenReport:
    """A report in its place."""

    folder: Path
    period: Period
    basis: Basis
    pages: list[Page]
    rows: dict[str, int]
    """Of each table."""

    @property
    def index(self) -> Path:
        """The page to open."""
        return self.folder / INDEX


def reports_folder(home: Path) -> Path:
    """Where reports are written unless it is said otherwise."""
    return home.absolute() / "reports"


def write_reports(
    home: Path, out: Path | None = None, first: date | None = None, last: date | None = None
) -> WrittenReport:
    """Writes the reports of these UTC days into `<out>/<last day>/`; raises ReportError, then nothing changed.

    Same database and same days give the same bytes. A report that is there already is replaced whole; files in its
    folder that aren't of a report are kept.
    """
    parent = reports_folder(home) if out is None else out.absolute()
    with open_database(home, first, last) as database:
        place = parent / str(database.period.last)
        beside = _folder_beside(parent)
        try:
            report = _write(database, beside, place)
            _sync(beside)
            _put_in_place(beside, place)
        except (OSError, duckdb.IOException) as error:
            raise ReportError(
                f"The report can't be written to {place} ({first_line(error)}): free some space or name a folder that you may write "
                "to with --out."
            ) from error
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    return report


def are_current(home: Path) -> bool:
    """Whether a report was made of the database as it is published now."""
    published = sha256_of_published(home)
    return any(published in _inputs(path) for path in reports_folder(home).glob(f"*/{MANIFEST}"))


def _write(database: Database, folder: Path, place: Path) -> WrittenReport:
    spill = folder / "spill"
    database.connection.execute(f"set temp_directory = {quoted(str(spill))}")
    step = database.period.step
    summary = database.row("coverage/summary")
    foundation = basis(database)
    pages = [page(database, with_org=len(summary["orgs"] or ()) > 1) for page in PAGES]
    tables = write_tables(database, folder)
    states = database.rows("coverage/states")
    shutil.rmtree(spill, ignore_errors=True)
    for page in pages:
        _save(folder / page.file, render_page(page, pages, foundation, step))
    sizes = {path.name: path.stat().st_size for path in folder.iterdir()}
    _save(folder / INDEX, render_index(pages, foundation, tables, sizes, step))
    _save(folder / MANIFEST, manifest(database, folder, tables, summary, states))
    return WrittenReport(place, database.period, foundation, pages, {table.source.name: table.rows for table in tables})


def _save(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _sync(folder: Path) -> None:
    """Onto the disk, before a rename says that they are there."""
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())


def _folder_beside(parent: Path) -> Path:
    beside = parent / f"{_BESIDE}{secrets.token_hex(8)}"
    try:
        beside.mkdir(parents=True)
    except OSError as error:
        raise ReportError(
            f"Reports can't be written to {parent} ({error.strerror}): name a folder that you may write to with --out."
        ) from error
    _remove_abandoned(parent)
    return beside


def _remove_abandoned(parent: Path) -> None:
    """What writers that were killed left behind; one that still writes is far younger."""
    for path in parent.glob(f"{_BESIDE}*"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > _ABANDONED_SECONDS:
                shutil.rmtree(path)


def _put_in_place(beside: Path, place: Path) -> None:
    """No system renames a folder over one that isn't empty: the old one steps aside, and comes back if that fails."""
    if not place.exists():
        beside.rename(place)
        return
    aside = beside.with_name(f"{beside.name}.old")
    place.rename(aside)
    try:
        beside.rename(place)
    except OSError:
        aside.rename(place)
        raise
    ours = {path.name for path in place.iterdir()} | set(_files_of(aside / MANIFEST))
    for path in aside.iterdir():
        if path.name not in ours:
            path.rename(place / path.name)
    shutil.rmtree(aside, ignore_errors=True)


def _inputs(path: Path) -> list[str]:
    return [entry.get("sha256", "") for entry in _read(path).get("inputs", ())]


def _files_of(path: Path) -> list[str]:
    return [entry.get("name", "") for entry in _read(path).get("files", ())]


def _read(path: Path) -> dict[str, list[dict[str, str]]]:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
