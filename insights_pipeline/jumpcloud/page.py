"""One page of events, believed only if headers, body and cursor agree. How it travelled is not known here."""

import codecs
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import msgspec

from insights_pipeline.jumpcloud.implausible import UNREADABLE, Implausible
from insights_pipeline.jumpcloud.query import Cursor

# Large enough to keep the loop's cost down, small enough not to hold a second copy of a 10 MB page.
_UTF8_CHUNK_BYTES = 1 << 16


class EventHead(msgspec.Struct, frozen=True):
    """What an event says of its identity and time, of whatever JSON type that is; None where it says nothing."""

    id: Any = None
    timestamp: Any = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of events.

    `body` is exactly the JSON array received, content-decoded; `events` are its elements' own bytes in order, views of
    `body` where possible; `heads` has one entry an event. `limit` is the page size the server used, which need not be
    the one asked for.
    """

    body: bytes
    events: list[msgspec.Raw]
    heads: list[EventHead]
    result_count: int
    limit: int
    sort: str | None
    search_after: Cursor | None
    request_id: str | None

    @property
    def is_last(self) -> bool:
        """Whether no page follows. A cursor says nothing of it: JumpCloud sends one with the last page too."""
        return self.result_count == 0 or self.result_count < self.limit


_ELEMENTS = msgspec.json.Decoder(list[msgspec.Raw])
_HEADS = msgspec.json.Decoder(list[EventHead])
_HEAD = msgspec.json.Decoder(EventHead)
_CURSOR = msgspec.json.Decoder(list[Any])


def read_page(headers: Mapping[str, str], body: bytes, used_cursors: Collection[str] = ()) -> Page:
    """The page that an answer of `/events` holds.

    `headers` is looked up with lower-case names. `used_cursors` are the keys (`cursor_key`) of those already sent for
    this query: going back to one would page in a circle. Raises Implausible for an answer that must not be believed;
    the rules follow JumpCloud's specification of paging.
    """
    events, heads = read_elements(body)
    page = Page(
        body=body,
        events=events,
        heads=heads,
        result_count=_integer(headers, "x-result-count", at_least=0),
        limit=_integer(headers, "x-limit", at_least=1),
        sort=headers.get("x-sort"),
        search_after=_read_cursor(headers.get("x-search_after")),
        request_id=headers.get("x-request-id"),
    )
    if page.result_count != len(events):
        raise Implausible(f"X-Result-Count says {page.result_count} events, the body holds {len(events)}")
    if not page.is_last:
        if page.search_after is None:
            raise Implausible("the page is full and has no X-Search_after to go on with")
        if cursor_key(page.search_after) in used_cursors:
            raise Implausible("the page is full and its X-Search_after was used before")
    return page


def cursor_key(cursor: Cursor) -> str:
    """A cursor's identity; its numbers may be sent as text, which means the same."""
    return json.dumps([str(part) for part in cursor])


def _integer(headers: Mapping[str, str], name: str, *, at_least: int) -> int:
    # Integers, never text: "2345" >= "10000" cost JumpCloud's own exporter a request a run for five years.
    text = headers.get(name, "")
    # The length bound keeps int() from refusing, or taking long over, a number of thousands of digits.
    if not (text.isascii() and text.isdigit() and len(text) <= 18 and int(text) >= at_least):
        raise Implausible(f"the header {name} is missing or no number of {at_least} or more")
    return int(text)


def _read_cursor(text: str | None) -> Cursor | None:
    if text is None:
        return None
    try:
        return tuple(_CURSOR.decode(text)) or None
    except UNREADABLE:
        return (
            None  # what an empty answer's header holds is not documented; a full page without a cursor is caught later
        )


def read_elements(body: bytes) -> tuple[list[msgspec.Raw], list[EventHead]]:
    """A page's elements, each as its own bytes and with its head; raises Implausible for what is no JSON array."""
    _check_utf8(body)
    try:
        events = _ELEMENTS.decode(body)
    except UNREADABLE:
        return _read_elements_leniently(body)
    try:
        return events, _HEADS.decode(body)
    except UNREADABLE:  # one odd element fails them all: an element that is no object, or an id that is 1e999
        return events, [_read_head(event) for event in events]


def _check_utf8(body: bytes) -> None:
    # msgspec skips over text without looking at its encoding.
    if body.isascii():
        return
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(body), _UTF8_CHUNK_BYTES):
            decoder.decode(body[start : start + _UTF8_CHUNK_BYTES])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise Implausible("the body is not UTF-8") from None


def _read_head(event: msgspec.Raw) -> EventHead:
    try:
        return _HEAD.decode(event)
    except UNREADABLE:
        return EventHead()


def _read_elements_leniently(body: bytes) -> tuple[list[msgspec.Raw], list[EventHead]]:
    """The same by the standard library, which reads what msgspec refuses: half a surrogate pair (`"\\ud800"`).

    Such text is legal JSON, and anyone can put it into a user name or agent: one event must not make its page
    unreadable.
    """
    text = body.decode()
    decoder = json.JSONDecoder(parse_constant=_refuse_constant)
    events: list[msgspec.Raw] = []
    heads: list[EventHead] = []
    try:
        position = _skip_space(text, 0)
        if text[position : position + 1] != "[":
            raise ValueError
        position = _skip_space(text, position + 1)
        while text[position : position + 1] != "]":
            if events:
                if text[position : position + 1] != ",":
                    raise ValueError
                position = _skip_space(text, position + 1)
            value, end = decoder.raw_decode(text, position)
            events.append(msgspec.Raw(text[position:end].encode()))
            heads.append(EventHead(value.get("id"), value.get("timestamp")) if isinstance(value, dict) else EventHead())
            position = _skip_space(text, end)
        if _skip_space(text, position + 1) != len(text):
            raise ValueError
    except (ValueError, RecursionError):
        raise Implausible("the body is not a whole JSON array") from None
    return events, heads


def _skip_space(text: str, position: int) -> int:
    while text[position : position + 1] in {" ", "\t", "\n", "\r"}:
        position += 1
    return position


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError  # NaN and Infinity are Python's, not JSON's
