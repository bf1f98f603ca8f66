"""What normalizing a day came to: counted while it is made, and as it is told and remembered. Reads and writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from insights_pipeline.events.pages import CorruptPage
from insights_pipeline.events.rejects import Reason, Reject
from insights_pipeline.events.typed import Typed
from insights_pipeline.lake import DayKey


@dataclass(frozen=True, slots=True)
class NormalizedDay:
    """What became of a day's raw events."""

    key: DayKey
    file: str
    """The typed file, relative to the lake."""
    rows: int
    bytes: int
    rejected: int
    """Events that can't be placed or told apart: no id, no timestamp that can be read, not even an object."""
    conflicts: int
    """Events put aside because another body with their id was fetched later."""
    repeated: int
    """Copies left out, equal to the last byte."""
    beyond: int
    """Events left out because they happened on another day, whose file has them."""
    misfits: dict[str, int]
    """Events by path whose value did not fit its column."""
    unknown_fields: dict[str, int]
    """Events by path that no field describes."""
    event_types: dict[str, int]
    """Events by type, those without one left out."""
    first_timestamp: datetime | None
    last_timestamp: datetime | None
    corrupt_pages: tuple[CorruptPage, ...]
    """Pages that could not be used: the day lacks their events until they are fetched again."""


class Tally:
    """What the parts of a day came to so far."""

    def __init__(self) -> None:
        self.rows = self.repeated = self.beyond = 0
        self._rejects: dict[tuple[Reason, str], Reject] = {}
        self.corrupt: set[CorruptPage] = set()
        self.misfits: Counter[str] = Counter()
        self.unknown_fields: Counter[str] = Counter()
        self.event_types: Counter[str] = Counter()
        self.first_timestamp: datetime | None = None
        self.last_timestamp: datetime | None = None

    @property
    def rejects(self) -> list[Reject]:
        return list(self._rejects.values())

    def rejected(self, rejects: Iterable[Reject]) -> None:
        """Parts can share an event that has no place of its own: it is kept once, as it came first."""
        for reject in rejects:
            known = self._rejects.setdefault((reject.reason, reject.event), reject)
            self._rejects[reject.reason, reject.event] = min(known, reject)

    def deduplicated(self, repeated: int, losers: Iterable[Reject]) -> None:
        self.repeated += repeated
        self.rejected(losers)

    def written(self, events: Typed) -> None:
        table = events.table
        self.unknown_fields.update(events.unknown_fields)
        if not table.num_rows:
            return
        self.rows += table.num_rows
        self.misfits.update(_counts(pc.list_flatten(table["misfits"])))
        self.event_types.update(_counts(table["event_type"]))
        self.first_timestamp = self.first_timestamp or table["timestamp"][0].as_py()
        self.last_timestamp = table["timestamp"][-1].as_py()

    def day(self, key: DayKey, size: int, corrupt: Iterable[CorruptPage]) -> NormalizedDay:
        """The figures of a file of so many bytes; `corrupt` are pages that were not even read."""
        conflicts = sum(reject.reason is Reason.CONFLICT for reject in self.rejects)
        return NormalizedDay(
            key=key,
            file=key.events_file,
            rows=self.rows,
            bytes=size,
            rejected=len(self.rejects) - conflicts,
            conflicts=conflicts,
            repeated=self.repeated,
            beyond=self.beyond,
            misfits=dict(sorted(self.misfits.items())),
            unknown_fields=dict(sorted(self.unknown_fields.items())),
            event_types=dict(sorted(self.event_types.items())),
            first_timestamp=self.first_timestamp,
            last_timestamp=self.last_timestamp,
            corrupt_pages=tuple(sorted({*corrupt, *self.corrupt}, key=lambda page: page.file)),
        )


def _counts(values: pa.ChunkedArray) -> dict[str, int]:
    return {entry["values"]: entry["counts"] for entry in values.drop_null().value_counts().to_pylist()}
