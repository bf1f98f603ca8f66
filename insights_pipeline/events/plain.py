"""JSON read a column at a time, without a parser but for what has an escape: texts, integers, instants as the API writes them. Pure.

A column with anything else in it is left to DuckDB, which reads all that JSON and RFC 3339 allow; of what is read here it
would make the same.
"""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from insights_pipeline.events.schema import INSTANT

_TEXT: Final = msgspec.json.Decoder(str)

# 2026-03-04T05:06:07Z. Arrow's cast takes other texts too, all of which are shorter or differ at one of these places.
_SHORTEST_INSTANT: Final = 20
_LETTERS_OF_INSTANT: Final = {10: "T", -1: "Z"}


def texts(values: pa.Array) -> pa.Array | None:
    """The texts that JSON values are; None if one of them is no text. Null stays null."""
    ends, letters = _ends(values)
    if np.any(letters[ends[:-1][np.diff(ends) > 0]] != ord('"')):
        return None
    between_quotes = pc.binary_slice(values.view(pa.binary()), 1, -1).view(pa.string())
    if not np.any(letters[ends[0] : ends[-1]] == ord("\\")):
        return between_quotes
    escaped = pc.fill_null(pc.match_substring(values, "\\"), False)
    try:
        read = [_TEXT.decode(value) for value in values.filter(escaped).to_pylist()]
        return pc.replace_with_mask(between_quotes, escaped, pa.array(read, pa.string()))
    except (msgspec.MsgspecError, UnicodeEncodeError):  # half of a surrogate pair
        return None


def integers(values: pa.Array) -> pa.Array | None:
    """The integers of 64 bits that JSON values are; None if one of them is something else, or spelt as no integer is."""
    try:
        return values.cast(pa.int64())
    except pa.ArrowInvalid:
        return None


def timestamps(values: pa.Array) -> pa.Array | None:
    """The timestamps that JSON values are, cut to the microsecond; None as in `texts` and `instants`."""
    as_texts = texts(values)
    nanoseconds = None if as_texts is None else instants(as_texts)
    return None if nanoseconds is None else microseconds(nanoseconds).cast(INSTANT)


def microseconds(nanoseconds: pa.Array) -> pa.Array:
    """Whole ones, of instants since 1970."""
    return pc.divide(nanoseconds, 1000)


def instants(values: pa.Array) -> pa.Array | None:
    """The instants that texts are, in nanoseconds since 1970, UTC; None if one of them is null or isn't of the common form.

    That is RFC 3339 with T and Z in capitals, up to nine digits of a second, between 1970 and 2262.
    """
    ends, letters = _ends(values)
    if values.null_count or np.any(np.diff(ends) < _SHORTEST_INSTANT):
        return None
    for place, letter in _LETTERS_OF_INSTANT.items():
        if np.any(letters[(ends[1:] if place < 0 else ends[:-1]) + place] != ord(letter)):
            return None
    try:
        nanoseconds = values.cast(pa.timestamp("ns", tz="UTC")).cast(pa.int64())
    except pa.ArrowInvalid:
        return None
    return None if np.any(nanoseconds.to_numpy() < 0) else nanoseconds


def _ends(values: pa.Array) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """Where each text of a column ends, the start of the first in front, and the bytes that this is about."""
    _, offsets, data = values.buffers()
    ends = np.frombuffer(offsets, np.int32)[values.offset : values.offset + len(values) + 1]
    return ends, np.frombuffer(data or b"", np.uint8)
