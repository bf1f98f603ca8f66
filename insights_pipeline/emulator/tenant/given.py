"""Given events instead of invented ones: each is served byte for byte as it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from insights_pipeline.emulator.cursor import document_id
from insights_pipeline.emulator.store import Row
from insights_pipeline.emulator.timestamps import epoch_milliseconds

UNNAMED_SERVICE = "directory"

_decode = msgspec.json.Decoder().decode


def rows_of(bodies: Sequence[bytes], events: Sequence[Mapping[str, Any]], first_ordinal: int) -> list[Row]:
    """The events as rows, in the order given.

    One without a readable `timestamp` is filed at the instant of the event before it, the first ones at that of the
    first event that has one, and at 1970 where none has. `first_ordinal` keeps identical events apart.
    """
    instants = [_instant(event) for event in events]
    filed_at = next((instant for instant in instants if instant is not None), 0)
    rows = []
    for ordinal, (body, instant) in enumerate(zip(bodies, instants, strict=True), start=first_ordinal):
        filed_at = filed_at if instant is None else instant
        rows.append(Row(filed_at, document_id(body, ordinal), body))
    return rows


def encoded_rows(events: Sequence[Mapping[str, Any]], first_ordinal: int) -> list[Row]:
    """The events as rows, like :func:`rows_of`, encoded first."""
    return rows_of([msgspec.json.encode(event) for event in events], events, first_ordinal)


def read_events(paths: Iterable[Path]) -> tuple[dict[str, list[Row]], frozenset[str]]:
    """Sorted rows by service, and the names of the fields that occur, from JSON Lines files.

    An event is filed under its own `service` where that is a text, else under the directory. Raises ValueError for a
    line that is no JSON object.
    """
    shelves: dict[str, list[Row]] = {}
    fields: set[str] = set()
    ordinal = 0
    for path in paths:
        bodies = [line.strip() for line in path.read_bytes().splitlines() if line.strip()]
        events = [_event(path, number, body) for number, body in enumerate(bodies, start=1)]
        for event, row in zip(events, rows_of(bodies, events, ordinal), strict=True):
            service = event.get("service")
            shelves.setdefault(service if isinstance(service, str) and service else UNNAMED_SERVICE, []).append(row)
            fields.update(event)
        ordinal += len(bodies)
    for rows in shelves.values():
        rows.sort()
    return shelves, frozenset(fields)


def _event(path: Path, number: int, body: bytes) -> dict[str, Any]:
    try:
        event = _decode(body)
    except msgspec.DecodeError:
        event = None
    if not isinstance(event, dict):
        raise ValueError(f"{path.name}, line {number} of those that aren't empty: not a JSON object")
    return event


def _instant(event: Mapping[str, Any]) -> int | None:
    timestamp = event.get("timestamp")
    try:
        return epoch_milliseconds(timestamp) if isinstance(timestamp, str) else None
    except (ValueError, OverflowError):
        return None
