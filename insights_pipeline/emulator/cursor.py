"""The paging cursor: what stands in ``X-Search_after`` and comes back as ``search_after``.

The API sorts by whole milliseconds and breaks ties with an opaque id of 20 characters that is not the event's own.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any, NamedTuple

from insights_pipeline.emulator.refusal import Refusal


class Cursor(NamedTuple):
    """A place in the order of events: after the event with this instant and document id."""

    milliseconds: int
    document_id: str

    def header(self) -> str:
        """The header's text: a JSON array of a number and a string."""
        return json.dumps([self.milliseconds, self.document_id], separators=(",", ":"))


def document_id(event: bytes, ordinal: int) -> str:
    """A 20-character id for the event at this ordinal of its file or day: stable, and unlike for identical events."""
    digest = hashlib.blake2b(event, digest_size=15, salt=ordinal.to_bytes(8, "big")).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii")


def parse_search_after(value: Any) -> Cursor | None:
    """The cursor that a query brings along, None when it brings none.

    The milliseconds may also come as text: JumpCloud's PowerShell client sends them so.
    """
    if value is None or value == []:
        return None
    match value:
        case [bool(), *_]:
            pass
        case [int() as milliseconds, str() as tie_breaker]:
            return Cursor(milliseconds, tie_breaker)
        case [str() as digits, str() as tie_breaker] if digits.isascii() and digits.removeprefix("-").isdecimal():
            return Cursor(int(digits), tie_breaker)
    raise Refusal(400, "Invalid search_after: expected the value of the X-Search_after header")
