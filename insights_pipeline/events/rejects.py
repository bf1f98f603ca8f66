"""The file of events that can't stand in the typed file: why each was put aside, and the whole of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec
import pyarrow as pa

from insights_pipeline.lake import DayKey, Lake


class Reason(StrEnum):
    """Why an event was put aside."""

    NOT_AN_OBJECT = "not_an_object"
    NO_ID = "no_id"
    NO_TIMESTAMP = "no_timestamp"
    UNREADABLE_TIMESTAMP = "unreadable_timestamp"
    CONFLICT = "conflict"
    """Another event with this id was fetched later and is in the typed file."""


@dataclass(frozen=True, slots=True, order=True)
class Reject:
    """One event that was put aside."""

    reason: Reason
    file: str
    """The page it came in, relative to the day's raw folder."""
    fetched_at: datetime
    event: str
    """Its JSON exactly as received."""


def write_rejects(lake: Lake, key: DayKey, rejects: Iterable[Reject]) -> None:
    """One JSON object a line, sorted; `event` is a string, since the text as received may hold line breaks.

    Without rejects no file is left. Raises LakeError.
    """
    lines = [msgspec.json.encode(reject) for reject in sorted(rejects)]
    if not lines:
        lake.remove(key.rejects_file)
        return
    lake.write(key.rejects_file, pa.Codec("zstd").compress(b"\n".join(lines) + b"\n", asbytes=True))
