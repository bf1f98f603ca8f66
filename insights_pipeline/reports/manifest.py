"""What a report says of itself for those who check it: inputs, coverage, rows, the hash of every file and of the code."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import insights_pipeline
from insights_pipeline.reports.basis import STATES
from insights_pipeline.reports.database import Database, Row
from insights_pipeline.reports.tables import Written

MANIFEST = "manifest.json"

_CODE_SUFFIXES = frozenset({".py", ".sql", ".html", ".css"})

# What decides on the bytes of pages and files beside the package itself.
_LIBRARIES = ("altair", "babel", "duckdb", "jinja2", "vl-convert-python")


def manifest(database: Database, folder: Path, tables: Sequence[Written], summary: Row, states: Sequence[Row]) -> str:
    """JSON over the files of the folder, all of which were written; nothing in it tells of when or where it was made."""
    rows = {name: table.rows for table in tables for name in table.files}
    counts = {row["state"]: row["days"] for row in states}
    content: dict[str, Any] = {
        "period": {"first_day": str(database.period.first), "last_day": str(database.period.last)},
        "as_of": summary["as_of"].isoformat() if summary["as_of"] else None,
        "organizations": list(summary["orgs"] or ()),
        "inputs": [
            {"name": database.file.name, "bytes": database.file.bytes, "sha256": database.file.sha256},
        ],
        "coverage": {
            "days_by_state": {state: counts[state] for state in STATES if state in counts},
            "expected_events": summary["expected"],
            "held_events": summary["held"],
            "late_events": summary["late"],
        },
        "code": code(),
        "files": [_entry(path, rows.get(path.name)) for path in sorted(folder.iterdir()) if path.name != MANIFEST],
    }
    return json.dumps(content, indent=2) + "\n"


@cache
def code() -> dict[str, Any]:
    """Version and SHA-256 of the package's source, and the libraries that draw and write."""
    root = Path(insights_pipeline.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(path for path in root.rglob("*") if path.suffix in _CODE_SUFFIXES):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return {
        "name": "insights-pipeline",
        "version": version("insights-pipeline"),
        "sha256": digest.hexdigest(),
        "libraries": {name: version(name) for name in _LIBRARIES},
    }


def _entry(path: Path, rows: int | None) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    entry: dict[str, Any] = {"name": path.name, "bytes": path.stat().st_size, "sha256": digest}
    return entry if rows is None else entry | {"rows": rows}
