"""The public events that lie beside the repository, by UTC day; tests that need them skip where they are not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2].parent / "shared" / "events"


def public_events() -> list[str]:
    """The text of each event, as published; skips the test where the folder is missing."""
    if not FOLDER.is_dir():
        pytest.skip(f"there are no public events in {FOLDER}")
    return [line for file in sorted(FOLDER.glob("*.jsonl")) for line in file.read_text("utf-8").splitlines() if line]


def by_day(events: list[str]) -> dict[str, list[str]]:
    """Texts by the date of their timestamp; all the public ones are in UTC."""
    days: dict[str, list[str]] = {}
    for event in events:
        days.setdefault(json.loads(event)["timestamp"][:10], []).append(event)
    return days
