"""Pages with an escape that stands for no character, half of a surrogate pair: JSON allows it, DuckDB refuses the whole page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
import pyarrow as pa

# One escape after the other, so that an escaped backslash before a `u` is not taken for the escape of a character.
_ESCAPE: Final = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
_ELEMENTS: Final = msgspec.json.Decoder(list[msgspec.Raw])


def mended(location: str) -> list[tuple[str, str]] | None:
    """Each event of the page with U+FFFD in place of such escapes, and as received; None where they are not what ails it."""
    try:
        page: bytes = pa.input_stream(location, compression="zstd").read()
        readable = _ESCAPE.sub(_readable, page)
        if readable == page:
            return None
        events = [bytes(event) for event in _ELEMENTS.decode(readable)]
        return [
            (event.decode(), page[place : place + len(event)].decode()) for place, event in _placed(events, readable)
        ]
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _readable(escape: re.Match[bytes]) -> bytes:
    """As long as what it replaces, so that the events keep their places."""
    return rb"\ufffd" if escape["half"] else escape[0]


def _placed(events: Iterable[bytes], page: bytes) -> Iterator[tuple[int, bytes]]:
    """Between two elements of an array there is nothing but a comma and blanks."""
    end = 1
    for event in events:
        place = page.index(event, end)
        yield place, event
        end = place + len(event)
