"""Pages cut into events and their members, without a parse for each of them. Pure; pages that can't be cut are `reading`'s.

msgspec tells a page's events, and then their members, each as the text it is, but not where it is. Where the lengths of
them all, and of the punctuation that JSON can't do without, add up to the page's own, there is nothing else in it: every
place is then known. A blank, an escape in a key, a member that comes twice, an element that is no object: each makes the page
longer than its sum, or is refused, and such a page is read in the slower way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

BETWEEN_KEYS: Final = "\x1f"
"""Stands in no key as it is: JSON has control characters escaped."""

_EVENTS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_MEMBERS: Final = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])

# Their members, some 20 an event, are then still in the processor's own memory when they are counted and let go.
_EVENTS_AT_ONCE: Final = 128

# What stands around a value: quotes and colon of its key, and the comma before that; for an event's first, `},{`.
_AROUND_KEY: Final = 3
_BEFORE_MEMBER: Final = 1
_BETWEEN_EVENTS: Final = 3
_BEFORE_PAGE: Final = 2
_AFTER_PAGE: Final = 2

Numbers = npt.NDArray[np.int64]


def cut(page: bytes) -> Cut | None:
    """None for a page that isn't a JSON array of objects without a byte too many, or has half a surrogate pair in it."""
    page = page.strip()
    # DuckDB, which types the members, takes no half of a pair; to tell it from a whole one is the slower way's.
    if len(page) > np.iinfo(np.int32).max or _may_have_surrogates(page):
        return None
    try:
        page.decode()
        told = _told(page)
    except (UnicodeDecodeError, msgspec.MsgspecError, RecursionError):
        return None
    if told is None:
        return None
    shapes, shape_of_event, lengths = told
    places = _places(shapes, shape_of_event, lengths)
    return Cut(page, shapes, shape_of_event, places) if places.length == len(page) else None


def _told(page: bytes) -> tuple[list[tuple[str, ...]], Numbers, Numbers] | None:
    """The different sequences of members that events have, which of them each event has, and the lengths of all values.

    None where an event has no members, or there is none, or more than a comma between two. Raises MsgspecError.
    """
    events = _EVENTS.decode(page)
    ends = np.cumsum(np.fromiter(map(len, events), np.int64, len(events)) + 1).tolist()
    if not ends or ends[-1] + 1 != len(page):
        return None
    shapes: dict[tuple[str, ...], int] = {}
    shape_of_event: list[int] = []
    lengths: list[Numbers] = []
    start = 1
    for end in [*ends[_EVENTS_AT_ONCE - 1 : -1 : _EVENTS_AT_ONCE], ends[-1]]:
        members = _MEMBERS.decode(b"[%b]" % page[start:end])
        if not all(members):
            return None
        shape_of_event += [shapes.setdefault(tuple(event), len(shapes)) for event in members]
        lengths.append(np.fromiter(map(len, chain.from_iterable(map(dict.values, members))), np.int64))
        start = end + 1
    return [*shapes], np.array(shape_of_event), np.concatenate(lengths)


def _may_have_surrogates(page: bytes) -> bool:
    """Whether an escape begins like one of a surrogate, `\\ud`; a tenth of the time that a search for it takes."""
    if b"\\" not in page:
        return False
    letters = np.frombuffer(page, np.uint8)
    (backslashes,) = np.nonzero(letters[:-2] == ord("\\"))
    escapes = backslashes[letters[backslashes + 1] == ord("u")]
    return bool(np.any((letters[escapes + 2] | 0x20) == ord("d")))


@dataclass(frozen=True, slots=True)
class _Places:
    """Where everything begins and ends in a page that has nothing but its parts; values in its order."""

    length: int
    """What the page's must be for anything else to be true."""
    starts: Numbers
    ends: Numbers
    first: Numbers
    """Of each event, the first of its values."""
    event_starts: Numbers
    event_ends: Numbers


def _places(shapes: Sequence[tuple[str, ...]], shape_of_event: Numbers, lengths: Numbers) -> _Places:
    """Takes the different sequences of members, which of them each event has, and the lengths of all values."""
    key_lengths = np.array([len(key.encode()) for shape in shapes for key in shape], np.int64)
    members_of_shape = np.array([len(shape) for shape in shapes])
    first_of_shape = np.cumsum(members_of_shape) - members_of_shape
    members = members_of_shape[shape_of_event]
    first = np.cumsum(members) - members
    last = first + members - 1
    keys = key_lengths[np.arange(len(lengths)) - np.repeat(first - first_of_shape[shape_of_event], members)]
    before = keys + _AROUND_KEY + _BEFORE_MEMBER
    before[first] += _BETWEEN_EVENTS - _BEFORE_MEMBER
    before[0] += _BEFORE_PAGE - _BETWEEN_EVENTS
    ends = np.cumsum(before + lengths)
    starts = ends - lengths
    event_starts = starts[first] - keys[first] - _AROUND_KEY - 1
    return _Places(int(ends[-1]) + _AFTER_PAGE, starts, ends, first, event_starts, ends[last] + 1)


class Cut:
    """The events of a page; what is taken of them has one element for each event, in the order that is asked for."""

    def __init__(
        self, page: bytes, shapes: Sequence[tuple[str, ...]], shape_of_event: Numbers, places: _Places
    ) -> None:
        self.events = len(shape_of_event)
        self.members = frozenset(key for shape in shapes for key in shape)
        """Those that any of the events has."""
        self._shapes = shapes
        self._shape_of_event = shape_of_event
        self._first = places.first
        self._is_null = np.frombuffer(page, np.uint8)[places.starts] == ord("n")  # no other JSON begins so
        self._values = _slices(page, places.starts, places.ends)
        self._texts = _slices(page, places.event_starts, places.event_ends)

    def text(self, order: Numbers) -> pa.Array:
        """The JSON of the events, exactly as received."""
        return _taken(self._texts, order, np.zeros(len(order), bool))

    def keys(self, order: Numbers) -> pa.Array:
        """The names of their members, BETWEEN_KEYS between them."""
        names = pa.array([BETWEEN_KEYS.join(shape) for shape in self._shapes])
        return names.take(pa.array(self._shape_of_event[order]))

    def member(self, key: str, order: Numbers) -> pa.Array:
        """The JSON of a member; null where it is absent or JSON null."""
        position_in_shape = np.array([shape.index(key) if key in shape else -1 for shape in self._shapes])
        position = position_in_shape[self._shape_of_event[order]]
        value = np.where(position < 0, 0, self._first[order] + position)
        return _taken(self._values, value, (position < 0) | self._is_null[value])


def _slices(page: bytes, starts: Numbers, ends: Numbers) -> pa.Array:
    """The page as texts one after the other, every other one a slice that was asked for: no byte is copied yet."""
    offsets = np.zeros(2 * len(starts) + 1, np.int32)
    offsets[1::2], offsets[2::2] = starts, ends
    return pa.StringArray.from_buffers(2 * len(starts), pa.py_buffer(offsets), pa.py_buffer(page))


def _taken(slices: pa.Array, numbers: Numbers, without: npt.NDArray[np.bool_]) -> pa.Array:
    """Slices by their numbers, null where there is to be none."""
    present = pa.py_buffer(np.packbits(~without, bitorder="little")) if without.any() else None
    places = pa.py_buffer((2 * numbers + 1).astype(np.int32))
    return pc.take(slices, pa.Array.from_buffers(pa.int32(), len(numbers), [present, places]), boundscheck=False)
