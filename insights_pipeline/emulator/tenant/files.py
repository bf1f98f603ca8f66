"""Given events instead of invented ones: JSON Lines files, each line served byte for byte as it stands."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from insights_pipeline.emulator.cursor import document_id
from insights_pipeline.emulator.store import Row
from insights_pipeline.emulator.timestamps import epoch_milliseconds

UNNAMED_SERVICE = "directory"

_decode = msgspec.json.Decoder().decode


def read_events(paths: Iterable[Path]) -> tuple[dict[str, list[Row]], frozenset[str]]:
    """Sorted rows by service, and the names of the fields that occur.

    An event is filed under its own `service` where that is a text, else under the directory. One without a readable
    `timestamp` is filed at the instant of the event before it in its file, the first ones at that of the first event
    that has one, and at 1970 where no event of the file has one. Raises ValueError for a line that is no JSON object.
    """
    shelves: dict[str, list[Row]] = {}
    fields: set[str] = set()
    ordinal = 0
    for path in paths:
        bodies = [line.strip() for line in path.read_bytes().splitlines() if line.strip()]
        events = [_event(path, number, body) for number, body in enumerate(bodies, start=1)]
        instants = [_instant(event) for event in events]
        filed_at = next((instant for instant in instants if instant is not None), 0)
        for body, event, instant in zip(bodies, events, instants, strict=True):
            filed_at = filed_at if instant is None else instant
            service = event.get("service")
            shelf = shelves.setdefault(service if isinstance(service, str) and service else UNNAMED_SERVICE, [])
            shelf.append(Row(filed_at, document_id(body, ordinal), body))
            fields.update(event)
            ordinal += 1
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


def _instant(event: dict[str, Any]) -> int | None:
    timestamp = event.get("timestamp")
    try:
        return epoch_milliseconds(timestamp) if isinstance(timestamp, str) else None
    except (ValueError, OverflowError):
        return None
