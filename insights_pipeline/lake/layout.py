"""The names of folders and files in the lake, as pure text; no disk is touched here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self

RAW = "raw"
EVENTS = "events"
MANIFEST = "manifest.json"
EVENTS_FILE = "events.parquet"

# Hive-style folders: Spark, Trino, DuckDB and pyarrow all read org, service and date from such names.
_FOLDER = re.compile(r"org=(?P<org>[^/]+)/service=(?P<service>[^/]+)/date=(?P<date>\d{4}-\d{2}-\d{2})")


def service_folder(area: str, org: str, service: str) -> str:
    """Where the days of a service lie, in `raw` or `events`."""
    return f"{area}/org={org}/service={service}"


@dataclass(frozen=True, order=True, slots=True)
class DayKey:
    """One UTC day of one service of one organization: what is collected, normalized and proven as a whole."""

    org: str
    service: str
    day: date

    @property
    def start(self) -> datetime:
        """The first instant of the day, UTC."""
        return datetime.combine(self.day, time(), UTC)

    @property
    def end(self) -> datetime:
        """The first instant after the day, UTC."""
        return self.start + timedelta(days=1)

    @property
    def folder(self) -> str:
        """The part of the path that raw and typed files share."""
        return f"org={self.org}/service={self.service}/date={self.day.isoformat()}"

    @property
    def raw_folder(self) -> str:
        """Where pages and the manifest lie."""
        return f"{RAW}/{self.folder}"

    @property
    def events_folder(self) -> str:
        """Where the typed file lies."""
        return f"{EVENTS}/{self.folder}"

    @property
    def manifest_file(self) -> str:
        """The commit point of the day's pages."""
        return f"{self.raw_folder}/{MANIFEST}"

    @property
    def events_file(self) -> str:
        """The day's typed events."""
        return f"{self.events_folder}/{EVENTS_FILE}"

    @property
    def rejects_file(self) -> str:
        """Events that can't be placed in the typed file, whole."""
        return f"{self.events_folder}/rejects.jsonl.zst"

    @classmethod
    def from_folder(cls, path: str) -> Self | None:
        """The key that a path inside the lake belongs to, or None where it is no day's folder."""
        found = _FOLDER.search(path)
        if found is None:
            return None
        try:
            day = date.fromisoformat(found["date"])
        except ValueError:
            return None
        return cls(found["org"], found["service"], day)
