"""A plain client's paging, as the API's documents describe it."""

from __future__ import annotations

import json
from typing import Any

import httpx


def all_pages(client: httpx.Client, query: dict[str, Any]) -> list[dict[str, Any]]:
    """Pages until fewer rows come than the limit that the answer's header names."""
    events: list[dict[str, Any]] = []
    cursor: dict[str, Any] = {}
    while True:
        answer = client.post("/events", json=query | cursor).raise_for_status()
        page = answer.json()
        events += page
        if len(page) < int(answer.headers["X-Limit"]):
            return events
        cursor = {"search_after": json.loads(answer.headers["X-Search_after"])}
